import PythonSemantics

/// The answer to GET /status (contract 03 section 3.2). The parts of other subsystems are given ready made.
package struct StatusBody: Sendable {
    /// Keys after `alive_peers`, in order.
    package var improvementCycleManager: PyValue = .none
    package var diversityMetrics: PyValue = [:]
    package var gossipMetrics: PyValue = [:]
    package var p2pSyncMetrics: PyValue = [:]
    package var distributedTraining: PyValue = [:]
    package var clusterElo: PyValue = [:]
    package var nodeRecovery: PyValue = [:]
    package var leaderConsensus: PyValue = [:]
    package var peerReputation: PyValue = [:]
    package var syncIntervals: PyValue = [:]
    package var tournamentScheduling: PyValue = [:]
    package var dataDedup: PyValue = [:]
    package var jobs = JobTable()

    package init() {}

    private var tail: [(key: PyString, value: PyValue)] {
        [
            ("improvement_cycle_manager", improvementCycleManager), ("diversity_metrics", diversityMetrics),
            ("gossip_metrics", gossipMetrics), ("p2p_sync_metrics", p2pSyncMetrics),
            ("distributed_training", distributedTraining), ("cluster_elo", clusterElo),
            ("node_recovery", nodeRecovery), ("leader_consensus", leaderConsensus),
            ("peer_reputation", peerReputation), ("sync_intervals", syncIntervals),
            ("tournament_scheduling", tournamentScheduling), ("data_dedup", dataDedup),
        ]
    }

    /// The body as a value. Call `turn.leaderPeer()` before and give its id: it may step down.
    ///
    /// - Throws: what a poisoned record throws; the route then answers a plain 500.
    package func value(_ turn: NodeTurn, effectiveLeader: PyValue) throws(PyException) -> PyDict {
        let conflicts = try turn.conflictKeys()
        var body = PyDict(try head(turn, effectiveLeader, conflicts))
        body["self"] = .dict(try turn.selfInfo.toDict())
        var peers = PyDict()
        for peer in turn.peers {
            var dict = try peer.toDict()
            for (key, value) in try Self.extras(peer, turn, conflicts) { dict[key] = value }
            peers[try PyKey(peer.nodeID).jsonKey()] = .dict(dict)
        }
        body["peers"] = .dict(peers)
        var jobs = PyDict()
        for entry in self.jobs.entries { jobs[try entry.key.jsonKey()] = .dict(entry.record.toDict()) }
        body["local_jobs"] = .dict(jobs)
        body["alive_peers"] = .int(try Self.alivePeers(turn))
        for (key, value) in tail { body[key] = value }
        return body
    }

    /// Appends the text of `json.dumps(value(…))`, without building dicts for the peers.
    package func appendJSON(
        _ turn: NodeTurn, effectiveLeader: PyValue, to bytes: inout [UInt8]
    ) throws(PyException) {
        let conflicts = try turn.conflictKeys()
        for (index, pair) in try head(turn, effectiveLeader, conflicts).enumerated() {
            bytes.append(contentsOf: index == 0 ? "{".utf8 : ", ".utf8)
            try Self.append(pair.0, pair.1, to: &bytes)
        }
        bytes.append(contentsOf: ", \"self\": ".utf8)
        try turn.selfInfo.appendJSON(to: &bytes)
        bytes.append(contentsOf: ", \"peers\": {".utf8)
        var isFirst = true
        for peer in turn.peers {
            if !isFirst { bytes.append(contentsOf: ", ".utf8) }
            isFirst = false
            PyJSON.appendString(try PyKey(peer.nodeID).jsonKey(), to: &bytes)
            bytes.append(contentsOf: ": ".utf8)
            try peer.appendJSON(to: &bytes, extra: Self.extras(peer, turn, conflicts))
        }
        bytes.append(contentsOf: "}, \"local_jobs\": ".utf8)
        var jobs = PyDict()
        for entry in self.jobs.entries { jobs[try entry.key.jsonKey()] = .dict(entry.record.toDict()) }
        try PyJSON.append(.dict(jobs), to: &bytes)
        bytes.append(contentsOf: ", ".utf8)
        try Self.append("alive_peers", .int(Self.alivePeers(turn)), to: &bytes)
        for (key, value) in tail {
            bytes.append(contentsOf: ", ".utf8)
            try Self.append(key, value, to: &bytes)
        }
        bytes.append(UInt8(ascii: "}"))
    }

    private func head(
        _ turn: NodeTurn, _ effectiveLeader: PyValue, _ conflicts: Set<EndpointKey>
    ) throws(PyException) -> [(PyString, PyValue)] {
        var reported: [PyValue] = []
        var eligible: [PyValue] = []
        for peer in turn.peers where peer.role == .leader {
            guard try turn.isAlive(peer) else { continue }
            reported.append(peer.nodeID)
            if try turn.isLeaderEligible(peer, conflicts) { eligible.append(peer.nodeID) }
        }
        let state = turn.leadership
        return [
            ("node_id", .string(turn.nodeID)), ("role", state.role.value), ("leader_id", state.leaderID),
            ("effective_leader_id", effectiveLeader), ("leaders_reported", .list(try PyNumber.sorted(reported))),
            ("leaders_eligible", .list(try PyNumber.sorted(eligible))),
            ("voter_node_ids", .list(state.voterIDs.map { .string($0) })),
            ("voter_quorum_size", .int(state.voterQuorumSize)), ("voters_alive", .int(try turn.votersAlive())),
            ("voter_quorum_ok", .bool(try turn.hasVoterQuorum())),
        ]
    }

    private static func extras(
        _ peer: NodeInfo, _ turn: NodeTurn, _ conflicts: Set<EndpointKey>
    ) throws(PyException) -> [(key: PyString, value: PyValue)] {
        let conflict = peer.endpointKey.map { conflicts.contains($0) } ?? false
        return [
            ("endpoint_conflict", .bool(conflict)),
            ("leader_eligible", .bool(try turn.isLeaderEligible(peer, conflicts, requireAlive: false))),
        ]
    }

    private static func alivePeers(_ turn: NodeTurn) throws(PyException) -> Int {
        var alive = 0
        for peer in turn.peers where try turn.isAlive(peer) { alive += 1 }
        return alive
    }

    private static func append(_ key: PyString, _ value: PyValue, to bytes: inout [UInt8]) throws(PyException) {
        PyJSON.appendString(key, to: &bytes)
        bytes.append(contentsOf: ": ".utf8)
        try PyJSON.append(value, to: &bytes)
    }
}
