import Foundation
import PythonSemantics

/// The machine's file system.
package struct LiveFiles: FileAccess {
    package init() {}

    package func read(_ path: String) throws(PyException) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .osError(errno, path: path) }
        defer { close(descriptor) }
        var result: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = Foundation.read(descriptor, &buffer, buffer.count)
            if count < 0 {
                if errno == EINTR { continue }
                throw .osError(errno, path: path)
            }
            if count == 0 { return result }
            result.append(contentsOf: buffer[..<count])
        }
    }

    package func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    package func isDirectory(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && (status.st_mode & S_IFMT) == S_IFDIR
    }

    package func list(_ path: String) throws(PyException) -> [DirectoryEntry] {
        guard let directory = opendir(path) else { throw .osError(errno, path: path) }
        defer { closedir(directory) }
        var entries: [DirectoryEntry] = []
        while let entry = readdir(directory) {
            let type = entry.pointee.d_type
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) { String(cString: $0) }
            }
            if name == "." || name == ".." { continue }
            // Some file systems do not say what an entry is.
            let isDirectory = type == DT_DIR || (type == DT_UNKNOWN && Self.isUnlinkedDirectory(path + "/" + name))
            entries.append(DirectoryEntry(name: name, isDirectory: isDirectory))
        }
        return entries
    }

    private static func isUnlinkedDirectory(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0 && (status.st_mode & S_IFMT) == S_IFDIR
    }

    package func status(_ path: String) throws(PyException) -> FileStatus {
        var status = stat()
        guard stat(path, &status) == 0 else { throw .osError(errno, path: path) }
        return FileStatus(
            modified: Double(status.st_mtim.tv_sec) + 1e-9 * Double(status.st_mtim.tv_nsec),
            size: Int(status.st_size), isDirectory: (status.st_mode & S_IFMT) == S_IFDIR)
    }

    package func createDirectory(_ path: String) throws(PyException) {
        if isDirectory(path) || mkdir(path, 0o777) == 0 { return }
        var code = errno
        let parent = (path as NSString).deletingLastPathComponent
        if code == ENOENT, !parent.isEmpty, parent != path {
            try createDirectory(parent)
            if mkdir(path, 0o777) == 0 { return }
            code = errno
        }
        // Somebody else may have made it meanwhile; a file in its place is an error, as in `os.makedirs`.
        if code != EEXIST || !isDirectory(path) { throw .osError(code, path: path) }
    }

    package func replace(_ path: String, with bytes: [UInt8]) throws(PyException) {
        let aside = path + ".tmp"
        let descriptor = open(aside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw .osError(errno, path: aside) }
        var offset = 0
        while offset < bytes.count {
            let count = bytes[offset...].withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 {
                if errno == EINTR { continue }
                let code = errno
                close(descriptor)
                unlink(aside)
                throw .osError(code, path: aside)
            }
            offset += count
        }
        close(descriptor)
        guard rename(aside, path) == 0 else { throw .osError(errno, path: path) }
    }

    package func remove(_ path: String) throws(PyException) {
        guard unlink(path) == 0 else { throw .osError(errno, path: path) }
    }

    package func resolve(_ path: String) -> String {
        var existing = path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
        var rest: [Substring] = []
        while true {
            if let real = realpath(existing, nil) {
                defer { free(real) }
                return Self.joined(String(cString: real), rest)
            }
            let cut = existing.split(separator: "/", omittingEmptySubsequences: true)
            guard let last = cut.last else { return Self.joined("/", rest) }
            rest.insert(last, at: 0)
            existing = "/" + cut.dropLast().joined(separator: "/")
        }
    }

    /// Parts that do not exist below a real directory; `..` among them takes one away.
    private static func joined(_ real: String, _ rest: [Substring]) -> String {
        var parts = real.split(separator: "/")
        for part in rest where part != "." {
            if part == ".." { _ = parts.popLast() } else { parts.append(part) }
        }
        return "/" + parts.joined(separator: "/")
    }
}

extension PyException {
    /// What Python raises for a failed system call: the class chosen by `errno`, the text `[Errno n] Message: 'path'`.
    package static func osError(_ code: Int32, path: String? = nil) -> PyException {
        let names: [Int32: String] = [
            ENOENT: "FileNotFoundError", EACCES: "PermissionError", EPERM: "PermissionError",
            EEXIST: "FileExistsError", EISDIR: "IsADirectoryError", ENOTDIR: "NotADirectoryError",
            ECONNREFUSED: "ConnectionRefusedError", ETIMEDOUT: "TimeoutError", ECONNRESET: "ConnectionResetError",
            ECONNABORTED: "ConnectionAbortedError", EPIPE: "BrokenPipeError", EINTR: "InterruptedError",
            EAGAIN: "BlockingIOError", EINPROGRESS: "BlockingIOError", ECHILD: "ChildProcessError",
            ESRCH: "ProcessLookupError",
        ]
        let message = String(cString: strerror(code))
        let suffix = path.map { ": " + PyValue.string(PyString($0)).pyRepr } ?? ""
        return PyException(type: names[code] ?? "OSError", message: "[Errno \(code)] \(message)\(suffix)")
    }
}
