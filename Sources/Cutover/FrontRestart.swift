import Foundation

/// The node's restart of itself after a git update: the legacy replaces its process (`os.execv`) without a farewell, so the
/// process id stays, and a service manager sees nothing. The front does the same with its own command line.
package struct FrontRestart: Sendable {
    private let executable: String
    private let arguments: [String]

    /// - Parameters:
    ///   - executable: the program's path when it started: an update may have put a new one there.
    ///   - arguments: the whole command line, the program's name first.
    package init(executable: String, arguments: [String]) {
        self.executable = executable
        self.arguments = arguments
    }

    /// Replaces the process. Returns only when that is not possible.
    /// - Returns: why.
    package func now() -> String {
        // The signal mask of the calling thread, and what was not opened for this process only, would be inherited.
        var none = sigset_t()
        sigemptyset(&none)
        pthread_sigmask(SIG_SETMASK, &none, nil)
        for name in (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? [] {
            guard let descriptor = Int32(name), descriptor > STDERR_FILENO else { continue }
            _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        }
        var pointers: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) }
        defer { for pointer in pointers { free(pointer) } }
        pointers.append(nil)
        execv(executable, &pointers)
        return String(cString: strerror(errno))
    }
}
