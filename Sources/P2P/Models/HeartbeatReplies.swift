import PythonSemantics

/// What answers to our own heartbeats change (contract 03 sections 4.6 and 4.13, 01 section 5).
extension NodeTurn {
    /// Reads an answer: adopts its voters and gives the peer's record, with the address that worked.
    ///
    /// - Throws: what Python throws for an answer that is no record; the heartbeat then counts as failed.
    package mutating func readHeartbeatReply(
        _ answer: PyValue, reachedAt address: PeerAddress
    ) throws(PyException) -> NodeInfo {
        guard case .dict(let fields) = answer else { throw .noAttribute("get", on: answer) }
        let voters = VoterList.fromBody(fields)
        if !voters.isEmpty { adoptVoters(voters, source: .learned) }
        var info = try NodeInfo(fromDict: answer)
        info.defaultReportedEndpoint()
        info[.scheme] = .string(address.scheme)
        info[.host] = .string(address.host)
        info[.port] = .int(address.port)
        return info
    }

    /// A configured peer answered: its own view of itself replaces what we knew, and a leader is followed.
    package mutating func heartbeatFromKnownPeer(_ reply: NodeInfo) throws(PyException) {
        guard !isSelf(reply) else { return }
        var info = reply
        info[.lastHeartbeat] = .float(now)
        try peers.store(info.nodeID, info)
        guard info.role == .leader else { return }
        if leadership.role == .leader, try !PyNumber.isGreater(info.nodeID, .string(nodeID)) { return }
        let wasFollowing = leadership.leaderID.pyEquals(info.nodeID) && leadership.role == .follower
        guard try mayFollow(info) else { return }
        if !wasFollowing { log(.followingConfigured(info.nodeID)) }
        try follow(info)
    }

    /// A discovered peer answered: its failures are forgotten, and a leader is followed unless we lead.
    package mutating func heartbeatFromDiscoveredPeer(_ reply: NodeInfo) throws(PyException) {
        var info = reply
        info[.consecutiveFailures] = 0
        info[.lastFailureTime] = 0.0
        info[.lastHeartbeat] = .float(now)
        try peers.store(info.nodeID, info)
        guard info.role == .leader, leadership.role != .leader, try mayFollow(info) else { return }
        if !leadership.leaderID.pyEquals(info.nodeID) { log(.adoptedFromHeartbeat(info.nodeID)) }
        try follow(info)
    }

    /// A discovered peer did not answer at any address.
    package mutating func heartbeatFailed(_ key: PyKey) throws(PyException) {
        guard let peer = peers[key] else { return }
        let failures = try PyNumber.add(peer[.consecutiveFailures], 1)
        let time = now
        peers.modify(key) {
            $0[.consecutiveFailures] = failures
            $0[.lastFailureTime] = .float(time)
        }
    }

    /// A voter answered the voter heartbeat. Its claim to lead is believed without any check.
    package mutating func heartbeatFromVoter(_ voter: PyString, _ reply: NodeInfo) throws(PyException) {
        let wasBlocked = peers[PyKey(text: voter)]?[.natBlocked].isTruthy == true
        var info = reply
        info[.lastHeartbeat] = .float(now)
        info[.consecutiveFailures] = 0
        try peers.store(info.nodeID, info)
        if info.role == .leader, !leadership.leaderID.pyEquals(info.nodeID) {
            log(.voterHeartbeatLeader(info.nodeID))
            leadership.leaderID = info.nodeID
            leadership.leaseExpires = .float(now + Double(P2PConstants.leaderLeaseDuration))
            leadership.role = .follower
        }
        guard wasBlocked else { return }
        log(.voterUnblocked(voter))
        peers.modify(PyKey(text: voter)) {
            $0[.natBlocked] = false
            $0[.natBlockedSince] = 0.0
            $0[.consecutiveFailures] = 0
        }
    }

    /// A voter did not answer at any address; the time of the failure is not kept.
    package mutating func voterHeartbeatFailed(_ voter: PyString) throws(PyException) {
        guard let peer = peers[PyKey(text: voter)] else { return }
        let failures = try PyNumber.add(peer[.consecutiveFailures], 1)
        peers.modify(PyKey(text: voter)) { $0[.consecutiveFailures] = failures }
    }

    /// Eligible (dead or alive), and no other leader with a valid lease and a higher or equal id stands.
    private func mayFollow(_ info: NodeInfo) throws(PyException) -> Bool {
        guard try isLeaderEligible(info, conflictKeys(), requireAlive: false) else { return false }
        let current = leadership.leaderID
        if current.isTruthy, !current.pyEquals(info.nodeID), try isLeaderLeaseValid(),
            try !PyNumber.isGreater(info.nodeID, current)
        {
            return false
        }
        return true
    }

    /// Follows with a provisional lease when there is none.
    private mutating func follow(_ info: NodeInfo) throws(PyException) {
        let changed = !leadership.leaderID.pyEquals(info.nodeID)
        leadership.leaderID = info.nodeID
        if changed {
            provisionalLease()
        } else if try !isLeaderLeaseValid() {
            provisionalLease()
        }
        leadership.role = .follower
    }

    private mutating func provisionalLease() {
        leadership.leaseID = ""
        leadership.leaseExpires = .float(now + Double(P2PConstants.leaderLeaseDuration))
    }
}
