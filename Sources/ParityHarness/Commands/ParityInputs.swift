import Comparison
import Foundation

/// What `replay` and `run` have in common: scenarios, recordings, slice, rules, candidate.
struct ParityInputs: Sendable {
    var scenarios: [Scenario]
    var recordings: RecordingSet
    var recordingsPath: String
    /// nil: every step is played.
    var slice: Slice?
    var rules: [Rule]
    var candidate: String
    var candidateEnvironment: [String: String]
    var python: String?
    var jobs: Int
    var keep: String?
    /// False when scenarios were picked, so that unused rules prove nothing.
    var complete: Bool

    /// - Parameter command: `replay` or `run`, for rules that hold in one of them only.
    init(_ options: ParityOptions, command: String) throws {
        let directory =
            options.text("--scenarios").map(ParityPlaces.absolute) ?? ParityPlaces.project("parity/scenarios")
        let only = options.all("--only")
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: directory) else {
            throw ParityError("\(directory): no scenarios there")
        }
        scenarios = try names.filter { $0.hasSuffix(".json") }.sorted()
            .filter { name in
                only.isEmpty || only.contains { Glob.matches($0, name) || Glob.matches($0 + ".json", name) }
            }
            .map { try Scenario(contentsOf: directory + "/" + $0) }
        if scenarios.isEmpty {
            throw ParityError(
                only.isEmpty
                    ? "\(directory): no scenario" : "no scenario matches \(only.joined(separator: ", "))")
        }
        recordingsPath =
            options.text("--recordings").map(ParityPlaces.absolute) ?? ParityPlaces.project("parity/recordings")
        recordings = RecordingSet(directory: recordingsPath)
        slice =
            options.has("--all")
            ? nil
            : try Slice(
                contentsOf: options.text("--slice").map(ParityPlaces.absolute)
                    ?? ParityPlaces.project("parity/slice.yaml"))
        rules = try Self.rules(options, "--rules", "parity/rules.yaml", .rule)
        rules += try Self.rules(options, "--divergences", "parity/divergences.yaml", .divergence)
        let context: Set<String> = [command, slice == nil ? "all" : "slice"]
        rules = rules.filter { $0.when.isSubset(of: context) }
        candidate = options.text("--candidate") ?? ParityPlaces.quoted(ParityPlaces.executable) + " p2p {args}"
        guard candidate.contains("{args}") else {
            throw ParityError("--candidate: no {args} in '\(candidate)'")
        }
        candidateEnvironment = ParityPlaces.environment(keeping: [
            "RINGRIFT_PYTHON", "RINGRIFT_VENV", "RINGRIFT_LEGACY_ROOT",
        ])
        candidateEnvironment["RINGRIFT_AI_SERVICE"] = SandboxMounts.tree
        // Time is counted from the first connection: the whole node begins then, the legacy's part included.
        candidateEnvironment["RINGRIFT_STANDBY"] = "wait"
        candidateEnvironment.merge(try options.pairs("--env")) { $1 }
        python = try ParityPlaces.python(named: options.text("--python"), tree: nil)
        jobs = try options.count("--jobs", default: 2)
        keep = options.text("--keep").map(ParityPlaces.absolute)
        complete = only.isEmpty
    }

    private static func rules(
        _ options: ParityOptions, _ option: String, _ standard: String, _ origin: Rule.Origin
    ) throws -> [Rule] {
        let named = options.text(option).map(ParityPlaces.absolute)
        let path = named ?? ParityPlaces.project(standard)
        guard let data = FileManager.default.contents(atPath: path) else {
            if named == nil { return [] }
            throw ParityError("\(path): cannot be read")
        }
        return try RuleFile.parse(String(decoding: data, as: UTF8.self), name: path, origin: origin)
    }

    /// What is played and compared of a scenario.
    enum Plan {
        case play(Scenario, RunSelection, leftOut: [(what: String, reason: String)])
        case skip(String)
    }

    func plan(_ scenario: Scenario, references: [RunObservation]) -> Plan {
        if scenario.needsPython, python == nil {
            return .skip("its helper programs need a Python interpreter, and there is none on this machine")
        }
        guard let slice else { return .play(scenario, RunSelection(), leftOut: []) }
        guard let entry = slice.entries[scenario.name] else { return .skip("the slice does not name it") }
        let recorded = Dictionary(
            references.first?.steps.map { ($0.id, $0.answer) } ?? [], uniquingKeysWith: { $1 })
        let chosen = slice.selection(of: scenario, recorded: recorded)
        if chosen.isEmpty { return .skip("no step of it is in the slice") }
        let asked = scenario.steps.count { $0.method != nil }
        var leftOut: [(what: String, reason: String)] = []
        if asked - chosen.count - entry.leftOut.count > 0 {
            leftOut.append(
                ("\(asked - chosen.count - entry.leftOut.count) of \(asked) steps", "their routes are not native yet"))
        }
        for (reason, steps) in Dictionary(grouping: entry.leftOut, by: \.value).sorted(by: { $0.key < $1.key }) {
            leftOut.append((steps.map(\.key).sorted().joined(separator: " "), reason))
        }
        if !entry.stateReason.isEmpty { leftOut.append(("state", entry.stateReason)) }
        let selection = RunSelection(
            steps: chosen, state: entry.state, log: entry.log, requiredLog: entry.requiresLog ? slice.requiredLog : [],
            spawned: entry.spawned)
        return .play(scenario.keeping(chosen), selection, leftOut: leftOut)
    }
}
