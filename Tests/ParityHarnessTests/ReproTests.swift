import Comparison
import Foundation
import PythonSemantics
import Testing

@testable import ParityHarness

@Suite struct ReproTests {
    private static let edits: [(what: String, edit: @Sendable (inout RunObservation) -> Void)] = [
        ("answer", { ReportSamples.setBody(&$0, "GET /status", ReportSamples.with("role", "emperor")) }),
        ("status", { $0.steps[2].answer.status = 500 }),
        ("exit", { $0.state?.exit = 7 }),
        ("log", { $0.log?.append("never seen\n") }),
        ("spawned", { $0.spawned.append(SpawnedObservation(argv: ["x"], cwd: "/", environment: [:])) }),
        ("state", { $0.state?.databases["logs/p2p_orchestrator/beta_state.db"]?["user_version"] = 9 }),
        ("file", { $0.state?.files["logs/new.txt"] = "x" }),
    ]

    private func repro(_ report: ParityReport, _ arguments: [String] = []) throws -> ReproCommand {
        let evidence = try #require(report.scenarios[0].evidence.min { $0.key < $1.key }?.value)
        let origin = try #require(report.origin)
        // Through the file format, as the command gets it.
        let stored = Mismatch(evidence: evidence, origin: origin, legacy: report.legacy, made: report.made)
        return try ReproCommand(
            Mismatch(PyJSON.loads(PyJSON.dumps(stored.value()))),
            ParityOptions(arguments, table: ReproCommand.options))
    }

    @Test(arguments: edits.indices) func aMismatchIsSeenAgainAndGoesWhenTheCandidateIsMended(_ index: Int) throws {
        let (what, edit) = Self.edits[index]
        let report = try ReportSamples.report(edit: edit)
        // One edit may show in several checks: an answer, and what it has in common with the log.
        try #require(!report.scenarios[0].evidence.isEmpty, "\(what)")
        let command = try repro(report)
        let references = command.mismatch.evidence.references
        var run = try #require(ReportSamples.membership.get().first)
        let mended = try command.judge(run, references: references)
        #expect(mended.check.differences.isEmpty, "\(what): \(mended.check.differences)")
        #expect(ReproText(mended, colour: false).text().hasSuffix("\nno longer different\n"))
        edit(&run)
        let again = try command.judge(run, references: references)
        #expect(again.check.differences == command.mismatch.evidence.differences, "\(what)")
        #expect(again.evidence.id == command.mismatch.id)
        #expect(ReproText(again, colour: false).text().contains("\nstill different in "))
    }

