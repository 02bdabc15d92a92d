import Cutover
import PythonSemantics

/// Which side runs which background loop and which step of it: the one place where that is decided. Every periodic loop of
/// `contract/data/steps.json` and every step of it is here exactly once (LegacyBorderTests).
///
/// Whoever serves a loop's subsystem keeps its time and order, which is the legacy's; a step goes to whoever serves its
/// subsystem and is asked for at its place. What is not native is the worker's whatever the modes say. Without a worker
/// nothing of the worker's is done.
package enum LegacyBorder {
    package enum Side: Sendable, Equatable { case front, worker }

    /// One step of a loop.
    package struct Step: Sendable {
        /// As in the contract, without the loop's name.
        package var id: String
        package var owner: Subsystem
        /// Whether there is native code for it.
        package var isNative: Bool
        /// The legacy's method, where one side can ask the other for the step; nil: it stays with its loop.
        package var method: String?
    }

    /// One periodic loop.
    package struct Loop: Sendable {
        /// As in the contract.
        package var name: String
        package var owner: Subsystem
        /// Whether there is native code for its tick.
        package var isNative: Bool
        /// In the order of a round.
        package var steps: [Step]
    }

    /// Who runs a loop.
    package static func side(of loop: Loop, _ modes: FlagTable) -> Side {
        loop.isNative && modes.mode(loop.owner).isNative ? .front : .worker
    }

    /// Who does a step of it.
    package static func side(of step: Step, in loop: Loop, _ modes: FlagTable) -> Side {
        guard step.method != nil else {
            // A step within the loop's own code; one that the native loop does not have is left out there.
            return step.isNative || side(of: loop, modes) == .worker ? side(of: loop, modes) : .worker
        }
        return step.isNative && modes.mode(step.owner).isNative ? .front : .worker
    }

    /// The loops that run in a worker.
    package static func workerLoops(_ modes: FlagTable) -> [String] {
        loops.filter { side(of: $0, modes) == .worker }.map(\.name)
    }

    /// The loops that run in the front.
    package static func frontLoops(_ modes: FlagTable) -> Set<String> {
        Set(loops.filter { side(of: $0, modes) == .front }.map(\.name))
    }

    /// The methods that a worker asks the front for.
    package static func nativeMethods(_ modes: FlagTable) -> [String] {
        var methods = modes.mode(.p2pLeadership).isNative ? [LegacyStep.startElection.rawValue] : []
        for loop in loops {
            for step in loop.steps where side(of: step, in: loop, modes) == .front {
                guard let method = step.method, !methods.contains(method) else { continue }
                methods.append(method)
            }
        }
        return methods
    }

    /// What is done once at the start, by the contract's names (`startup` in the same file): the front has its own server,
    /// start lines and first election; the worker imports the members its seed peers know as soon as it has the state.
    package static let startup: [(what: String, side: Side)] = [
        ("server", .front), ("systemd_notify_ready", .front), ("tasks", .front),
        ("_bootstrap_from_known_peers", .worker), ("sleep 5 s", .front), ("_maybe_adopt_leader_from_peers", .front),
        ("_start_election", .front), ("gather", .front),
    ]
}

/// Methods of the legacy node that the front's loops ask for.
package enum LegacyStep: String, Sendable, CaseIterable {
    case bootstrap = "_bootstrap_from_known_peers"
    case relayHeartbeat = "_send_relay_heartbeat"
    case tailscaleAddress = "_get_tailscale_ip_for_peer"
    case enableTailscalePriority = "_enable_tailscale_priority"
    case disableTailscalePriority = "_disable_tailscale_priority"
    case refreshAddresses = "_force_ip_refresh_all_sources"
    case discoverVoter = "_discover_voter_peer"
    case startMonitoring = "_start_monitoring_if_leader"
    case stopMonitoring = "_stop_monitoring_if_not_leader"
    case alert = "notifier.send"
    case enablePartitionVoters = "_enable_partition_local_election"
    case restoreVoters = "_restore_original_voters"
    case manageDynamicVoters = "_manage_dynamic_voters"
    case checkLeaderHealth = "_check_leader_health"
    case renewLease = "_renew_leader_lease"
    case startElection = "_start_election"
    case adoptLeader = "_maybe_adopt_leader_from_peers"
}
