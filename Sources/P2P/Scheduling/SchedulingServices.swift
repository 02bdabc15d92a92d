import Effects
import P2PModel
import PythonSemantics

/// The parts of `p2p.scheduling` that touch the world, one of each per node.
package struct SchedulingServices: Sendable {
    package let safeguards: Safeguards
    package let queue: TrainingQueue
    package let processes: JobProcesses
    package let gate: SpawnGate
    package let starts = OneAtATime()

    package init(effects: Effects, constants: P2PConstants) {
        safeguards = Safeguards(effects: effects)
        queue = TrainingQueue(effects: effects)
        processes = JobProcesses(effects: effects)
        gate = SpawnGate(constants: constants)
        safeguards.observe()
    }

    /// The program for jobs: the checkout's own Python when it has one, else what PATH gives.
    package static func jobPython(ringriftPath: PyString, files: any FileAccess) -> PyString {
        let own = PythonPath.join([ringriftPath, "ai-service", "venv", "bin", "python"])
        return files.exists(own.description) ? own : "python3"
    }

    /// Where the legacy uses the interpreter it runs in (DESIGN section 5).
    package static func interpreter(tree: String, environment: [String: String], files: any FileAccess) -> String {
        if let named = environment["RINGRIFT_PYTHON"], !named.isEmpty { return named }
        let own = tree + "/venv/bin/python"
        return files.exists(own) ? own : "python3"
    }
}
