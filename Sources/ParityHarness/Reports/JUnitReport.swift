import Comparison

/// The report as JUnit XML: a suite for each scenario, a case for each check, a suite for the rules that fail.
package enum JUnitReport {
    /// Differences named in one failure; the others are counted.
    private static let shown = 50

    private enum Outcome {
        case passed
        case failure(message: String, text: String)
        case error(message: String)
        case skipped(message: String)
    }

    private struct Case {
        var name: String
        var group: String
        var outcome: Outcome
        var seconds = 0.0
        var output = ""
    }

    private struct Suite {
        var name: String
        var cases: [Case]
        var properties: [(name: String, value: String)] = []
    }

    /// - Returns: a whole XML document, UTF-8.
    package static func text(_ report: ParityReport) -> String {
        var suites = report.scenarios.map { suite($0, report) }
        if !report.complaints.isEmpty {
            suites.append(
                Suite(
                    name: "rules",
                    cases: report.complaints.map {
                        Case(
                            name: $0.rule, group: "parity.rules",
                            outcome: .failure(message: $0.complaint, text: "\($0.rule): \($0.complaint)"))
                    }))
        }
        let all = suites.flatMap(\.cases)
        var lines = [#"<?xml version="1.0" encoding="UTF-8"?>"#]
        lines.append(
            "<testsuites"
                + attributes([
                    ("name", "parity \(report.command)"), ("tests", String(all.count)),
                    ("failures", String(all.count(where: isFailure))), ("errors", String(all.count(where: isError))),
                    ("time", seconds(report.seconds)),
                ]) + ">")
        for suite in suites { lines += element(suite, report) }
        lines.append("</testsuites>")
        return lines.joined(separator: "\n") + "\n"
    }

    private static func suite(_ result: ParityReport.ScenarioResult, _ report: ParityReport) -> Suite {
        let properties = [("legacy", report.legacy), ("candidate", report.candidate)]
        if let reason = result.error {
            return Suite(
                name: result.name,
                cases: [Case(name: "played", group: "parity.scenario", outcome: .error(message: reason))],
                properties: properties)
        }
        if let reason = result.skipped {
            return Suite(
                name: result.name,
                cases: [Case(name: "played", group: "parity.scenario", outcome: .skipped(message: reason))],
                properties: properties)
        }
        var cases: [Case] = []
        for (index, check) in result.checks.enumerated() {
            cases.append(entry(check, evidence: result.evidence[index], report))
        }
        let left = result.leftOut.map { ("left out: \($0.what)", $0.reason) }
        return Suite(name: result.name, cases: cases, properties: properties + left)
    }

    /// The class is `subsystem/route`, as the subsystem may have dots of its own.
    private static func entry(_ check: CheckResult, evidence: Evidence?, _ report: ParityReport) -> Case {
        var group = "run/\(check.subject.dimension.rawValue)"
        var name = check.subject.words.what
        if case .step(let id, let request) = check.subject {
            let route = report.routes.find(request)
            group = "\(route.subsystem)/\(route.name)"
            name = id
        }
        var entry = Case(name: name, group: group, outcome: .passed)
        entry.seconds = (evidence?.candidate.steps.first?.answer.milliseconds ?? 0) / 1000
        if !check.rules.isEmpty { entry.output = "rules: " + check.rules.joined(separator: ", ") }
        if !check.differences.isEmpty {
            entry.outcome = .failure(
                message: ReportText.count(check.differences.count, "difference"), text: failure(check, evidence))
        }
        return entry
    }

    private static func failure(_ check: CheckResult, _ evidence: Evidence?) -> String {
        var lines = check.differences.prefix(shown).flatMap {
            ["\($0.path) (\($0.kind.rawValue))", "  expected \($0.expected)", "  got      \($0.got)"]
        }
        if check.differences.count > shown { lines.append("and \(check.differences.count - shown) more") }
        if let evidence { lines.append("again: ringrift parity repro \(evidence.id)") }
        return lines.joined(separator: "\n")
    }

    private static func element(_ suite: Suite, _ report: ParityReport) -> [String] {
        var fields = [
            ("name", suite.name), ("tests", String(suite.cases.count)),
            ("failures", String(suite.cases.count(where: isFailure))),
            ("errors", String(suite.cases.count(where: isError))),
            ("skipped", String(suite.cases.count(where: isSkipped))),
            ("time", seconds(suite.cases.reduce(0) { $0 + $1.seconds })),
        ]
        // The schema wants a time without zone.
        if report.made.count >= 19 { fields.append(("timestamp", String(report.made.prefix(19)))) }
        var lines = ["<testsuite" + attributes(fields) + ">"]
        if !suite.properties.isEmpty {
            lines.append("<properties>")
            lines += suite.properties.map { "<property" + attributes([("name", $0.name), ("value", $0.value)]) + "/>" }
            lines.append("</properties>")
        }
        for entry in suite.cases { lines.append(element(entry)) }
        return lines + ["</testsuite>"]
    }

    private static func element(_ entry: Case) -> String {
        let head =
            "<testcase"
            + attributes([("name", entry.name), ("classname", entry.group), ("time", seconds(entry.seconds))])
        var inner = ""
        switch entry.outcome {
        case .passed: break
        case .failure(let message, let text):
            inner =
                "<failure" + attributes([("message", message), ("type", "different")]) + ">" + ReportText.escaped(text)
                + "</failure>"
        case .error(let message):
            inner =
                "<error" + attributes([("message", message), ("type", "could not run")]) + ">"
                + ReportText.escaped(message) + "</error>"
        case .skipped(let message): inner = "<skipped" + attributes([("message", message)]) + "/>"
        }
        if !entry.output.isEmpty { inner += "<system-out>" + ReportText.escaped(entry.output) + "</system-out>" }
        return inner.isEmpty ? head + "/>" : head + ">" + inner + "</testcase>"
    }

    private static func attributes(_ pairs: [(String, String)]) -> String {
        pairs.map { name, value in
            // A line feed in an attribute would be read as a space.
            " \(name)=\"\(ReportText.escaped(value).replacing("\n", with: "&#10;").replacing("\t", with: "&#9;"))\""
        }.joined()
    }

    private static func seconds(_ value: Double) -> String { "\((value * 1000).rounded() / 1000)" }

    private static func isFailure(_ entry: Case) -> Bool {
        if case .failure = entry.outcome { return true }
        return false
    }

    private static func isError(_ entry: Case) -> Bool {
        if case .error = entry.outcome { return true }
        return false
    }

    private static func isSkipped(_ entry: Case) -> Bool {
        if case .skipped = entry.outcome { return true }
        return false
    }
}
