import Dispatch
import Foundation
import Glibc

/// The temporary directory of one run of the harness and the sandboxes that are running. Ctrl-C and SIGTERM end the
/// sandboxes and remove the directory before the harness ends.
/// `@unchecked Sendable`: everything mutable is guarded by `lock`.
final class CommandLineWorkplace: @unchecked Sendable {
    private let lock = NSLock()
    /// The sandboxes by process id; each ends when its lifeline is closed.
    private var running: [pid_t: FileHandle] = [:]
    private var interrupted = false
    private var sources: [any DispatchSourceSignal] = []
    private static let signals = [SIGINT, SIGTERM, SIGHUP]
    private let root: String
    private var count = 0

    /// For modules that interpreters have compiled.
    var compiled: String { root + "/compiled" }

    /// The name is one that ``Sandbox/sweep()`` knows, for a harness that was killed.
    init() throws {
        var template = Array("/var/tmp/ringrift-parity-\(getpid())-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw ParityError("/var/tmp: \(String(cString: strerror(errno)))") }
        root = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        for number in Self.signals {
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { [self] in
                interrupt()
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

    /// - Parameter lifeline: the sandbox ends when this is closed.
    func start(
        _ argv: [String], lifeline: FileHandle, input: Int32, output: Int32, errors: Int32
    ) throws -> ChildProcess {
        holdWhenInterrupted()
        return try lock.withLock {
            let child = try ChildProcess(
                argv, environment: ProcessInfo.processInfo.environment, input: input, output: output, errors: errors)
            running[child.pid] = lifeline
            return child
        }
    }

    func wait(for child: ChildProcess) -> Int {
        let code = child.wait()
        lock.withLock { running[child.pid] = nil }
        holdWhenInterrupted()
        return code
    }

    /// After a signal nothing more is reported: the thread waits for the end of the process.
    private func holdWhenInterrupted() {
        while lock.withLock({ interrupted }) { sleep(1) }
    }

    private func interrupt() {
        let lifelines = lock.withLock {
            interrupted = true
            return running
        }
        for lifeline in lifelines.values { try? lifeline.close() }
        waitForSandboxes(milliseconds: 3000)
        // unshare takes its sandbox with it.
        for pid in lock.withLock({ running.keys }) { kill(pid, SIGKILL) }
        waitForSandboxes(milliseconds: 3000)
        close()
    }

    private func waitForSandboxes(milliseconds: Int) {
        for _ in 0..<(milliseconds / 20) {
            if lock.withLock({ running.isEmpty }) { return }
            usleep(20_000)
        }
    }

    /// Removes the directory; signals end the process again as they always do.
    func close() {
        if !lock.withLock({ interrupted }) {
            for source in sources { source.cancel() }
            for number in Self.signals { signal(number, SIG_DFL) }
        }
        try? FileManager.default.removeItem(atPath: root)
    }
}
