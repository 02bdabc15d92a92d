import Comparison
import Foundation

/// `ringrift parity run`: the candidate against a legacy that runs now, on copies of the same tree.
struct RunCommand {
    let inputs: ParityInputs
    let legacy: (path: String, kind: String)
    let command: String
    let environment: [String: String]
    /// How often the legacy is started: a second time shows what is noise.
    let takes: Int
    let origin: MismatchOrigin

    init(_ options: ParityOptions) throws {
        legacy = try ParityPlaces.tree(options.text("--legacy-root") ?? "bundled")
        guard let python = try ParityPlaces.python(named: options.text("--legacy-python"), tree: legacy.path) else {
            throw ParityError("the legacy needs a Python interpreter, and there is none on this machine")
        }
        var inputs = try ParityInputs(options, command: "run")
        if inputs.python == nil { inputs.python = python }
        self.inputs = inputs
        command = ParityPlaces.quoted(python) + " -u scripts/p2p_orchestrator.py {args}"
        var environment = ParityPlaces.environment()
        environment.merge(try options.pairs("--legacy-env")) { $1 }
        self.environment = environment
        takes = options.has("--no-noise") ? 1 : 2
        var origin = MismatchOrigin("run", options, inputs, tree: legacy.path)
        origin.legacy = MismatchOrigin.Start(tree: legacy.path, command: command, environment: environment)
        origin.takes = takes
        self.origin = origin
    }

    func run() async throws -> ParityReport {
        let started = ContinuousClock.now
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
                tasks.append(task(cut, "candidate", inputs.candidate, inputs.candidateEnvironment))
                for take in 0..<takes {
                    tasks.append(task(cut, take == 0 ? "legacy" : "noise", command, environment))
                }
            }
            results.append(result)
        }
        let observations = await ParityRunner(jobs: inputs.jobs).play(tasks)
        var comparison = RunComparison(rules: RuleBook(inputs.rules))
        for entry in played {
            var references: [RunObservation] = []
            var failure: ParityError?
            for take in 1...takes {
                switch observations[entry.first + take] {
                case .success(let run): references.append(run)
                case .failure(let error): failure = ParityError("the legacy: \(error)")
                }
            }
            if let failure {
                results[entry.result].error = failure.description
            } else {
                results[entry.result].add(
                    observations[entry.first], of: entry.scenario, references: references, selection: entry.selection,
                    &comparison)
            }
        }
        return ParityReport.make(
            command: "run", legacy: "\(legacy.kind) (\(legacy.path), started \(takes == 1 ? "once" : "twice"))",
            inputs: inputs, origin: origin, scenarios: results, comparison: comparison, started: started)
    }

    private func task(
        _ scenario: Scenario, _ role: String, _ command: String, _ environment: [String: String]
    ) -> ParityRunner.Task {
        ParityRunner.Task(
            label: "\(scenario.name) \(role)", scenario: scenario,
            sandbox: Sandbox(
                tree: legacy.path, command: command, environment: environment, python: inputs.python,
                executable: ParityPlaces.executable, output: inputs.keep.map { "\($0)/\(role)" }))
    }
}
