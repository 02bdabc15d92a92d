import Effects
import PythonSemantics

/// `data/coordination/resource_state.db`, shared with other programs of the tree; contract 07 section 4.11.
package struct ResourceDatabase: Sendable {
    package let path: String
    private let databases: any DatabaseAccess

    package init(tree: String, databases: any DatabaseAccess) {
        path = tree + "/data/coordination/resource_state.db"
        self.databases = databases
    }

    /// Creates what is missing; the rate row is seeded once.
    package func createSchema() throws(PyException) {
        _ = try databases.transaction(path, Self.schema.map { SQLStatement($0) })
    }

    /// One node's figures, the columns of `node_resources` and `utilization_metrics`.
    package struct Report: Sendable, Equatable {
        package var nodeID: PyValue
        package var usage: ResourceUsage
        package var processors: PyValue
        package var memoryGB: PyValue
        package var hasGPU: PyValue
        package var gpuName: PyValue
        package var selfplayJobs: Int
        package var trainingJobs: Int
        /// `RINGRIFT_ORCHESTRATOR` or `unknown`.
        package var orchestrator: String

        package init(
            nodeID: PyValue, usage: ResourceUsage, processors: PyValue, memoryGB: PyValue, hasGPU: PyValue,
            gpuName: PyValue, selfplayJobs: Int, trainingJobs: Int, orchestrator: String
        ) {
            self.nodeID = nodeID
            self.usage = usage
            self.processors = processors
            self.memoryGB = memoryGB
            self.hasGPU = hasGPU
            self.gpuName = gpuName
            self.selfplayJobs = selfplayJobs
            self.trainingJobs = trainingJobs
            self.orchestrator = orchestrator
        }
    }

    /// Replaces the node's row and appends the sample, once for each of these times (unix seconds).
    package func record(_ report: Report, now: Double, times: [Double]? = nil) throws(PyException) {
        let hasGPU = report.hasGPU.isTruthy
        let usage = report.usage
        let row: [PyValue] = [
            report.nodeID, .float(usage.cpuPercent), .float(usage.gpuPercent), .float(usage.memoryPercent),
            .float(usage.diskPercent), .float(usage.gpuMemoryPercent), report.processors, 0, report.memoryGB,
            hasGPU ? 1 : 0, report.gpuName, .int(report.selfplayJobs + report.trainingJobs),
            .int(report.selfplayJobs), .int(report.trainingJobs), .string(PyString(report.orchestrator)), .float(now),
        ]
        let sample: [PyValue] = [
            report.nodeID, .float(usage.cpuPercent), hasGPU ? .float(usage.gpuPercent) : .none,
            .float(usage.memoryPercent),
        ]
        let insert = """
            INSERT INTO utilization_metrics (timestamp, node_id, cpu_percent, gpu_percent, memory_percent) \
            VALUES (?, ?, ?, ?, ?)
            """
        _ = try databases.transaction(
            path,
            [
                SQLStatement(
                    """
                    INSERT OR REPLACE INTO node_resources (node_id, cpu_percent, gpu_percent, memory_percent, \
                    disk_percent, gpu_memory_percent, cpu_count, gpu_count, memory_gb, has_gpu, gpu_name, \
                    active_jobs, selfplay_jobs, training_jobs, orchestrator, updated_at) \
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                    """, row)
            ] + (times ?? [now]).map { SQLStatement(insert, [.float($0)] + sample) })
    }

    /// The rows of the last five minutes and the current self-play rate.
    package func clusterUtilization(now: Double) throws(PyException) -> ClusterUtilization {
        let results = try databases.transaction(
            path,
            [
                SQLStatement(
                    """
                    SELECT cpu_percent, gpu_percent, memory_percent, gpu_memory_percent, has_gpu \
                    FROM node_resources WHERE updated_at > ?
                    """, [.float(now - 300)]),
                SQLStatement("SELECT current_rate FROM selfplay_rate WHERE id = 1"),
            ])
        return ClusterUtilization(rows: results[0], rate: results[1].first?.first)
    }

    private static let schema = [
        """
        CREATE TABLE IF NOT EXISTS node_resources (
            node_id TEXT PRIMARY KEY,
            cpu_percent REAL DEFAULT 0,
            gpu_percent REAL DEFAULT 0,
            memory_percent REAL DEFAULT 0,
            disk_percent REAL DEFAULT 0,
            gpu_memory_percent REAL DEFAULT 0,
            cpu_count INTEGER DEFAULT 0,
            gpu_count INTEGER DEFAULT 0,
            memory_gb REAL DEFAULT 0,
            has_gpu INTEGER DEFAULT 0,
            gpu_name TEXT DEFAULT '',
            active_jobs INTEGER DEFAULT 0,
            selfplay_jobs INTEGER DEFAULT 0,
            training_jobs INTEGER DEFAULT 0,
            orchestrator TEXT DEFAULT '',
            updated_at REAL DEFAULT 0
        )
        """,
        """
        CREATE TABLE IF NOT EXISTS optimization_history (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            timestamp REAL NOT NULL,
            action TEXT NOT NULL,
            resource_type TEXT NOT NULL,
            current_util REAL NOT NULL,
            target_util REAL NOT NULL,
            adjustment INTEGER NOT NULL,
            nodes_affected TEXT NOT NULL,
            reason TEXT NOT NULL
        )
        """,
        """
        CREATE TABLE IF NOT EXISTS utilization_metrics (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            timestamp REAL NOT NULL,
            node_id TEXT NOT NULL,
            cpu_percent REAL NOT NULL,
            gpu_percent REAL,
            memory_percent REAL
        )
        """,
        "CREATE INDEX IF NOT EXISTS idx_util_timestamp ON utilization_metrics(timestamp)",
        "CREATE INDEX IF NOT EXISTS idx_util_node ON utilization_metrics(node_id, timestamp)",
        """
        CREATE TABLE IF NOT EXISTS selfplay_rate (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            current_rate INTEGER NOT NULL DEFAULT 1000,
            min_rate INTEGER NOT NULL DEFAULT 100,
            max_rate INTEGER NOT NULL DEFAULT 5000,
            updated_at REAL NOT NULL,
            updated_by TEXT
        )
        """,
        """
        CREATE TABLE IF NOT EXISTS rate_negotiations (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            timestamp REAL NOT NULL,
            requestor TEXT NOT NULL,
            requested_rate INTEGER NOT NULL,
            reason TEXT,
            approved_rate INTEGER NOT NULL,
            current_utilization REAL,
            response TEXT
        )
        """,
        """
        CREATE TABLE IF NOT EXISTS config_weights (
            config_key TEXT PRIMARY KEY,
            weight REAL NOT NULL DEFAULT 1.0,
            game_count INTEGER DEFAULT 0,
            games_per_hour REAL DEFAULT 0.0,
            reason TEXT,
            updated_at REAL NOT NULL
        )
        """,
        """
        INSERT OR IGNORE INTO selfplay_rate (id, current_rate, min_rate, max_rate, updated_at, updated_by) \
        VALUES (1, 1000, 100, 5000, 0, 'init')
        """,
    ]
}

/// `data/coordination.db`: two tables that stay empty, created at start; contract 07 section 3.5.
package enum CoordinationDatabase {
    package static func createSchema(tree: String, databases: any DatabaseAccess) throws(PyException) {
        _ = try databases.transaction(
            tree + "/data/coordination.db",
            [
                SQLStatement(
                    """
                    CREATE TABLE IF NOT EXISTS resource_targets (
                        id INTEGER PRIMARY KEY,
                        targets_json TEXT NOT NULL,
                        updated_at REAL NOT NULL
                    )
                    """),
                SQLStatement(
                    """
                    CREATE TABLE IF NOT EXISTS utilization_history (
                        id INTEGER PRIMARY KEY AUTOINCREMENT,
                        host TEXT NOT NULL,
                        cpu_percent REAL NOT NULL,
                        gpu_percent REAL NOT NULL,
                        memory_percent REAL NOT NULL,
                        job_count INTEGER NOT NULL,
                        recorded_at REAL NOT NULL
                    )
                    """),
                SQLStatement(
                    "CREATE INDEX IF NOT EXISTS idx_util_host_time ON utilization_history(host, recorded_at)"),
            ])
    }
}
