import PythonSemantics

extension ImprovementCycles {
    /// When a cycle is due; contract 09 section 2.5.
    package struct Thresholds: Sendable, Equatable {
        /// New games before a training.
        package var trainingGames: Double = 500
        /// Seconds between two trainings.
        package var trainingCooldown: Double = 1200
        /// Seconds between two CMA-ES runs.
        package var cmaesInterval: Double = 21600
        /// Total games before CMA-ES.
        package var cmaesGames: Double = 10000

        package init() {}

        /// From `config/unified_loop.yaml` section `training` and the environment.
        /// - Throws: `ValueError` for a number that does not parse (the legacy dies at import).
        package init(configuration: PyValue?, environment: [String: String]) throws(PyException) {
            if let value = configuration?["training"]?["trigger_threshold_games"] {
                trainingGames = try PyNumber.float(value)
            }
            if let value = configuration?["training"]?["min_interval_seconds"] {
                trainingCooldown = try PyNumber.float(value)
            }
            for name in ["RINGRIFT_TRAINING_THRESHOLD", "RINGRIFT_MIN_GAMES_FOR_TRAINING"] {
                guard let text = environment[name] else { continue }
                trainingGames = try PyNumber.float(PyNumber.int(.string(PyString(text))))
            }
        }
    }

    /// The object `improvement_cycle_manager` of `/status`; contract 09 section 3.1.
    package func status(thresholds: Thresholds, now: Double) -> PyValue {
        var shown: PyDict = [:]
        var trainingReady: [PyValue] = []
        var cmaesReady: [PyValue] = []
        for (id, value) in cycles {
            guard case .dict(let cycle) = value else { continue }
            func field(_ key: PyString) -> PyValue { cycle[key] ?? .none }
            func number(_ key: PyString) -> Double { (try? PyNumber.float(field(key))) ?? 0 }
            shown[id] = .dict([
                "board_type": field("board_type"), "num_players": field("num_players"),
                "total_games": field("total_games"), "games_since_training": field("games_since_last_training"),
                "iteration": field("current_iteration"), "best_model": field("best_model_path"),
                "pending_training": field("pending_training"), "pending_evaluation": field("pending_evaluation"),
            ])
            let pair: PyValue = .list([field("board_type"), field("num_players")])
            let pending = field("pending_training").isTruthy || field("pending_evaluation").isTruthy
            if !pending, now - number("last_training_time") >= thresholds.trainingCooldown,
                number("games_since_last_training") >= thresholds.trainingGames
            {
                trainingReady.append(pair)
            }
            if now - number("last_cmaes_time") >= thresholds.cmaesInterval,
                number("total_games") >= thresholds.cmaesGames
            {
                cmaesReady.append(pair)
            }
        }
        return .dict([
            "last_update": lastUpdate, "total_games_scheduled": totalGamesScheduled,
            "total_training_triggered": totalTrainingTriggered, "total_tournaments_run": totalTournamentsRun,
            "cycles": .dict(shown), "agents_count": .int(agents.count), "training_ready": .list(trainingReady),
            "cmaes_ready": .list(cmaesReady),
        ])
    }
}
