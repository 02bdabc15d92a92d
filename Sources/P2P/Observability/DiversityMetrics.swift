import PythonSemantics

/// Counters of how varied self-play is, as `/status` shows them; contract 03 section 3.2 and 01 section 2.6.
///
/// Only `p2p.selfplay` and `p2p.training` count here; a node that starts none of their jobs shows the initial values.
package struct DiversityMetrics: Sendable, Equatable {
    package var gamesByEngineMode: PyDict = [:]
    package var gamesByBoardConfig: PyDict = [:]
    package var gamesByDifficulty: PyDict = [:]
    package var asymmetricGames = 0
    package var symmetricGames = 0
    package var trainingTriggers = 0
    package var cmaesTriggers = 0
    package var promotions = 0
    package var rollbacks = 0
    /// Unix seconds.
    package var lastReset: Double

    package init(now: Double) { lastReset = now }

    /// The object `diversity_metrics`.
    package func value(now: Double) throws(PyException) -> PyValue {
        let total = asymmetricGames + symmetricGames
        var engineTotal: PyValue = 0
        for (_, count) in gamesByEngineMode { engineTotal = try PyNumber.add(engineTotal, count) }
        var distribution: PyDict = [:]
        if engineTotal.isTruthy {
            for (mode, count) in gamesByEngineMode { distribution[mode] = try PyNumber.div(count, engineTotal) }
        }
        return .dict([
            "games_by_engine_mode": .dict(gamesByEngineMode), "games_by_board_config": .dict(gamesByBoardConfig),
            "games_by_difficulty": .dict(gamesByDifficulty), "asymmetric_games": .int(asymmetricGames),
            "symmetric_games": .int(symmetricGames), "training_triggers": .int(trainingTriggers),
            "cmaes_triggers": .int(cmaesTriggers), "promotions": .int(promotions), "rollbacks": .int(rollbacks),
            "last_reset": .float(lastReset), "uptime_seconds": .float(now - lastReset),
            "asymmetric_ratio": total == 0 ? 0.0 : .float(Double(asymmetricGames) / Double(total)),
            "engine_mode_distribution": .dict(distribution),
        ])
    }
}
