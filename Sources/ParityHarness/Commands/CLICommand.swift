import Comparison
import Foundation
import PythonSemantics

/// `ringrift parity cli`: command lines of the improvement loop and the unified loop, against recordings of the legacy
/// or a legacy that runs now.
struct CLICommand {
    static let options: [ParityOptions.Option] =
        [
            .init(name: "--cases", value: "FILE|DIR", help: "case files (again for more; default: parity/cli)"),
            .init(name: "--recordings", value: "DIR", help: "recordings (default: parity/cli/legacy)"),
            .init(name: "--only", value: "NAME", help: "only this case (again for more; * allowed)"),
        ] + ParityOptions.rules() + [
            .init(
                name: "--legacy-root", value: "PATH|bundled",
                help: "compare with this legacy, started twice, instead of recordings"),
            .init(
                name: "--legacy-python", value: "PROGRAM",
                help: "its interpreter (default: the tree's venv, RINGRIFT_VENV, python3)"),
            .init(
                name: "--candidate", value: "'CMD {args}'",
                help: "the program to judge (default: ringrift improve|loop {args})"),
            .init(
                name: "--tree", value: "PATH|bundled|empty",
                help: "tree the cases work in (default: the legacy's, else bundled)"),
            ParityOptions.candidateEnvironment,
            .init(name: "--jobs", value: "N", help: "sandboxes at once (default: 2)"),
            .init(name: "--keep", value: "DIR", help: "keep what was observed, in the form of recordings"),
            .init(
                name: "--observed", value: "DIR",
                help: "judge what --keep left there, play nothing"),
            ParityOptions.json, ParityOptions.helpFlag,
        ]

    private enum Legacy {
        case recordings(CommandLineRecordings)
        case running(path: String, kind: String, python: String)
    }

    private let cases: [CommandLineCase]
    private let legacy: Legacy
    /// nil: an empty directory.
    private let tree: String?
    /// nil: our own program.
    private let candidate: String?
    private let environment: [(name: PyString, text: PyString)]
    private let interpreters: [String]
    private let jobs: Int
    private let keep: String?
    /// Recordings of the candidate that are judged instead of playing it.
    private let observed: String?
    private let rules: [Rule]
    /// False when cases were picked, so that unused rules prove nothing.
    private let complete: Bool

    init(_ options: ParityOptions) throws {
        let paths = options.all("--cases").map(ParityPlaces.absolute)
        let only = options.all("--only")
        let all = try CommandLineCaseFile.cases(at: paths.isEmpty ? [ParityPlaces.project("parity/cli")] : paths)
        cases = all.filter { plan in only.isEmpty || only.contains { Glob.matches($0, plan.id) } }
        if cases.isEmpty {
            throw ParityError(only.isEmpty ? "no cases" : "no case matches \(only.joined(separator: ", "))")
        }
        legacy = try Self.legacy(options)
        observed = options.text("--observed").map(ParityPlaces.absolute)
        if observed != nil,
            let other = ["--candidate", "--tree", "--env", "--keep", "--legacy-root"].first(where: options.has)
        {
            throw ParityOptions.UsageError(text: "--observed and \(other) exclude each other")
        }
        tree = observed != nil ? nil : try Self.tree(options, legacy: legacy)
        candidate = options.text("--candidate")
        try Self.check(candidate: candidate, tree: tree)
        (environment, interpreters) = try Self.surroundings(options, ours: candidate == nil)
        if candidate == nil, observed == nil, let odd = cases.first(where: { CommandLineProgram(case: $0.id) == nil }) {
            throw ParityError("case '\(odd.id)': neither improve-* nor loop-*; name its program with --candidate")
        }
        jobs = try options.count("--jobs", default: 2)
        keep = options.text("--keep").map(ParityPlaces.absolute)
        let context: Set<String> = if case .running = legacy { ["run"] } else { ["replay"] }
        rules = try ParityInputs.rules(options, commandLines: true).filter { $0.when.isSubset(of: context) }
        complete = only.isEmpty && paths.isEmpty
    }

