import P2PModel
import PythonSemantics

// The steps of p2p.leadership, each done by whoever serves it: here, or by the worker.

extension NodeRuntime {
    /// Whether leadership is decided here.
    package var decidesLeadership: Bool { modes.isNative(.p2pLeadership) }

    /// Makes the live voters of a partition the voters.
    func enablePartitionVoters() async throws(PyException) {
        guard decidesLeadership else { return _ = try await legacy.run(.enablePartitionVoters) }
        _ = try await turn { turn throws(PyException) in try turn.enablePartitionVoters() }
    }

    /// Ends what ``enablePartitionVoters()`` did once the partition is over.
    func restoreVoters() async throws(PyException) {
        guard decidesLeadership else { return _ = try await legacy.run(.restoreVoters) }
        _ = try await turn { turn throws(PyException) in try turn.restoreVoters() }
    }

    func manageDynamicVoters() async throws(PyException) {
        guard decidesLeadership else { return _ = try await legacy.run(.manageDynamicVoters) }
        _ = try await turn { turn throws(PyException) in try turn.manageDynamicVoters() }
    }

    /// Whether the leader may stay; true where nobody can say.
    func checkLeaderHealth() async throws(PyException) -> Bool {
        guard decidesLeadership else { return try await legacy.run(.checkLeaderHealth)?.isTruthy ?? true }
        return try await turn { turn throws(PyException) in try turn.checkLeaderHealth() }
    }

    /// The leader's renewal of a heartbeat round.
    func renewLeaderLease() async throws(PyException) {
        guard decidesLeadership else { return _ = try await legacy.run(.renewLease) }
        try await renewLease()
    }

    /// One election from beginning to end.
    func elect() async {
        guard decidesLeadership else { return _ = try? await legacy.run(.startElection) }
        await runElection()
    }

    /// Takes the leader that peers name; false when there is none.
    func adoptLeader() async -> Bool {
        guard decidesLeadership else { return (try? await legacy.run(.adoptLeader))?.isTruthy ?? false }
        return (try? await turn { turn throws(PyException) in try turn.adoptLeaderFromPeers() }) ?? false
    }

    /// A step that the worker came to in one of its loops.
    func performLeadership(_ step: LegacyStep) async throws(PyException) -> PyValue? {
        switch step {
        case .startElection: await runElection()
        case .enablePartitionVoters:
            return .bool(try await turn { turn throws(PyException) in try turn.enablePartitionVoters() })
        case .restoreVoters: return .bool(try await turn { turn throws(PyException) in try turn.restoreVoters() })
        case .manageDynamicVoters:
            return .bool(try await turn { turn throws(PyException) in try turn.manageDynamicVoters() })
        case .checkLeaderHealth:
            return .bool(try await turn { turn throws(PyException) in try turn.checkLeaderHealth() })
        case .renewLease: try await renewLease()
        default: return nil
        }
        return PyValue.none
    }
}
