import GRDBSQLite
import PythonSemantics

/// The little SQLite the harness needs: run a seed script, read everything. Uses the C API, because what is read is not
/// known in advance and must come out with SQLite's own types.
final class SQLiteFile {
    private var handle: OpaquePointer?
    /// Blobs as plain hexadecimal digits, not as their Python repr.
    var blobsAsHex = false

    /// Text in the form of Python's `repr(exception)`, which recordings hold for files that cannot be read.
    struct Failure: Error {
        var code: Int32
        var message: String

        var pyRepr: String {
            let type = code == SQLITE_NOTADB || code == SQLITE_CORRUPT ? "DatabaseError" : "OperationalError"
            return "\(type)(\(PyValue.string(message).pyRepr))"
        }
    }

    init(path: String) throws {
        let code = sqlite3_open(path, &handle)
        if code != SQLITE_OK { throw failure(code) }
        sqlite3_busy_timeout(handle, 5000)
    }

    deinit {
        sqlite3_close(handle)
    }

    private func failure(_ code: Int32) -> Failure {
        Failure(code: code, message: String(cString: sqlite3_errmsg(handle)))
    }

    func run(script: String) throws {
        let code = sqlite3_exec(handle, script, nil, nil, nil)
        if code != SQLITE_OK { throw failure(code) }
        if sqlite3_get_autocommit(handle) == 0 { sqlite3_exec(handle, "COMMIT", nil, nil, nil) }
    }

    /// All rows of a query, each a dict in the order of the columns. Blobs are their Python repr.
    func rows(_ sql: String) throws -> [PyDict] {
        var statement: OpaquePointer?
        let prepared = sqlite3_prepare_v2(handle, sql, -1, &statement, nil)
        guard prepared == SQLITE_OK else { throw failure(prepared) }
        defer { sqlite3_finalize(statement) }
        var rows: [PyDict] = []
        while true {
            let code = sqlite3_step(statement)
            if code == SQLITE_DONE { return rows }
            guard code == SQLITE_ROW else { throw failure(code) }
            var row = PyDict()
            for column in 0..<sqlite3_column_count(statement) {
                let name = sqlite3_column_name(statement, column).map { String(cString: $0) } ?? ""
                row[PyString(name)] = value(statement, column)
            }
            rows.append(row)
        }
    }

    private func value(_ statement: OpaquePointer?, _ column: Int32) -> PyValue {
        switch sqlite3_column_type(statement, column) {
        case SQLITE_INTEGER: return .int(Int(sqlite3_column_int64(statement, column)))
        case SQLITE_FLOAT: return .float(sqlite3_column_double(statement, column))
        case SQLITE_NULL: return .none
        default:
            let count = Int(sqlite3_column_bytes(statement, column))
            guard let start = sqlite3_column_blob(statement, column) else { return "" }
            let bytes = UnsafeRawBufferPointer(start: start, count: count)
            if sqlite3_column_type(statement, column) == SQLITE_TEXT {
                return .string(String(decoding: bytes, as: UTF8.self))
            }
            if blobsAsHex { return .string(PyString(Hex.encode(bytes))) }
            return .string("b'" + bytes.map { "\\x" + Hex.encode([$0]) }.joined() + "'")
        }
    }

    /// Schema, pragmas and rows, as a recording holds them.
    func dump() throws -> PyValue {
        var schema = PyDict()
        for row in try rows("select name, sql from sqlite_master where sql is not null order by name") {
            if let name = row["name"]?.asString, let sql = row["sql"] { schema[name] = sql }
        }
        var tables = PyDict()
        for row in try rows("select name from sqlite_master where type='table' and name not like 'sqlite_%'") {
            guard let name = row["name"]?.asString else { continue }
            let quoted = name.description.replacing("\"", with: "\"\"")
            tables[name] = .list(try rows("select * from \"\(quoted)\"").map(PyValue.dict))
        }
        let version = try rows("pragma user_version").first?.values.first ?? .none
        let journal = try rows("pragma journal_mode").first?.values.first ?? .none
        return ["user_version": version, "journal_mode": journal, "schema": .dict(schema), "rows": .dict(tables)]
    }
}
