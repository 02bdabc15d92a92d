import Comparison
import Foundation

/// `ringrift parity compare`: kept observations (or recordings) with others, without starting anything.
struct CompareCommand {
    static let references = ParityOptions.Option(
        name: "--references", value: "DIR,DIR", help: "folders of recordings of the legacy (again for more)")

    static let options: [ParityOptions.Option] =
        [
            references,
            .init(name: "--candidate", value: "DIR", help: "folder of what is judged (what --keep DIR left)"),
            ParityOptions.only,
        ] + ParityOptions.rules() + [
            ParityOptions.answers(),
            .init(name: "--as", value: "replay|run", help: "which rules hold (default: replay)"),
            .init(name: "--complete", value: nil, help: "everything is there: rules that hide nothing fail"),
            .init(name: "--deterministic", value: nil, help: "both sides ran on one virtual clock: times are exact"),
        ] + ParityOptions.reports + [ParityOptions.helpFlag]

    let references: [String]
    let candidate: String
    let only: [String]
    let rules: [Rule]
    let settings: ComparisonSettings
    let complete: Bool

    init(_ options: ParityOptions) throws {
        references = Self.references(options)
        if references.isEmpty { throw ParityError("--references is missing") }
        guard let named = options.text("--candidate") else { throw ParityError("--candidate is missing") }
        candidate = ParityPlaces.absolute(named)
        only = options.all("--only")
        let context = options.text("--as") ?? "replay"
        guard ["replay", "run"].contains(context) else {
            throw ParityError("--as: '\(context)' is none of replay, run")
        }
        rules = try ParityInputs.rules(options).filter { $0.when.isSubset(of: [context, "all"]) }
        settings = try ParityInputs.settings(options)
        complete = options.has("--complete")
    }

    /// The folders that `--references` names.
    static func references(_ options: ParityOptions) -> [String] {
        options.all("--references").flatMap { $0.split(separator: ",").map(String.init) }.map(ParityPlaces.absolute)
    }

    func run() throws -> ParityReport {
        let started = ContinuousClock.now
        let names = try Self.scenarios(in: candidate).filter { name in
            only.isEmpty || only.contains { Glob.matches($0, name) }
        }
        var comparison = RunComparison(rules: RuleBook(rules), settings: settings)
        var results: [ParityReport.ScenarioResult] = []
        for name in names {
            var result = ParityReport.ScenarioResult(name: name)
            let theirs = try references.filter {
                FileManager.default.fileExists(atPath: "\($0)/\(name).jsonl")
            }.map { try RecordingReader.read(prefix: "\($0)/\(name)") }
            if theirs.isEmpty {
                result.skipped = "no recording of it"
            } else {
                let run = try RecordingReader.read(prefix: "\(candidate)/\(name)")
                result.add(.success(run), of: nil, references: theirs, selection: RunSelection(), &comparison)
            }
            results.append(result)
        }
        if results.isEmpty { throw ParityError("\(candidate): no recording there") }
        let today = String(Date().ISO8601Format().prefix(10))
        let elapsed = (ContinuousClock.now - started).components
        return ParityReport(
            command: "compare", legacy: "recording (\(references.joined(separator: ", ")))", candidate: candidate,
            scenarios: results, rules: comparison.rules,
            complaints: comparison.rules.complaints(
                today: today, complete: complete, played: results.filter { $0.skipped == nil }.map(\.name)
            ).map {
                ($0.rule.name, $0.complaint)
            },
            seconds: Double(elapsed.seconds) + Double(elapsed.attoseconds) / 1e18, routes: .contract())
    }

    /// Names of the recorded scenarios in a folder, in order.
    static func scenarios(in directory: String) throws -> [String] {
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: directory) else {
            throw ParityError("\(directory): no such folder")
        }
        return names.filter { $0.hasSuffix(".jsonl") && !$0.hasSuffix(".spawned.jsonl") }
            .map { String($0.dropLast(6)) }.sorted()
    }
}
