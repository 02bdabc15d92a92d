import Effects
import PythonSemantics

/// Reading of the Elo database, whose schema belongs to p2p.tournament; contract 10 section 4.7.
package struct EloRatings: Sendable {
    private let path: String
    private let files: any FileAccess
    private let databases: any DatabaseAccess

    package init(path: String, files: any FileAccess, databases: any DatabaseAccess) {
        self.path = path
        self.files = files
        self.databases = databases
    }

    package var exists: Bool { files.exists(path) }

    /// Whether opening it as the legacy does would change it: complete the schema or switch to write-ahead logging.
    /// A file that is no database cannot be changed.
    package var needsPreparation: Bool {
        guard exists,
            let rows = try? databases.query(
                path, busyTimeout: 30,
                [
                    SQLStatement("PRAGMA journal_mode"),
                    SQLStatement(
                        "SELECT m.name, p.name FROM sqlite_master m JOIN pragma_table_info(m.name) p WHERE m.type = 'table'"
                    ),
                    SQLStatement("SELECT name FROM sqlite_master WHERE type = 'index'"),
                ])
        else { return false }
        guard rows[0].first?.first?.pyEquals("wal") == true else { return true }
        let columns = Set(rows[1].map { "\($0[0].pyStr).\($0[1].pyStr)" })
        // The older layout by model is left alone.
        if columns.contains("elo_ratings.model_id"), !columns.contains("elo_ratings.participant_id") { return false }
        return !columns.isSuperset(of: Self.columns) || !Set(rows[2].map { $0[0].pyStr }).isSuperset(of: Self.indexes)
    }

    /// Best rating and number of games by board and players, of those with ten games; nil without the table.
    package func best() throws(PyException) -> SQLRows {
        try rows(
            """
            SELECT board_type, num_players, MAX(rating) FROM elo_ratings WHERE games_played >= 10 \
            GROUP BY board_type, num_players
            """, busyTimeout: 30)
    }

    /// Mean number of games and mean deviation by board and players, of those with five games.
    package func confidence() throws(PyException) -> SQLRows {
        try rows(
            """
            SELECT board_type, num_players, AVG(games_played), AVG(rating_deviation) FROM elo_ratings \
            WHERE games_played >= 5 GROUP BY board_type, num_players
            """, busyTimeout: 30)
    }

    /// Best rating by board and players with the model's name and games, of those with ten games.
    package func bestModels() throws(PyException) -> SQLRows {
        let columns = try databases.query(path, busyTimeout: 5, [SQLStatement("PRAGMA table_info(elo_ratings)")])[0]
        let name = columns.contains { $0[1].pyEquals("model_id") } ? "model_id" : "participant_id"
        return try databases.query(
            path, busyTimeout: 5,
            [
                SQLStatement(
                    """
                    SELECT board_type, num_players, MAX(rating), \(name), games_played FROM elo_ratings \
                    WHERE games_played >= 10 GROUP BY board_type, num_players
                    """)
            ])[0]
    }

    /// The legacy makes missing tables before it asks.
    private func rows(_ sql: String, busyTimeout: Double) throws(PyException) -> SQLRows {
        do throws(PyException) {
            return try databases.query(path, busyTimeout: busyTimeout, [SQLStatement(sql)])[0]
        } catch {
            if error.message.hasPrefix("no such table") { return [] }
            throw error
        }
    }

    private static let columns: Set<String> = [
        "participants.participant_id", "participants.ai_type", "participants.difficulty",
        "participants.use_neural_net", "participants.model_version", "match_history.id",
        "match_history.participant_ids", "match_history.rankings", "match_history.worker", "rating_history.id",
        "rating_history.rating_change", "rating_history.match_id", "elo_ratings.participant_id",
        "elo_ratings.archived_at", "elo_ratings.archive_reason", "gauntlet_runs.run_id", "gauntlet_results.result_id",
    ]

    private static let indexes: Set<String> = [
        "idx_elo_config", "idx_elo_participant", "idx_match_timestamp", "idx_match_tournament",
        "idx_rating_history_participant", "idx_match_game_id", "idx_match_dedupe_key", "idx_gauntlet_results_model",
        "idx_gauntlet_runs_config",
    ]
}
