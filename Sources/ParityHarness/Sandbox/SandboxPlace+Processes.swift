import Foundation
import Glibc

/// Without a namespace nothing ends the processes of a run by itself. They are known by their environment, which
/// names the private directory, also when their parent is gone.
extension SandboxPlace {
    /// Kills what still runs in this place and waits until it is gone, 5 s at most.
    func endProcesses() {
        guard !isSealed else { return }
        for _ in 0..<500 {
            let living = processes
            for pid in living { kill(pid, SIGKILL) }
            if living.isEmpty { return }
            usleep(10_000)
        }
    }

    /// Of a process that ended but was not waited for the environment is empty.
    private var processes: [pid_t] {
        let mark = Data((root + "/").utf8)
        return ((try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []).compactMap { name in
            guard let pid = pid_t(name), pid != getpid(),
                let variables = FileManager.default.contents(atPath: "/proc/\(pid)/environ"),
                variables.range(of: mark) != nil
            else { return nil }
            return pid
        }
    }
}
