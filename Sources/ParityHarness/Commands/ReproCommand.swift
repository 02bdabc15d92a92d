import Comparison
import Foundation

/// `ringrift parity repro ID`: one mismatch again, from its pre-state, in fresh sandboxes.
struct ReproCommand {
    static let options: [ParityOptions.Option] =
        [
            ParityOptions.store,
            .init(
                name: "--candidate", value: "'CMD {args}'",
                help: "the node to judge (default: the one of the mismatch)"),
            ParityOptions.candidateEnvironment,
            .init(
                name: "--tree", value: "PATH|bundled",
                help: "tree the candidate works in (default: that of the mismatch)"),
            .init(name: "--legacy-root", value: "PATH|bundled", help: "the legacy's ai-service (default: as then)"),
            .init(name: "--legacy-python", value: "PROGRAM", help: "its interpreter (default: as then)"),
            ParityOptions.legacyEnvironment,
            .init(name: "--python", value: "PROGRAM", help: "interpreter for helper programs (default: as then)"),
        ] + ParityOptions.rules(then: true) + [ParityOptions.answers(then: true), ParityOptions.helpFlag]

    static let about = """
        Plays one mismatch again: its scenario up to the step that differed, for the
        candidate and, when the mismatch came from 'run', for the legacy, too. Shows
        pre-state, request, both observations and the values that differ. What was
        found on a virtual clock is played on one, with the same seed.

        Exit status: 0 no longer different, 1 still different, 2 could not run.
        """

    let mismatch: Mismatch
    let origin: MismatchOrigin
    let rules: [Rule]
    let settings: ComparisonSettings
    /// As in the run the mismatch is of; nil: real time.
    let determinism: Determinism?
    /// The candidate's variables, those of this process included.
    let environment: [String: String]
    let legacyEnvironment: [String: String]

    /// - Parameter arguments: what follows `ringrift parity repro`.
    /// Finds the mismatch that is named, plays it and shows what came of it.
    static func run(_ options: ParityOptions) async throws -> Int32 {
        let directory = ParityPlaces.absolute(options.text("--store") ?? MismatchStore.standard)
        let store = MismatchStore(directory: directory)
        guard let id = options.operands.first else {
            let known = store.ids()
            throw ParityError("which one? there: \(known.isEmpty ? "none" : known.joined(separator: ", "))")
        }
        let command = try ReproCommand(store.load(id), options)
        if let obstacle = Sandbox.obstacle() { throw ParityError(obstacle) }
        Sandbox.sweep()
        let result = try await command.play()
        _ = try ParityCommand.say(ReproText(result, colour: ReportFiles.colour).text())
        return result.check.differences.isEmpty ? 0 : 1
    }

    init(_ mismatch: Mismatch, _ options: ParityOptions) throws {
        self.mismatch = mismatch
        var origin = mismatch.origin
        if let candidate = options.text("--candidate") { origin.candidate.command = candidate }
        guard origin.candidate.command.contains("{args}") else {
            throw ParityError("--candidate: no {args} in '\(origin.candidate.command)'")
        }
        if let tree = options.text("--tree") { origin.candidate.tree = try ParityPlaces.tree(tree).path }
        if let python = options.text("--python") { origin.python = try ParityPlaces.python(named: python, tree: nil) }
        if let path = options.text("--rules") { origin.rules = ParityPlaces.absolute(path) }
        if let path = options.text("--divergences") { origin.divergences = ParityPlaces.absolute(path) }
        if let path = options.text("--answers") { origin.answers = ParityPlaces.absolute(path) }
        determinism = try origin.seed.map(Determinism.onThisMachine)
        settings = try ParityInputs.settings(
            answers: origin.answers ?? ParityPlaces.project("parity/answers.yaml"), exactTimes: origin.seed != nil)
        if var legacy = origin.legacy {
            if let root = options.text("--legacy-root") {
                legacy.tree = try ParityPlaces.tree(root).path
                if options.text("--tree") == nil { origin.candidate.tree = legacy.tree }
            }
            if let named = options.text("--legacy-python"),
                let python = try ParityPlaces.python(named: named, tree: nil)
            {
                legacy.command = LegacySide.command(python: python, determinism)
            }
            origin.legacy = legacy
        }
        for tree in [origin.candidate.tree, origin.legacy?.tree].compactMap({ $0 })
        where !FileManager.default.fileExists(atPath: tree) {
            throw ParityError("\(tree): the tree of the mismatch is not here; name one with --tree or --legacy-root")
        }
        if mismatch.evidence.scenario.needsPython, origin.python.flatMap(ParityPlaces.program) == nil {
            throw ParityError("the scenario's helper programs need a Python interpreter: --python PROGRAM")
        }
        environment = try Self.environment(origin.candidate, "--env", options)
        legacyEnvironment = try origin.legacy.map { try Self.environment($0, "--legacy-env", options) } ?? [:]
        rules =
            try (Self.rules(origin.rules, .rule) + Self.rules(origin.divergences, .divergence))
            .filter { $0.commandLine == nil && $0.when.isSubset(of: origin.context) }
        self.origin = origin
    }

