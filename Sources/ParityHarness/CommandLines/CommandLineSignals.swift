import Glibc
import PythonSemantics

/// Names of signals, without `SIG`.
enum CommandLineSignals {
    private static let numbers: [(name: String, number: Int32)] = [
        ("HUP", SIGHUP), ("INT", SIGINT), ("QUIT", SIGQUIT), ("ILL", SIGILL), ("TRAP", SIGTRAP), ("ABRT", SIGABRT),
        ("BUS", SIGBUS), ("FPE", SIGFPE), ("KILL", SIGKILL), ("USR1", SIGUSR1), ("SEGV", SIGSEGV), ("USR2", SIGUSR2),
        ("PIPE", SIGPIPE), ("ALRM", SIGALRM), ("TERM", SIGTERM), ("CHLD", SIGCHLD), ("CONT", SIGCONT),
        ("STOP", SIGSTOP), ("TSTP", SIGTSTP), ("TTIN", SIGTTIN), ("TTOU", SIGTTOU), ("URG", SIGURG),
        ("XCPU", SIGXCPU), ("XFSZ", SIGXFSZ), ("VTALRM", SIGVTALRM), ("PROF", SIGPROF), ("WINCH", SIGWINCH),
        ("IO", SIGIO), ("PWR", SIGPWR), ("SYS", SIGSYS),
    ]

    static func number(_ name: String) -> Int32? {
        numbers.first { $0.name == name }?.number
    }

    /// How a recording says the end of a process: its status, `SIGTERM`, or `running` for nil.
    /// - Parameter code: as ``ChildProcess`` says it, minus the signal's number.
    static func end(_ code: Int?) -> PyValue {
        guard let code else { return "running" }
        if code >= 0 { return .int(code) }
        return .string("SIG" + (numbers.first { Int($0.number) == -code }?.name ?? String(-code)))
    }
}
