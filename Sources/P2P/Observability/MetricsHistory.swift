import Effects
import Foundation
import P2PModel
import PythonSemantics

/// Reading of `metrics_history` in the node's state database; contract 12 section 2.4.
package struct MetricsHistory: Sendable {
    private let path: String
    private let databases: any DatabaseAccess

    package init(path: String, databases: any DatabaseAccess) {
        self.path = path
        self.databases = databases
    }

    /// What is asked for. Empty texts and zeros do not filter.
    package struct Question: Sendable {
        package var metric: PyString
        package var board: PyValue = .none
        package var players: PyValue = .none
        package var hours: Double
        /// Negative: no limit.
        package var limit: PyValue

        package init(metric: PyString, hours: Double, limit: PyValue = 1000) {
            self.metric = metric
            self.hours = hours
            self.limit = limit
        }
    }

    /// An answer that is there in any case, and the line about what went wrong.
    package struct Outcome<Value: Sendable>: Sendable {
        package var value: Value
        package var complaint: String?
    }

    /// Values of one metric, newest first.
    ///
    /// - Parameter now: unix seconds.
    package func values(_ question: Question, now: Double) -> Outcome<[PyValue]> {
        do throws(PyException) {
            return Outcome(value: try read(question, now: now))
        } catch {
            return Outcome(value: [], complaint: "[P2P] Failed to get metrics history: \(error.message)")
        }
    }

    private func read(_ question: Question, now: Double) throws(PyException) -> [PyValue] {
        var sql =
            "SELECT timestamp, value, board_type, num_players, metadata FROM metrics_history "
            + "WHERE metric_type = ? AND timestamp > ?"
        var values: [PyValue] = [.string(question.metric), .float(now - question.hours * 3600)]
        if question.board.isTruthy {
            sql += " AND board_type = ?"
            values.append(question.board)
        }
        if question.players.isTruthy {
            sql += " AND num_players = ?"
            values.append(question.players)
        }
        values.append(question.limit)
        let statement = SQLStatement(sql + " ORDER BY timestamp DESC LIMIT ?", values)
        var found: [PyValue] = []
        for row in try databases.query(path, busyTimeout: 5, [statement])[0] {
            var metadata = PyValue.none
            if case .string(let text) = row[4], !text.isEmpty { metadata = try PyJSON.loads(text) }
            found.append(
                .dict([
                    "timestamp": row[0], "value": row[1], "board_type": row[2], "num_players": row[3],
                    "metadata": metadata,
                ]))
        }
        return found
    }

    /// `period_hours`, `since`, `metrics`; empty after a failure.
    ///
    /// - Parameter now: unix seconds.
    package func summary(hours: Double, now: Double) -> Outcome<PyDict> {
        do throws(PyException) {
            return Outcome(value: try summarize(hours: hours, now: now))
        } catch {
            return Outcome(value: [:], complaint: "[P2P] Failed to get metrics summary: \(error.message)")
        }
    }

    private func summarize(hours: Double, now: Double) throws(PyException) -> PyDict {
        let since = now - hours * 3600
        let rows = try databases.query(
            path, busyTimeout: 5,
            [
                SQLStatement(
                    """
                    SELECT metric_type, COUNT(*), AVG(value), MIN(value), MAX(value) FROM metrics_history \
                    WHERE timestamp > ? GROUP BY metric_type
                    """, [.float(since)]),
                SQLStatement(
                    """
                    SELECT metric_type, value, timestamp FROM metrics_history m1 WHERE timestamp = \
                    (SELECT MAX(timestamp) FROM metrics_history m2 WHERE m2.metric_type = m1.metric_type)
                    """),
            ])
        var metrics = PyDict()
        for row in rows[0] {
            metrics[try PyKey(row[0]).jsonKey()] = .dict([
                "count": row[1], "avg": row[2], "min": row[3], "max": row[4],
            ])
        }
        for row in rows[1] {
            let name = try PyKey(row[0]).jsonKey()
            guard case .dict(var metric)? = metrics[name] else { continue }
            metric["latest"] = row[1]
            metric["latest_time"] = row[2]
            metrics[name] = .dict(metric)
        }
        return ["period_hours": .float(hours), "since": .float(since), "metrics": .dict(metrics)]
    }
}

/// Rows of GET /trends/table; contract 12 section 3.12.
package enum TrendsTable {
    /// - Parameter history: elements as ``MetricsHistory/values(_:now:)`` gives them.
    /// - Throws: what Python raises for a time or a value that cannot be shown.
    package static func rows(_ history: [PyValue], metric: PyString) throws(PyException) -> [PyValue] {
        var rows: [PyValue] = []
        for record in history {
            let time = try LocalMinute.text(PyNumber.float(try record.item("timestamp")))
            let board = try record.get("board_type")
            let config =
                board.isTruthy ? "\(board.pyStr)_\(try record.get("num_players").pyStr)p" : "global"
            rows.append(
                .dict([
                    "Timestamp": .string(PyString(time)), "Config": .string(PyString(config)),
                    "Value": try PyNumber.round(record.item("value"), 3), "Metric": .string(metric),
                ]))
        }
        return rows
    }
}

/// `datetime.fromtimestamp(seconds).strftime("%Y-%m-%d %H:%M")`.
package enum LocalMinute {
    /// - Parameter seconds: unix seconds, rounded to microseconds before the minute is cut off.
    /// - Throws: `ValueError`, `OverflowError` with Python's text for what is no date.
    package static func text(_ seconds: Double) throws(PyException) -> String {
        if seconds.isNaN { throw .valueError("Invalid value NaN (not a number)") }
        let whole = seconds.rounded(.down)
        let microseconds = ((seconds - whole) * 1e6).rounded(.toNearestOrEven)
        guard var time = time_t(exactly: microseconds >= 1e6 ? whole + 1 : whole) else {
            throw .overflowError("timestamp out of range for platform time_t")
        }
        var parts = tm()
        guard localtime_r(&time, &parts) != nil else {
            throw PyException(type: "OverflowError", message: "[Errno 75] Value too large for defined data type")
        }
        let year = Int(parts.tm_year) + 1900
        guard (1...9999).contains(year) else { throw .valueError("year \(year) is out of range") }
        var buffer = [CChar](repeating: 0, count: 32)
        let length = strftime(&buffer, buffer.count, "%Y-%m-%d %H:%M", &parts)
        return String(decoding: buffer[..<length].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
