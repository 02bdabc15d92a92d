import Comparison
import Foundation

extension Determinism {
    /// nil without `--deterministic`.
    /// - Throws: ``ParityError`` when the program that puts a legacy on the clock is not there.
    static func chosen(_ options: ParityOptions) throws -> Determinism? {
        guard options.has("--deterministic") else { return nil }
        if options.has("--no-sandbox") {
            throw ParityOptions.UsageError(text: "--deterministic: needs a sandbox, --no-sandbox has none")
        }
        return try onThisMachine(seed: options.text("--seed") ?? "ringrift")
    }

    /// - Throws: ``ParityError`` when the program that puts a legacy on the clock is not there.
    static func onThisMachine(seed: String) throws -> Determinism {
        let script = ParityPlaces.project("Legacy/shim/run_deterministic.py")
        guard FileManager.default.fileExists(atPath: script) else {
            throw ParityError("\(script): missing, --deterministic needs it")
        }
        return Determinism(seed: seed, script: script)
    }

    /// How the legacy is started on the virtual clock, with `{args}`.
    func legacyCommand(python: String) -> String {
        "\(ParityPlaces.quoted(python)) -u \(ParityPlaces.quoted(script ?? "")) -- {args}"
    }
}

/// How many answers are the same to the byte, for the head of a report.
struct EqualBodies: CustomStringConvertible {
    private var steps = 0
    private var equal = 0
    private var bytes = 0

    mutating func count(_ run: Result<RunObservation, ParityError>, _ references: [RunObservation]) {
        guard case .success(let run) = run, let reference = references.first else { return }
        let theirs = Dictionary(reference.steps.map { ($0.id, $0.answer) }, uniquingKeysWith: { $1 })
        for step in run.steps {
            guard let answer = theirs[step.id] else { continue }
            steps += 1
            guard step.answer.status == answer.status, step.answer.body == answer.body else { continue }
            equal += 1
            switch answer.body {
            case .text(let text): bytes += text.utf8.count
            case .hex(let digits): bytes += digits.utf8.count / 2
            case .none: break
            }
        }
    }

    /// `146 of 146 bodies equal to the byte (81234 bytes)`.
    var description: String { "\(equal) of \(steps) bodies equal to the byte (\(bytes) bytes)" }
}
