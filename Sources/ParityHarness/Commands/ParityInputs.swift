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
    var settings: ComparisonSettings
    var candidate: String
    var candidateEnvironment: [String: String]
    var python: String?
    var jobs: Int
    var keep: String?
    /// False when scenarios were picked, so that unused rules prove nothing.
    var complete: Bool

    /// Which rules hold: `replay`, `run` or `deterministic`, `slice` or `all`.
    var context: Set<String>
    /// nil: real time.
    var determinism: Determinism?
    /// False: `--no-sandbox`.
    var isolated: Bool
    /// `--timeout`: seconds for each sandbox.
    var limit: Double?

    /// - Parameter command: `replay` or `run`, for rules that hold in one of them only.
    init(_ options: ParityOptions, command: String) throws {
        let only = options.all("--only")
        scenarios = try Self.scenarios(options)
        recordingsPath = try Self.folders(options).recordings
        recordings = RecordingSet(directory: recordingsPath)
        isolated = !options.has("--no-sandbox")
        limit = try options.seconds("--timeout")
        slice =
            options.has("--all")
            ? nil
            : try Slice(
                contentsOf: options.text("--slice").map(ParityPlaces.absolute)
                    ?? ParityPlaces.project("parity/slice.yaml"))
        rules = try Self.rules(options)
        settings = try Self.settings(options)
        determinism = try Determinism.chosen(options)
        context = [determinism == nil ? command : "deterministic", slice == nil ? "all" : "slice"]
        rules = rules.filter { [context] in $0.when.isSubset(of: context) }
        (candidate, candidateEnvironment) = try Self.candidate(options)
        // Where everything that is played is native the worker would only take part with a time of its own.
        if determinism != nil, slice != nil, candidateEnvironment["RINGRIFT_STANDBY"] == nil {
            candidateEnvironment["RINGRIFT_STANDBY"] = "off"
        }
        // Time is counted from the first connection: the whole node begins then, the legacy's part included.
        if candidateEnvironment["RINGRIFT_STANDBY"] == nil { candidateEnvironment["RINGRIFT_STANDBY"] = "wait" }
        python = try ParityPlaces.python(named: options.text("--python"), tree: nil)
        jobs = isolated ? try options.count("--jobs", default: ParityRunner.defaultJobs) : 1
        keep = options.text("--keep").map(ParityPlaces.absolute)
        complete = only.isEmpty
    }

    /// The folders of scenarios and recordings. `--recordings` may name a folder that holds both: `scenarios` and
    /// `recordings` (as `parity` does) or `legacy` (as the public folder does).
    static func folders(_ options: ParityOptions) throws -> (scenarios: String, recordings: String) {
        func holds(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }
        let named = options.text("--scenarios").map(ParityPlaces.absolute)
        var scenarios = named ?? ParityPlaces.project("parity/scenarios")
        var recordings =
            options.text("--recordings").map(ParityPlaces.absolute) ?? ParityPlaces.project("parity/recordings")
        if options.has("--recordings"), holds(recordings + "/scenarios"),
            let inner = ["/recordings", "/legacy"].map({ recordings + $0 }).first(where: holds)
        {
            if named == nil { scenarios = recordings + "/scenarios" }
            recordings = inner
        }
        guard !options.has("--recordings") || holds(recordings) else {
            throw ParityError("\(recordings): no recordings there")
        }
        return (scenarios, recordings)
    }

    /// The scenarios that `--only` picks, in the order of their names.
    static func scenarios(_ options: ParityOptions) throws -> [Scenario] {
        let directory = try folders(options).scenarios
        let only = options.all("--only")
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: directory) else {
            throw ParityError("\(directory): no scenarios there")
        }
        let scenarios = try names.filter { $0.hasSuffix(".json") }.sorted()
            .filter { name in
                only.isEmpty || only.contains { Glob.matches($0, name) || Glob.matches($0 + ".json", name) }
            }
            .map { try Scenario(contentsOf: directory + "/" + $0) }
        if let twice = Dictionary(grouping: scenarios, by: \.name).first(where: { $0.value.count > 1 }) {
            throw ParityError("\(directory): two scenarios have the name '\(twice.key)'")
        }
        if scenarios.isEmpty {
            throw ParityError(
                only.isEmpty
                    ? "\(directory): no scenario" : "no scenario matches \(only.joined(separator: ", "))")
        }
        return scenarios
    }

    /// Command and variables of the candidate.
    static func candidate(_ options: ParityOptions) throws -> (command: String, environment: [String: String]) {
        let command = options.text("--candidate") ?? ParityPlaces.quoted(ParityPlaces.executable) + " p2p {args}"
        guard command.contains("{args}") else { throw ParityError("--candidate: no {args} in '\(command)'") }
        var environment = ParityPlaces.environment(keeping: [
            "RINGRIFT_PYTHON", "RINGRIFT_VENV", "RINGRIFT_LEGACY_ROOT",
        ])
        environment["RINGRIFT_AI_SERVICE"] = SandboxMounts.tree
        environment.merge(try options.pairs("--env")) { $1 }
        return (command, environment)
    }

    /// A sandbox with what the options say of all of them, and what a play in it is expected to take.
    func task(
        _ scenario: Scenario, side: String, sandbox: Sandbox, references: [RunObservation]
    ) -> ParityRunner.Task {
        var sandbox = sandbox
        sandbox.isolated = isolated
        sandbox.limit = limit
        sandbox.determinism = determinism
        return ParityRunner.Task(
            scenario: scenario, side: side, sandbox: sandbox,
            cost: scenario.estimate(recorded: references.map(\.answering).max()))
    }

    static let withoutPython =
        "its helper programs need a Python interpreter, and there is none on this machine"

    static func rules(
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
            return .skip(Self.withoutPython)
        }
        guard let slice else { return .play(scenario, RunSelection(), leftOut: []) }
        guard let entry = slice.entries[scenario.name] else { return .skip("the slice does not name it") }
        if let reason = entry.skipped { return .skip(reason) }
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
