import Comparison
import Foundation

/// `ringrift parity run`: the candidate against a legacy that runs now, on copies of the same tree.
struct RunCommand {
    let inputs: ParityInputs
    let legacy: LegacySide
    /// How often the legacy is started: a second time shows what is noise.
    let takes: Int
    let origin: MismatchOrigin

    init(_ options: ParityOptions) throws {
        legacy = try LegacySide(options)
        var inputs = try ParityInputs(options, command: "run")
        if inputs.python == nil { inputs.python = legacy.python }
        self.inputs = inputs
        takes = options.has("--no-noise") || inputs.determinism != nil ? 1 : 2
        var origin = MismatchOrigin("run", options, inputs, tree: legacy.path)
        origin.legacy = MismatchOrigin.Start(
            tree: legacy.path, command: legacy.command, environment: legacy.environment)
        origin.takes = takes
        self.origin = origin
    }

    func run() async throws -> ParityReport {
        let started = ContinuousClock.now
        let coverage = try CoverageFile.ofProject()
        var results: [ParityReport.ScenarioResult] = []
        var tasks: [ParityRunner.Task] = []
        var played: [(result: Int, scenario: Scenario, first: Int, selection: RunSelection)] = []
        for scenario in inputs.scenarios {
            var result = ParityReport.ScenarioResult(name: scenario.name)
            // Recordings, where there are any, tell which answers are the framework's own.
            let recorded = try inputs.recordings.references(of: scenario.name)
            switch inputs.plan(scenario, references: recorded) {
            case .skip(let reason): result.skipped = reason
            case .play(let cut, let selection, let leftOut):
                result.leftOut = leftOut
                played.append((results.count, cut, tasks.count, selection))
                tasks.append(task(cut, "candidate", inputs.candidate, inputs.candidateEnvironment, recorded))
                for take in 0..<takes {
                    let role = take == 0 ? "legacy" : "noise"
                    tasks.append(task(cut, role, legacy.command, legacy.environment, recorded))
                }
            }
            results.append(result)
        }
        let observations = try await ParityRunner(jobs: inputs.jobs).play(tasks)
        var comparison = RunComparison(rules: RuleBook(inputs.rules), settings: inputs.settings)
        var bodies = EqualBodies()
        for entry in played {
            var references: [RunObservation] = []
            var failure: ParityError?
            for take in 1...takes {
                switch observations[entry.first + take] {
                case .success(let run):
                    references.append(run)
                    if let flaw = LegacySide.flaw(of: run, scenario: entry.scenario) {
                        failure = failure ?? ParityError("the legacy \(flaw)")
                    }
                case .failure(let error): failure = failure ?? error
                }
            }
            bodies.count(observations[entry.first], references)
            if let failure {
                results[entry.result].error = failure.description
            } else {
                results[entry.result].add(
                    observations[entry.first], of: entry.scenario, references: references, selection: entry.selection,
                    &comparison)
                results[entry.result].note = (try? observations[entry.first].get())?.ending(scenario: entry.scenario)
            }
        }
        return ParityReport.make(
            command: "run",
            legacy: "\(legacy.kind) (\(legacy.path), started \(takes == 1 ? "once" : "twice")"
                + (inputs.determinism == nil ? ")" : ", virtual clock: \(bodies))"),
            inputs: inputs, origin: origin, scenarios: results, comparison: comparison, started: started,
            coverage: CoverageSummary(
                coverage, runs: played.compactMap { try? observations[$0.first].get() }))
    }

    private func task(
        _ scenario: Scenario, _ role: String, _ command: String, _ environment: [String: String],
        _ recorded: [RunObservation]
    ) -> ParityRunner.Task {
        inputs.task(
            scenario, side: role == "noise" ? "second legacy" : role,
            sandbox: Sandbox(
                tree: legacy.path, command: command, environment: environment, python: inputs.python,
                executable: ParityPlaces.executable, output: inputs.keep.map { "\($0)/\(role)" }),
            references: recorded)
    }
}
