import PythonSemantics

/// A leader that hears from too few peers gives up (contract 01 section 4.16).
extension NodeTurn {
    /// False when leadership must end; the heartbeat loop then calls `stepDownForHealth`. Retired peers do not count.
    package mutating func checkLeaderHealth() throws(PyException) -> Bool {
        guard leadership.role == .leader else { return true }
        var total = 0
        var alive = 0
        for peer in peers where !peer[.retired].isTruthy {
            total += 1
            if try isAlive(peer) { alive += 1 }
        }
        guard total > 0 else { return true }
        let rate = Double(alive) / Double(total)
        guard rate < constants.leaderMinResponseRate else {
            if leadership.leaderDegradedSince != nil {
                log(.healthRecovered(rate: rate))
                leadership.leaderDegradedSince = nil
            }
            return true
        }
        guard let since = leadership.leaderDegradedSince else {
            leadership.leaderDegradedSince = now
            log(.healthDegraded(rate: rate, minimum: constants.leaderMinResponseRate))
            return true
        }
        guard now - since > Double(P2PConstants.leaderDegradedStepdownDelay) else { return true }
        log(.healthCritical)
        leadership.leaderDegradedSince = nil
        return false
    }

    /// What the heartbeat loop does after `checkLeaderHealth` said no; the last renewal stays.
    package mutating func stepDownForHealth() {
        log(.steppingDownForHealth)
        stepDown(to: .none)
    }
}

/// The leader's management of the voter set (contract 01 section 4.4, dynamic voters).
extension NodeTurn {
    /// Demotes unhealthy voters and promotes eligible nodes. True when the set changed.
    package mutating func manageDynamicVoters() throws(PyException) -> Bool {
        guard constants.dynamicVoterEnabled, !votersFromEnvironment else { return false }
        let eligible = try eligibleVoters()
        var healthy: [PyString] = []
        var unhealthy: [PyString] = []
        for voter in leadership.voterIDs {
            if try isHealthyVoter(voter) { healthy.append(voter) } else { unhealthy.append(voter) }
        }
        if !unhealthy.isEmpty { log(.demotingVoters(unhealthy)) }
        var chosen = healthy
        if healthy.count < constants.dynamicVoterTarget {
            let open = constants.dynamicVoterTarget - healthy.count
            var candidates: [(id: PyString, failures: PyValue)] = []
            for id in eligible {
                guard case .string(let text) = id else {
                    throw .typeError("sequence item 0: expected str instance, \(id.typeName) found")
                }
                if healthy.contains(text) { continue }
                candidates.append((id: text, failures: peers[PyKey(text: text)]?[.consecutiveFailures] ?? 999))
            }
            candidates = try stableSorted(candidates)
            for candidate in candidates.prefix(open) {
                log(.promotingVoter(.string(candidate.id)))
                chosen.append(candidate.id)
            }
        }
        let voters = Set(chosen).sorted()
        guard Set(voters) != Set(leadership.voterIDs), !voters.isEmpty else { return false }
        leadership.voterIDs = voters
        leadership.voterQuorumSize = quorum(of: voters.count)
        leadership.voterSource = .dynamic
        log(.dynamicVoterSet(voters: voters, quorum: leadership.voterQuorumSize))
        return true
    }

    private func isHealthyVoter(_ voter: PyString) throws(PyException) -> Bool {
        if voter == nodeID { return true }
        guard let peer = peers[PyKey(text: voter)], try isAlive(peer) else { return false }
        return try PyNumber.isLess(peer[.consecutiveFailures], .int(constants.voterDemotionFailures))
    }

    /// Peers that could vote, in table order, and this node when its name says so. With the default uptime no peer
    /// qualifies: a peer's uptime is measured from its last heartbeat.
    package func eligibleVoters() throws(PyException) -> [PyValue] {
        var eligible: [PyValue] = []
        for entry in peers.entries {
            let info = entry.record
            guard !info[.retired].isTruthy, try isAlive(info) else { continue }
            guard try isVoterMaterial(info, entry.keyValue) else { continue }
            let uptime = try PyNumber.sub(.float(now), info[.lastHeartbeat])
            guard try PyNumber.isGreaterOrEqual(uptime, .int(constants.voterPromotionUptime)),
                try PyNumber.isLess(info[.consecutiveFailures], .int(constants.voterDemotionFailures))
            else { continue }
            eligible.append(entry.keyValue)
        }
        let own = nodeID.lowercased()
        if own.contains("aws") || own.contains("lambda") { eligible.append(.string(nodeID)) }
        return eligible
    }

    private func isVoterMaterial(_ info: NodeInfo, _ id: PyValue) throws(PyException) -> Bool {
        if info[.hasGPU].isTruthy { return true }
        if case .string(let name) = info[.gpuName] {
            if name.contains("GH200") || name.contains("H100") || name.contains("A10") { return true }
        }
        return try id.lower().contains("aws")
    }

    private func stableSorted(
        _ candidates: [(id: PyString, failures: PyValue)]
    ) throws(PyException) -> [(id: PyString, failures: PyValue)] {
        var sorted: [(id: PyString, failures: PyValue)] = []
        for candidate in candidates {
            var place = sorted.endIndex
            while place > 0, try PyNumber.isLess(candidate.failures, sorted[place - 1].failures) { place -= 1 }
            sorted.insert(candidate, at: place)
        }
        return sorted
    }
}
