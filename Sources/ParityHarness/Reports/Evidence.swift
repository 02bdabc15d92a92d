import Comparison
import PythonSemantics

/// Both observations of a check that differs, reduced to what the check looked at, and how to see it again.
package struct Evidence: Sendable {
    /// Short and the same in every run: made of scenario, step and differing paths.
    package var id: String
    package var subject: CheckResult.Subject
    /// The step as the scenario has it; nil for what belongs to the run as a whole.
    package var request: PyValue?
    /// The scenario as it was played, cut to the steps up to this one.
    package var scenario: Scenario
    /// Selects this check alone.
    package var selection: RunSelection
    package var references: [RunObservation]
    package var candidate: RunObservation
    package var differences: [Difference]

    /// - Parameters:
    ///   - run: what the candidate did.
    ///   - selection: what of the whole run was compared.
    ///   - scenario: as it was played.
    package init(
        of check: CheckResult, run: RunObservation, references: [RunObservation], selection: RunSelection,
        scenario: Scenario
    ) {
        subject = check.subject
        differences = check.differences
        id = MismatchID.make(scenario: check.scenario, subject: check.subject, differences: check.differences)
        let places = Self.files(check.differences)
        self.references = references.map { Self.reduce($0, to: check.subject, places) }
        candidate = Self.reduce(run, to: check.subject, places)
        self.selection = Self.reduce(selection, to: check.subject, places)
        self.scenario = scenario
        if case .step(let id, _) = check.subject {
            request = scenario.steps.first { $0.method != nil && $0.id == id }?.document
            self.scenario = scenario.ending(at: id)
        }
    }

    init(
        id: String, subject: CheckResult.Subject, request: PyValue?, scenario: Scenario, selection: RunSelection,
        references: [RunObservation], candidate: RunObservation, differences: [Difference]
    ) {
        self.id = id
        self.subject = subject
        self.request = request
        self.scenario = scenario
        self.selection = selection
        self.references = references
        self.candidate = candidate
        self.differences = differences
    }

    /// Databases and files in which something differs.
    private static func files(_ differences: [Difference]) -> (databases: Set<String>, files: Set<String>) {
        func second(_ first: String) -> Set<String> {
            Set(
                differences.compactMap {
                    $0.path.segments.count > 1 && $0.path.segments[0] == first ? $0.path.segments[1] : nil
                })
        }
        return (second("db"), second("file"))
    }

    private static func reduce(
        _ run: RunObservation, to subject: CheckResult.Subject, _ places: (databases: Set<String>, files: Set<String>)
    ) -> RunObservation {
        var reduced = RunObservation(scenario: run.scenario)
        switch subject {
        case .step(let id, _):
            reduced.steps = run.steps.filter { $0.id == id }
            reduced.exitedEarly = run.exitedEarly
        case .end:
            reduced.state = run.state.map {
                StateObservation(exit: $0.exit, stopSeconds: $0.stopSeconds, startupSeconds: $0.startupSeconds)
            }
        case .state:
            reduced.state = run.state.map { state in
                StateObservation(
                    exit: state.exit, stopSeconds: state.stopSeconds, startupSeconds: state.startupSeconds,
                    databases: PyDict(
                        state.databases.filter { places.databases.contains($0.key.description) }
                            .map { ($0.key, $0.value) }),
                    files: PyDict(
                        state.files.filter { places.files.contains($0.key.description) }.map { ($0.key, $0.value) }))
            }
        case .log: reduced.log = run.log
        case .spawned: reduced.spawned = run.spawned
        }
        return reduced
    }

    private static func reduce(
        _ selection: RunSelection, to subject: CheckResult.Subject,
        _ places: (databases: Set<String>, files: Set<String>)
    ) -> RunSelection {
        var reduced = selection
        reduced.steps = []
        reduced.state = nil
        reduced.log = .off
        reduced.spawned = false
        switch subject {
        case .step(let id, _): reduced.steps = [id]
        case .end: break
        case .state:
            // A pattern that matches no path keeps the other files out.
            reduced.state = StateSelection(
                databases: places.databases.isEmpty ? ["-"] : places.databases.sorted(),
                files: places.files.isEmpty ? ["-"] : places.files.sorted(), tables: selection.state?.tables ?? [])
        case .log: reduced.log = selection.log
        case .spawned: reduced.spawned = true
        }
        return reduced
    }
}

extension Scenario {
    /// The same scenario without what follows the step of this id.
    func ending(at id: String) -> Scenario {
        guard let last = steps.firstIndex(where: { $0.method != nil && $0.id == id }) else { return self }
        var fields = document
        fields["steps"] = .list(steps[...last].map(\.document))
        return (try? Scenario(.dict(fields))) ?? self
    }
}
