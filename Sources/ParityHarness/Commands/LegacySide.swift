import Comparison
import Foundation

/// The legacy that is started: tree, interpreter, command and environment.
struct LegacySide: Sendable {
    var path: String
    /// `bundled` or `real`.
    var kind: String
    var python: String
    var command: String
    var environment: [String: String]

    static let program = "scripts/p2p_orchestrator.py"

    init(_ options: ParityOptions) throws {
        (path, kind) = try ParityPlaces.tree(options.text("--legacy-root") ?? "bundled")
        guard FileManager.default.fileExists(atPath: "\(path)/\(Self.program)") else {
            throw ParityError("\(path): no legacy (no '\(Self.program)' in it)")
        }
        guard let python = try ParityPlaces.python(named: options.text("--legacy-python"), tree: path) else {
            throw ParityError("the legacy needs a Python interpreter, and there is none on this machine")
        }
        self.python = python
        command = Self.command(python: python, try Determinism.chosen(options))
        environment = ParityPlaces.environment()
        environment.merge(try options.pairs("--legacy-env")) { $1 }
    }

    /// The shell command of a legacy, with `{args}`.
    /// - Parameter determinism: nil: on real time.
    static func command(python: String, _ determinism: Determinism?) -> String {
        determinism?.legacyCommand(python: python) ?? ParityPlaces.quoted(python) + " -u \(program) {args}"
    }

    /// Why a run of the legacy is no reference; nil when it is one. A legacy that dies or hangs says nothing of what it
    /// does, other than a candidate.
    static func flaw(of run: RunObservation, scenario: Scenario) -> String? {
        if let text = run.ending(scenario: scenario) { return text }
        guard let step = run.steps.first(where: { $0.answer.error?.hasPrefix("TimeoutError") ?? false }) else {
            return nil
        }
        return "did not answer step \(step.id) (\(step.route)) in time"
    }
}

extension RunObservation {
    /// How a node ended that was not told to; nil when it did not.
    func ending(scenario: Scenario) -> String? {
        guard let exitedEarly, scenario.stop.signal != .none else { return nil }
        let last = (log ?? "").split(separator: "\n").last.map(String.init) ?? "no output"
        let place = steps.last.map { "at step \($0.id) (\($0.route))" } ?? "before the first step"
        return "ended with status \(exitedEarly.pyStr) \(place): \(last)"
    }
}
