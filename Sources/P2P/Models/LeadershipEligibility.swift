import PythonSemantics

/// Who may lead, and who does (contract 01 sections 4.1, 4.5-4.7).
extension NodeTurn {
    /// Whether a record is this node's own.
    package func isSelf(_ info: NodeInfo) -> Bool { info.nodeID.equals(nodeID) }

    /// `info.is_alive()` at this turn's time.
    package func isAlive(_ info: NodeInfo) throws(PyException) -> Bool {
        try info.isAlive(now: now, constants: constants)
    }

    /// Endpoints claimed by more than one alive node among this one and its peers.
    package func conflictKeys() throws(PyException) -> Set<EndpointKey> {
        var seen: Set<EndpointKey> = []
        var conflicts: Set<EndpointKey> = []
        func note(_ info: NodeInfo) {
            guard let key = info.endpointKey else { return }
            if !seen.insert(key).inserted { conflicts.insert(key) }
        }
        if try isAlive(selfInfo) { note(selfInfo) }
        for peer in peers where try isAlive(peer) { note(peer) }
        return conflicts
    }

    /// Alive (unless that is not asked), a voter if there are any, reachable and alone at its endpoint.
    package func isLeaderEligible(
        _ info: NodeInfo, _ conflicts: Set<EndpointKey>, requireAlive: Bool = true
    ) throws(PyException) -> Bool {
        if requireAlive, try !isAlive(info) { return false }
        if !leadership.voterIDs.isEmpty, !isVoter(info.nodeID) { return false }
        let failures = info[.consecutiveFailures]
        if failures.isTruthy,
            try PyNumber.isGreaterOrEqual(PyNumber.int(failures), .int(P2PConstants.maxConsecutiveFailures))
        {
            return false
        }
        if info[.natBlocked].isTruthy { return false }
        if let key = info.endpointKey, conflicts.contains(key) { return false }
        return true
    }

    /// Whether the stored lease still supports the leader we know. A foreign lease gets 180 s of grace.
    package func isLeaderLeaseValid() throws(PyException) -> Bool {
        guard leadership.leaderID.isTruthy else { return false }
        if leadership.leaderID.equals(nodeID) {
            return try PyNumber.isLess(.float(now), leadership.leaseExpires)
        }
        return try PyNumber.isLess(
            .float(now), PyNumber.add(leadership.leaseExpires, .int(P2PConstants.leaderLeaseDuration)))
    }

    /// `_is_leader()`, the authoritative test; repairs an inconsistent state and steps down when the lease ran out or
    /// the quorum is gone.
    package mutating func isLeader() throws(PyException) -> Bool {
        if !leadership.leaderID.equals(nodeID) {
            if leadership.role == .leader {
                log(.inconsistentRole)
                leadership.role = .follower
                leadership.lastLeaseRenewal = 0
                let leaderless = !leadership.leaderID.isTruthy
                if leaderless { clearLease() }
                releaseOwnGrant()
                perform(.save)
                if leaderless { perform(.startElection) }
            }
            return false
        }
        if leadership.role != .leader {
            log(.inconsistentLeaderID)
        } else if try PyNumber.isGreater(leadership.leaseExpires, 0),
            try PyNumber.isGreaterOrEqual(.float(now), leadership.leaseExpires)
        {
            log(.leaseExpired)
        } else if !leadership.voterIDs.isEmpty, try !hasVoterQuorum() {
            log(.leaderWithoutQuorum)
        } else {
            return true
        }
        stepDown()
        perform(.startElection)
        return false
    }

    /// Gives leadership up completely: no leader, no lease, own grant released, saved.
    package mutating func stepDown() {
        leadership.role = .follower
        leadership.leaderID = .none
        clearLease()
        leadership.lastLeaseRenewal = 0
        releaseOwnGrant()
        perform(.save)
    }

    /// Follows another leader without a lease (a lost split brain); the last renewal stays.
    mutating func stepDown(to leader: PyValue) {
        leadership.role = .follower
        leadership.leaderID = leader
        clearLease()
        releaseOwnGrant()
        perform(.save)
    }

    mutating func clearLease() {
        leadership.leaseID = ""
        leadership.leaseExpires = 0.0
    }

    /// Forgets the grant this voter gave to itself.
    mutating func releaseOwnGrant() {
        if leadership.grant.leaderID == nodeID { leadership.grant = VoterGrant() }
    }

    /// The peer to send leader work to, or nil. The node itself when it leads.
    package mutating func leaderPeer() throws(PyException) -> NodeInfo? {
        if try isLeader() { return selfInfo }
        let conflicts = try conflictKeys()
        if leadership.leaderID.isTruthy, try isLeaderLeaseValid(), let peer = try peers.get(leadership.leaderID),
            peer.role == .leader, try isLeaderEligible(peer, conflicts)
        {
            return peer
        }
        return try highest(peers.filter { $0.role == .leader }, conflicts)
    }

    /// Follows the highest eligible peer that claims to lead, unless this node leads.
    @discardableResult
    package mutating func adoptLeaderFromPeers() throws(PyException) -> Bool {
        if leadership.role == .leader { return false }
        let conflicts = try conflictKeys()
        let claiming = peers.filter { $0.role == .leader && !isSelf($0) }
        guard let leader = try highest(claiming, conflicts) else { return false }
        if !leadership.leaderID.pyEquals(leader.nodeID) { log(.adoptedFromPeers(leader.nodeID)) }
        leadership.leaderID = leader.nodeID
        leadership.lastLeaderSeen = now
        leadership.role = .follower
        perform(.save)
        return true
    }

    /// The eligible record with the highest id.
    func highest(
        _ records: [NodeInfo], _ conflicts: Set<EndpointKey>
    ) throws(PyException) -> NodeInfo? {
        var best: NodeInfo?
        for record in records where try isLeaderEligible(record, conflicts) {
            if let current = best, try !PyNumber.isGreater(record.nodeID, current.nodeID) { continue }
            best = record
        }
        return best
    }
}
