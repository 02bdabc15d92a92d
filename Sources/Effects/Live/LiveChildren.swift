import CChildProcess
import Foundation
import PythonSemantics
import Synchronization

/// Children that nobody waits for: started, watched by a thread each, reaped the moment they end.
final class LiveChildren: Sendable {
    private struct State {
        /// Ended and reaped, not yet collected.
        var ended: Set<Int32> = []
    }

    private let state = Mutex(State())

    /// What Python does between `open(log)` and the running child, with its errors in its order.
    func start(_ child: ChildRequest) throws(PyException) -> Int32 {
        collect()
        let log = try child.log.fileSystemText()
        let flags = O_WRONLY | O_CREAT | O_CLOEXEC | (child.appendsToLog ? O_APPEND : O_TRUNC)
        let output = open(log, flags, 0o666)
        guard output >= 0 else { throw .osError(errno, path: log) }
        defer { close(output) }
        let directory = try child.directory.fileSystemText()
        var arguments: [[UInt8]] = []
        for argument in child.arguments { arguments.append(try argument.fileSystemBytes()) }
        let environment = try Self.environment(child.environment)
        let name = String(decoding: arguments.first ?? [], as: UTF8.self)
        guard let program = name.contains("/") ? name : LiveProcesses.resolve(name) else {
            throw .osError(ENOENT, path: name)
        }
        if access(directory, F_OK) != 0 { throw .osError(errno, path: directory) }
        if !LiveFiles().isDirectory(directory) { throw .osError(ENOTDIR, path: directory) }
        if access(directory, X_OK) != 0 { throw .osError(errno, path: directory) }
        var pid: pid_t = 0
        let argumentPointers = Self.pointers(arguments)
        let environmentPointers = Self.pointers(environment)
        defer { (argumentPointers + environmentPointers).forEach { $0?.deallocate() } }
        let code = ringrift_start_child(
            &pid, program, argumentPointers, environmentPointers, directory, output)
        guard code == 0 else { throw .osError(code, path: name) }
        watch(pid)
        return pid
    }

    /// The thread costs a few pages while the child runs; nothing else tells a library that a child has ended.
    private func watch(_ pid: Int32) {
        let thread = Thread { [self] in
            var status: Int32 = 0
            while waitpid(pid, &status, 0) < 0, errno == EINTR {}
            state.withLock { _ = $0.ended.insert(pid) }
        }
        thread.stackSize = 128 * 1024
        thread.name = "child-\(pid)"
        thread.start()
    }

    func signal(_ pid: Int32, _ number: Int32) throws(PyException) {
        // Its number may belong to somebody else by now.
        if state.withLock({ $0.ended.contains(pid) }) { return }
        guard kill(pid, number) == 0 else { throw .osError(errno) }
    }

    func isRunning(_ pid: Int32) -> Bool {
        if state.withLock({ $0.ended.contains(pid) }) { return true }
        guard kill(pid, 0) == 0 else { return errno != ESRCH }
        return Self.status(of: pid)?.state != "Z"
    }

    @discardableResult
    func collect() -> Bool {
        state.withLock { state in
            defer { state.ended = [] }
            return !state.ended.isEmpty
        }
    }

    static func ownProcesses() -> [Int32] {
        var pids = [getpid()]
        while let last = pids.last, let parent = status(of: last)?.parent, parent > 0 { pids.append(parent) }
        return pids
    }

    /// Fields 3 and 4 of `/proc/PID/stat`; the name before them may hold anything.
    private static func status(of pid: Int32) -> (state: Substring, parent: Int32)? {
        guard let text = LiveProbes().procFile("\(pid)/stat"), let end = text.lastIndex(of: ")") else { return nil }
        let fields = text[text.index(after: end)...].split(separator: " ")
        guard fields.count > 1, let parent = Int32(fields[1]) else { return nil }
        return (fields[0], parent)
    }

    /// `NAME=value` each: this process's own, with these instead or in addition.
    private static func environment(_ additions: [String: PyString]) throws(PyException) -> [[UInt8]] {
        var entries: [[UInt8]] = []
        var next = ringrift_environment()
        while let entry = next?.pointee {
            let bytes = UnsafeBufferPointer(start: entry, count: strlen(entry)).map { UInt8(bitPattern: $0) }
            let name = String(decoding: bytes.prefix { $0 != UInt8(ascii: "=") }, as: UTF8.self)
            if additions[name] == nil { entries.append(bytes) }
            next = next?.advanced(by: 1)
        }
        for (name, value) in additions.sorted(by: { $0.key < $1.key }) {
            entries.append(Array((name + "=").utf8) + (try PyValue.string(value).fileSystemBytes()))
        }
        return entries
    }

    /// The strings as C wants them, with a null at the end; the caller gives them back.
    private static func pointers(_ strings: [[UInt8]]) -> [UnsafeMutablePointer<CChar>?] {
        strings.map { bytes in
            let copy = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count + 1)
            for (index, byte) in bytes.enumerated() { copy[index] = CChar(bitPattern: byte) }
            copy[bytes.count] = 0
            return copy
        } + [nil]
    }
}

extension PyValue {
    /// `os.fsencode(value)` for a child's argument.
    ///
    /// - Throws: `TypeError` for what is no string, `ValueError` for a null, `UnicodeEncodeError` for a surrogate.
    package func fileSystemBytes() throws(PyException) -> [UInt8] {
        guard case .string(let text) = self else {
            throw .typeError("expected str, bytes or os.PathLike object, not \(typeName)")
        }
        let bytes = try text.encodeUTF8()
        if bytes.contains(0) { throw .valueError("embedded null byte") }
        return bytes
    }
}

extension PyString {
    /// The text as a path for the system.
    ///
    /// - Throws: `ValueError` for a null, `UnicodeEncodeError` for a surrogate.
    package func fileSystemText() throws(PyException) -> String {
        String(decoding: try PyValue.string(self).fileSystemBytes(), as: UTF8.self)
    }
}
