import Cutover

/// The rows, in the legacy's task order.
extension LegacyBorder {
    package static let loops: [Loop] = [
        Loop(
            name: "heartbeat", owner: .p2pNetwork, isNative: true,
            steps: [
                native("configured_peers", .p2pNetwork),
                native("discovered_peers", .p2pNetwork),
                legacy("bootstrap", .p2pNetwork, "_bootstrap_from_known_peers"),
                native("relay_poll", .p2pNetwork),
                native("dead_peers", .p2pNetwork),
                native("partition_detect", .p2pNetwork),
                legacy("partition_priority_on", .p2pNetwork, "_enable_tailscale_priority"),
                native("partition_local_voters", .p2pLeadership, "_enable_partition_local_election"),
                legacy("partition_ip_refresh", .p2pNetwork, "_force_ip_refresh_all_sources"),
                legacy("partition_priority_off", .p2pNetwork, "_disable_tailscale_priority"),
                native("restore_voters", .p2pLeadership, "_restore_original_voters"),
                native("dynamic_voters", .p2pLeadership, "_manage_dynamic_voters"),
                native("leader_health", .p2pLeadership, "_check_leader_health"),
                native("renew_lease", .p2pLeadership, "_renew_leader_lease"),
                legacy("monitoring_stop", .p2pObservability, "_stop_monitoring_if_not_leader"),
                legacy("monitoring_start", .p2pObservability, "_start_monitoring_if_leader"),
                native("resource_report", .p2pResource),
                native("save_state", .p2pOrchestrator),
                native("watchdog", .p2pOrchestrator),
            ]),
        Loop(
            name: "manifest_collection", owner: .p2pDataSync, isNative: false,
            steps: [
                legacy("cluster_manifest", .p2pDataSync),
                legacy("selfplay_sample", .p2pSelfplay),
                legacy("cycle_totals", .p2pTraining),
                legacy("local_manifest", .p2pDataSync),
                legacy("stamp", .p2pDataSync),
            ]),
        Loop(
            name: "job_management", owner: .p2pScheduling, isNative: false,
            steps: [
                legacy("consolidate", .p2pDataSync),
                native("local_stuck", .p2pScheduling, "_check_local_stuck_jobs"),
                native("local_cleanup", .p2pScheduling, "_local_resource_cleanup"),
                native("local_jobs", .p2pScheduling, "_manage_local_jobs_decentralized"),
                native("local_gpu_scale", .p2pScheduling, "_local_gpu_auto_scale"),
                legacy("training_fallback", .p2pTraining),
                legacy("emergency_coordinator", .p2pLeadership),
                legacy("p2p_data_sync", .p2pDataSync),
                legacy("p2p_model_sync", .p2pDataSync),
                legacy("p2p_training_db_sync", .p2pDataSync),
                legacy("gossip", .p2pNetwork),
                legacy("anti_entropy", .p2pNetwork),
                native("split_brain", .p2pLeadership, "_check_and_resolve_split_brain"),
                native("cluster_jobs", .p2pScheduling, "_manage_cluster_jobs"),
                native("cluster_balance", .p2pScheduling, "_check_cluster_balance"),
                legacy("trigger_training", .p2pTraining),
                legacy("improvement_cycles", .p2pTraining),
                native("stuck_jobs", .p2pScheduling, "_check_and_kill_stuck_jobs"),
                native("gpu_scale", .p2pScheduling, "_auto_scale_gpu_utilization"),
                legacy("nat_sweep", .p2pNetwork),
                legacy("node_recovery", .p2pNetwork),
            ]),
        Loop(
            name: "discovery", owner: .p2pNetwork, isNative: false,
            steps: [
                legacy("udp", .p2pNetwork)
            ]),
        Loop(
            name: "voter_heartbeat", owner: .p2pNetwork, isNative: true,
            steps: [
                legacy("discover_voter", .p2pNetwork, "_discover_voter_peer"),
                native("voter_heartbeat", .p2pNetwork),
                native("voter_alternatives", .p2pNetwork),
                native("voter_mesh", .p2pNetwork),
            ]),
        Loop(
            name: "nat_management", owner: .p2pNetwork, isNative: false,
            steps: [
                legacy("nat_type", .p2pNetwork),
                legacy("nat_probe", .p2pNetwork),
                legacy("relay_preferences", .p2pNetwork),
            ]),
        Loop(
            name: "git_update", owner: .p2pDataSync, isNative: false,
            steps: [
                legacy("check", .p2pDataSync),
                legacy("behind", .p2pDataSync),
                legacy("update", .p2pDataSync),
                legacy("restart", .p2pOrchestrator),
            ]),
        Loop(
            name: "training_sync", owner: .p2pDataSync, isNative: false,
            steps: [
                legacy("leader_gate", .p2pLeadership),
                legacy("disk_gate", .p2pResource),
                legacy("sync", .p2pDataSync),
            ]),
        Loop(
            name: "vast_ip", owner: .p2pNetwork, isNative: false,
            steps: [
                legacy("update", .p2pNetwork)
            ]),
        Loop(
            name: "aws_ip", owner: .p2pNetwork, isNative: false,
            steps: [
                legacy("update", .p2pNetwork)
            ]),
        Loop(
            name: "tailscale_ip", owner: .p2pNetwork, isNative: false,
            steps: [
                legacy("update", .p2pNetwork)
            ]),
        Loop(
            name: "data_management", owner: .p2pDataSync, isNative: false,
            steps: [
                legacy("disk_gate", .p2pResource),
                native("cleanup", .p2pScheduling, "_cleanup_local_disk"),
                legacy("jsonl_to_db", .p2pDataSync),
                legacy("jsonl_to_npz", .p2pDataSync),
                legacy("leader_gate", .p2pLeadership),
                legacy("db_integrity", .p2pDataSync),
                legacy("exports", .p2pDataSync),
                legacy("auto_training", .p2pTraining),
                legacy("peer_data", .p2pDataSync),
            ]),
        Loop(
            name: "model_sync", owner: .p2pDataSync, isNative: false,
            steps: [
                legacy("leader_gate", .p2pLeadership),
                legacy("disk_gate", .p2pResource),
                legacy("sync", .p2pDataSync),
            ]),
        Loop(
            name: "elo_sync", owner: .p2pTournament, isNative: false,
            steps: [
                legacy("sync", .p2pTournament)
            ]),
    ]

    /// A step that there is native code for.
    private static func native(_ id: String, _ owner: Subsystem, _ method: String? = nil) -> Step {
        Step(id: id, owner: owner, isNative: true, method: method)
    }

    /// A step that only the legacy has.
    private static func legacy(_ id: String, _ owner: Subsystem, _ method: String? = nil) -> Step {
        Step(id: id, owner: owner, isNative: false, method: method)
    }
}
