import Foundation
import GRDBSQLite
import PythonSemantics

/// SQLite files of others, read without leaving a trace: no file is created, not even `-shm`, and no log is taken over.
///
/// A connection a question. What would write is refused and noted; a file that is not there reads as an empty one, which
/// is what a writer's connection would make of it.
package struct ReadOnlyDatabases: DatabaseAccess {
    private let ledger: EffectLedger

    package init(ledger: EffectLedger) { self.ledger = ledger }

    package func transaction(_ path: String, _ statements: [SQLStatement]) throws(PyException) -> [SQLRows] {
        try read(path, busyTimeout: 5, statements, together: true)
    }

    package func query(
        _ path: String, busyTimeout: Double, _ statements: [SQLStatement]
    ) throws(PyException) -> [SQLRows] {
        try read(path, busyTimeout: busyTimeout, statements, together: false)
    }

    package func close(_ path: String) {}

    /// How a file can be read without a trace.
    enum Manner: Equatable {
        /// No file: an empty database.
        case missing
        /// As one reader among others; all files that it needs are there.
        case shared
        /// Nobody has it open, and all of it is in the main file.
        case alone
        /// Its last changes are in a log that only a writer may take over.
        case unreadable
    }

    static func manner(_ path: String) -> Manner {
        guard let file = FileHandle(forReadingAtPath: path) else { return .missing }
        defer { try? file.close() }
        let header = [UInt8]((try? file.read(upToCount: 20)) ?? Data())
        let keepsLog = header.count == 20 && header[18] == 2
        if !keepsLog || access(path + "-shm", F_OK) == 0 { return .shared }
        var status = stat()
        return stat(path + "-wal", &status) == 0 && status.st_size > 0 ? .unreadable : .alone
    }

    private func read(
        _ path: String, busyTimeout: Double, _ statements: [SQLStatement], together: Bool
    ) throws(PyException) -> [SQLRows] {
        for statement in statements where !Self.mayRead(statement.sql) { throw refusal(path, statement.sql) }
        let location: String
        switch Self.manner(path) {
        case .missing: location = ":memory:"
        case .shared: location = "file:\(Self.escaped(path))?mode=ro"
        case .alone: location = "file:\(Self.escaped(path))?mode=ro&immutable=1"
        case .unreadable:
            ledger.refuse("recover the log of \(path)")
            throw Self.exception(SQLITE_CANTOPEN, "unable to open database file")
        }
        var handle: OpaquePointer?
        let code = sqlite3_open_v2(location, &handle, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, nil)
        defer { sqlite3_close_v2(handle) }
        guard code == SQLITE_OK, let handle else { throw Self.exception(code, "unable to open database file") }
        sqlite3_busy_timeout(handle, Int32(clamping: Int(busyTimeout * 1000)))
        if together { sqlite3_exec(handle, "BEGIN", nil, nil, nil) }
        var results: [SQLRows] = []
        for statement in statements { results.append(try rows(handle, path, statement)) }
        return results
    }

    private static func mayRead(_ sql: String) -> Bool {
        let first = sql.drop { $0.isWhitespace }.prefix { $0.isLetter }.uppercased()
        return ["SELECT", "PRAGMA", "WITH"].contains(first)
    }

    private func rows(_ handle: OpaquePointer, _ path: String, _ statement: SQLStatement) throws(PyException) -> SQLRows
    {
        var prepared: OpaquePointer?
        let code = sqlite3_prepare_v2(handle, statement.sql, -1, &prepared, nil)
        defer { sqlite3_finalize(prepared) }
        guard code == SQLITE_OK, let prepared else { throw Self.exception(code, Self.message(handle)) }
        if sqlite3_stmt_readonly(prepared) == 0 { throw refusal(path, statement.sql) }
        for (index, value) in statement.values.enumerated() { try Self.bind(prepared, Int32(index + 1), value) }
        var rows: SQLRows = []
        while true {
            let code = sqlite3_step(prepared)
            if code == SQLITE_DONE { return rows }
            guard code == SQLITE_ROW else { throw Self.exception(code, Self.message(handle)) }
            rows.append((0..<sqlite3_column_count(prepared)).map { Self.value(prepared, $0) })
        }
    }

    private func refusal(_ path: String, _ sql: String) -> PyException {
        ledger.refuse("\(path): \(sql.split(separator: "\n").first?.prefix(80) ?? "")")
        return Self.exception(SQLITE_READONLY, "attempt to write a readonly database")
    }

    private static func message(_ handle: OpaquePointer) -> String { String(cString: sqlite3_errmsg(handle)) }

    private static func exception(_ code: Int32, _ message: String) -> PyException {
        let damaged = [SQLITE_NOTADB, SQLITE_CORRUPT].contains(code & 0xff)
        return PyException(type: damaged ? "DatabaseError" : "OperationalError", message: message, module: "sqlite3")
    }

    private static func bind(_ statement: OpaquePointer, _ index: Int32, _ value: PyValue) throws(PyException) {
        // SQLITE_TRANSIENT: SQLite takes a copy.
        let copied = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
        switch value {
        case .none: sqlite3_bind_null(statement, index)
        case .bool(let flag): sqlite3_bind_int64(statement, index, flag ? 1 : 0)
        case .int(let number): sqlite3_bind_int64(statement, index, Int64(number))
        case .float(let number): sqlite3_bind_double(statement, index, number)
        case .string(let text):
            let bytes = try text.encodeUTF8()
            let length = Int32(clamping: bytes.count)
            bytes.withUnsafeBytes { buffer in
                _ = sqlite3_bind_text(
                    statement, index, buffer.baseAddress?.assumingMemoryBound(to: CChar.self), length, copied)
            }
            if bytes.isEmpty { sqlite3_bind_text(statement, index, "", 0, copied) }
        case .bigInt:
            throw PyException(type: "OverflowError", message: "Python int too large to convert to SQLite INTEGER")
        case .list, .dict:
            throw PyException(
                type: "ProgrammingError",
                message: "Error binding parameter \(index): type '\(value.typeName)' is not supported",
                module: "sqlite3")
        }
    }

    private static func value(_ statement: OpaquePointer, _ column: Int32) -> PyValue {
        switch sqlite3_column_type(statement, column) {
        case SQLITE_NULL: return .none
        case SQLITE_INTEGER: return .int(Int(sqlite3_column_int64(statement, column)))
        case SQLITE_FLOAT: return .float(sqlite3_column_double(statement, column))
        default:
            let count = Int(sqlite3_column_bytes(statement, column))
            guard count > 0, let start = sqlite3_column_blob(statement, column) else { return .string("") }
            let bytes = UnsafeRawBufferPointer(start: start, count: count)
            return .string(PyString(String(decoding: bytes, as: UTF8.self)))
        }
    }

    /// The path within a `file:` URI.
    private static func escaped(_ path: String) -> String {
        path.replacing("%", with: "%25").replacing("?", with: "%3f").replacing("#", with: "%23")
    }
}
