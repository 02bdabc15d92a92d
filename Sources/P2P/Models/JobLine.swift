import PythonSemantics

/// The lines about jobs on stdout (contract 06 section 9). The texts are contract.
package enum JobLine: Sendable, Equatable {
    case safeguardBlocked(JobType, node: PyString, reason: String)
    case safeguardDelay(Double)
    case spawnBlocked(reason: String, why: String)
    case blocked(label: String, why: String)
    case started(JobType, PyString, pid: Int32)
    case startedExport(PyString, pid: Int32, JobRequest.Export)
    case exportWithoutParameters, exportWithoutPaths
    case startFailed(String)
    case killed(PyValue, pid: PyValue, reason: PyValue), killFailed(PyValue, String)
    case killedMatching(PyValue, reason: PyValue), patternFailed(PyValue, String)
    case cleanupRequested, restartRequested
    case cleaning, cleaned, cleaningFailed(PyString), removedLog(String), cleaningError(String)
    case restarting, restarted(killed: Int, cleared: Int), restartError(String)

    /// The line without its line end.
    package var text: String {
        switch self {
        case .safeguardBlocked(let type, let node, let reason):
            "[P2P] SAFEGUARD blocked \(type.rawValue) on \(node): \(reason)"
        case .safeguardDelay(let seconds):
            "[P2P] SAFEGUARD applying \(PyNumber.fixed(seconds, 1))s backpressure delay"
        case .spawnBlocked(let reason, let why): "[P2P] BLOCKED spawn (\(reason)): \(why)"
        case .blocked(let label, let why): "[P2P] BLOCKED \(label) spawn: \(why)"
        case .started(.cpuSelfplay, let id, let pid):
            "[P2P] Started cpu_selfplay job \(id) (PID \(pid)) [CPU-only hybrid mode]"
        case .started(.hybridSelfplay, let id, let pid): "[P2P] Started HYBRID selfplay job \(id) (PID \(pid))"
        case .started(let type, let id, let pid): "[P2P] Started \(type.rawValue) job \(id) (PID \(pid))"
        case .startedExport(let id, let pid, let export):
            "[P2P] Started DATA_EXPORT job \(id) (PID \(pid)): \(export.inputPath.pyStr) -> \(export.outputPath.pyStr)"
        case .exportWithoutParameters: "[P2P] DATA_EXPORT job requires export_params"
        case .exportWithoutPaths: "[P2P] DATA_EXPORT requires input_path and output_path"
        case .startFailed(let error): "[P2P] Failed to start job: \(error)"
        case .killed(let id, let pid, let reason):
            "[P2P] Killed job \(id.pyStr) (pid \(pid.pyStr)): \(reason.pyStr)"
        case .killFailed(let id, let error): "[P2P] Failed to kill job \(id.pyStr): \(error)"
        case .killedMatching(let pattern, let reason):
            "[P2P] Killed processes matching '\(pattern.pyStr)': \(reason.pyStr)"
        case .patternFailed(let pattern, let error): "[P2P] pkill error for \(pattern.pyStr): \(error)"
        case .cleanupRequested: "[P2P] Cleanup request received"
        case .restartRequested: "[P2P] Restart stuck jobs request received"
        case .cleaning: "[P2P] Running local disk cleanup..."
        case .cleaned: "[P2P] Disk monitor cleanup completed"
        case .cleaningFailed(let output): "[P2P] Disk monitor cleanup failed: \(output)"
        case .removedLog(let path): "[P2P] Cleaned old log: \(path)"
        case .cleaningError(let error): "[P2P] Disk cleanup error: \(error)"
        case .restarting: "[P2P] Restarting stuck local selfplay jobs..."
        case .restarted(let killed, let cleared):
            "[P2P] Killed \(killed) processes, cleared \(cleared) job records"
        case .restartError(let error): "[P2P] Error killing stuck processes: \(error)"
        }
    }
}
