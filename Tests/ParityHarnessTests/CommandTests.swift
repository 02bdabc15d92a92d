import Comparison
import Foundation
import Glibc
import PythonSemantics
import Testing

@testable import ParityHarness

@Suite struct CommandTests {
    @Test func wrongUsageEndsWith2() async {
        for arguments in [
            [], ["nonsense"], ["replay", "--bogus"], ["replay", "--jobs", "0"], ["replay", "--only"],
            ["run", "--no-noise=1"], ["replay", "stray"],
        ] {
            #expect(await ParityCommand.main(arguments: arguments) == 2, "\(arguments)")
        }
    }

    private static let commands = ["replay", "run", "record", "compare", "selftest", "cli", "coverage", "repro"]

    @Test func helpEndsWith0() async {
        #expect(await ParityCommand.main(arguments: ["--help"]) == 0)
        for command in Self.commands {
            #expect(await ParityCommand.main(arguments: [command, "--help"]) == 0, "\(command)")
        }
    }

    @Test func everyCommandRefusesAlike() async {
        for command in Self.commands {
            for words in [["--bogus"], ["--json"], ["--help=1"], ["stray", "stray"]] {
                #expect(await ParityCommand.main(arguments: [command] + words) == 2, "\(command) \(words)")
            }
        }
    }

