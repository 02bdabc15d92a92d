import Effects
import P2PModel
import PythonSemantics

/// `{node_id}_state.db`: the file either implementation starts from; contract 01 section 6. One transaction per save.
package struct StateDatabase: Sendable {
    package let path: String
    private let databases: any DatabaseAccess

    package init(path: String, databases: any DatabaseAccess) {
        self.path = path
        self.databases = databases
    }

    /// Creates what is missing. Errors are fatal for the node.
    package func createSchema() throws(PyException) {
        _ = try databases.transaction(path, Self.schema.map { SQLStatement($0) })
    }

    /// Columns of `jobs`, the fields of a job that survive a restart.
    package static let jobColumns: [PyString] = [
        "job_id", "job_type", "node_id", "board_type", "num_players", "engine_mode", "pid", "started_at", "status",
    ]

    /// Rows as they stand in the file.
    package struct Rows: Sendable, Equatable {
        /// `node_id`, `info_json`.
        package var peers: [[PyValue]]
        /// The nine columns of `jobs` where status is `running`.
        package var jobs: [[PyValue]]
        /// `key`, `value`.
        package var state: [[PyValue]]
    }

    package func load() throws(PyException) -> Rows {
        let results = try databases.transaction(
            path,
            [
                SQLStatement("SELECT node_id, info_json FROM peers"),
                SQLStatement(
                    "SELECT \(Self.jobColumns.map(\.description).joined(separator: ", ")) FROM jobs "
                        + "WHERE status = 'running'"),
                SQLStatement("SELECT key, value FROM state"),
            ])
        return Rows(peers: results[0], jobs: results[1], state: results[2])
    }

    /// What a save writes, taken from the state in one critical section.
    package struct Image: Sendable {
        package var nodeID: PyString
        package var peers: PeerTable
        package var jobs: JobTable
        package var stateRows: [(key: PyString, value: PyString?)]

        package init(
            nodeID: PyString, peers: PeerTable, jobs: JobTable, stateRows: [(key: PyString, value: PyString?)]
        ) {
            self.nodeID = nodeID
            self.peers = peers
            self.jobs = jobs
            self.stateRows = stateRows
        }
    }

    /// - Throws: what `json.dumps` or SQLite raises for a value that cannot be written; then nothing is written.
    package func save(_ image: Image) throws(PyException) {
        var statements = [SQLStatement("DELETE FROM peers WHERE node_id = ?", [.string(image.nodeID)])]
        // The own record, which heartbeats to an own address can bring into the table, is not written.
        for entry in image.peers.entries where !entry.keyValue.pyEquals(.string(image.nodeID)) {
            let info = entry.record
            var json: [UInt8] = []
            try info.appendJSON(to: &json)
            statements.append(
                SQLStatement(
                    """
                    INSERT OR REPLACE INTO peers (node_id, host, port, last_heartbeat, info_json) \
                    VALUES (?, ?, ?, ?, ?)
                    """,
                    [
                        entry.keyValue, info[.host], info[.port], info[.lastHeartbeat],
                        .string(PyString(String(decoding: json, as: UTF8.self))),
                    ]))
        }
        for job in image.jobs {
            statements.append(
                SQLStatement(
                    """
                    INSERT OR REPLACE INTO jobs (job_id, job_type, node_id, board_type, num_players, engine_mode, \
                    pid, started_at, status) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                    """,
                    [
                        job.jobID, job.jobType.value, job.nodeID, job.boardType, job.numPlayers, job.engineMode,
                        job.pid, job.startedAt, job.status,
                    ]))
        }
        for row in image.stateRows {
            statements.append(
                SQLStatement(
                    "INSERT OR REPLACE INTO state (key, value) VALUES (?, ?)",
                    [.string(row.key), row.value.map { .string($0) } ?? .none]))
        }
        _ = try databases.transaction(path, statements)
    }

    private static let schema = [
        """
        CREATE TABLE IF NOT EXISTS peers (
            node_id TEXT PRIMARY KEY,
            host TEXT,
            port INTEGER,
            last_heartbeat REAL,
            info_json TEXT
        )
        """,
        """
        CREATE TABLE IF NOT EXISTS jobs (
            job_id TEXT PRIMARY KEY,
            job_type TEXT,
            node_id TEXT,
            board_type TEXT,
            num_players INTEGER,
            engine_mode TEXT,
            pid INTEGER,
            started_at REAL,
            status TEXT
        )
        """,
        """
        CREATE TABLE IF NOT EXISTS state (
            key TEXT PRIMARY KEY,
            value TEXT
        )
        """,
        """
        CREATE TABLE IF NOT EXISTS metrics_history (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            timestamp REAL NOT NULL,
            metric_type TEXT NOT NULL,
            board_type TEXT,
            num_players INTEGER,
            value REAL NOT NULL,
            metadata TEXT
        )
        """,
        "CREATE INDEX IF NOT EXISTS idx_metrics_type_time ON metrics_history(metric_type, timestamp)",
        "CREATE INDEX IF NOT EXISTS idx_metrics_config ON metrics_history(board_type, num_players, timestamp)",
        """
        CREATE TABLE IF NOT EXISTS ab_tests (
            test_id TEXT PRIMARY KEY,
            name TEXT NOT NULL,
            description TEXT,
            board_type TEXT NOT NULL,
            num_players INTEGER NOT NULL,
            model_a TEXT NOT NULL,
            model_b TEXT NOT NULL,
            target_games INTEGER DEFAULT 100,
            confidence_threshold REAL DEFAULT 0.95,
            status TEXT DEFAULT 'running',
            winner TEXT,
            created_at REAL NOT NULL,
            completed_at REAL,
            metadata TEXT
        )
        """,
        """
        CREATE TABLE IF NOT EXISTS ab_test_games (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            test_id TEXT NOT NULL,
            game_id TEXT NOT NULL,
            model_a_result TEXT NOT NULL,
            model_a_score REAL NOT NULL,
            model_b_score REAL NOT NULL,
            game_length INTEGER,
            played_at REAL NOT NULL,
            metadata TEXT,
            FOREIGN KEY (test_id) REFERENCES ab_tests(test_id)
        )
        """,
        "CREATE INDEX IF NOT EXISTS idx_ab_games_test ON ab_test_games(test_id, played_at)",
    ]
}
