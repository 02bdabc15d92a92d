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
    /// How many leaves were compared by a noise class only, by its name.
    package var noise: [String: Int]
    /// Remarks that are no differences: log lines that match no known template.
    package var remarks: [String]

    package init(
        scenario: String, subject: Subject, status: Int? = nil, tally: Tally = Tally(), differences: [Difference] = [],
        rules: [String] = [], noise: [String: Int] = [:], remarks: [String] = []
    ) {
        self.scenario = scenario
        self.subject = subject
        self.status = status
        self.tally = tally
        self.differences = differences
        self.rules = rules
        self.noise = noise
        self.remarks = remarks
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
    package var settings: ComparisonSettings

    package init(rules: RuleBook, settings: ComparisonSettings = ComparisonSettings()) {
        self.rules = rules
        self.settings = settings
    }

    /// - Returns: a result for every selected step, then for the end (exit status, time to stop), state, log and spawned
    ///   commands.
    package mutating func compare(
        _ run: RunObservation, references: [RunObservation], selection: RunSelection
    ) -> [CheckResult] {
        let prepared = PreparedReferences(references, selection: selection, settings: settings)
        let candidate = PreparedRun(run, selection: selection, settings: settings)
        var results = prepared.units.compactMap { check($0, candidate, prepared)?.result }
        let loosened = settings.exactTimes ? results.dropSizes(run, references.first) : []
        if settings.exactTimes, let reference = references.first?.log, let log = run.log, selection.log != .off {
            var comparer = Comparer(scope: ComparisonScope(scenario: run.scenario), rules: rules)
            comparer.compareLines(
                log: log, reference: reference, mode: selection.log, required: selection.requiredLog,
                loosened: loosened)
            results.append(result(.log, &comparer))
        }
        return results
    }

    /// Compares one unit; nil when there is nothing to compare.
    /// - Parameter keepsTrace: also hands out why leaves were not compared exactly.
    package mutating func check(
        _ unit: PreparedReferences.Unit, _ run: PreparedRun, _ prepared: PreparedReferences, keepsTrace: Bool = false
    ) -> (result: CheckResult, trace: [(path: ValuePath, reason: String)])? {
        var scope = ComparisonScope(scenario: run.scenario)
        var status: Int?
        let subject: CheckResult.Subject
        switch unit {
        case .step(let id, let route):
            scope.step = id
            scope.route = route
            status = run.answers[id]?.answer.status
            subject = .step(id: id, route: route)
        case .end: subject = .end
        case .state: subject = .state
        case .log: subject = .log
        case .spawned: subject = .spawned
        }
        guard run.has(unit) else { return nil }
        var comparer = Comparer(scope: scope, rules: rules)
        comparer.keepsTrace = keepsTrace
        if let own = run.clock, prepared.clocks.count == prepared.count {
            comparer.clocks = ClockPair(
                candidate: run.moment(own, of: scope.step),
                references: zip(prepared.runs, prepared.clocks).map { $0.moment($1, of: scope.step) },
                exactTimes: settings.exactTimes, delay: run.delay(beyond: prepared.runs))
        }
        let shares = prepared.runs.compactMap(\.diskShare)
        if let own = run.diskShare, shares.count == prepared.count {
            comparer.disk = DiskShares(candidate: own, references: shares)
        }
        comparer.remarks = unit == .log ? prepared.remarks : []
        prepared.compare(unit, run, &comparer, settings)
        if settings.exactTimes, case .step(let id, _) = unit { prepared.compareWhole(id, run, &comparer) }
        for broken in prepared.links.breaks(in: unit.name, of: run.identities) {
            if comparer.differences.contains(where: { $0.path == broken.path }) { continue }
            if comparer.reordered.contains(where: { broken.path.segments.starts(with: $0.segments) }) { continue }
            comparer.count(loosened: true)
            comparer.report(
                broken.path, .value, references: [.string(broken.expected)], candidate: .string(broken.got),
                expected: broken.expected,
                got: broken.got)
        }
        return (result(subject, status: status, &comparer), comparer.trace)
    }

    /// What a comparer found; its uses of rules become ours.
    private mutating func result(
        _ subject: CheckResult.Subject, status: Int? = nil, _ comparer: inout Comparer
    ) -> CheckResult {
        let used = comparer.rules.used(since: rules)
        rules = comparer.rules
        let found = comparer.take()
        return CheckResult(
            scenario: comparer.scope.scenario, subject: subject, status: status, tally: found.tally,
            differences: found.differences, rules: used, noise: comparer.noise,
            remarks: comparer.remarks)
    }
}

extension Comparer {
    /// Something that had to be there as a whole.
    mutating func missing(_ what: String, expected: String, got: String) {
        count(loosened: false)
        report(ValuePath([what]), .missing, references: [], candidate: nil, expected: expected, got: got)
    }
}