    private static func legacy(_ options: ParityOptions) throws -> Legacy {
        guard let name = options.text("--legacy-root") else {
            if options.has("--legacy-python") {
                throw ParityOptions.UsageError(text: "--legacy-python needs --legacy-root")
            }
            let directory = options.text("--recordings").map(ParityPlaces.absolute)
            return .recordings(
                try CommandLineRecordings(directory: directory ?? ParityPlaces.project("parity/cli/legacy")))
        }
        if options.has("--recordings") {
            throw ParityOptions.UsageError(text: "--recordings and --legacy-root exclude each other")
        }
        let (path, kind) = try ParityPlaces.tree(name)
        guard let python = try ParityPlaces.python(named: options.text("--legacy-python"), tree: path) else {
            throw ParityError("the legacy needs a Python interpreter, and there is none on this machine")
        }
        return .running(path: path, kind: kind, python: python)
    }

    private static func tree(_ options: ParityOptions, legacy: Legacy) throws -> String? {
        if let name = options.text("--tree") { return name == "empty" ? nil : try ParityPlaces.tree(name).path }
        if case .running(let path, _, _) = legacy { return path }
        return try ParityPlaces.tree("bundled").path
    }

    /// Says before anything is played that a candidate is no command.
    private static func check(candidate: String?, tree: String?) throws {
        guard let candidate else { return }
        guard candidate.contains("{args}") else { throw ParityError("--candidate: no {args} in '\(candidate)'") }
        let first = candidate.split(separator: " ").first.map(String.init) ?? ""
        // A word with shell syntax in it is the shell's to judge.
        guard !first.contains(where: { "'\"$\\={".contains($0) }) else { return }
        let inTree = first.contains("/") && !first.hasPrefix("/")
        let place = inTree ? (tree ?? "") + "/" + first : first
        if ParityPlaces.program(place) == nil {
            throw ParityError("--candidate: '\(first)' is no program that can be started")
        }
    }

    /// Variables of the candidate. Our own program is told where the tree and the interpreter are; nothing else of
    /// this process's environment reaches a command.
    private static func surroundings(
        _ options: ParityOptions, ours: Bool
    ) throws -> (environment: [(name: PyString, text: PyString)], interpreters: [String]) {
        var variables: [String: String] = [:]
        if ours {
            let own = ProcessInfo.processInfo.environment
            variables["RINGRIFT_AI_SERVICE"] = SandboxMounts.tree
            // RINGRIFT_VENV itself would show in the log of spawned commands.
            variables["RINGRIFT_PYTHON"] = own["RINGRIFT_PYTHON"] ?? own["RINGRIFT_VENV"].map { $0 + "/bin/python" }
        }
        variables.merge(try options.pairs("--env")) { $1 }
        let interpreters = ["RINGRIFT_PYTHON", "RINGRIFT_LEGACY_PYTHON"].compactMap { variables[$0] }
        let pairs = variables.sorted { $0.key < $1.key }
        return (pairs.map { (PyString($0.key), PyString($0.value)) }, interpreters)
    }

    func run() async throws -> ParityReport {
        let started = ContinuousClock.now
        for directory in sides.compactMap(\.keep) {
            do {
                try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
            } catch {
                throw ParityError("--keep: \(directory): cannot be created")
            }
        }
        var results: [ParityReport.ScenarioResult] = []
        var played: [(result: Int, plan: CommandLineCase, recorded: [CommandLineRecording])] = []
        for plan in cases {
            var result = ParityReport.ScenarioResult(name: plan.id)
            var recorded: [CommandLineRecording] = []
            if case .recordings(let recordings) = legacy {
                recorded = try recordings.references(of: plan.id)
                if recorded.isEmpty { result.skipped = "no recording of it in \(recordings.directory)" }
            }
            if observed == nil, plan.needsPython, ParityPlaces.program("python3") == nil {
                result.skipped = "its helper programs need a Python interpreter, and there is none on this machine"
            }
            if result.skipped == nil { played.append((results.count, plan, recorded)) }
            results.append(result)
        }
        let takes = try await takes(of: played.map(\.plan))
        var rules = RuleBook(rules)
        for (entry, takes) in zip(played, takes) { results[entry.result].add(takes, entry.recorded, &rules) }
        let complaints = rules.complaints(
            today: String(Date().ISO8601Format().prefix(10)),
            complete: complete && results.allSatisfy { $0.error == nil && $0.skipped == nil },
            played: results.filter { $0.skipped == nil }.map(\.name))
        let elapsed = (ContinuousClock.now - started).components
        return ParityReport(
            command: "cli", legacy: legacyText(played.map(\.recorded.count)),
            candidate: observed ?? candidate ?? "ringrift improve|loop {args}", scenarios: results,
            rules: rules, complaints: complaints.map { ($0.rule.name, $0.complaint) },
            seconds: Double(elapsed.seconds) + Double(elapsed.attoseconds) / 1e18)
    }

