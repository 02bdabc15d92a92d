import Comparison
import Foundation
import Glibc

/// `ringrift parity record`: keeps what one side does as recordings that `replay` compares with.
struct RecordCommand {
    /// A scenario's fate.
    struct Outcome: Sendable, Equatable {
        /// `01-empty-node`, or `a/01-empty-node` with several takes.
        var name: String
        var seconds: Double?
        var steps = 0
        var skipped: String?
        var error: String?
        /// A candidate that ended by itself is kept, and said.
        var note: String?
    }

    let scenarios: [Scenario]
    /// Who is recorded: `legacy` or `candidate`.
    let side: String
    let about: String
    let sandbox: Sandbox
    let directory: String
    /// Sub-directories to fill; one empty name for the directory itself.
    let takes: [String]
    let force: Bool
    let jobs: Int
    /// Seconds for each sandbox; nil: by the scenario's length.
    let limit: Double?
    /// nil: real time.
    let determinism: Determinism?
    /// Earlier recordings, to know what takes long.
    let recordings: RecordingSet

    init(_ options: ParityOptions) throws {
        if options.has("--legacy-root"), options.has("--candidate") {
            throw ParityOptions.UsageError(text: "--legacy-root and --candidate: one side is recorded")
        }
        if options.has("--no-sandbox") {
            throw ParityOptions.UsageError(text: "--no-sandbox: figures of this machine are no recording")
        }
        scenarios = try ParityInputs.scenarios(options)
        recordings = RecordingSet(directory: try ParityInputs.folders(options).recordings)
        if options.has("--candidate") {
            let (command, environment) = try ParityInputs.candidate(options)
            let tree = try options.text("--tree").flatMap { $0 == "empty" ? nil : try ParityPlaces.tree($0).path }
            side = "candidate"
            about = command
            sandbox = Sandbox(
                tree: tree, command: command, environment: environment,
                python: try ParityPlaces.python(named: options.text("--python"), tree: nil),
                executable: ParityPlaces.executable)
        } else {
            let legacy = try LegacySide(options)
            side = "legacy"
            about = "\(legacy.kind) (\(legacy.path))"
            sandbox = Sandbox(
                tree: legacy.path, command: legacy.command, environment: legacy.environment,
                python: try ParityPlaces.python(named: options.text("--python"), tree: nil) ?? legacy.python,
                executable: ParityPlaces.executable)
        }
        directory = ParityPlaces.absolute(options.text("--out") ?? "recordings")
        let count = try options.count("--takes", default: 1)
        guard count <= 26 else { throw ParityOptions.UsageError(text: "--takes: 26 at most") }
        takes = count == 1 ? [""] : "abcdefghijklmnopqrstuvwxyz".prefix(count).map { String($0) }
        force = options.has("--force")
        jobs = try options.count("--jobs", default: ParityRunner.defaultJobs)
        limit = try options.seconds("--timeout")
        determinism = try Determinism.chosen(options)
    }

    func run() async throws -> [Outcome] {
        let played = scenarios.filter { !$0.needsPython || sandbox.python != nil }
        try refuseOverwriting(played)
        try PlainFile.makeDirectory(directory)
        TemporaryDirectory.sweep(directory, prefix: ".partial-")
        let partial = try TemporaryDirectory(template: "\(directory)/.partial-XXXXXX")
        defer { withExtendedLifetime(partial) {} }
        let aside = partial.path
        var tasks: [ParityRunner.Task] = []
        for take in takes {
            try PlainFile.makeDirectory("\(aside)/\(take)")
            for scenario in played {
                var sandbox = sandbox
                sandbox.output = "\(aside)/\(take)"
                sandbox.limit = limit
                sandbox.determinism = determinism
                let recorded = try recordings.references(of: scenario.name).map(\.answering).max()
                tasks.append(
                    ParityRunner.Task(
                        scenario: scenario, side: take.isEmpty ? side : "\(side) \(take)", sandbox: sandbox,
                        cost: scenario.estimate(recorded: recorded)))
            }
        }
        let results = try await ParityRunner(jobs: jobs).play(tasks)
        var outcomes = scenarios.filter { scenario in !played.contains { $0.name == scenario.name } }.map {
            Outcome(name: $0.name, skipped: ParityInputs.withoutPython)
        }
        for (index, result) in results.enumerated() {
            let take = takes[index / played.count]
            outcomes.append(try keep(result, of: tasks[index].scenario, take: take, from: "\(aside)/\(take)"))
        }
        return outcomes
    }

