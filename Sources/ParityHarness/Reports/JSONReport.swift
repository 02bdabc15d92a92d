import Comparison
import PythonSemantics

/// The report as JSON for machines; keys as in parity/README.md.
package enum JSONReport {
    package static func value(_ report: ParityReport) -> PyValue {
        var rules: [PyValue] = []
        for (rule, use) in zip(report.rules.rules, report.rules.uses) {
            rules.append([
                "name": .string(rule.name), "origin": .string(rule.origin.rawValue), "reason": .string(rule.reason),
                "owner": .string(rule.owner), "expires": .string(rule.expires), "hits": .int(use.hits),
                "leaves": .int(use.leaves),
            ])
        }
        var fields: PyDict = [
            "command": .string(report.command), "made": .string(report.made), "legacy": .string(report.legacy),
            "candidate": .string(report.candidate), "seconds": .float(report.seconds),
            "passed": .int(report.passed), "failed": .int(report.failed), "skipped": .int(report.skipped),
            "exit": .int(Int(report.exitCode)), "values": tally(report.tally), "noise": noise(report.noise),
            "remarks": .int(report.remarks),
            "scenarios": .list(report.scenarios.map(scenario)), "rules": .list(rules),
            "complaints": .list(
                report.complaints.map { ["rule": .string($0.rule), "complaint": .string($0.complaint)] }),
            "dimensions": .list(Verdicts.dimensions(report).map { .dict(verdict($0)) }),
            "subsystems": .list(Verdicts.subsystems(report).map { .dict(verdict($0)) }),
            "routes": .list(Verdicts.routes(report).map(route)),
        ]
        if let coverage = report.coverage { fields["coverage"] = coverage.value }
        return .dict(fields)
    }

    private static func verdict(_ verdict: Verdict) -> PyDict {
        [
            "name": .string(verdict.name), "equal": .int(verdict.equal), "differing": .int(verdict.differing),
            "differences": .int(verdict.differences), "values": tally(verdict.tally),
        ]
    }

    private static func route(_ route: RouteVerdict) -> PyValue {
        var fields: PyDict = [
            "route": .string(route.route), "subsystem": .string(route.subsystem), "in_contract": .bool(route.known),
            "verdict": route.verdict.played == 0 ? "not played" : route.verdict.differing == 0 ? "equal" : "differs",
        ]
        for (key, value) in verdict(route.verdict) where key != "name" { fields[key] = value }
        return .dict(fields)
    }

    private static func tally(_ tally: Tally) -> PyValue {
        ["exact": .int(tally.exact), "loosened": .int(tally.loosened), "ignored": .int(tally.ignored)]
    }

    /// Noise classes by name.
    private static func noise(_ noise: [String: Int]) -> PyValue {
        .dict(PyDict(noise.sorted { $0.key < $1.key }.map { (PyString($0.key), .int($0.value)) }))
    }

    private static func scenario(_ result: ParityReport.ScenarioResult) -> PyValue {
        var fields: PyDict = ["name": .string(result.name)]
        if let skipped = result.skipped { fields["skipped"] = .string(skipped) }
        if let error = result.error { fields["error"] = .string(error) }
        if let startup = result.startup {
            fields["startup_s"] = .float(startup.candidate)
            fields["legacy_startup_s"] = .list(startup.legacy.map(PyValue.float))
        }
        if let stop = result.stopSeconds { fields["stop_s"] = .float(stop) }
        fields["left_out"] = .list(
            result.leftOut.map { ["what": .string($0.what), "reason": .string($0.reason)] })
        fields["checks"] = .list(
            result.checks.enumerated().map { check($0.element, evidence: result.evidence[$0.offset]) })
        return .dict(fields)
    }

    private static func check(_ check: CheckResult, evidence: Evidence?) -> PyValue {
        var fields = PyDict()
        if case .step(let id, let route) = check.subject {
            fields["step"] = .string(id)
            fields["route"] = .string(route)
        } else {
            fields["what"] = .string(check.subject.key)
        }
        fields["equal"] = .bool(check.differences.isEmpty)
        if let status = check.status { fields["status"] = .int(status) }
        fields["values"] = tally(check.tally)
        fields["rules"] = .list(check.rules.map { .string($0) })
        fields["noise"] = noise(check.noise)
        fields["remarks"] = .list(check.remarks.map { .string($0) })
        fields["differences"] = .list(
            check.differences.map { difference in
                var entry: PyDict = [
                    "path": .string(difference.path.description), "kind": .string(difference.kind.rawValue),
                    "expected": .string(difference.expected), "got": .string(difference.got),
                ]
                if let values = evidence?.values(at: difference.path), check.subject.route == nil {
                    entry["legacy_values"] = .list(values.references.map { bounded($0 ?? .none) })
                    entry["candidate_value"] = bounded(values.candidate ?? .none)
                }
                return .dict(entry)
            })
        if let evidence {
            fields["mismatch"] = .string(evidence.id)
            if check.subject.route != nil {
                fields["request"] = evidence.request ?? PyValue.none
                fields["legacy_answers"] = .list(evidence.references.map(answer))
                fields["candidate_answer"] = answer(evidence.candidate)
            }
        }
        return .dict(fields)
    }

    private static func answer(_ run: RunObservation) -> PyValue {
        guard let step = run.steps.first else { return PyValue.none }
        let response = RecordingWriter.response(step.answer)
        return .dict((response.asDict ?? [:]).mapValues(bounded))
    }

    /// Bytes of a value that a report shows whole.
    private static let bound = 64 << 10

    /// The value, or the beginning of its text and its length.
    private static func bounded(_ value: PyValue) -> PyValue {
        let text = value.asString?.description ?? ParityText.json(value)
        if text.utf8.count <= bound { return value }
        return .string(String(decoding: text.utf8.prefix(bound), as: UTF8.self) + "… (\(text.utf8.count) bytes)")
    }
}
