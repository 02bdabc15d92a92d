import Effects
import PythonSemantics

/// Which models should be taken back; contract 12 section 4.7.
package enum RollbackCheck {
    /// How many configurations have a reason: overfitting, low accuracy, or a rating that fell.
    ///
    /// - Parameter root: `{ringrift_path}/ai-service`.
    package static func candidates(
        _ holdout: HoldoutMetrics, root: String, files: any FileAccess, databases: any DatabaseAccess
    ) -> Int {
        var count = 0
        // The legacy, too, keeps the candidates before a failure.
        try? check(holdout, root, files, databases) { count += 1 }
        return count
    }

    private static func check(
        _ holdout: HoldoutMetrics, _ root: String, _ files: any FileAccess, _ databases: any DatabaseAccess,
        _ found: () -> Void
    ) throws(PyException) {
        var ratings: [PyString: [PyValue]] = [:]
        let path = root + "/data/unified_elo.db"
        if files.exists(path) {
            let statement = SQLStatement(
                """
                SELECT board_type, num_players, participant_id, rating, timestamp FROM rating_history \
                ORDER BY timestamp DESC LIMIT 1000
                """)
            for row in try databases.query(path, busyTimeout: 5, [statement])[0] {
                ratings[PyString("\(row[0].pyStr)_\(row[1].pyStr)p"), default: []].append(row[3])
            }
        }
        for (name, figures) in holdout.configurations {
            var isCandidate = false
            let gap = try figures.get("overfit_gap", 0)
            if gap.isTruthy, try PyNumber.isGreater(gap, 0.15) {
                _ = try PyNumber.format(gap, ".3f")
                isCandidate = true
            }
            let accuracy = try figures.get("holdout_accuracy", 1.0)
            if accuracy.isTruthy, try PyNumber.isLess(accuracy, 0.6) { isCandidate = true }
            if let ratings = ratings[name], ratings.count >= 2, let recent = ratings.first {
                let previous = try PyNumber.max(Array(ratings.prefix(10)))
                if try PyNumber.isGreater(PyNumber.sub(previous, recent), 50) { isCandidate = true }
            }
            if isCandidate { found() }
        }
    }
}
