import Effects
import P2PModel
import PythonSemantics

/// How many self-play and training processes run here; contract 06 section 4.3.
package struct JobCount: Sendable, Equatable {
    package var selfplay: Int
    package var training: Int
    /// Tracked jobs whose process is gone: they leave the memory, their row stays.
    package var finished: [PyString]

    /// What `pgrep -f` is asked for: regular expressions in which `.` stands for any character.
    package static let selfplayPatterns = ["run_self_play_soak.py", "run_gpu_selfplay.py", "run_hybrid_selfplay.py"]
    package static let trainingPatterns = ["train_", "train.py"]

    /// - Parameters:
    ///   - jobs: the tracked jobs in order.
    ///   - commands: all processes of the machine; nil when the tree's machine has no `pgrep`, then only tracked jobs count.
    ///   - isAlive: whether a process id still exists.
    package static func count(
        jobs: [ClusterJob], commands: [ProcessCommand]?, isAlive: (Int32) -> Bool
    ) -> JobCount {
        var (selfplay, training, finished) = tracked(jobs, isAlive: isAlive)
        // `pgrep` does not find itself; here it is a question of the legacy worker and no job either.
        for command in commands ?? [] where !command.line.hasPrefix("pgrep ") {
            let line = Array(command.line.utf8)
            if selfplayPatterns.contains(where: { matches($0, line) }) { selfplay.insert(command.pid) }
            if trainingPatterns.contains(where: { matches($0, line) }) { training.insert(command.pid) }
        }
        return JobCount(selfplay: selfplay.count, training: training.count, finished: finished)
    }

    /// Process ids of the tracked jobs that run, and the ids of those whose process is gone.
    package static func tracked(
        _ jobs: [ClusterJob], isAlive: (Int32) -> Bool
    ) -> (selfplay: Set<Int32>, training: Set<Int32>, finished: [PyString]) {
        var selfplay: Set<Int32> = []
        var training: Set<Int32> = []
        var finished: [PyString] = []
        for job in jobs where job.status.pyEquals("running") {
            guard case .int(let number) = job.pid, number > 0, let pid = Int32(exactly: number) else { continue }
            guard isAlive(pid) else {
                if case .string(let id) = job.jobID { finished.append(id) }
                continue
            }
            switch job.jobType {
            case .selfplay, .gpuSelfplay, .hybridSelfplay, .cpuSelfplay: selfplay.insert(pid)
            case .training: training.insert(pid)
            default: break
            }
        }
        return (selfplay, training, finished)
    }

    /// Whether the pattern occurs in the line.
    private static func matches(_ pattern: String, _ line: [UInt8]) -> Bool {
        let pattern = Array(pattern.utf8)
        guard line.count >= pattern.count else { return false }
        return (0...(line.count - pattern.count)).contains { start in
            pattern.indices.allSatisfy { pattern[$0] == UInt8(ascii: ".") || pattern[$0] == line[start + $0] }
        }
    }
}
