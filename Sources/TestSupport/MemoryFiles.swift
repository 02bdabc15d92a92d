import Effects
import PythonSemantics
import Synchronization

/// Files as values. A directory exists when it was created or when something lies below it.
package final class MemoryFiles: FileAccess {
    private struct State {
        var files: [String: [UInt8]] = [:]
        var directories: Set<String> = ["/"]
        var failures: [String: PyException] = [:]
        /// Times of change, unix seconds; 0 where none was given.
        var changed: [String: Double] = [:]
    }

    private let state = Mutex(State())

    package init() {}

    /// Puts a file there.
    package func put(_ path: String, _ text: String) {
        state.withLock { state in
            state.files[path] = Array(text.utf8)
            Self.addParents(of: path, to: &state)
        }
    }

    /// Puts a file of that age there.
    /// - Parameter modified: unix seconds.
    package func put(_ path: String, _ bytes: [UInt8], modified: Double) {
        state.withLock { state in
            state.files[path] = bytes
            state.changed[path] = modified
            Self.addParents(of: path, to: &state)
        }
    }

    /// Puts a directory there.
    package func putDirectory(_ path: String) {
        state.withLock { state in
            state.directories.insert(path)
            Self.addParents(of: path, to: &state)
        }
    }

    /// Every access to the path fails like this from now on; nil lifts it.
    package func fail(_ path: String, with error: PyException?) { state.withLock { $0.failures[path] = error } }

    package var paths: [String] { state.withLock { $0.files.keys.sorted() } }
    package func text(_ path: String) -> String? {
        state.withLock { $0.files[path].map { String(decoding: $0, as: UTF8.self) } }
    }

    package func read(_ path: String) throws(PyException) -> [UInt8] {
        let found: Result<[UInt8], PyException> = state.withLock { state in
            if let error = state.failures[path] { return .failure(error) }
            if let bytes = state.files[path] { return .success(bytes) }
            return .failure(
                state.directories.contains(path)
                    ? Self.error("IsADirectoryError", 21, "Is a directory", path)
                    : Self.error("FileNotFoundError", 2, "No such file or directory", path))
        }
        return try found.get()
    }

    package func exists(_ path: String) -> Bool {
        state.withLock { $0.files[path] != nil || $0.directories.contains(path) }
    }

    package func isDirectory(_ path: String) -> Bool { state.withLock { $0.directories.contains(path) } }

    /// Names in the order of the alphabet.
    package func list(_ path: String) throws(PyException) -> [DirectoryEntry] {
        let found: Result<[DirectoryEntry], PyException> = state.withLock { state in
            if let error = state.failures[path] { return .failure(error) }
            guard state.directories.contains(path) else {
                return .failure(Self.error("FileNotFoundError", 2, "No such file or directory", path))
            }
            let paths = (Array(state.files.keys) + state.directories)
                .filter { Self.parent(of: $0) == path && $0 != path }
            return .success(
                paths.sorted().map { found in
                    let name = String(found[found.index(after: found.lastIndex(of: "/") ?? found.startIndex)...])
                    return DirectoryEntry(name: name, isDirectory: state.directories.contains(found))
                })
        }
        return try found.get()
    }

    package func status(_ path: String) throws(PyException) -> FileStatus {
        let found: Result<FileStatus, PyException> = state.withLock { state in
            if let error = state.failures[path] { return .failure(error) }
            let modified = state.changed[path] ?? 0
            if let bytes = state.files[path] {
                return .success(FileStatus(modified: modified, size: bytes.count, isDirectory: false))
            }
            guard state.directories.contains(path) else {
                return .failure(Self.error("FileNotFoundError", 2, "No such file or directory", path))
            }
            return .success(FileStatus(modified: modified, size: 4096, isDirectory: true))
        }
        return try found.get()
    }

    package func createDirectory(_ path: String) throws(PyException) {
        let failure: PyException? = state.withLock { state in
            if let error = state.failures[path] { return error }
            if state.files[path] != nil { return Self.error("FileExistsError", 17, "File exists", path) }
            state.directories.insert(path)
            Self.addParents(of: path, to: &state)
            return nil
        }
        if let failure { throw failure }
    }

    package func replace(_ path: String, with bytes: [UInt8]) throws(PyException) {
        let failure: PyException? = state.withLock { state in
            if let error = state.failures[path] { return error }
            guard state.directories.contains(Self.parent(of: path)) else {
                return Self.error("FileNotFoundError", 2, "No such file or directory", path + ".tmp")
            }
            state.files[path] = bytes
            return nil
        }
        if let failure { throw failure }
    }

    /// When a file was last changed, unix seconds; 0 for a file that was never told.
    package func setModified(_ path: String, _ seconds: Double) { state.withLock { $0.changed[path] = seconds } }

    package func remove(_ path: String) throws(PyException) {
        let failure: PyException? = state.withLock { state in
            if let error = state.failures[path] { return error }
            return state.files.removeValue(forKey: path) == nil
                ? Self.error("FileNotFoundError", 2, "No such file or directory", path) : nil
        }
        if let failure { throw failure }
    }

    /// Without links: the path with `..` taken away; relative paths begin at `/work`.
    package func resolve(_ path: String) -> String {
        var parts: [Substring] = []
        for part in (path.hasPrefix("/") ? path : "/work/" + path).split(separator: "/") where part != "." {
            if part == ".." { _ = parts.popLast() } else { parts.append(part) }
        }
        return "/" + parts.joined(separator: "/")
    }

    private static func addParents(of path: String, to state: inout State) {
        var parent = parent(of: path)
        while parent != "/", !parent.isEmpty {
            state.directories.insert(parent)
            parent = Self.parent(of: parent)
        }
    }

    private static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "" }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    private static func error(_ type: String, _ number: Int, _ text: String, _ path: String) -> PyException {
        PyException(type: type, message: "[Errno \(number)] \(text): \(PyString(path).pyRepr)")
    }
}
