import Comparison
import Foundation
import PythonSemantics

/// One run as its four files hold it (`NAME.jsonl`, `.state.json`, `.log`, `.spawned.jsonl`; parity/README.md). Reading
/// and writing again gives the same bytes.
package struct Recording: Sendable {
    package struct Step: Sendable {
        package var id: String
        /// What the scenario asked: `method`, `path`, `headers`, a body.
        package var request: PyDict
        package var answer: AnswerObservation
    }

    /// What the run left behind.
    package struct State: Sendable {
        package var observation: StateObservation
        /// Memory and threads before the stop, as `/proc/PID/status` says them.
        package var process: PyDict
    }

    package struct Spawned: Sendable {
        package var argv: [String]
        package var cwd: String
        /// In the order of the program's environment.
        package var environment: [(name: String, value: String)]
    }

    package var scenario: String
    package var arguments: [String]
    package var environment: PyDict
    /// Seconds from start to the first connection.
    package var startupSeconds: Double
    package var steps: [Step] = []
    /// Exit status when the node ended before the last step.
    package var exitedEarly: PyValue?
    /// nil: there is no such file.
    package var state: State?
    package var log: Data?
    package var spawned: [Spawned]?

    /// The ends of the file names. The steps come last: they are what makes a recording one.
    static let suffixes = [".state.json", ".log", ".spawned.jsonl", ".jsonl"]

    /// The run as it is compared.
    package var observation: RunObservation {
        RunObservation(
            scenario: scenario,
            steps: steps.map { step in
                StepObservation(
                    id: step.id, method: step.request["method"]?.pyStr.description ?? "",
                    path: step.request["path"]?.pyStr.description ?? "", answer: step.answer)
            },
            exitedEarly: exitedEarly, state: state?.observation, log: log.map { String(decoding: $0, as: UTF8.self) },
            spawned: (spawned ?? []).map { program in
                SpawnedObservation(
                    argv: program.argv, cwd: program.cwd,
                    environment: Dictionary(
                        program.environment.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 }))
            })
    }
}
