import Foundation
import Glibc

/// A child process started with posix_spawn: no signal handler or mask of ours reaches it, and only it is reaped.
struct ChildProcess {
    let pid: pid_t

    /// - Parameters:
    ///   - argv: the first is looked up on PATH of this process.
    ///   - output: descriptor for stdout and stderr; nil: /dev/null.
    ///   - session: true: in a session of its own, so that a child that signals its group does not reach us.
    init(
        _ argv: [String], environment: [String: String], input: Int32? = nil, output: Int32? = nil,
        errors: Int32? = nil, session: Bool = false
    ) throws {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        if let input {
            posix_spawn_file_actions_adddup2(&actions, input, 0)
        } else {
            posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        }
        if let output {
            posix_spawn_file_actions_adddup2(&actions, output, 1)
        } else {
            posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
        }
        posix_spawn_file_actions_adddup2(&actions, errors ?? 1, 2)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var all = sigset_t()
        sigfillset(&all)
        sigdelset(&all, SIGKILL)
        sigdelset(&all, SIGSTOP)
        posix_spawnattr_setsigdefault(&attributes, &all)
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        let setSession: Int16 = 0x80  // POSIX_SPAWN_SETSID of glibc 2.26 and later
        let flags = Int16(POSIX_SPAWN_SETSIGDEF) | Int16(POSIX_SPAWN_SETSIGMASK) | (session ? setSession : 0)
        posix_spawnattr_setflags(&attributes, flags)
        var words: [UnsafeMutablePointer<CChar>?] = argv.map { strdup($0) }
        words.append(nil)
        var variables: [UnsafeMutablePointer<CChar>?] = environment.map { strdup("\($0.key)=\($0.value)") }
        variables.append(nil)
        defer { (words + variables).forEach { free($0) } }
        var child: pid_t = 0
        let code = posix_spawnp(&child, argv[0], &actions, &attributes, words, variables)
        guard code == 0 else { throw ParityError("\(argv[0]): \(String(cString: strerror(code)))") }
        pid = child
    }

    /// Exit status as Python's `Popen.returncode` says it (minus the signal's number); nil while it runs.
    func poll() -> Int? {
        var status: Int32 = 0
        return waitpid(pid, &status, WNOHANG) == pid ? Self.code(status) : nil
    }

    func wait() -> Int {
        var status: Int32 = 0
        while waitpid(pid, &status, 0) != pid {
            if errno != EINTR { return -1 }
        }
        return Self.code(status)
    }

    /// Waits at most this many seconds.
    func wait(seconds: Double) -> Int? {
        let end = ContinuousClock.now + .seconds(seconds)
        while ContinuousClock.now < end {
            if let code = poll() { return code }
            usleep(5_000)
        }
        return poll()
    }

    private static func code(_ status: Int32) -> Int {
        let signal = Int(status & 0x7f)
        return signal == 0 ? Int(status >> 8 & 0xff) : -signal
    }
}
