import Glibc
import PythonSemantics

/// A process of a case; remembers how it ended, because that can be asked for only once.
final class CommandLineProcess {
    private let child: ChildProcess
    private var code: Int?

    var pid: pid_t { child.pid }

    /// - Parameters:
    ///   - directory: working directory; becomes that of this process, too.
    ///   - output: descriptors for stdout and stderr; nil: /dev/null.
    init(
        _ argv: [String], environment: [String: String], directory: String, input: Int32? = nil,
        output: (out: Int32, errors: Int32)? = nil, session: Bool
    ) throws {
        guard chdir(directory) == 0 else { throw ParityError("\(directory): \(String(cString: strerror(errno)))") }
        var argv = argv
        argv[0] = Self.program(argv[0], path: environment["PATH"] ?? "")
        child = try ChildProcess(
            argv, environment: environment, input: input, output: output?.out, errors: output?.errors,
            session: session)
    }

    /// The program a name stands for on the command's own PATH.
    private static func program(_ name: String, path: String) -> String {
        if name.contains("/") { return name }
        return path.split(separator: ":").map { "\($0)/\(name)" }.first { access($0, X_OK) == 0 } ?? name
    }

    /// Whether its end has been seen; does not look for it.
    var hasEnded: Bool { code != nil }

    /// Exit status, minus the signal's number; nil while it runs.
    func poll() -> Int? {
        if code == nil { code = child.poll() }
        return code
    }

    /// Waits until a moment of the monotonic clock; nil when it still runs then.
    func wait(until end: ContinuousClock.Instant) -> Int? {
        while poll() == nil, ContinuousClock.now < end { usleep(10_000) }
        return poll()
    }

    /// Ends it and what it started in its session.
    func killGroup() {
        kill(-pid, SIGKILL)
        while poll() == nil { usleep(2_000) }
    }
}
