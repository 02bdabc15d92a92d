import Comparison
import Foundation

/// `ringrift parity replay`: the candidate against recordings of the legacy.
struct ReplayCommand {
    let inputs: ParityInputs
    let tree: String?
    let origin: MismatchOrigin

    init(_ options: ParityOptions) throws {
        inputs = try ParityInputs(options, command: "replay")
        let name = options.text("--tree")
        if let name, name != "empty" { tree = try ParityPlaces.tree(name).path } else { tree = nil }
        if let tree, inputs.slice == nil, !options.has("--candidate") {
            try WorkerPackages.require(tree: tree, environment: inputs.candidateEnvironment)
        }
        origin = MismatchOrigin("replay", options, inputs, tree: tree)
    }

    func run() async throws -> ParityReport {
        let started = ContinuousClock.now
        let coverage = try CoverageFile.ofProject()
        var results: [ParityReport.ScenarioResult] = []
        var tasks: [ParityRunner.Task] = []
        var played: [(result: Int, scenario: Scenario, references: [RunObservation], selection: RunSelection)] = []
        for scenario in inputs.scenarios {
            let references = try inputs.recordings.references(of: scenario.name)
            var result = ParityReport.ScenarioResult(name: scenario.name)
            if !inputs.isolated, !scenario.proc.isEmpty {
                result.skipped = "its /proc values cannot be set without namespaces"
            } else if references.isEmpty {
                result.skipped = "no recording of it in \(inputs.recordingsPath)"
            } else {
                switch inputs.plan(scenario, references: references) {
                case .skip(let reason): result.skipped = reason
                case .play(let cut, let selection, let leftOut):
                    result.leftOut = leftOut
                    played.append((results.count, cut, references, selection))
                    tasks.append(
                        inputs.task(
                            cut, side: "candidate",
                            sandbox: Sandbox(
                                tree: tree, command: inputs.candidate, environment: inputs.candidateEnvironment,
                                python: inputs.python, executable: ParityPlaces.executable, output: inputs.keep),
                            references: references))
                }
            }
            results.append(result)
        }
        let observations = try await ParityRunner(jobs: inputs.jobs).play(tasks)
        var comparison = RunComparison(rules: RuleBook(inputs.rules), settings: inputs.settings)
        var bodies = EqualBodies()
        for (entry, observation) in zip(played, observations) {
            bodies.count(observation, entry.references)
            results[entry.result].add(
                observation, of: entry.scenario, references: entry.references, selection: entry.selection, &comparison)
            results[entry.result].note = (try? observation.get())?.ending(scenario: entry.scenario)
        }
        let takes = Set(played.map(\.references.count)).sorted().map(String.init).joined(separator: " or ")
        return ParityReport.make(
            command: "replay",
            legacy: "recording (\(takes) a scenario, \(inputs.recordingsPath)"
                + (inputs.determinism == nil ? ")" : ", virtual clock: \(bodies))"), inputs: inputs, origin: origin,
            scenarios: results, comparison: comparison, started: started,
            coverage: CoverageSummary(coverage, runs: observations.compactMap { try? $0.get() }))
    }
}

extension ParityReport.ScenarioResult {
    /// Compares an observation, or notes why there is none; keeps both observations of what differs.
    /// - Parameter scenario: nil where it is not known, so that nothing can be played again.
    mutating func add(
        _ observation: Result<RunObservation, ParityError>, of scenario: Scenario?, references: [RunObservation],
        selection: RunSelection, _ comparison: inout RunComparison
    ) {
        switch observation {
        case .failure(let reason): error = reason.description
        case .success(let run):
            checks = comparison.compare(run, references: references, selection: selection)
            for (index, check) in checks.enumerated() where !check.differences.isEmpty {
                guard let scenario else { break }
                evidence[index] = Evidence(
                    of: check, run: run, references: references, selection: selection, scenario: scenario)
            }
            if let state = run.state {
                startup = (state.startupSeconds, references.compactMap { $0.state?.startupSeconds })
                stopSeconds = state.stopSeconds
            }
        }
    }
}

extension ParityReport {
    static func make(
        command: String, legacy: String, inputs: ParityInputs, origin: MismatchOrigin,
        scenarios: [ScenarioResult], comparison: RunComparison, started: ContinuousClock.Instant,
        coverage: CoverageSummary?
    ) -> ParityReport {
        let made = Date().ISO8601Format()
        let today = String(made.prefix(10))
        let complete =
            inputs.complete
            && scenarios.allSatisfy { result in
                result.error == nil
                    && (result.skipped == nil || result.skipped == inputs.slice?.entries[result.name]?.skipped)
            }
        let elapsed = (ContinuousClock.now - started).components
        return ParityReport(
            command: command, legacy: legacy, candidate: inputs.candidate, scenarios: scenarios,
            rules: comparison.rules,
            complaints: comparison.rules.complaints(
                today: today, complete: complete, played: scenarios.filter { $0.skipped == nil }.map(\.name)
            ).map {
                ($0.rule.name, $0.complaint)
            },
            seconds: Double(elapsed.seconds) + Double(elapsed.attoseconds) / 1e18, made: made, routes: .contract(),
            origin: origin, coverage: coverage)
    }
}
