import PythonSemantics

/// How much data triggers a training (contract 02 section 10).
package struct TrainingThresholds: Sendable, Equatable {
    package var minGamesNNUE = 2000
    package var minGamesCMAES = 1000
    package var incrementalGamesNNUE = 1000
    package var incrementalGamesCMAES = 500
    /// Seconds.
    package var cooldown = 1800.0
    package var autoNNUEEnabled = true
    package var autoCMAESEnabled = true
    package var clusterScaleFactor = 1.0
    package var dataRateScaleFactor = 1.0

    package init() {}

    /// Games before a first training; anything but `nnue` counts as CMA-ES.
    package func effectiveMinGames(jobType: PyString = "nnue") -> Int {
        jobType == "nnue" ? max(500, scaled(minGamesNNUE)) : max(250, scaled(minGamesCMAES))
    }

    /// New games before the next training.
    package func effectiveIncrementalGames(jobType: PyString = "nnue") -> Int {
        jobType == "nnue" ? max(200, scaled(incrementalGamesNNUE)) : max(100, scaled(incrementalGamesCMAES))
    }

    /// Seconds between trainings: an int when a bound applies, else a float.
    package func effectiveCooldown() -> PyValue {
        let seconds = cooldown / max(1.0, dataRateScaleFactor)
        if seconds <= 300 { return 300 }
        return seconds < 7200 ? .float(seconds) : 7200
    }

    /// Fewer games suffice in a large cluster; a higher data rate shortens the cooldown.
    package mutating func update(gpuNodes: Int, gamesPerHour: Double = 0) {
        switch gpuNodes {
        case ...1: clusterScaleFactor = 1.0
        case 2: clusterScaleFactor = 0.7
        case 3...4: clusterScaleFactor = 0.5
        default: clusterScaleFactor = 0.35
        }
        if gamesPerHour > 0 { dataRateScaleFactor = max(0.5, min(4.0, gamesPerHour / 1000)) }
    }

    private func scaled(_ games: Int) -> Int { Int(Double(games) * clusterScaleFactor) }

    /// `to_dict`.
    package func toDict() -> PyDict {
        [
            "min_games_nnue": .int(minGamesNNUE), "min_games_cmaes": .int(minGamesCMAES),
            "incremental_games_nnue": .int(incrementalGamesNNUE),
            "incremental_games_cmaes": .int(incrementalGamesCMAES), "cooldown_seconds": .float(cooldown),
            "auto_nnue_enabled": .bool(autoNNUEEnabled), "auto_cmaes_enabled": .bool(autoCMAESEnabled),
            "cluster_scale_factor": .float(clusterScaleFactor),
            "data_rate_scale_factor": .float(dataRateScaleFactor),
        ]
    }
}
