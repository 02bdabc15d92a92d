import Foundation
import GRDB
import PythonSemantics
import Synchronization

/// SQLite files through GRDB, one connection a file, five seconds of patience with other writers.
///
/// The connection is opened again when the file at the path is no longer the one that was opened (deleted, replaced):
/// the legacy opens a connection per operation, so an operator's `mv` must not leave us writing to an unlinked file.
package final class LiveDatabases: DatabaseAccess {
    private struct Connection {
        var queue: DatabaseQueue
        var identity: FileIdentity?
    }

    private struct FileIdentity: Equatable {
        var device: UInt64
        var inode: UInt64

        init?(path: String) {
            var status = stat()
            guard stat(path, &status) == 0 else { return nil }
            device = UInt64(status.st_dev)
            inode = UInt64(status.st_ino)
        }
    }

    private let connections = Mutex<[String: Connection]>([:])
    private let busyTimeout: TimeInterval

    /// - Parameter busyTimeout: seconds to wait for another writer.
    package init(busyTimeout: TimeInterval = 5) { self.busyTimeout = busyTimeout }

    package func transaction(_ path: String, _ statements: [SQLStatement]) throws(PyException) -> [SQLRows] {
        do {
            let queue = try queue(for: path)
            let results = try queue.writeWithoutTransaction { db in
                var results: [SQLRows] = []
                try db.inTransaction(.immediate) {
                    results = try statements.map { try Self.run($0, in: db) }
                    return .commit
                }
                return results
            }
            rememberIdentity(of: path)
            return results
        } catch let error as PyException {
            throw error
        } catch {
            throw Self.exception(error)
        }
    }

    package func query(
        _ path: String, busyTimeout: Double, _ statements: [SQLStatement]
    ) throws(PyException) -> [SQLRows] {
        do {
            var configuration = Configuration()
            configuration.foreignKeysEnabled = false
            configuration.busyMode = .timeout(busyTimeout)
            configuration.label = (path as NSString).lastPathComponent
            let queue = try DatabaseQueue(path: path, configuration: configuration)
            defer { try? queue.close() }
            return try queue.writeWithoutTransaction { db in try statements.map { try Self.run($0, in: db) } }
        } catch let error as PyException {
            throw error
        } catch {
            throw Self.exception(error)
        }
    }

    package func close(_ path: String) {
        let known = connections.withLock { $0.removeValue(forKey: path) }
        try? known?.queue.close()
    }

    private func queue(for path: String) throws -> DatabaseQueue {
        try connections.withLock { connections in
            if let known = connections[path], known.identity == FileIdentity(path: path) { return known.queue }
            var configuration = Configuration()
            configuration.foreignKeysEnabled = false
            configuration.busyMode = .timeout(busyTimeout)
            configuration.label = (path as NSString).lastPathComponent
            let queue = try DatabaseQueue(path: path, configuration: configuration)
            connections[path] = Connection(queue: queue, identity: FileIdentity(path: path))
            return queue
        }
    }

    private func rememberIdentity(of path: String) {
        connections.withLock { connections in
            if connections[path]?.identity == nil { connections[path]?.identity = FileIdentity(path: path) }
        }
    }

    private static func run(_ statement: SQLStatement, in db: Database) throws -> SQLRows {
        let prepared = try db.cachedStatement(sql: statement.sql)
        prepared.arguments = try StatementArguments(statement.values.enumerated().map(bind))
        if prepared.columnCount == 0 {
            try prepared.execute()
            return []
        }
        return try Row.fetchAll(prepared).map { row in row.databaseValues.map(value) }
    }

    private static func bind(_ index: Int, _ value: PyValue) throws -> (any DatabaseValueConvertible)? {
        switch value {
        case .none: return nil
        case .bool(let flag): return flag ? 1 : 0
        case .int(let number): return number
        case .float(let number): return number.isNaN ? nil : number
        case .string(let text): return String(decoding: try text.encodeUTF8(), as: UTF8.self)
        case .bigInt:
            throw PyException(type: "OverflowError", message: "Python int too large to convert to SQLite INTEGER")
        case .list, .dict:
            throw PyException(
                type: "ProgrammingError",
                message: "Error binding parameter \(index + 1): type '\(value.typeName)' is not supported",
                module: "sqlite3")
        }
    }

    private static func value(_ value: DatabaseValue) -> PyValue {
        switch value.storage {
        case .null: .none
        case .int64(let number): .int(Int(number))
        case .double(let number): .float(number)
        case .string(let text): .string(PyString(text))
        case .blob(let data): .string(PyString(String(decoding: data, as: UTF8.self)))
        }
    }

    /// Python's sqlite3 exception for a GRDB error.
    private static func exception(_ error: any Error) -> PyException {
        guard let error = error as? DatabaseError else {
            return PyException(type: "OperationalError", message: String(describing: error), module: "sqlite3")
        }
        let name: String
        switch error.resultCode {
        case .SQLITE_CONSTRAINT, .SQLITE_MISMATCH: name = "IntegrityError"
        case .SQLITE_NOTADB, .SQLITE_CORRUPT: name = "DatabaseError"
        case .SQLITE_TOOBIG: name = "DataError"
        default: name = "OperationalError"
        }
        return PyException(
            type: name, message: error.message ?? error.resultCode.description, module: "sqlite3")
    }
}
