import Foundation
import Glibc
import PythonSemantics

/// A file a case puts in place, or takes away; relative paths start at the tree.
struct CommandLineFile: Sendable {
    enum Content: Sendable {
        /// `{pid:NAME}` in it is the process id of a helper program.
        case text(PyString)
        case json(PyValue, indent: Int?)
        case bytes([UInt8])
        case sqlite(PyString)
        case symlink(String)
        case directory
        case deleted
    }

    var path: String
    var content: Content
    var repeated: Int
    /// Permission bits.
    var mode: mode_t?
    /// Modification time in seconds since 1970.
    var modified: Double?
    /// Modification time in seconds before now.
    var age: Double?

    private static let known: Set<PyString> = [
        "text", "json", "indent", "sqlite", "hex", "symlink", "dir", "delete", "repeat", "mode", "mtime", "mtime_age",
    ]

    /// - Parameter place: for errors.
    init(path: PyString, _ value: PyValue, place: String) throws {
        let place = "\(place): file '\(path)'"
        self.path = try Self.allowed(path.description, place: place)
        repeated = 1
        if case .string(let text) = value {
            content = .text(text)
            return
        }
        let fields = try CommandLineFields(value, place: place, known: Self.known)
        content = try Self.content(fields)
        repeated = try fields.count("repeat") ?? 1
        modified = try fields.number("mtime")
        age = try fields.number("mtime_age")
        if let text = try fields.text("mode") {
            guard let bits = mode_t(text.description, radix: 8) else { throw ParityError("\(place): mode '\(text)'") }
            mode = bits
        }
    }

    private static func content(_ fields: CommandLineFields) throws -> Content {
        if try fields.flag("delete") { return .deleted }
        if let target = try fields.text("symlink") { return .symlink(target.description) }
        if let script = try fields.text("sqlite") { return .sqlite(script) }
        if try fields.flag("dir") { return .directory }
        if let hex = try fields.text("hex") {
            guard let bytes = Hex.decode(hex.description) else {
                throw ParityError("\(fields.place): 'hex' is no hexadecimal text")
            }
            return .bytes(bytes)
        }
        if let value = fields.dict["json"] { return .json(value, indent: try fields.count("indent")) }
        return .text(try fields.text("text") ?? "")
    }

    /// Files of a `files` object, in its order.
    static func all(_ dict: PyDict, place: String) throws -> [CommandLineFile] {
        try dict.map { try CommandLineFile(path: $0.key, $0.value, place: place) }
    }

    /// A case may touch its tree, `/tmp` and the home directory; the rest of the machine is not its own copy.
    static func allowed(_ path: String, place: String) throws -> String {
        let full = absolute(path)
        let roots = [SandboxMounts.tree, SandboxMounts.home, "/tmp"]
        guard !path.isEmpty, roots.contains(where: { full.hasPrefix($0 + "/") }) else {
            throw ParityError("\(place): outside the tree, \(SandboxMounts.home) and /tmp")
        }
        return path
    }

    /// The path inside the sandbox, without `..`.
    static func absolute(_ path: String) -> String {
        CommandLinePaths.normalized(path.hasPrefix("/") ? path : SandboxMounts.tree + "/" + path)
    }

    /// Whether a helper program has to run before this file can be written.
    var needsProcess: Bool {
        if case .text(let text) = content { return text.contains("{pid:") }
        return false
    }

    /// - Parameter pids: process ids of the helper programs by name.
    func write(pids: [String: pid_t]) throws {
        let target = Self.absolute(path)
        if case .deleted = content {
            try? FileManager.default.removeItem(atPath: target)
            return
        }
        try SandboxMounts.makeDirectory((target as NSString).deletingLastPathComponent)
        switch content {
        case .deleted: return
        case .symlink(let destination):
            guard Glibc.symlink(destination, target) == 0 else { throw failure() }
            return
        case .directory: try SandboxMounts.makeDirectory(target)
        case .sqlite(let script):
            do {
                try SQLiteFile(path: target).run(script: script.description)
            } catch let failure as SQLiteFile.Failure {
                throw ParityError("file '\(path)': \(failure.message)")
            }
        case .text(let text):
            try put(Self.filled(text.description, pids, path: path).utf8, target)
        case .json(let value, let indent): try put(PyJSON.dumps(value, indent: indent), target)
        case .bytes(let bytes): try put(bytes, target)
        }
        if let mode, chmod(target, mode) != 0 { throw failure() }
        if let moment = modified ?? age.map({ Date().timeIntervalSince1970 - $0 }) {
            let whole = moment.rounded(.down)
            let time = timespec(tv_sec: Int(whole), tv_nsec: Int((moment - whole) * 1e9))
            if utimensat(AT_FDCWD, target, [time, time], 0) != 0 { throw failure() }
        }
    }

    private func failure() -> ParityError {
        ParityError("file '\(path)' cannot be written: \(String(cString: strerror(errno)))")
    }

    private func put(_ bytes: some Sequence<UInt8>, _ target: String) throws {
        let once = Array(bytes)
        let all = repeated == 1 ? once : Array(repeatElement(once, count: repeated).joined())
        guard CommandLinePaths.write(all, to: target) else { throw failure() }
    }

    private static func filled(_ text: String, _ pids: [String: pid_t], path: String) throws -> String {
        guard text.contains("{pid:") else { return text }
        return try text.replacing(#/\{pid:(\w+)\}/#) { match in
            guard let pid = pids[String(match.1)] else {
                throw ParityError("file '\(path)': no helper program '\(match.1)'")
            }
            return String(pid)
        }
    }
}

/// The few things about paths and files that both sides of the sandbox need.
enum CommandLinePaths {
    /// `/a/../b//c` is `/b/c`; links are not followed.
    static func normalized(_ path: String) -> String {
        var parts: [Substring] = []
        for part in path.split(separator: "/") where part != "." {
            if part == ".." { _ = parts.popLast() } else { parts.append(part) }
        }
        return "/" + parts.joined(separator: "/")
    }

    /// Overwrites or makes a file; permission bits follow the umask.
    static func write(_ bytes: [UInt8], to path: String, append: Bool = false) -> Bool {
        let flags = O_WRONLY | O_CREAT | O_CLOEXEC | (append ? O_APPEND : O_TRUNC)
        let descriptor = open(path, flags, 0o666)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return write(bytes, descriptor: descriptor)
    }

    static func write(_ bytes: [UInt8], descriptor: Int32) -> Bool {
        PlainFile.write(bytes, to: descriptor) == nil
    }

    /// All bytes of a regular file; nil when it cannot be read or is none.
    static func read(_ path: String) -> [UInt8]? {
        var info = stat()
        guard stat(path, &info) == 0, info.st_mode & S_IFMT == S_IFREG else { return nil }
        return FileManager.default.contents(atPath: path).map(Array.init)
    }
}
