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

    /// The legacy's attribute.
    package var attribute: PyDict {
        [
            "games_by_engine_mode": .dict(gamesByEngineMode), "games_by_board_config": .dict(gamesByBoardConfig),
            "games_by_difficulty": .dict(gamesByDifficulty), "asymmetric_games": .int(asymmetricGames),
            "symmetric_games": .int(symmetricGames), "training_triggers": .int(trainingTriggers),
            "cmaes_triggers": .int(cmaesTriggers), "promotions": .int(promotions), "rollbacks": .int(rollbacks),
            "last_reset": .float(lastReset),
        ]
    }

    /// The object `diversity_metrics`.
    package func value(now: Double) throws(PyException) -> PyValue { try Self.shown(attribute, now: now) }

    /// The object `diversity_metrics` of an attribute that others may have added keys to.
    package static func shown(_ attribute: PyDict, now: Double) throws(PyException) -> PyValue {
        var metrics = attribute
        metrics["uptime_seconds"] = try PyNumber.sub(.float(now), attribute["last_reset"] ?? .float(now))
        let uneven = attribute["asymmetric_games"] ?? 0
        let total = try PyNumber.add(uneven, attribute["symmetric_games"] ?? 0)
        metrics["asymmetric_ratio"] = try PyNumber.isPositive(total) ? PyNumber.div(uneven, total) : 0.0
        let modes = attribute["games_by_engine_mode"]?.asDict ?? [:]
        let games = try PyNumber.sum(modes.map(\.value))
        var distribution: PyDict = [:]
        if try PyNumber.isPositive(games) {
            for (mode, count) in modes { distribution[mode] = try PyNumber.div(count, games) }
        }
        metrics["engine_mode_distribution"] = .dict(distribution)
        return .dict(metrics)
    }
}

extension PyNumber {
    fileprivate static func isPositive(_ value: PyValue) throws(PyException) -> Bool {
        try compare(value, .greater, 0)
    }
}
