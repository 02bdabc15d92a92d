import PythonSemantics

/// Which side runs which background loop and which step of it: the one place where that is decided. Every periodic loop of
/// `contract/data/steps.json` and every step of it is here exactly once (LegacyBorderTests).
///
/// The order of a tick is the legacy's whoever keeps it: a step of the other side is asked for at its place. Without a
/// worker nothing of the worker's is done.
package enum LegacyBorder {
    package enum Side: Sendable, Equatable { case front, worker }

    /// One periodic loop.
    package struct Loop: Sendable {
        /// As in the contract.
        package var name: String
        /// Who keeps its time and order.
        package var side: Side
        /// Who does each step, by the contract's identifiers without the loop's name, in the order of a round.
        package var steps: [(id: String, side: Side)]
    }

    /// In the legacy's task order.
    package static let loops: [Loop] = [
        Loop(
            name: "heartbeat", side: .front,
            steps: [
                ("configured_peers", .front), ("discovered_peers", .front), ("bootstrap", .worker),
                ("relay_poll", .front), ("dead_peers", .front), ("partition_detect", .front),
                ("partition_priority_on", .worker), ("partition_local_voters", .front),
                ("partition_ip_refresh", .worker), ("partition_priority_off", .worker), ("restore_voters", .front),
                ("dynamic_voters", .front), ("leader_health", .front), ("renew_lease", .front),
                ("monitoring_stop", .worker), ("monitoring_start", .worker), ("resource_report", .front),
                ("save_state", .front), ("watchdog", .front),
            ]),
        worker(
            "manifest_collection",
            ["cluster_manifest", "selfplay_sample", "cycle_totals", "local_manifest", "stamp"]),
        worker(
            "job_management",
            [
                "consolidate", "local_stuck", "local_cleanup", "local_jobs", "local_gpu_scale", "training_fallback",
                "emergency_coordinator", "p2p_data_sync", "p2p_model_sync", "p2p_training_db_sync", "gossip",
                "anti_entropy", "split_brain", "cluster_jobs", "cluster_balance", "trigger_training",
                "improvement_cycles", "stuck_jobs", "gpu_scale", "nat_sweep", "node_recovery",
            ],
            native: [
                "local_stuck", "local_cleanup", "local_jobs", "local_gpu_scale", "split_brain", "cluster_jobs",
                "cluster_balance", "stuck_jobs", "gpu_scale",
            ]),
        worker("discovery", ["udp"]),
        Loop(
            name: "voter_heartbeat", side: .front,
            steps: [
                ("discover_voter", .worker), ("voter_heartbeat", .front), ("voter_alternatives", .front),
                ("voter_mesh", .front),
            ]),
        worker("nat_management", ["nat_type", "nat_probe", "relay_preferences"]),
        worker("git_update", ["check", "behind", "update", "restart"]),
        worker("training_sync", ["leader_gate", "disk_gate", "sync"]),
        worker("vast_ip", ["update"]),
        worker("aws_ip", ["update"]),
        worker("tailscale_ip", ["update"]),
        worker(
            "data_management",
            [
                "disk_gate", "cleanup", "jsonl_to_db", "jsonl_to_npz", "leader_gate", "db_integrity", "exports",
                "auto_training", "peer_data",
            ], native: ["cleanup"]),
        worker("model_sync", ["leader_gate", "disk_gate", "sync"]),
        worker("elo_sync", ["sync"]),
    ]

    /// A loop in the worker; `native` steps are asked for from there (`NATIVE` in `ringrift_shim/node.py`).
    private static func worker(_ name: String, _ steps: [String], native: Set<String> = []) -> Loop {
        Loop(name: name, side: .worker, steps: steps.map { ($0, native.contains($0) ? .front : .worker) })
    }

    /// The loops that are released in a worker.
    package static var workerLoops: [String] { loops.filter { $0.side == .worker }.map(\.name) }

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
}
