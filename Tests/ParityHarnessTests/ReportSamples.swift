import Comparison
import Foundation
import PythonSemantics
import Testing

@testable import ParityHarness

/// Reports made of real recordings: a candidate that did what the first recording did, with edits.
enum ReportSamples {
    static let rules = "/nonexistent/rules.yaml"

    static func origin(_ environment: [String: String] = [:]) -> MismatchOrigin {
        MismatchOrigin(
            command: "replay",
            candidate: MismatchOrigin.Start(
                tree: nil, command: "node p2p {args}", environment: environment, inherited: ["PATH": "/bin"]),
            rules: rules, divergences: rules, context: ["replay", "slice"])
    }

    /// Read once: it is long.
    static let membership = Result { try ProjectFiles.references("slice-membership") }

    /// The report on a candidate that differs by `edit` from the first recording of a scenario.
    static func report(
        _ scenario: String = "slice-membership", complaints: [(rule: String, complaint: String)] = [],
        edit: (inout RunObservation) -> Void
    ) throws -> ParityReport {
        let references = try scenario == "slice-membership" ? membership.get() : ProjectFiles.references(scenario)
        var run = try #require(references.first)
        edit(&run)
        var result = ParityReport.ScenarioResult(name: scenario)
        var comparison = RunComparison(rules: RuleBook())
        result.add(
            .success(run), of: try ProjectFiles.scenario(scenario), references: references, selection: RunSelection(),
            &comparison)
        var report = ParityReport(
            command: "replay", legacy: "recording (3 a scenario, parity/recordings)",
            candidate: "ringrift p2p {args}", scenarios: [result], rules: comparison.rules, complaints: complaints,
            seconds: 1.25, made: "2026-11-22T19:00:00Z", origin: origin())
        report.routes = RouteMap([
            .init(method: "GET", pattern: "/status", subsystem: "p2p.observability"),
            .init(method: "POST", pattern: "/heartbeat", subsystem: "p2p.network"),
            .init(method: "GET", pattern: "/api/jobs/{job_id}", subsystem: "p2p.scheduling"),
        ])
        return report
    }

    /// Sets a text as the body of the first answer to a route.
    static func setBody(_ run: inout RunObservation, _ route: String, _ change: (String) -> String) {
        guard let index = run.steps.firstIndex(where: { $0.route == route }),
            case .text(let text) = run.steps[index].answer.body
        else { return }
        run.steps[index].answer.body = .text(change(text))
    }

    /// A body with one key set.
    static func with(_ key: PyString, _ value: PyValue) -> (String) -> String {
        { text in
            var document = ParityText.parse(text) ?? [:]
            document[key] = value
            return ParityText.json(document)
        }
    }

    static func temporary() -> String {
        FileManager.default.temporaryDirectory.appendingPathComponent("parity-test-\(UUID().uuidString)").path
    }
}