    /// For each case a recording of each side.
    private func takes(of cases: [CommandLineCase]) async throws -> [[Result<CommandLineRecording, ParityError>]] {
        if let observed {
            return cases.map { plan in
                [
                    Result { () throws(ParityError) -> CommandLineRecording in
                        try CommandLineRecording(contentsOf: "\(observed)/\(plan.id).json")
                    }
                ]
            }
        }
        let place = try CommandLineWorkplace()
        defer { place.close() }
        let tasks = try cases.flatMap { try self.tasks($0, place) }
        let recordings = await CommandLineRunner(jobs: jobs).play(tasks)
        return stride(from: 0, to: recordings.count, by: sides.count).map {
            Array(recordings[$0..<($0 + sides.count)])
        }
    }

    private func legacyText(_ counts: [Int]) -> String {
        switch legacy {
        case .recordings(let recordings):
            let counts = Set(counts).sorted().map(String.init).joined(separator: " or ")
            return "recording (\(counts) a case, \(recordings.directory))"
        case .running(let path, let kind, _): return "\(kind) (\(path), started twice)"
        }
    }

    /// The sides each case is played on, the candidate first; a running legacy twice, to learn what is noise.
    private var sides: [(role: String, keep: String?)] {
        guard case .running = legacy else { return [("", keep)] }
        return ["candidate", "legacy", "noise"].map { role in (role, keep.map { "\($0)/\(role)" }) }
    }

    private func tasks(_ plan: CommandLineCase, _ place: CommandLineWorkplace) throws -> [CommandLineRunner.Task] {
        try sides.map { role, keep in
            var side = CommandLineSandbox.Side(
                command: "", environment: environment, interpreters: interpreters, keep: keep)
            var root = tree
            let program = CommandLineProgram(case: plan.id)
            if case .running(let path, _, let python) = legacy, role != "candidate" {
                guard let program else { throw ParityError("case '\(plan.id)': neither improve-* nor loop-*") }
                side.command = program.legacy(python: python)
                side.environment = []
                side.interpreters = [python]
                root = path
            } else {
                side.command = candidate ?? program?.ours ?? ""
            }
            return CommandLineRunner.Task(
                label: role.isEmpty ? plan.id : "\(plan.id) \(role)", plan: plan,
                sandbox: CommandLineSandbox(tree: root, place: place), side: side)
        }
    }
}

extension ParityReport.ScenarioResult {
    /// Compares what was played with what was recorded, or notes why it cannot be.
    /// - Parameter takes: the candidate, then runs of the legacy.
    fileprivate mutating func add(
        _ takes: [Result<CommandLineRecording, ParityError>], _ recorded: [CommandLineRecording],
        _ rules: inout RuleBook
    ) {
        do {
            guard let first = takes.first else { return }
            let candidate = try first.get()
            let played = try takes.dropFirst().map { take in
                do { return try take.get() } catch { throw ParityError("the legacy: \(error)") }
            }
            checks = try CommandLineComparison(candidate, references: recorded + played).results(&rules)
        } catch {
            self.error = "\(error)"
        }
    }
}
