import Effects
import Foundation
import PythonSemantics
import Synchronization

/// Real SQLite files in a temporary folder of their own, which goes away with this value. Paths of the program are
/// mapped into it, so that `/srv/…` needs no such directory.
package final class FolderDatabases: DatabaseAccess {
    private struct State {
        var failures: [String: PyException] = [:]
        var transactions: [(path: String, statements: [SQLStatement])] = []
        var queries: [(path: String, statements: [SQLStatement])] = []
    }

    private let folder: String
    private let live = LiveDatabases(busyTimeout: 0)
    private let state = Mutex(State())
    private let onViolation: @Sendable (String) -> Void

    /// The folder of all folders goes with the process: a node whose queued work nobody runs keeps its own alive.
    private static let parent: String = {
        atexit { try? FileManager.default.removeItem(atPath: FolderDatabases.parent) }
        return NSTemporaryDirectory() + "ringrift-test-\(getpid())"
    }()

    package init(onViolation: @escaping @Sendable (String) -> Void) {
        folder = Self.parent + "/" + UUID().uuidString
        self.onViolation = onViolation
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    /// Where a file of the program really is; its directory is there.
    package func realPath(_ path: String) -> String {
        let real = folder + "/" + path.split(separator: "/").joined(separator: "/")
        try? FileManager.default.createDirectory(
            atPath: (real as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        return real
    }

    /// Every transaction on the path fails like this from now on; nil lifts it.
    package func fail(_ path: String, with error: PyException?) { state.withLock { $0.failures[path] = error } }

    /// Everything that was asked for, in order.
    package var transactions: [(path: String, statements: [SQLStatement])] { state.withLock { $0.transactions } }

    /// Every reading on a connection of its own, in order.
    package var queries: [(path: String, statements: [SQLStatement])] { state.withLock { $0.queries } }

    package func close(_ path: String) { live.close(realPath(path)) }

    package func transaction(_ path: String, _ statements: [SQLStatement]) throws(PyException) -> [SQLRows] {
        if statements.isEmpty { onViolation("a transaction without statements on \(path)") }
        let failure = state.withLock { state in
            state.transactions.append((path, statements))
            return state.failures[path]
        }
        if let failure { throw failure }
        return try live.transaction(realPath(path), statements)
    }

    package func query(
        _ path: String, busyTimeout: Double, _ statements: [SQLStatement]
    ) throws(PyException) -> [SQLRows] {
        let failure = state.withLock { state in
            state.queries.append((path, statements))
            return state.failures[path]
        }
        if let failure { throw failure }
        return try live.query(realPath(path), busyTimeout: busyTimeout, statements)
    }
}
