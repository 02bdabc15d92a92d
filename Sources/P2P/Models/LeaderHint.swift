import PythonSemantics

/// Leader hints and what the cluster agrees on (contract 01 section 4.17).
extension NodeTurn {
    /// This node's opinion: current leader, lease, successor, own rank.
    package func leaderHint() throws(PyException) -> PyDict {
        var ids: [PyValue] = [.string(nodeID)]
        for entry in peers.entries where try isAlive(entry.record) { ids.append(entry.keyValue) }
        ids = try PyNumber.sorted(ids.reversed()).reversed()
        let own = ids.firstIndex { $0.equals(nodeID) } ?? 0
        let successor = ids.first { id in
            !id.pyEquals(leadership.leaderID) && (leadership.voterIDs.isEmpty || isVoter(id))
        }
        return [
            "current_leader": leadership.leaderID, "lease_expires": leadership.leaseExpires,
            "preferred_successor": successor ?? .none, "my_priority": .int(ids.count - own),
        ]
    }

    /// The most named leader and successor among the own hint and the fresh gossip states.
    ///
    /// - Parameter gossip: node_id -> state as received; the states of all other nodes.
    package func leaderConsensus(gossip: PyDict) throws(PyException) -> PyDict {
        var leaders = Ballot()
        var successors = Ballot()
        func count(_ hint: PyValue) throws(PyException) {
            try leaders.add(hint.get("current_leader"))
            try successors.add(hint.get("preferred_successor"))
        }
        try count(.dict(leaderHint()))
        for (_, state) in gossip {
            if try PyNumber.isLess(state.get("timestamp", 0), .float(now - 120)) { continue }
            try count(state.get("leader_hint", [:]))
        }
        return [
            "consensus_leader": leaders.winner.id, "leader_agreement": .int(leaders.winner.votes),
            "consensus_successor": successors.winner.id, "successor_agreement": .int(successors.winner.votes),
            "total_voters": .int(gossip.count + 1),
        ]
    }

    /// Raises an alert, at most once an hour, when this node leads and fewer than half agree.
    package mutating func alertOnLowConsensus(_ consensus: PyDict) {
        guard leadership.role == .leader, let total = consensus["total_voters"]?.asInt, total >= 3,
            let agreeing = consensus["leader_agreement"]?.asInt
        else { return }
        let share = Double(agreeing) / Double(total)
        guard share < 0.5, now - (leadership.lastLowConsensusAlert ?? 0) > 3600 else { return }
        leadership.lastLowConsensusAlert = now
        perform(
            .alert(
                Alert(
                    title: "Low Leader Consensus",
                    message: PyString("Only \(agreeing)/\(total) nodes agree on leader"),
                    fields: [
                        "Agreement": .string(PyNumber.percent(share, 0)),
                        "Consensus Leader": .string((consensus["consensus_leader"] ?? .none).pyString),
                        "Total Voters": .string("\(total)"),
                        "Action": "Check for network partitions or stale nodes",
                    ], nodeID: nodeID)))
    }
}

/// Votes in the order of the first one for each; falsy names are no vote.
private struct Ballot {
    private var votes: [(id: PyValue, votes: Int)] = []
    private var places: [PyKey: Int] = [:]

    mutating func add(_ id: PyValue) throws(PyException) {
        guard id.isTruthy else { return }
        let key = try PyKey(id)
        if let place = places[key] {
            votes[place].votes += 1
        } else {
            places[key] = votes.count
            votes.append((id: id, votes: 1))
        }
    }

    var winner: (id: PyValue, votes: Int) {
        var best: (id: PyValue, votes: Int) = (id: .none, votes: 0)
        for entry in votes where entry.votes > best.votes { best = entry }
        return best
    }
}