    @Test func itShowsPreStateRequestAndOnlyWhatDiffers() throws {
        let report = try ReportSamples.report {
            ReportSamples.setBody(&$0, "GET /status", ReportSamples.with("role", "emperor"))
        }
        let command = try repro(report)
        var run = try #require(ReportSamples.membership.get().first)
        ReportSamples.setBody(&run, "GET /status", ReportSamples.with("role", "emperor"))
        let text = ReproText(
            try command.judge(run, references: command.mismatch.evidence.references), colour: false
        ).text()
        #expect(text.contains("curl -i http://127.0.0.1:8770/status"))
        #expect(text.contains("node --node-id beta") && text.contains("POST /heartbeat"))
        let tail = text.components(separatedBy: "differs: - legacy, + candidate\n").last ?? ""
        #expect(
            tail
                == "  /body/role\n  - \"role\": \"leader\",\n  + \"role\": \"emperor\",\n\nstill different in 2 places\n"
        )
    }

    /// Two sides on one virtual clock differ by a millisecond in one line of the log: nothing on real time.
    @Test func aMismatchOfAVirtualClockIsSeenAgainOnOne() throws {
        let reference = try #require(ReportSamples.membership.get().first)
        var run = reference
        let line = try #require(run.log?.firstMatch(of: #/,\d\d\d - INFO - /#))
        run.log?.replaceSubrange(
            line.range, with: line.output == ",123 - INFO - " ? ",124 - INFO - " : ",123 - INFO - ")
        var report = try ReportSamples.report { _ in }
        var comparison = RunComparison(rules: RuleBook(), settings: ComparisonSettings(exactTimes: true))
        report.scenarios[0] = ParityReport.ScenarioResult(name: reference.scenario)
        report.scenarios[0].add(
            .success(run), of: try ProjectFiles.scenario("slice-membership"), references: [reference],
            selection: RunSelection(), &comparison)
        try #require(report.scenarios[0].evidence.count == 1)
        func judged(seed: String?) throws -> (ReproCommand, ReproCommand.Outcome) {
            report.origin?.seed = seed
            let command = try repro(report)
            return (command, try command.judge(run, references: [reference]))
        }
        let (real, blind) = try judged(seed: nil)
        #expect(blind.check.differences.isEmpty && real.determinism == nil)
        #expect(real.task("candidate", real.origin.candidate, [:]).sandbox.determinism == nil)
        let (virtual, seen) = try judged(seed: "a seed")
        #expect(seen.check.differences == virtual.mismatch.evidence.differences)
        #expect(virtual.task("legacy", virtual.origin.candidate, [:]).sandbox.determinism?.seed == "a seed")
        #expect(
            ReproText(seen, colour: false).text().replacing("\n", with: " ")
                .contains("as stored, on a virtual clock, seed a seed"))
    }

    @Test func secretsHaveToBeNamedAgain() throws {
        var report = try ReportSamples.report { $0.state?.exit = 7 }
        report.origin = ReportSamples.origin(["RINGRIFT_TOKEN": "s3cret", "RINGRIFT_X": "1"])
        #expect(throws: ParityError("secrets are not stored: set --env RINGRIFT_TOKEN=… again")) { try repro(report) }
        let command = try repro(report, ["--env", "RINGRIFT_TOKEN=new"])
        #expect(command.environment["RINGRIFT_TOKEN"] == "new" && command.environment["RINGRIFT_X"] == "1")
        report.origin = ReportSamples.origin()
        report.origin?.legacy = ReportSamples.origin(["RINGRIFT_TOKEN": "s3cret"]).candidate
        #expect(throws: ParityError("secrets are not stored: set --legacy-env RINGRIFT_TOKEN=… again")) {
            try repro(report)
        }
        #expect(try repro(report, ["--legacy-env=RINGRIFT_TOKEN=b"]).legacyEnvironment["RINGRIFT_TOKEN"] == "b")
    }

    @Test func wrongUsageEndsWith2() async {
        let store = ReportSamples.temporary()
        for arguments in [
            ["repro"], ["repro", "00000000", "--store", store], ["repro", "--store", store, "../x"],
            ["repro", "--bogus"],
            ["repro", "a", "b"],
        ] {
            #expect(await ParityCommand.main(arguments: arguments) == 2, "\(arguments)")
        }
        #expect(await ParityCommand.main(arguments: ["repro", "--help"]) == 0)
    }

    @Test(arguments: [
        (#"{"id": "1", "method": "GET", "path": "/status"}"#, "curl -i http://127.0.0.1:8770/status"),
        (#"{"id": "1", "method": "HEAD", "path": "/status?a=b&c"}"#, "curl -I 'http://127.0.0.1:8770/status?a=b&c'"),
        (
            #"{"id": "1", "method": "POST", "path": "/x", "headers": {"A": "it's"}, "body": {"a": 1}}"#,
            #"curl -i -X POST http://127.0.0.1:8770/x -H 'A: it'\''s' -H 'Content-Type: application/json' --data-binary '{"a": 1}'"#
        ),
    ]) func curlLines(_ step: String, _ line: String) throws {
        #expect(CurlLine.text(ParityText.parse(step), port: 8770) == line)
    }

    @Test func theTerminalNamesTheIdAndQuietShowsOnlyWhatDiffers() throws {
        let report = try ReportSamples.report { $0.state?.exit = 7 }
        let id = try #require(report.scenarios[0].evidence.values.first?.id)
        let whole = TerminalReport(colour: false).text(report)
        let quiet = TerminalReport(colour: false, quiet: true).text(report)
        for text in [whole, quiet] {
            #expect(text.contains("again: ringrift parity repro \(id)\n"))
            #expect(text.contains("verdicts: ") && text.hasSuffix(" passed, 1 failed\n"))
            for line in text.split(separator: "\n") { #expect(line.count <= 80, "\(line)") }
        }
        #expect(whole.contains("  equal   ") && !quiet.contains("  equal   "))
    }
}