    private func keep(
        _ result: Result<RunObservation, ParityError>, of scenario: Scenario, take: String, from source: String
    ) throws -> Outcome {
        var outcome = Outcome(name: take.isEmpty ? scenario.name : "\(take)/\(scenario.name)")
        switch result {
        case .failure(let error): outcome.error = error.description
        case .success(let run):
            if side == "legacy", let flaw = LegacySide.flaw(of: run, scenario: scenario) {
                outcome.error = "the legacy \(flaw)"
                return outcome
            }
            outcome.note = run.ending(scenario: scenario)
            outcome.steps = run.steps.count
            outcome.seconds = scenario.waiting + run.answering
            try place(scenario.name, from: source, in: take.isEmpty ? directory : "\(directory)/\(take)")
        }
        return outcome
    }

    /// Renames the files of one recording into their place. What makes a recording one comes last, and what is
    /// replaced loses it first: whoever looks in between sees no recording, never a mixed one.
    private func place(_ name: String, from source: String, in target: String) throws {
        try PlainFile.makeDirectory(target)
        unlink("\(target)/\(name).jsonl")
        for suffix in Recording.suffixes {
            try PlainFile.rename("\(source)/\(name)\(suffix)", to: "\(target)/\(name)\(suffix)")
        }
    }

    private func refuseOverwriting(_ scenarios: [Scenario]) throws {
        guard !force else { return }
        let there = takes.flatMap { take in
            scenarios.map { (take.isEmpty ? directory : "\(directory)/\(take)") + "/\($0.name).jsonl" }
        }.filter { FileManager.default.fileExists(atPath: $0) }
        guard let first = there.first else { return }
        throw ParityError(
            "\(first) is there already\(there.count > 1 ? ", and \(there.count - 1) more" : ""); --force replaces")
    }

    /// The report, 80 columns, and the exit status.
    func report(_ outcomes: [Outcome]) -> (text: String, exitCode: Int32) {
        var lines = TerminalReport.wrap("recorded: \(side), \(about)", indent: 0)
        lines += TerminalReport.wrap("into: \(directory)", indent: 0) + [""]
        for outcome in outcomes {
            let what =
                outcome.error.map { "could not run: \($0)" } ?? outcome.skipped.map { "skipped: \($0)" }
                ?? "\(outcome.steps) steps, \(TerminalReport.tenths(outcome.seconds ?? 0)) s"
            lines += TerminalReport.wrap("\(outcome.name): \(what)", indent: 2)
            if let note = outcome.note { lines += TerminalReport.wrap("the \(side) \(note)", indent: 6) }
        }
        let failed = outcomes.count { $0.error != nil }
        let skipped = outcomes.count { $0.skipped != nil }
        let recorded = outcomes.count - failed - skipped
        lines += ["", "\(recorded) recorded, \(failed) failed" + (skipped > 0 ? ", \(skipped) skipped" : "")]
        return (lines.joined(separator: "\n") + "\n", failed > 0 || recorded == 0 ? 2 : 0)
    }
}

extension RunObservation {
    /// Seconds of start-up and answers, as far as they are known.
    var answering: Double {
        (state?.startupSeconds ?? 0) + steps.reduce(0) { $0 + $1.answer.milliseconds } / 1000
    }
}
