internal import CPythonEmbedABI
import Foundation
import Synchronization

extension PythonInterpreter {
    enum Lifecycle {
        case unused
        /// Somebody is starting it, or it failed inside CPython, or a script owns it: no (other) start is possible.
        case taken
        case running(PythonInterpreter)
    }

    static let lifecycle = Mutex(Lifecycle.unused)

    /// The running interpreter, if any.
    package static var current: PythonInterpreter? {
        lifecycle.withLock { if case .running(let interpreter) = $0 { interpreter } else { nil } }
    }

    /// Starts the interpreter on a new thread, which becomes Python's main thread, and returns when it is ready
    /// (30-100 ms). Once per process: of two starts that race, one wins and the other throws `alreadyStarted`.
    ///
    /// Python installs no signal handlers; signal masks are the starting thread's, and children inherit them.
    /// SIGPIPE is ignored unless the process has a handler for it, because Python's sockets rely on EPIPE.
    ///
    /// A failure before CPython itself ran (library, executable, version) leaves another start possible.
    package static func start(_ configuration: PythonConfiguration) throws(PythonStartError) -> PythonInterpreter {
        let library = try claim()
        let interpreter: PythonInterpreter
        do {
            let executable = try configuration.resolvedExecutable(for: library)
            interpreter = PythonInterpreter(library: library, latency: LatencyHistogram())
            try interpreter.launch(configuration, executable: executable)
        } catch {
            if !error.isFinal { lifecycle.withLock { $0 = .unused } }
            throw error
        }
        lifecycle.withLock { $0 = .running(interpreter) }
        return interpreter
    }

    /// Reserves the process's only start.
    static func claim() throws(PythonStartError) -> CPythonLibrary {
        let library = try CPythonLibrary.load()
        let free = lifecycle.withLock { lifecycle in
            guard case .unused = lifecycle else { return false }
            lifecycle = .taken
            return true
        }
        guard free else { throw .alreadyStarted }
        return library
    }

    private func launch(_ configuration: PythonConfiguration, executable: String) throws(PythonStartError) {
        let outcome = StartOutcome()
        try OSThread.start(name: "python-main", stackSize: configuration.stackSize) {
            configuration.prepareThread()
            let failure = configuration.initialise(self.library, executable: executable, script: nil)
            if let failure {
                outcome.put(.initialisationFailed(failure))
                return
            }
            let problem = Mutex<PythonStartError?>(nil)
            let thread = PythonThread(initialising: self.library, latency: self.latency) { token in
                do throws(PythonError) {
                    try self.installBridge(token)
                } catch {
                    problem.withLock { $0 = .initialisationFailed("\(error)\n\(error.traceback)") }
                }
            }
            outcome.put(problem.withLock { $0 })
            self.main.serve(thread)
        }
        if let failure = outcome.wait() { throw failure }
        for index in 0..<max(1, configuration.poolSize) {
            try openThread("python-\(index)", configuration, pool)
        }
        try openThread("python-control", configuration, control)
    }

    private func openThread(
        _ name: String, _ configuration: PythonConfiguration, _ queue: JobQueue
    ) throws(PythonStartError) {
        try OSThread.start(name: name, stackSize: configuration.stackSize) {
            configuration.prepareThread()
            guard let thread = PythonThread(opening: self.library, latency: self.latency) else {
                preconditionFailure("out of memory for a Python thread state")
            }
            queue.serve(thread)
        }
    }

    /// Makes the Python half of the bridge and gives it its two ways back.
    private func installBridge(_ token: borrowing AttachmentToken) throws(PythonError) {
        let module = try token.makeModule(BridgeModule.name, source: BridgeModule.source)
        let calls = asyncCalls
        let complete = try token.makeHostFunction("complete", reportsErrors: true) { calls.complete($0) }
        try token.setAttribute("complete", of: module, to: complete)
        let sink = output
        let emit = try token.makeHostFunction("emit", reportsErrors: false) { sink.receive($0) }
        try token.setAttribute("emit", of: module, to: emit)
    }
}

extension PythonStartError {
    /// CPython's own initialisation cannot be repeated.
    fileprivate var isFinal: Bool {
        switch self {
        case .initialisationFailed, .threadFailed, .alreadyStarted: true
        case .libraryMissing, .interpreterUnusable, .versionMismatch: false
        }
    }
}

/// Carries the result of the start to the thread that asked for it.
///
/// `@unchecked Sendable`: `failure` is written before the semaphore is raised and read after it was waited for.
private final class StartOutcome: @unchecked Sendable {
    private let semaphore = DispatchSemaphore(value: 0)
    private var failure: PythonStartError?

    func put(_ failure: PythonStartError?) {
        self.failure = failure
        semaphore.signal()
    }

    func wait() -> PythonStartError? {
        semaphore.wait()
        return failure
    }
}

extension PythonConfiguration {
    /// Gives the calling bridge thread the configured signal mask.
    func prepareThread() {
        guard unblocksSignals else { return }
        var none = sigset_t()
        sigemptyset(&none)
        pthread_sigmask(SIG_SETMASK, &none, nil)
    }

    /// Initialises CPython on the calling thread, which is attached afterwards. Returns CPython's reason on failure.
    func initialise(_ library: CPythonLibrary, executable: String, script: String?) -> String? {
        for (name, value) in environment {
            if let value { setenv(name, value, 1) } else { unsetenv(name) }
        }
        return withCStrings(arguments) { arguments in
            withCStrings(pathEntries) { entries in
                withOptionalCStrings(executable, programName, script) { executable, programName, script in
                    var config = cpe_config()
                    config.executable = executable
                    config.program_name = programName
                    config.arguments = arguments.baseAddress
                    config.argument_count = arguments.count
                    config.path_entries = entries.baseAddress
                    config.path_entry_count = entries.count
                    config.script = script
                    config.isolated = isolated ? 1 : 0
                    // A script is the whole program and gets what `python` gives it; beside Swift, signals, C's
                    // streams and the scheduling of other threads are not Python's.
                    config.install_signal_handlers = script == nil ? 0 : 1
                    config.configure_c_stdio = script == nil ? 0 : 1
                    config.switch_interval = script == nil ? switchInterval : 0
                    guard let reason = library.api.initialize(&config) else { return nil }
                    defer { free(reason) }
                    return String(cString: reason)
                }
            }
        }
    }
}

private func withCStrings<Result>(
    _ texts: [String], _ body: (UnsafeBufferPointer<UnsafePointer<CChar>?>) -> Result
) -> Result {
    let copies = texts.map { UnsafePointer(strdup($0)) }
    defer { for copy in copies { free(UnsafeMutablePointer(mutating: copy)) } }
    return copies.withUnsafeBufferPointer(body)
}

private func withOptionalCStrings<Result>(
    _ first: String, _ second: String?, _ third: String?,
    _ body: (UnsafePointer<CChar>?, UnsafePointer<CChar>?, UnsafePointer<CChar>?) -> Result
) -> Result {
    withCStrings([first, second ?? "", third ?? ""]) {
        body($0[0], second == nil ? nil : $0[1], third == nil ? nil : $0[2])
    }
}
