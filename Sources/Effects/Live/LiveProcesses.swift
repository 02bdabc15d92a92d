import Foundation
import PythonSemantics

/// Runs children with `Foundation.Process` on threads of their own, never on the cooperative pool.
package struct LiveProcesses: ProcessRunner {
    private let children = LiveChildren()

    package init() {}

    package func start(_ child: ChildRequest) throws(PyException) -> Int32 { try children.start(child) }
    package func signal(_ pid: Int32, _ number: Int32) throws(PyException) { try children.signal(pid, number) }
    package func isRunning(pid: Int32) -> Bool { children.isRunning(pid) }
    package func collect() -> Bool { children.collect() }
    package func ownProcesses() -> [Int32] { LiveChildren.ownProcesses() }

    package func run(_ request: ProcessRequest) async -> ProcessOutcome {
        guard let program = request.arguments.first else { return .notStarted("no program") }
        guard let path = Self.resolve(program) else {
            let code = program.contains("/") && LiveFiles().exists(program) ? EACCES : ENOENT
            return .notStarted(PyException.osError(code, path: program).message)
        }
        if let directory = request.directory, !LiveFiles().isDirectory(directory) {
            let code = LiveFiles().exists(directory) ? ENOTDIR : ENOENT
            return .notStarted(PyException.osError(code, path: directory).message)
        }
        return await withCheckedContinuation { continuation in
            let thread = Thread {
                Self.unblockSignals()
                continuation.resume(returning: Self.runBlocking(path, request))
            }
            thread.name = "child-\((program as NSString).lastPathComponent)"
            thread.start()
        }
    }

    /// A thread begins with the mask of the one that made it, a dispatch worker blocks nearly everything, and a child
    /// begins with the mask of the thread that starts it: without this SIGTERM would not end it.
    private static func unblockSignals() {
        var none = sigset_t()
        sigemptyset(&none)
        pthread_sigmask(SIG_SETMASK, &none, nil)
    }

    /// The executable file that PATH gives for a name without slash.
    static func resolve(_ program: String) -> String? {
        if program.contains("/") {
            return access(program, X_OK) == 0 && !LiveFiles().isDirectory(program) ? program : nil
        }
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin"
        for directory in path.split(separator: ":", omittingEmptySubsequences: false) {
            let candidate = (directory.isEmpty ? "." : String(directory)) + "/" + program
            if access(candidate, X_OK) == 0, !LiveFiles().isDirectory(candidate) { return candidate }
        }
        return nil
    }

    private static func runBlocking(_ path: String, _ request: ProcessRequest) -> ProcessOutcome {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = Array(request.arguments.dropFirst())
        if let directory = request.directory { process.currentDirectoryURL = URL(fileURLWithPath: directory) }
        let output = Pipe()
        let errorOutput = Pipe()
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = errorOutput
        let ended = DispatchSemaphore(value: 0)
        process.terminationHandler = { _ in ended.signal() }
        do { try process.run() } catch { return .notStarted(String(describing: error)) }
        let collector = OutputCollector(output: output, errorOutput: errorOutput)
        if ended.wait(timeout: .now() + request.timeout) == .timedOut {
            kill(process.processIdentifier, SIGKILL)
            ended.wait()
            return .timedOut
        }
        let (out, err) = collector.finish()
        // Python's returncode: minus the number of the signal that ended the child.
        let status =
            process.terminationReason == .uncaughtSignal ? -process.terminationStatus : process.terminationStatus
        return .exited(status: status, output: out, errorOutput: err)
    }
}

/// Drains both pipes of a child while it runs, so that a full pipe never blocks it.
// `@unchecked`: each field is written by one thread and read after the group it belongs to has finished.
private final class OutputCollector: @unchecked Sendable {
    private let group = DispatchGroup()
    private var output = Data()
    private var errorOutput = Data()

    init(output: Pipe, errorOutput: Pipe) {
        let queue = DispatchQueue.global()
        queue.async(group: group) { self.output = output.fileHandleForReading.readDataToEndOfFile() }
        queue.async(group: group) { self.errorOutput = errorOutput.fileHandleForReading.readDataToEndOfFile() }
    }

    /// Waits at most two seconds for grandchildren that keep the pipes open.
    func finish() -> (String, String) {
        guard group.wait(timeout: .now() + 2) == .success else { return ("", "") }
        return (String(decoding: output, as: UTF8.self), String(decoding: errorOutput, as: UTF8.self))
    }
}
