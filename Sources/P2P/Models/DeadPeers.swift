import PythonSemantics

/// The dead-peer check of every heartbeat round (contract 01 section 4.8).
extension NodeTurn {
    /// Retires, revives and purges peers, drops a leader whose lease ran out or who cannot lead, and asks for an
    /// election when nobody leads.
    package mutating func checkDeadPeers() throws(PyException) {
        try reportDeadPeers()
        try purgeRetiredPeers()
        try reviewLeader()
        if !leadership.leaderID.isTruthy, !leadership.electionInProgress {
            let pause = max(15, Double(P2PConstants.electionTimeout) * 3)
            if now - leadership.lastElectionAttempt >= pause {
                leadership.lastElectionAttempt = now
                perform(.startElection)
            }
        }
    }

    private mutating func reportDeadPeers() throws(PyException) {
        var dead: [(key: PyKey, id: PyValue)] = []
        for entry in peers.entries {
            let info = entry.record
            if try !isAlive(info) {
                guard !entry.keyValue.equals(nodeID) else { continue }
                dead.append((key: entry.key, id: entry.keyValue))
                let silence = try PyNumber.sub(.float(now), info[.lastHeartbeat])
                if !info[.retired].isTruthy,
                    try PyNumber.isGreaterOrEqual(silence, .int(constants.peerRetireAfterSeconds))
                {
                    retire(entry.key)
                    log(.retiringPeer(entry.keyValue, seconds: try PyNumber.int(silence)))
                }
            } else if info[.retired].isTruthy {
                peers.modify(entry.key) {
                    $0[.retired] = false
                    $0[.retiredAt] = 0.0
                }
            }
        }
        for peer in dead where peers[peer.key]?[.retired].isTruthy == false {
            log(.peerDead(peer.id, timeout: Int(P2PConstants.peerTimeout)))
        }
    }

    private mutating func retire(_ key: PyKey) {
        let time = now
        peers.modify(key) {
            $0[.retired] = true
            $0[.retiredAt] = .float(time)
        }
    }

    private mutating func purgeRetiredPeers() throws(PyException) {
        let limit = constants.peerPurgeAfterSeconds
        for entry in peers.entries where entry.record[.retired].isTruthy {
            let since = entry.record[.retiredAt]
            guard try PyNumber.isGreater(since, 0),
                try PyNumber.isGreaterOrEqual(PyNumber.sub(.float(now), since), .int(limit))
            else { continue }
            peers.remove(entry.key)
            log(.purgedPeer(entry.keyValue, seconds: limit))
        }
    }

    private mutating func reviewLeader() throws(PyException) {
        if leadership.leaderID.isTruthy, try !isLeaderLeaseValid() {
            log(.clearingLease(leadership.leaderID))
            forgetLeader()
        }
        guard leadership.leaderID.isTruthy, !leadership.leaderID.equals(nodeID),
            let leader = try peers.get(leadership.leaderID),
            try !isLeaderEligible(leader, conflictKeys())
        else { return }
        log(.leaderLost(leadership.leaderID, dead: try !isAlive(leader)))
        forgetLeader()
    }

    /// Drops the leader without saving and without touching the grant, then elects.
    private mutating func forgetLeader() {
        leadership.leaderID = .none
        clearLease()
        leadership.lastLeaseRenewal = 0
        leadership.role = .follower
        perform(.startElection)
    }
}
