import Effects
import P2PModel
import PythonSemantics

/// How full the queue of training data is, as other programs of this machine report it (contract 07 section 6).
package struct TrainingQueue: Sendable {
    package static let path = "/tmp/ringrift_coordination/queue_monitor.db"

    private let effects: Effects

    package init(effects: Effects) { self.effects = effects }

    /// The level of the queue `training_data`; `none` when nobody has reported one. The file is made when it is not there.
    ///
    /// - Throws: `ValueError` for a level that does not exist, SQLite's errors.
    package func level() throws(PyException) -> SpawnGate.QueueLevel {
        defer { effects.databases.close(Self.path) }
        if !effects.files.exists(Self.path) {
            try effects.files.createDirectory("/tmp/ringrift_coordination")
            _ = try effects.databases.query(Self.path, busyTimeout: 10, Self.schema.map { SQLStatement($0) })
        }
        let rows = try effects.databases.transaction(
            Self.path, [SQLStatement("SELECT backpressure FROM queue_status WHERE queue_type = ?", ["training_data"])])
        guard let value = rows.first?.first?.first else { return .none }
        guard case .string(let text) = value, let level = SpawnGate.QueueLevel(rawValue: text.description) else {
            throw .valueError("\(value.pyRepr) is not a valid BackpressureLevel")
        }
        return level
    }

    private static let schema = [
        "PRAGMA journal_mode=WAL",
        """
        CREATE TABLE IF NOT EXISTS queue_metrics ( metric_id INTEGER PRIMARY KEY AUTOINCREMENT, \
        queue_type TEXT NOT NULL, depth INTEGER NOT NULL, host TEXT NOT NULL DEFAULT '', timestamp REAL NOT NULL )
        """,
        """
        CREATE TABLE IF NOT EXISTS queue_status ( queue_type TEXT PRIMARY KEY, current_depth INTEGER NOT NULL, \
        backpressure TEXT NOT NULL DEFAULT 'none', last_updated REAL NOT NULL, trend TEXT DEFAULT 'stable' )
        """,
        """
        CREATE TABLE IF NOT EXISTS backpressure_events ( event_id INTEGER PRIMARY KEY AUTOINCREMENT, \
        queue_type TEXT NOT NULL, old_level TEXT NOT NULL, new_level TEXT NOT NULL, depth INTEGER NOT NULL, \
        timestamp REAL NOT NULL )
        """,
        "CREATE INDEX IF NOT EXISTS idx_metrics_queue ON queue_metrics(queue_type)",
        "CREATE INDEX IF NOT EXISTS idx_metrics_time ON queue_metrics(timestamp)",
    ]
}
