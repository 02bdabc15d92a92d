import P2PModel
import PythonSemantics

/// What `/status` shows of subsystems whose native code is still to come: the counters of a node on which nothing of
/// them has happened yet. Contract 03 section 3.2, 04, 05, 10. Each moves to its subsystem with that subsystem.
package struct SubsystemCounters: Sendable, Equatable {
    /// Gossip messages and repairs since start (p2p.network).
    package struct Gossip: Sendable, Equatable {
        package var sent = 0
        package var received = 0
        package var stateUpdates = 0
        package var repairs = 0
        package var stale = 0
    }

    /// Attempts to bring nodes back (p2p.network).
    package struct Recovery: Sendable, Equatable {
        package var attempts = 0
        package var successes = 0
        package var failures = 0
        package var coolingDown = 0
    }

    /// Files and games that need no second transfer (p2p.data_sync).
    package struct Deduplication: Sendable, Equatable {
        package var files = 0
        package var games = 0
        package var bytes = 0
        package var hashes = 0
        package var gameIDs = 0
    }

    /// Runs of good and bad synchronisations (p2p.data_sync).
    package struct Streak: Sendable, Equatable {
        package var success = 0
        package var failure = 0

        var value: PyValue { .dict(["success": .int(success), "failure": .int(failure)]) }
    }

    package var gossip = Gossip()
    package var recovery = Recovery()
    package var deduplication = Deduplication()
    package var dataStreak = Streak()
    package var modelStreak = Streak()
    /// Seconds between synchronisations before the activity factor: P2P_DATA_SYNC, P2P_MODEL_SYNC, P2P_TRAINING_DB_SYNC.
    package var baseIntervals = (data: 300.0, model: 180.0, trainingDB: 600.0)
    /// A cluster without activity synchronises less often.
    package var activityFactor = 1.5

    package init() {}

    package static func == (left: SubsystemCounters, right: SubsystemCounters) -> Bool {
        left.gossip == right.gossip && left.recovery == right.recovery && left.deduplication == right.deduplication
            && left.dataStreak == right.dataStreak && left.modelStreak == right.modelStreak
            && left.baseIntervals == right.baseIntervals && left.activityFactor == right.activityFactor
    }

    /// Fills the parts of `/status` that belong to these subsystems.
    package func fill(_ body: inout StatusBody) {
        body.gossipMetrics = .dict([
            "message_sent": .int(gossip.sent), "message_received": .int(gossip.received),
            "state_updates": .int(gossip.stateUpdates), "anti_entropy_repairs": .int(gossip.repairs),
            "stale_states_detected": .int(gossip.stale), "avg_latency_ms": 0, "compression_ratio": 0,
            "bytes_saved_kb": 0.0,
        ])
        body.p2pSyncMetrics = .dict([:])
        body.clusterElo = .dict(["top_models": .list([]), "total_unique_models": 0])
        body.nodeRecovery = .dict([
            "total_attempts": .int(recovery.attempts), "successes": .int(recovery.successes),
            "failures": .int(recovery.failures), "nodes_in_cooldown": .int(recovery.coolingDown),
        ])
        body.peerReputation = .dict(["most_reliable": .list([]), "peers_tracked": 0])
        body.syncIntervals = .dict([
            "data_interval": .int(Int(baseIntervals.data * activityFactor)),
            "model_interval": .int(Int(baseIntervals.model * activityFactor)),
            "training_db_interval": .int(Int(baseIntervals.trainingDB * activityFactor)),
            "activity_factor": .float(activityFactor), "data_streak": dataStreak.value,
            "model_streak": modelStreak.value,
        ])
        body.tournamentScheduling = .dict([
            "pending_proposals": 0, "approved_proposals": 0, "active_tournaments": 0, "enabled": true,
        ])
        body.dataDedup = .dict([
            "files_skipped": .int(deduplication.files), "games_skipped": .int(deduplication.games),
            "bytes_saved_mb": .float(Double(deduplication.bytes) / 1_048_576),
            "known_file_hashes": .int(deduplication.hashes), "known_game_ids": .int(deduplication.gameIDs),
        ])
    }
}
