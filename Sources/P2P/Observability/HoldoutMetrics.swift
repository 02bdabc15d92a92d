import Effects
import PythonSemantics

/// How models do on games kept apart; contract 12 section 4.5 and 11 section 4.4.
package struct HoldoutMetrics: Sendable {
    /// `holdout_games`, `holdout_positions`, and from the newest evaluation `holdout_loss`, `holdout_accuracy`,
    /// `overfit_gap`, by configuration.
    package private(set) var configurations = PyDict()

    package init() {}

    /// What was read before a failure counts.
    ///
    /// - Parameter root: `{ringrift_path}/ai-service`.
    package static func collect(
        root: String, files: any FileAccess, databases: any DatabaseAccess
    ) -> HoldoutMetrics {
        var metrics = HoldoutMetrics()
        let path = root + "/data/holdouts/holdout_validation.db"
        guard files.exists(path) else { return metrics }
        try? metrics.read(path, databases)
        return metrics
    }

    private mutating func read(_ path: String, _ databases: any DatabaseAccess) throws(PyException) {
        let games = SQLStatement(
            """
            SELECT board_type, num_players, COUNT(*), SUM(num_positions) FROM holdout_games \
            GROUP BY board_type, num_players
            """)
        for row in try databases.query(path, busyTimeout: 5, [games])[0] {
            configurations[Self.name(row[0], row[1])] = .dict([
                "holdout_games": row[2], "holdout_positions": row[3].isTruthy ? row[3] : 0,
            ])
        }
        let evaluations = SQLStatement(
            """
            SELECT board_type, num_players, holdout_loss, holdout_accuracy, overfit_gap FROM evaluations \
            WHERE id IN (SELECT MAX(id) FROM evaluations GROUP BY board_type, num_players) ORDER BY evaluated_at DESC
            """)
        for row in try databases.query(path, busyTimeout: 5, [evaluations])[0] {
            let name = Self.name(row[0], row[1])
            guard case .dict(var configuration)? = configurations[name] else { continue }
            configuration["holdout_loss"] = row[2]
            configuration["holdout_accuracy"] = row[3]
            configuration["overfit_gap"] = row[4]
            configurations[name] = .dict(configuration)
        }
    }

    private static func name(_ board: PyValue, _ players: PyValue) -> PyString {
        PyString("\(board.pyStr)_\(players.pyStr)p")
    }
}
