import PythonSemantics

/// The lines leadership and membership print on stdout (contract 01 section 9, 03 section 9). The texts are contract.
package enum LogLine: Sendable, Equatable {
    case voterQuorumEnabled(voters: [PyString], quorum: Int)
    case updatedVoterSet(source: VoterSource, voters: [PyString], quorum: Int)
    case partitionElection(voters: [PyValue], quorum: Int)
    case partitionHealed([PyString])
    case demotingVoters([PyString])
    case promotingVoter(PyValue)
    case dynamicVoterSet(voters: [PyString], quorum: Int)
    case healthDegraded(rate: Double, minimum: Double)
    case healthCritical
    case healthRecovered(rate: Double)
    case steppingDownForHealth
    case inconsistentRole
    case inconsistentLeaderID
    case leaseExpired
    case leaderWithoutQuorum
    case acceptingAfterExpiry(PyValue)
    case rejectingLowerPriority(PyValue, own: PyString)
    case acceptingLeader(PyValue)
    case adoptedFromPeers(PyValue)
    case retiringPeer(PyValue, seconds: PyValue)
    case peerDead(PyValue, timeout: Int)
    case purgedPeer(PyValue, seconds: Int)
    case clearingLease(PyValue)
    case leaderLost(PyValue, dead: Bool)
    case startingElection(PyString)
    case higherNodeResponded(PyValue)
    case refusingNATBlocked(PyString)
    case refusingWithoutQuorum(PyString)
    case leaseQuorumFailed(PyString)
    case leading(PyString)
    case lostQuorum(PyString)
    case checkingArbiter
    case arbiterConfirmsUs
    case arbiterReportsOther(PyValue)
    case renewalFailed(PyString)
    case renewalError(String)
    case voterAckCheck(PyString)
    case splitBrainNotVoter(PyString)
    case splitBrainLeaseHolder(PyString)
    case splitBrainLeaders([PyValue])
    case splitBrainSteppingDown(PyValue)
    case splitBrainAsserting([PyValue])
    case emergencyTaking(seconds: Int, candidates: Int)
    case emergencyLeader(PyString)
    case followingConfigured(PyValue)
    case adoptedFromHeartbeat(PyValue)
    case voterHeartbeatLeader(PyValue)
    case voterUnblocked(PyString)
    case peerLoadFailed(PyString, String)
    case loadedLeaderWithoutID
    case loadedState(peers: Int, jobs: Int)
    case stateLoadFailed(String)

    /// The line without its line end.
    package var text: String {
        switch self {
        case .voterQuorumEnabled(let ids, let quorum):
            "[P2P] Voter quorum enabled: voters=\(ids.count), quorum=\(quorum) (\(joined(ids)))"
        case .updatedVoterSet(let source, let ids, let quorum):
            "[P2P] Updated voter set (\(source.rawValue)): voters=\(ids.count), quorum=\(quorum) (\(joined(ids)))"
        case .partitionElection(let ids, let quorum):
            "[P2P] PARTITION: Enabling local election with \(ids.count) nodes: "
                + "\(ids.map(\.pyStr).joined(separator: ", ")) (quorum=\(quorum))"
        case .partitionHealed(let ids): "[P2P] Partition healed: restored original voters \(joined(ids))"
        case .demotingVoters(let ids): "[P2P] Dynamic voters: demoting unhealthy voters: \(list(ids))"
        case .promotingVoter(let id): "[P2P] Dynamic voters: promoting \(id.pyStr) to voter"
        case .dynamicVoterSet(let ids, let quorum):
            "[P2P] Dynamic voter set updated: \(ids.count) voters, quorum=\(quorum) (\(joined(ids)))"
        case .healthDegraded(let rate, let minimum):
            "[P2P] Leader health degraded: \(PyNumber.percent(rate, 1)) response rate (min: \(PyNumber.percent(minimum, 0)))"
        case .healthCritical: "[P2P] Leader health critically degraded for 60s, stepping down"
        case .healthRecovered(let rate): "[P2P] Leader health recovered: \(PyNumber.percent(rate, 1)) response rate"
        case .steppingDownForHealth: "[P2P] Stepping down due to degraded health"
        case .inconsistentRole:
            "[P2P] Inconsistent leadership state (role=leader but leader_id!=self); stepping down"
        case .inconsistentLeaderID:
            "[P2P] Inconsistent leadership state (leader_id=self but role!=leader); clearing leader_id"
        case .leaseExpired: "[P2P] Leadership lease expired, stepping down"
        case .leaderWithoutQuorum: "[P2P] Leadership without voter quorum, stepping down"
        case .acceptingAfterExpiry(let id): "[P2P] Our lease expired, accepting leader: \(id.pyStr)"
        case .rejectingLowerPriority(let id, let own):
            "[P2P] Rejecting leader announcement from lower-priority node: \(id.pyStr) < \(own)"
        case .acceptingLeader(let id): "[P2P] Accepting leader announcement: \(id.pyStr)"
        case .adoptedFromPeers(let id): "[P2P] Adopted existing leader from peers: \(id.pyStr)"
        case .retiringPeer(let id, let seconds): "[P2P] Retiring peer \(id.pyStr) (offline for \(seconds.pyStr)s)"
        case .peerDead(let id, let timeout): "[P2P] Peer \(id.pyStr) is dead (no heartbeat for \(timeout)s)"
        case .purgedPeer(let id, let seconds): "[P2P] Auto-purged stale peer: \(id.pyStr) (retired for >\(seconds)s)"
        case .clearingLease(let id): "[P2P] Clearing stale/expired leader lease: leader_id=\(id.pyStr)"
        case .leaderLost(let id, let dead):
            "[P2P] Leader \(id.pyStr) is \(dead ? "dead" : "ineligible"), starting election"
        case .startingElection(let own): "[P2P] Starting election, my ID: \(own)"
        case .higherNodeResponded(let id): "[P2P] Higher node \(id.pyStr) responded"
        case .refusingNATBlocked(let own): "[P2P] Refusing leadership while NAT-blocked: \(own)"
        case .refusingWithoutQuorum(let own): "[P2P] Refusing leadership without voter quorum: \(own)"
        case .leaseQuorumFailed(let own):
            "[P2P] Failed to obtain voter lease quorum; refusing leadership: \(own)"
        case .leading(let own): "[P2P] I am now the leader: \(own)"
        case .lostQuorum(let own): "[P2P] Lost voter quorum; stepping down: \(own)"
        case .checkingArbiter: "[P2P] Voter lease quorum failed; checking arbiter..."
        case .arbiterConfirmsUs:
            "[P2P] Arbiter confirms us as leader despite quorum failure; continuing with provisional lease"
        case .arbiterReportsOther(let id): "[P2P] Arbiter reports different leader (\(id.pyStr)); stepping down"
        case .renewalFailed(let own):
            "[P2P] Failed to renew voter lease quorum and arbiter unreachable; stepping down: \(own)"
        case .renewalError(let error): "[P2P] Lease renewal error: \(error)"
        case .voterAckCheck(let id): "[P2P] VOTER ACK CHECK: Voters grant to \(id), not us; stepping down"
        case .splitBrainNotVoter(let own):
            "[P2P] SPLIT-BRAIN detected, but \(own) is not a voter; stepping down."
        case .splitBrainLeaseHolder(let id):
            "[P2P] SPLIT-BRAIN resolved by voter quorum: stepping down for lease-holder \(id)"
        case .splitBrainLeaders(let ids):
            "[P2P] SPLIT-BRAIN detected! Found leaders: \(PyValue.list(ids).pyRepr)"
        case .splitBrainSteppingDown(let id):
            "[P2P] Stepping down in favor of higher-priority leader: \(id.pyStr)"
        case .splitBrainAsserting(let ids):
            "[P2P] SPLIT-BRAIN detected! Asserting leadership over: \(PyValue.list(ids).pyRepr)"
        case .emergencyTaking(let seconds, let candidates):
            "[P2P] EMERGENCY COORDINATOR: Taking leadership without voter quorum "
                + "(quorum missing for \(seconds)s, \(candidates) candidates)"
        case .emergencyLeader(let own): "[P2P] EMERGENCY COORDINATOR: \(own) is now emergency leader"
        case .followingConfigured(let id): "[P2P] Following configured leader from heartbeat: \(id.pyStr)"
        case .adoptedFromHeartbeat(let id): "[P2P] Adopted leader from heartbeat: \(id.pyStr)"
        case .voterHeartbeatLeader(let id): "[P2P] Discovered leader from voter heartbeat: \(id.pyStr)"
        case .voterUnblocked(let id): "[P2P] Voter \(id) NAT-blocked status cleared (heartbeat succeeded)"
        case .peerLoadFailed(let id, let error): "[P2P] Failed to load peer \(id): \(error)"
        case .loadedLeaderWithoutID:
            "[P2P] Loaded role=leader but leader_id is empty; stepping down to follower"
        case .loadedState(let peers, let jobs): "[P2P] Loaded state: \(peers) peers, \(jobs) jobs"
        case .stateLoadFailed(let error): "[P2P] Failed to load state: \(error)"
        }
    }
}

private func joined(_ ids: [PyString]) -> String { ids.map(String.init(describing:)).joined(separator: ", ") }
private func list(_ ids: [PyString]) -> String { PyValue.list(ids.map { .string($0) }).pyRepr }
