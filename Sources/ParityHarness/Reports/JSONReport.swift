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
        var value: PyDict = [
            "command": .string(report.command), "legacy": .string(report.legacy),
            "candidate": .string(report.candidate), "seconds": .float(report.seconds),
            "passed": .int(report.passed), "failed": .int(report.failed), "skipped": .int(report.skipped),
            "exit": .int(Int(report.exitCode)), "values": tally(report.tally),
            "scenarios": .list(report.scenarios.map(scenario)), "rules": .list(rules),
            "complaints": .list(
                report.complaints.map { ["rule": .string($0.rule), "complaint": .string($0.complaint)] }),
        ]
        if let coverage = report.coverage { value["coverage"] = coverage.value }
        return .dict(value)
    }

    private static func tally(_ tally: Tally) -> PyValue {
        ["exact": .int(tally.exact), "loosened": .int(tally.loosened), "ignored": .int(tally.ignored)]
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
        fields["checks"] = .list(result.checks.map(check))
        return .dict(fields)
    }

    private static func check(_ check: CheckResult) -> PyValue {
        var fields = PyDict()
        switch check.subject {
        case .step(let id, let route):
            fields["step"] = .string(id)
            fields["route"] = .string(route)
        case .end: fields["what"] = "exit"
        case .state: fields["what"] = "state"
        case .log: fields["what"] = "log"
        case .spawned: fields["what"] = "spawned"
        }
        fields["equal"] = .bool(check.differences.isEmpty)
        if let status = check.status { fields["status"] = .int(status) }
        fields["values"] = tally(check.tally)
        fields["rules"] = .list(check.rules.map { .string($0) })
        fields["differences"] = .list(
            check.differences.map {
                [
                    "path": .string($0.path.description), "kind": .string($0.kind.rawValue),
                    "expected": .string($0.expected), "got": .string($0.got),
                ]
            })
        return .dict(fields)
    }
}
