import P2PModel
import PythonSemantics

/// The attributes of `p2p.leadership`, all of which are native.
extension NodeState {
    static let leadershipAttributes: [NativeAttribute] = [
        NativeAttribute(name: "role", write: { $0.leadership.role.value }) { state, value in
            if let value, let role = try? NodeRole(python: value) { state.leadership.role = role }
        },
        anything("leader_id", \.leaderID), anything("leader_lease_id", \.leaseID),
        anything("leader_lease_expires", \.leaseExpires), time("last_lease_renewal", \.lastLeaseRenewal),
        time("last_leader_seen", \.lastLeaderSeen),
        NativeAttribute(name: "voter_node_ids", write: { list($0.leadership.voterIDs) }) { state, value in
            if let ids = strings(value) { state.leadership.voterIDs = ids }
        },
        NativeAttribute(name: "voter_quorum_size", write: { .int($0.leadership.voterQuorumSize) }) { state, value in
            if let size = value?.asInt { state.leadership.voterQuorumSize = size }
        },
        NativeAttribute(
            name: "voter_config_source",
            write: { .string(PyString($0.leadership.voterSource.rawValue)) }
        ) { state, value in
            if let text = value?.asString, let source = VoterSource(rawValue: text.description) {
                state.leadership.voterSource = source
            }
        },
        text("voter_grant_leader_id", \.grant.leaderID), text("voter_grant_lease_id", \.grant.leaseID),
        time("voter_grant_expires", \.grant.expires),
        NativeAttribute(name: "election_in_progress", write: { .bool($0.leadership.electionInProgress) }) {
            state, value in
            if let flag = value?.asBool { state.leadership.electionInProgress = flag }
        },
        time("last_election_attempt", \.lastElectionAttempt),
        NativeAttribute(name: "_original_voters", write: { $0.leadership.originalVoters.map(list) }) { state, value in
            state.leadership.originalVoters = strings(value)
        },
        moment("_partition_election_started", \.partitionElectionStarted),
        moment("_leader_degraded_since", \.leaderDegradedSince), moment("_last_voter_ack_check", \.lastVoterAckCheck),
        moment("_last_emergency_coord_check", \.lastEmergencyCheck),
        moment("_quorum_missing_since", \.quorumMissingSince),
        moment("_emergency_coordinator_since", \.emergencyCoordinatorSince),
        moment("_last_low_consensus_alert", \.lastLowConsensusAlert),
    ]

    private typealias Field<Value> = WritableKeyPath<LeadershipState, Value> & Sendable

    private static func anything(_ name: PyString, _ field: Field<PyValue>) -> NativeAttribute {
        NativeAttribute(name: name, write: { $0.leadership[keyPath: field] }) { state, value in
            if let value { state.leadership[keyPath: field] = value }
        }
    }

    private static func time(_ name: PyString, _ field: Field<Double>) -> NativeAttribute {
        NativeAttribute(name: name, write: { .float($0.leadership[keyPath: field]) }) { state, value in
            if let seconds = value?.asDouble { state.leadership[keyPath: field] = seconds }
        }
    }

    /// An attribute that the legacy creates on first use.
    private static func moment(_ name: PyString, _ field: Field<Double?>) -> NativeAttribute {
        NativeAttribute(name: name, write: { $0.leadership[keyPath: field].map { .float($0) } }) { state, value in
            state.leadership[keyPath: field] = value?.asDouble
        }
    }

    private static func text(_ name: PyString, _ field: Field<PyString>) -> NativeAttribute {
        NativeAttribute(name: name, write: { .string($0.leadership[keyPath: field]) }) { state, value in
            if let text = value?.asString { state.leadership[keyPath: field] = text }
        }
    }

    private static func list(_ ids: [PyString]) -> PyValue { .list(ids.map { .string($0) }) }

    private static func strings(_ value: PyValue?) -> [PyString]? {
        guard case .list(let items)? = value else { return nil }
        return items.compactMap(\.asString)
    }
}
