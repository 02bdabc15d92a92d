import PythonSemantics

/// Verdict on one unit of a run: a step, or what the run left behind.
package struct CheckResult: Sendable, Equatable {
    package enum Subject: Sendable, Equatable {
        case step(id: String, route: String)
        case end, state, log, spawned
    }

    package var scenario: String
    package var subject: Subject
    /// HTTP status the candidate gave.
    package var status: Int?
    package var tally: Tally
    /// Empty: equal.
    package var differences: [Difference]
    /// Names of the rules that hid a difference here.
    package var rules: [String]

    package init(
        scenario: String, subject: Subject, status: Int? = nil, tally: Tally = Tally(), differences: [Difference] = [],
        rules: [String] = []
    ) {
        self.scenario = scenario
        self.subject = subject
        self.status = status
        self.tally = tally
        self.differences = differences
        self.rules = rules
    }
}

/// What of a run is compared.
package struct RunSelection: Sendable {
    /// Ids of the steps; nil: all.
    package var steps: Set<String>?
    package var state: StateSelection?
    package var log: LogComparison
    package var requiredLog: [String]
    package var spawned: Bool

    package init(
        steps: Set<String>? = nil, state: StateSelection? = StateSelection(), log: LogComparison = .both,
        requiredLog: [String] = [], spawned: Bool = true
    ) {
        self.steps = steps
        self.state = state
        self.log = log
        self.requiredLog = requiredLog
        self.spawned = spawned
    }
}

/// Compares a whole run with one or more reference runs of the same scenario. Steps are matched by id, so references
/// may hold more steps than were played.
package struct RunComparison: Sendable {
    package var rules: RuleBook
    /// Both sides ran on the same clock with the same random values: nothing is noise, whole bodies and lines count.
    package var exact: Bool

    package init(rules: RuleBook, exact: Bool = false) {
        self.rules = rules
        self.exact = exact
    }

    /// - Returns: a result for every selected step, then for exit, state, log and spawned commands.
    package mutating func compare(
        _ run: RunObservation, references: [RunObservation], selection: RunSelection
    ) -> [CheckResult] {
        var results: [CheckResult] = []
        let exact = exact
        let own = Dictionary(run.steps.map { ($0.id, $0) }, uniquingKeysWith: { $1 })
        let theirs = references.map { Dictionary($0.steps.map { ($0.id, $0) }, uniquingKeysWith: { $1 }) }
        for step in references.first?.steps ?? [] where selection.steps?.contains(step.id) ?? true {
            let answers = theirs.compactMap { $0[step.id]?.answer }
            let scope = ComparisonScope(scenario: run.scenario, step: step.id, route: step.route)
            results.append(
                check(scope, .step(id: step.id, route: step.route), status: own[step.id]?.answer.status) { comparer in
                    if let mine = own[step.id] {
                        comparer.compare(answer: mine.answer, references: answers)
                        if exact { comparer.compareWhole(mine.answer, references: answers) }
                    } else {
                        comparer.missing("step", expected: "an answer", got: "the node had ended")
                    }
                })
        }
        results += compareEnd(run, references: references, selection: selection)
        return results
    }

    private mutating func compareEnd(
        _ run: RunObservation, references: [RunObservation], selection: RunSelection
    ) -> [CheckResult] {
        let exact = exact
        let scope = ComparisonScope(scenario: run.scenario)
        var results: [CheckResult] = []
        let states = references.compactMap(\.state)
        if let state = run.state, states.count == references.count {
            results.append(check(scope, .end) { $0.compare(exit: state, references: states) })
            if let wanted = selection.state {
                results.append(
                    check(scope, .state) { $0.compare(state: state, references: states, selection: wanted) })
            }
        }
        let logs = references.compactMap(\.log)
        if let log = run.log, selection.log != .off, logs.count == references.count {
            results.append(
                check(scope, .log) {
                    $0.compare(
                        log: log, references: logs, mode: selection.log, required: selection.requiredLog)
                    if exact, let reference = logs.first {
                        $0.compareLines(
                            log: log, reference: reference, mode: selection.log, required: selection.requiredLog)
                    }
                })
        }
        if selection.spawned {
            results.append(
                check(scope, .spawned) { $0.compare(spawned: run.spawned, references: references.map(\.spawned)) })
        }
        return results
    }

    private mutating func check(
        _ scope: ComparisonScope, _ subject: CheckResult.Subject, status: Int? = nil,
        _ body: (inout Comparer) -> Void
    ) -> CheckResult {
        var comparer = Comparer(scope: scope, rules: rules)
        body(&comparer)
        let used = zip(rules.uses, comparer.rules.uses).enumerated().filter { $0.element.0.hits != $0.element.1.hits }
        rules = comparer.rules
        let found = comparer.take()
        return CheckResult(
            scenario: scope.scenario, subject: subject, status: status, tally: found.tally,
            differences: found.differences, rules: used.map { rules.rules[$0.offset].name })
    }
}

extension Comparer {
    /// Something that had to be there as a whole.
    mutating func missing(_ what: String, expected: String, got: String) {
        count(loosened: false)
        report(ValuePath([what]), .missing, references: [], candidate: nil, expected: expected, got: got)
    }
}