    /// What a side gets: this process's variables, those of then, those of an option.
    private static func environment(
        _ start: MismatchOrigin.Start, _ option: String, _ options: ParityOptions
    ) throws -> [String: String] {
        let given = try options.pairs(option)
        let missing = start.withheld.filter { given[$0] == nil }
        if !missing.isEmpty {
            throw ParityError(
                "secrets are not stored: set \(missing.map { "\(option) \($0)=…" }.joined(separator: " ")) again")
        }
        return ParityPlaces.environment().merging(start.environment) { $1 }.merging(given) { $1 }
    }

    /// A file that was not there when the mismatch was seen has no rules.
    private static func rules(_ path: String, _ origin: Rule.Origin) throws -> [Rule] {
        guard let data = FileManager.default.contents(atPath: path) else { return [] }
        return try RuleFile.parse(String(decoding: data, as: UTF8.self), name: path, origin: origin)
    }

    struct Outcome: Sendable {
        var mismatch: Mismatch
        /// Against this run's references, or the stored ones.
        var check: CheckResult
        var evidence: Evidence
        /// Steps before the one in question, with the candidate's answers to them.
        var run: RunObservation
        /// Whether the legacy was started, too.
        var fresh: Bool
        var legacy: String
        var candidate: String
    }

    /// - Throws: ``ParityError`` when a side could not be played.
    func play() async throws -> Outcome {
        let evidence = mismatch.evidence
        var tasks = [task("candidate", origin.candidate, environment)]
        if let legacy = origin.legacy {
            for take in 0..<max(1, origin.takes) {
                tasks.append(task(take == 0 ? "legacy" : "noise", legacy, legacyEnvironment))
            }
        }
        let observations = try await ParityRunner(jobs: 2).play(tasks)
        let run = try observations[0].get()
        let references =
            origin.legacy == nil ? evidence.references : try observations.dropFirst().map { try $0.get() }
        return try judge(run, references: references)
    }

    /// One side, on the clock that the run of then had.
    func task(
        _ side: String, _ start: MismatchOrigin.Start, _ environment: [String: String]
    ) -> ParityRunner.Task {
        let scenario = mismatch.evidence.scenario
        var sandbox = Sandbox(
            tree: start.tree, command: start.command, environment: environment, python: origin.python,
            executable: ParityPlaces.executable)
        sandbox.determinism = determinism
        return ParityRunner.Task(
            scenario: scenario, side: side, sandbox: sandbox, cost: scenario.estimate(recorded: nil))
    }

    /// Compares as the run of then did, with the rules of today.
    func judge(_ run: RunObservation, references: [RunObservation]) throws -> Outcome {
        let evidence = mismatch.evidence
        var comparison = RunComparison(rules: RuleBook(rules), settings: settings)
        let checks = comparison.compare(run, references: references, selection: evidence.selection)
            .filter { $0.subject == evidence.subject }
        // On the virtual clock a log is checked twice, by template and by line.
        let again = checks.first { check in
            mismatch.id
                == MismatchID.make(
                    scenario: check.scenario, subject: check.subject, differences: check.differences)
        }
        guard let check = again ?? checks.first(where: { !$0.differences.isEmpty }) ?? checks.first else {
            throw ParityError(
                "\(mismatch.id): nothing to compare with: the references do not have \(evidence.subject.key)")
        }
        return Outcome(
            mismatch: mismatch, check: check,
            evidence: Evidence(
                of: check, run: run, references: references, selection: evidence.selection,
                scenario: evidence.scenario),
            run: run, fresh: origin.legacy != nil,
            legacy: mismatch.legacy + (origin.legacy == nil ? ", as stored" : ", started again")
                + (origin.seed.map { ", on a virtual clock, seed \($0)" } ?? ""),
            candidate: origin.candidate.command)
    }
}
