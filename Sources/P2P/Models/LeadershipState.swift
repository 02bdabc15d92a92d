import PythonSemantics

/// Everything leadership decides on and changes (contract 01 section 2.6). Times are unix seconds.
///
/// Values that peers may set without a type check (`leader_id`, lease id and expiry) stay untyped, as the legacy
/// stores them. Attributes that the legacy creates on first use are optional here: absent is meaningful.
package struct LeadershipState: Sendable, Equatable {
    package var role: NodeRole = .follower
    package var leaderID: PyValue = .none
    package var leaseID: PyValue = ""
    package var leaseExpires: PyValue = 0.0
    package var lastLeaseRenewal: Double = 0
    package var lastLeaderSeen: Double

    package var voterIDs: [PyString] = []
    package var voterQuorumSize: Int = 0
    package var voterSource: VoterSource = .none

    package var grant = VoterGrant()

    package var electionInProgress = false
    package var lastElectionAttempt: Double = 0

    package var originalVoters: [PyString]?
    package var partitionElectionStarted: Double?
    package var leaderDegradedSince: Double?
    package var lastVoterAckCheck: Double?
    package var lastEmergencyCheck: Double?
    package var quorumMissingSince: Double?
    package var emergencyCoordinatorSince: Double?
    package var lastLowConsensusAlert: Double?

    /// The state of a fresh process.
    package init(now: Double) { lastLeaderSeen = now }
}

/// The lease this node, as a voter, has granted; kept after it ran out.
package struct VoterGrant: Sendable, Equatable {
    package var leaderID: PyString = ""
    package var leaseID: PyString = ""
    /// Unix seconds.
    package var expires: Double = 0

    package init(leaderID: PyString = "", leaseID: PyString = "", expires: Double = 0) {
        self.leaderID = leaderID
        self.leaseID = leaseID
        self.expires = expires
    }
}

/// Where the voter list came from.
package enum VoterSource: String, Sendable, Equatable {
    case none
    case env
    case config
    case state
    case learned
    case partitionLocal = "partition-local"
    case restored
    case dynamic
}
