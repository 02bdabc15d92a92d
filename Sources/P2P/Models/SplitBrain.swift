import PythonSemantics

/// What a look for other leaders needs.
package enum SplitBrainStep: Sendable, Equatable {
    /// Nothing to do: one leader.
    case clear
    /// Run a `GrantPoll` and call `resolveSplitBrain` with its holder.
    case askVoters
    /// Call `resolveSplitBrain` without asking.
    case decide
    /// The node stepped down.
    case steppedDown
}

/// Two leaders at once (contract 01 section 4.15), looked for at the start of the leader's duties.
extension NodeTurn {
    /// Looks for other leaders.
    package mutating func beginSplitBrainCheck() throws(PyException) -> SplitBrainStep {
        guard leadership.role == .leader else { return .clear }
        let others = try otherLeaders()
        let hasVoters = !leadership.voterIDs.isEmpty
        if others.isEmpty {
            guard hasVoters, now - (leadership.lastVoterAckCheck ?? 0) >= 30 else { return .clear }
            leadership.lastVoterAckCheck = now
            return .askVoters
        }
        guard hasVoters else { return .decide }
        guard leadership.voterIDs.contains(nodeID) else {
            log(.splitBrainNotVoter(nodeID))
            stepDown(to: .none)
            return .steppedDown
        }
        return .askVoters
    }

    /// Decides with what the voters said (nil: no holder, or not asked). True when the node stepped down.
    package mutating func resolveSplitBrain(holder: PyString?) throws(PyException) -> Bool {
        let others = try otherLeaders()
        if let holder, holder != nodeID {
            log(others.isEmpty ? .voterAckCheck(holder) : .splitBrainLeaseHolder(holder))
            stepDown(to: .string(holder))
            return true
        }
        if others.isEmpty { return false }
        let voting = others.filter { isVoter($0.nodeID) }
        let considered = voting.isEmpty ? others : voting
        let conflicts = try conflictKeys()
        var candidates: [NodeInfo] = []
        for record in considered + [selfInfo] where try isLeaderEligible(record, conflicts) {
            candidates.append(record)
        }
        if candidates.isEmpty { candidates = considered + [selfInfo] }
        var winner = candidates[0]
        for record in candidates.dropFirst() where try PyNumber.isGreater(record.nodeID, winner.nodeID) {
            winner = record
        }
        if !isSelf(winner) {
            log(.splitBrainLeaders(others.map(\.nodeID)))
            log(.splitBrainSteppingDown(winner.nodeID))
            stepDown(to: winner.nodeID)
            return true
        }
        log(.splitBrainAsserting(others.map(\.nodeID)))
        try announce(to: others, timeout: 5)
        return false
    }

    private func otherLeaders() throws(PyException) -> [NodeInfo] {
        var found: [NodeInfo] = []
        for peer in peers where try isAlive(peer) {
            if peer.role == .leader, !isSelf(peer) { found.append(peer) }
        }
        return found
    }
}
