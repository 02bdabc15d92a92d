import PythonSemantics

/// Fields and defaults of the plain records, in wire order (contract 02 sections 5-15).
extension RecordSchema {
    static let distributedCMAESState = RecordSchema(
        "DistributedCMAESState",
        [
            .required("job_id"), .init("board_type", "square8"), .init("num_players", 2), .init("generations", 100),
            .init("population_size", 20), .init("games_per_eval", 50), .init("current_generation", 0),
            .init("best_fitness", 0.0), .init("best_weights", [:]), .init("worker_nodes", []),
            .init("status", "pending"), .init("started_at", 0.0), .init("last_update", 0.0),
            .init("results_file", ""), .init("pending_results", [:]),
        ])

    static let distributedTournamentState = RecordSchema(
        "DistributedTournamentState",
        [
            .required("job_id"), .init("board_type", "square8"), .init("num_players", 2), .init("agent_ids", []),
            .init("games_per_pairing", 2), .init("total_matches", 0), .init("completed_matches", 0),
            .init("worker_nodes", []), .init("pending_matches", []), .init("results", []),
            .init("final_ratings", [:]), .init("status", "pending"), .init("started_at", 0.0),
            .init("last_update", 0.0),
        ])

    static let sshTournamentRun = RecordSchema(
        "SSHTournamentRun",
        [
            .required("job_id"), .required("run_id"), .required("tiers"), .required("board"),
            .required("games_per_matchup"), .init("pid", 0), .init("status", "running"), .init("started_at", 0.0),
            .init("completed_at", 0.0), .init("output_root", ""), .init("manifest_path", ""),
            .init("checkpoint_path", ""), .init("report_path", ""), .init("log_path", ""), .init("command", []),
            .init("return_code", nil), .init("error_message", ""),
        ])

    static let improvementLoopState = RecordSchema(
        "ImprovementLoopState",
        [
            .required("job_id"), .init("board_type", "square8"), .init("num_players", 2),
            .init("current_iteration", 0), .init("max_iterations", 50), .init("games_per_iteration", 1000),
            .init("phase", "idle"), .init("best_model_path", ""), .init("best_winrate", 0.0),
            .init("consecutive_failures", 0), .init("worker_nodes", []), .init("selfplay_progress", [:]),
            .init("status", "pending"), .init("started_at", 0.0), .init("last_update", 0.0),
        ])

    static let trainingJob = RecordSchema(
        "TrainingJob",
        [
            .required("job_id"), .required("job_type"), .required("board_type"), .required("num_players"),
            .init("status", "pending"), .init("worker_node", ""), .init("created_at", 0.0),
            .init("started_at", 0.0), .init("completed_at", 0.0), .init("epochs", 100), .init("batch_size", 4096),
            .init("learning_rate", 0.001), .init("data_paths", []), .init("data_games_count", 0),
            .init("output_model_path", ""), .init("error_message", ""), .init("final_loss", 0.0),
            .init("final_accuracy", 0.0), .init("checkpoint_path", ""), .init("checkpoint_epoch", 0),
            .init("checkpoint_loss", 0.0), .init("checkpoint_updated_at", 0.0),
            .init("resume_from_checkpoint", false),
        ])

    static let trainingThresholds = RecordSchema(
        "TrainingThresholds",
        [
            .init("min_games_nnue", 2000), .init("min_games_cmaes", 1000), .init("incremental_games_nnue", 1000),
            .init("incremental_games_cmaes", 500), .init("cooldown_seconds", 1800.0),
            .init("auto_nnue_enabled", true), .init("auto_cmaes_enabled", true), .init("cluster_scale_factor", 1.0),
            .init("data_rate_scale_factor", 1.0),
        ])

    static let dataFileInfo = RecordSchema(
        "DataFileInfo",
        [
            .required("path"), .required("size_bytes"), .required("modified_time"), .init("file_hash", ""),
            .init("file_type", ""), .init("board_type", ""), .init("num_players", 0), .init("game_count", 0),
        ])

    static let nodeDataManifest = RecordSchema(
        "NodeDataManifest",
        [
            .required("node_id"), .required("collected_at"), .init("total_files", 0), .init("total_size_bytes", 0),
            .init("files", []), .init("selfplay_games", 0), .init("model_count", 0), .init("training_data_size", 0),
        ])

    static let clusterDataManifest = RecordSchema(
        "ClusterDataManifest",
        [
            .required("collected_at"), .init("node_manifests", [:]), .init("total_nodes", 0), .init("total_files", 0),
            .init("total_size_bytes", 0), .init("total_selfplay_games", 0), .init("files_by_node", [:]),
            .init("unique_files", []), .init("missing_from_nodes", [:]),
        ])

    static let dataSyncJob = RecordSchema(
        "DataSyncJob",
        [
            .required("job_id"), .required("source_node"), .required("target_node"), .required("files"),
            .init("status", "pending"), .init("started_at", 0.0), .init("completed_at", 0.0),
            .init("bytes_transferred", 0), .init("files_completed", 0), .init("error_message", ""),
            .init("rsync_pid", 0),
        ])

    static let clusterSyncPlan = RecordSchema(
        "ClusterSyncPlan",
        [
            .required("plan_id"), .required("created_at"), .init("total_files_to_sync", 0),
            .init("total_bytes_to_sync", 0), .init("sync_jobs", []), .init("status", "pending"),
            .init("jobs_completed", 0), .init("jobs_failed", 0),
        ])
}
