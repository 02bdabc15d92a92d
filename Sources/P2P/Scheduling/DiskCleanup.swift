import Effects
import P2PModel
import PythonSemantics

/// `_cleanup_local_disk` (contract 06 section 4.18): the tree's disk monitor, or old log files without one.
package struct DiskCleanup: Sendable {
    package var ringriftPath: PyString
    /// What the legacy knows as its own interpreter.
    package var interpreter: String
    package var constants: P2PConstants

    package init(ringriftPath: PyString, interpreter: String, constants: P2PConstants) {
        self.ringriftPath = ringriftPath
        self.interpreter = interpreter
        self.constants = constants
    }

    /// - Parameters:
    ///   - diskPercent: asked for only when the monitor is there.
    ///   - say: told each line when it is due.
    package func run(_ effects: Effects, diskPercent: () -> Double, say: (JobLine) -> Void) async {
        say(.cleaning)
        do throws(PyException) {
            let tree = PythonPath.join([ringriftPath, "ai-service"]).description
            let monitor = PythonPath.join([ringriftPath, "ai-service", "scripts", "disk_monitor.py"]).description
            if effects.files.exists(monitor) {
                try await monitorDisk(effects, monitor, tree: tree, diskPercent: diskPercent(), say: say)
            } else {
                try removeOldLogs(effects, below: tree + "/logs", say: say)
            }
        } catch {
            say(.cleaningError(error.message))
        }
    }

    private func monitorDisk(
        _ effects: Effects, _ monitor: String, tree: String, diskPercent: Double, say: (JobLine) -> Void
    ) async throws(PyException) {
        var arguments = [
            interpreter, monitor, "--threshold", String(constants.diskCleanupThreshold), "--ringrift-path",
            ringriftPath.description, "--aggressive",
        ]
        if diskPercent >= Double(constants.diskCriticalThreshold) { arguments.append("--force") }
        effects.processes.collect()
        switch await effects.processes.run(ProcessRequest(arguments, directory: tree, timeout: 300)) {
        case .exited(0, _, _): say(.cleaned)
        case .exited(_, _, let errorOutput): say(.cleaningFailed(PyString(errorOutput).slice(nil, 200)))
        case .notStarted(let reason): throw PyException(type: "FileNotFoundError", message: reason)
        case .timedOut: throw JobProcesses.timeout(arguments, seconds: 300)
        }
    }

    private static let keptSeconds = 7 * 86400.0

    private func removeOldLogs(
        _ effects: Effects, below directory: String, say: (JobLine) -> Void
    ) throws(PyException) {
        for entry in effects.files.entries(below: directory, suffix: ".log") {
            guard let modified = entry.modified else { throw .osError(2, path: entry.path) }
            guard effects.clock.now() - modified > Self.keptSeconds else { continue }
            try effects.files.remove(entry.path)
            say(.removedLog(entry.path))
        }
    }
}