    @Test func helpHas80Columns() {
        for table in [
            ParityOptions.replay, ParityOptions.run, ParityOptions.common, ParityOptions.record,
            CompareCommand.options, CLICommand.options, ReproCommand.options, CoverageCommand.options,
        ] {
            let help = ParityInvocation(name: "x", table: table, about: ReproCommand.about, operands: ["ID"]).help
            for line in help.split(separator: "\n") { #expect(line.count <= 80, "\(line)") }
            #expect(help.hasPrefix("usage: ringrift parity x ID [options]\n\nPlays"))
            #expect(Set(table.map(\.name)).count == table.count)
        }
    }

    @Test func errorsAreExitStatuses() async {
        let invocation = ParityInvocation(name: "x", table: [ParityOptions.json], operands: ["ID"])
        #expect(await invocation.run([]) { _ in 1 } == 1)
        #expect(await invocation.run([]) { _ in throw ParityError("no") } == 2)
        #expect(await invocation.run([]) { _ in throw Interruption.Caught(signal: SIGTERM) } == 143)
        // The word may stand anywhere; a second one is none.
        for words in [["a", "--json", "b"], ["--json", "b", "a"], ["--json=b", "a"]] {
            #expect(await invocation.run(words) { $0.operands == ["a"] && $0.text("--json") == "b" ? 0 : 1 } == 0)
        }
        #expect(await invocation.run(["a", "b"]) { _ in 0 } == 2)
    }

    @Test func options() throws {
        let table = ParityOptions.run + ParityOptions.common
        let options = try ParityOptions(
            ["--only=a", "--only", "b", "--all", "--env", "A=b=c", "--jobs", "3"], table: table)
        #expect(options.all("--only") == ["a", "b"] && options.has("--all") && !options.has("--no-noise"))
        #expect(try options.pairs("--env") == ["A": "b=c"])
        #expect(try options.count("--jobs", default: 2) == 3)
    }

    private func report(_ scenarios: [ParityReport.ScenarioResult], complaints: [(String, String)] = []) -> ParityReport
    {
        ParityReport(
            command: "replay", legacy: "recording (3 a scenario, parity/recordings)", candidate: "ringrift p2p {args}",
            scenarios: scenarios,
            rules: RuleBook([
                Rule(
                    name: "a-rule", paths: [], acceptance: .ignore,
                    reason: String(repeating: "long reason ", count: 20),
                    owner: "me", expires: "2027-12-31")
            ]), complaints: complaints.map { (rule: $0.0, complaint: $0.1) }, seconds: 1.25)
    }

    private func result(_ differences: [Difference] = []) -> ParityReport.ScenarioResult {
        var result = ParityReport.ScenarioResult(name: "slice-x")
        result.checks = [
            CheckResult(
                scenario: "slice-x",
                subject: .step(id: "001 \(String(repeating: "label ", count: 20))", route: "GET /status"),
                status: 200, tally: Tally(exact: 3, loosened: 1), differences: differences, rules: ["a-rule"],
                noise: ["time": 2, "id": 1], remarks: ["no known template: \u{1B}x", "the run took longer"]),
            CheckResult(scenario: "slice-x", subject: .end, tally: Tally(exact: 1)),
        ]
        return result
    }

    private static let difference = Difference(
        scenario: "slice-x", step: "001", route: "GET /status", path: ValuePath(["body", "a"]), kind: .value,
        expected: String(repeating: "x", count: 150), got: "2")

    @Test func exitStatusAndLastLine() {
        func ends(_ report: ParityReport, _ code: Int32, _ last: String) {
            #expect(report.exitCode == code)
            #expect(TerminalReport(colour: false).text(report).hasSuffix("\n\(last)\n"))
        }
        ends(report([result()]), 0, "2 passed, 0 failed")
        ends(report([result([Self.difference])]), 1, "1 passed, 1 failed")
        ends(report([result()], complaints: [("a-rule", "expired")]), 1, "2 passed, 1 failed")
        var skipped = ParityReport.ScenarioResult(name: "y")
        skipped.skipped = "no Python"
        ends(report([result(), skipped]), 0, "2 passed, 0 failed, 1 skipped")
        ends(report([skipped]), 2, "0 passed, 0 failed, 1 skipped")
        var broken = ParityReport.ScenarioResult(name: "z")
        broken.error = "the node ended"
        ends(report([result(), broken]), 2, "2 passed, 1 failed")
    }

    @Test func theTableHas80ColumnsAndNoColourInAFile() {
        let text = TerminalReport(colour: false).text(
            report([result([Self.difference])], complaints: [("a-rule", "x")]))
        for line in text.split(separator: "\n") { #expect(line.count <= 80, "\(line)") }
        #expect(!text.contains("\u{1B}"))
        #expect(text.contains("legacy:    recording (3 a scenario"))
        #expect(TerminalReport(colour: true).text(report([result()])).contains("\u{1B}[32m"))
    }

    @Test func jsonReport() {
        let value = JSONReport.value(report([result([Self.difference])]))
        #expect(value["passed"] == 1 && value["failed"] == 1 && value["exit"] == 1)
        #expect(value["scenarios"]?[0]?["checks"]?[0]?["differences"]?[0]?["path"] == "/body/a")
        #expect(value["rules"]?[0]?["expires"] == "2027-12-31")
    }

    @Test func noiseAndRemarksAreInEveryReport() throws {
        let red = report([result([Self.difference])])
        let text = TerminalReport(colour: false).text(red)
        #expect(text.contains("\nnoise: 3 values (time 2, id 1), 2 remarks\n"))
        #expect(text.contains("          noise: time 2, id 1\n          remark: no known template: \\x1bx\n"))
        let quiet = TerminalReport(colour: false, quiet: true).text(red)
        #expect(quiet.contains("\nnoise: 3 values") && !quiet.contains("  noise: ") && !quiet.contains("  remark: "))
        let green = TerminalReport(colour: false).text(report([result()]))
        #expect(green.contains("\nnoise: 3 values") && !green.contains("  noise: "))
        #expect(!TerminalReport(colour: false).text(report([])).contains("noise"))
        let value = JSONReport.value(red)
        let check = try #require(value["scenarios"]?[0]?["checks"]?[0])
        #expect(check["noise"] == ["id": 1, "time": 2] && check["remarks"]?[1] == "the run took longer")
        #expect(value["noise"] == ["id": 1, "time": 2] && value["remarks"] == 2)
        for report in [red, report([result()])] {
            let page = HTMLReport(report).text()
            #expect(page.contains("<p class=\"note\">time 2, id 1</p>"))
            #expect(page.contains("<p class=\"note\">no known template: \\x1bx</p>"))
        }
    }

    @Test func aTreeThatIsNoneIsRefused() {
        #expect(throws: ParityError.self) { try ParityPlaces.tree("/nonexistent") }
        #expect(throws: ParityError("/no/python: no such interpreter")) {
            try ParityPlaces.python(named: "/no/python", tree: nil)
        }
        #expect(ParityPlaces.quoted("a'b") == "'a'\\''b'")
    }
}
