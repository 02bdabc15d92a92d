import Effects
import PythonSemantics

/// `{node_id}_improvement.db`; contract 09 sections 4.1 to 4.3 and 6.
package struct ImprovementDatabase: Sendable {
    package let path: String
    private let databases: any DatabaseAccess

    package init(path: String, databases: any DatabaseAccess) {
        self.path = path
        self.databases = databases
    }

    /// Columns of `cycle_states` that a restart takes over; everything else of a cycle goes back to its default.
    private static let loadedColumns: [PyString] = [
        "board_type", "num_players", "total_games", "games_since_last_training", "last_training_time",
        "last_cmaes_time", "current_iteration", "best_model_path", "pending_training", "pending_evaluation",
    ]

    /// Creates the tables, loads, completes, saves.
    /// - Returns: the state and the lines the legacy prints on the way.
    package func open(now: Double) throws(PyException) -> (cycles: ImprovementCycles, lines: [String]) {
        _ = try databases.transaction(path, Self.schema.map { SQLStatement($0) })
        var (cycles, lines) = try load()
        cycles.complete()
        try save(&cycles, now: now)
        return (cycles, lines)
    }

    /// What `open` would give, without writing anything.
    package func peek(exists: Bool) throws(PyException) -> ImprovementCycles {
        var cycles = exists ? try load().cycles : ImprovementCycles()
        cycles.complete()
        return cycles
    }

    private func load() throws(PyException) -> (cycles: ImprovementCycles, lines: [String]) {
        var lines: [String] = []
        var cycles = ImprovementCycles()
        let rows = try databases.transaction(
            path,
            [
                SQLStatement("SELECT value FROM state WHERE key = 'manager_state'"),
                SQLStatement(
                    "SELECT cycle_id, \(Self.loadedColumns.map(\.description).joined(separator: ", ")) FROM cycle_states"
                ),
            ])
        if case .string(let text)? = rows[0].first?.first {
            do {
                if let problem = cycles.take(blob: try PyJSON.loads(text)) { lines.append(Self.loadError(problem)) }
            } catch {
                lines.append(Self.loadError(error.message))
            }
        }
        for row in rows[1] {
            guard case .string(let id)? = row.first else { continue }
            var cycle = ImprovementCycles.cycle(board: .none, players: .none)
            for (column, value) in zip(Self.loadedColumns, row.dropFirst()) {
                cycle[column] = Self.restored(column, value)
            }
            cycles.cycles[id] = .dict(cycle)
        }
        if !rows[1].isEmpty { lines.append("[ImprovementManager] Loaded \(rows[1].count) cycles from DB table") }
        return (cycles, lines)
    }

    private static func loadError(_ text: String) -> String {
        "[ImprovementManager] Error loading state from JSON blob: \(text)"
    }

    /// Flags come back as booleans; a zero time comes back as the integer 0 (contract 09 section 4.2).
    private static func restored(_ column: PyString, _ value: PyValue) -> PyValue {
        switch column {
        case "pending_training", "pending_evaluation": return .bool(value.isTruthy)
        case "last_training_time", "last_cmaes_time", "total_games", "games_since_last_training", "current_iteration":
            return value.isTruthy ? value : 0
        default: return value
        }
    }

    /// One transaction: the blob, then every cycle's row.
    package func save(_ cycles: inout ImprovementCycles, now: Double) throws(PyException) {
        cycles.lastUpdate = .float(now)
        var statements = [
            SQLStatement(
                "INSERT OR REPLACE INTO state (key, value) VALUES ('manager_state', ?)",
                [.string(PyString(String(decoding: try PyJSON.dumps(cycles.blob), as: UTF8.self)))])
        ]
        for (id, value) in cycles.cycles {
            guard case .dict(let cycle) = value else { continue }
            func field(_ key: PyString) -> PyValue { cycle[key] ?? .none }
            statements.append(
                SQLStatement(
                    """
                    INSERT OR REPLACE INTO cycle_states (cycle_id, board_type, num_players, total_games, \
                    games_since_last_training, last_training_time, last_cmaes_time, current_iteration, \
                    best_model_path, pending_training, pending_evaluation, last_update) \
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                    """,
                    [
                        .string(id), field("board_type"), field("num_players"), field("total_games"),
                        field("games_since_last_training"), field("last_training_time"), field("last_cmaes_time"),
                        field("current_iteration"), field("best_model_path"),
                        .int(field("pending_training").isTruthy ? 1 : 0),
                        .int(field("pending_evaluation").isTruthy ? 1 : 0), .float(now),
                    ]))
        }
        _ = try databases.transaction(path, statements)
    }

    private static let schema = [
        """
        CREATE TABLE IF NOT EXISTS state (
            key TEXT PRIMARY KEY,
            value TEXT
        )
        """,
        """
        CREATE TABLE IF NOT EXISTS game_counts (
            board_type TEXT,
            num_players INTEGER,
            engine_mode TEXT,
            difficulty INTEGER,
            game_count INTEGER,
            last_updated REAL,
            PRIMARY KEY (board_type, num_players, engine_mode, difficulty)
        )
        """,
        """
        CREATE TABLE IF NOT EXISTS training_history (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            board_type TEXT,
            num_players INTEGER,
            iteration INTEGER,
            started_at REAL,
            completed_at REAL,
            games_used INTEGER,
            model_path TEXT,
            promoted INTEGER DEFAULT 0
        )
        """,
        """
        CREATE TABLE IF NOT EXISTS tournament_results (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            agent_a TEXT,
            agent_b TEXT,
            board_type TEXT,
            num_players INTEGER,
            wins_a INTEGER,
            wins_b INTEGER,
            draws INTEGER,
            played_at REAL
        )
        """,
        """
        CREATE TABLE IF NOT EXISTS cycle_states (
            cycle_id TEXT PRIMARY KEY,
            board_type TEXT NOT NULL,
            num_players INTEGER NOT NULL,
            total_games INTEGER DEFAULT 0,
            games_since_last_training INTEGER DEFAULT 0,
            last_training_time REAL DEFAULT 0,
            last_cmaes_time REAL DEFAULT 0,
            current_iteration INTEGER DEFAULT 0,
            best_model_path TEXT,
            best_winrate REAL DEFAULT 0,
            pending_training INTEGER DEFAULT 0,
            pending_evaluation INTEGER DEFAULT 0,
            training_job_id TEXT,
            last_update REAL DEFAULT 0
        )
        """,
    ]
}
