import Dispatch
import Foundation
import Glibc

/// The temporary directory of one run of the harness and the sandboxes that are running. Ctrl-C and SIGTERM end the
/// sandboxes and remove the directory before the harness ends.
/// `@unchecked Sendable`: everything mutable is guarded by `lock`.
final class CommandLineWorkplace: @unchecked Sendable {
    private let lock = NSLock()
    private var running: Set<pid_t> = []
    private var closing = false
    private var sources: [any DispatchSourceSignal] = []
    private let root: String
    private var count = 0

    /// For modules that interpreters have compiled.
    var compiled: String { root + "/compiled" }

    /// The name is one that ``Sandbox/sweep()`` knows, for a harness that was killed.
    init() throws {
        var template = Array("/var/tmp/ringrift-parity-\(getpid())-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw ParityError("/var/tmp: \(String(cString: strerror(errno)))") }
        root = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        for number in [SIGINT, SIGTERM, SIGHUP] {
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { [self] in
                close()
                _exit(128 + number)
            }
            source.resume()
            sources.append(source)
        }
    }

    /// A new directory for one sandbox.
    func directory() throws -> String {
        let path = lock.withLock {
            count += 1
            return "\(root)/\(count)"
        }
        try SandboxMounts.makeDirectory(path)
        return path
    }

    func start(_ argv: [String], input: Int32, output: Int32, errors: Int32) throws -> ChildProcess {
        try lock.withLock {
            if closing { throw ParityError("interrupted") }
            let child = try ChildProcess(
                argv, environment: ProcessInfo.processInfo.environment, input: input, output: output, errors: errors)
            running.insert(child.pid)
            return child
        }
    }

    func wait(for child: ChildProcess) -> Int {
        let code = child.wait()
        lock.withLock { _ = running.remove(child.pid) }
        return code
    }

    /// Ends the sandboxes that are still there and removes the directory.
    func close() {
        let left = lock.withLock {
            closing = true
            return running
        }
        // unshare takes its sandbox with it.
        for pid in left { kill(pid, SIGKILL) }
        for _ in 0..<250 {
            if lock.withLock({ running.isEmpty }) { break }
            usleep(20_000)
        }
        // What was just ended may have been writing; the directory is gone when it stays away.
        for _ in 0..<20 {
            guard FileManager.default.fileExists(atPath: root) else { break }
            try? FileManager.default.removeItem(atPath: root)
            if !left.isEmpty { usleep(50_000) }
        }
    }
}
