import Comparison
import Foundation
import PythonSemantics
import Testing

@testable import ParityHarness

@Suite struct HTMLReportTests {
    private static let hostile =
        "</script><script>alert(1)</script><img src=x onerror=alert(1)>\" onload='x' \u{202E}\u{0}"

    private func page(_ report: ParityReport) -> String { HTMLReport(report).text() }

    @Test func itNeedsNothingElse() throws {
        let page = page(try ReportSamples.report { $0.state?.exit = 7 })
        for word in ["http://www", "https://", "@import", "url(", "<link", "<iframe", " src=", " style="] {
            #expect(!page.contains(word), "\(word)")
        }
        #expect(page.contains("default-src 'none'") || page.contains("default-src &#39;none&#39;"))
        #expect(page.contains("prefers-color-scheme:dark") && page.contains("@media print"))
    }

    @Test func itSaysWhichLegacyItWasAndHowItEnded() throws {
        let red = page(try ReportSamples.report { $0.state?.exit = 7 })
        #expect(red.contains("legacy: recording") && red.contains("recording (3 a scenario, parity/recordings)"))
        #expect(red.contains(">different<") && red.contains("2026-11-22T19:00:00Z"))
        #expect(page(try ReportSamples.report { _ in }).contains(">equal<"))
    }

    @Test func namesOfTheSummaryStayOnOneLine() throws {
        let page = page(try ReportSamples.report { _ in })
        #expect(page.contains("<td class=\"name\"><span class=\"dot good\""))
        #expect(page.contains(".sum .name{white-space:nowrap}"))
    }

    /// Wherever a node, a scenario or a person can write: nothing of it becomes markup.
    @Test func whatWasObservedNeverBecomesMarkup() throws {
        var report = try ReportSamples.report(complaints: [(Self.hostile, Self.hostile)]) { run in
            ReportSamples.setBody(
                &run, "GET /status", ReportSamples.with(PyString(Self.hostile), .string(Self.hostile)))
            ReportSamples.setBody(&run, "POST /heartbeat") { _ in Self.hostile }
            run.log?.append(Self.hostile + "\n")
            run.spawned.append(SpawnedObservation(argv: [Self.hostile], cwd: "/", environment: [:]))
            run.state?.exit = .string(Self.hostile)
            run.steps[3].answer.headers.append((Self.hostile, Self.hostile))
            run.steps[3].answer.headers.append(("Location", Self.hostile))
            run.steps[4].answer.error = Self.hostile
            run.state?.files[PyString(Self.hostile)] = .string(Self.hostile)
            run.state?.databases["logs/p2p_orchestrator/beta_state.db"]?["user_version"] = .string(Self.hostile)
        }
        report.scenarios[0].checks[0].remarks = [Self.hostile]
        report.scenarios[0].checks[0].noise = [Self.hostile: 1]
        report.legacy += Self.hostile
        report.candidate += Self.hostile
        report.coverage = CoverageSummary(
            routes: 1, routesWithSuccess: 0, named: 1, shown: 0,
            missing: [.init(route: Self.hostile, status: 500, text: Self.hostile, reason: Self.hostile)])
        report.scenarios[0].leftOut = [(Self.hostile, Self.hostile)]
        var broken = ParityReport.ScenarioResult(name: Self.hostile)
        broken.error = Self.hostile
        report.scenarios.append(broken)
        let page = page(report)
        #expect(report.scenarios[0].evidence.count >= 7)
        #expect(!page.contains("<img") && !page.contains("<script>alert") && !page.contains("' onload='"))
        // The page's own script and style, and no other.
        #expect(
            page.components(separatedBy: "<script").count == 2 && page.components(separatedBy: "</script").count == 2)
        #expect(page.components(separatedBy: "<style").count == 2)
        #expect(!page.contains("\u{202E}") && !page.contains("\u{0}"))
        #expect(page.components(separatedBy: "&lt;img src=x onerror=alert(1)&gt;").count > 10)
        // In attributes a quote would end the value.
        #expect(page.contains("&quot; onload=&#39;x&#39;") && !page.contains("\" onload="))
    }

    @Test func aNonceIsNotUsedTwice() throws {
        let report = try ReportSamples.report { _ in }
        #expect(HTMLReport(report).nonce != HTMLReport(report).nonce)
    }

    @Test func theDifferingFieldIsMarkedAndTheOthersAreNot() throws {
        let page = page(
            try ReportSamples.report {
                ReportSamples.setBody(&$0, "GET /status", ReportSamples.with("role", "emperor"))
            })
        #expect(page.contains("<mark>emperor</mark>") || page.contains("emperor</mark>") || page.contains("<mark>emp"))
        #expect(page.components(separatedBy: "<tr class=\"d\">").count == 2)
    }

    @Test func itIsBounded() throws {
        let report = try ReportSamples.report { run in
            for index in run.steps.indices {
                run.steps[index].answer.body = .text(
                    "[" + String(repeating: "\"\(index) xxxxxxxxxx\",", count: 5000) + "1]")
            }
        }
        #expect(report.failed > 20)
        let page = HTMLReport(report, budget: 1 << 20).text()
        #expect(page.utf8.count < 3 << 20, "\(page.utf8.count)")
        #expect(page.contains("The page is full"))
    }

    @Test func verdictsCountEveryRouteOnce() throws {
        let report = try ReportSamples.report {
            ReportSamples.setBody(&$0, "GET /status", ReportSamples.with("role", "emperor"))
        }
        let known = Verdicts.routes(report).filter(\.known)
        #expect(known.map { $0.verdict.differing } == [1, 0, 0])
        #expect(known.map { $0.verdict.played > 0 } == [true, true, false])
        #expect(Verdicts.line(report).hasPrefix("verdicts: 1 route equal, 1 differs, 1 not played; "))
        let answers = Verdicts.dimensions(report)[0]
        #expect(answers.differing == 1 && answers.played == Verdicts.subsystems(report).reduce(0) { $0 + $1.played })
        #expect(report.routes.find("GET /api/jobs/7") == ("GET /api/jobs/{job_id}", "p2p.scheduling", true))
        #expect(report.routes.find("PUT /status") == ("PUT /status", "p2p.observability", false))
        #expect(report.routes.find("GET /api/jobs/").known == false)
    }

    @Test func theContractHas136Routes() {
        let path = (ProjectFiles.parity as NSString).deletingLastPathComponent + "/docs/contract/data/routes.json"
        guard FileManager.default.fileExists(atPath: path) else { return }
        let entries = FileManager.default.contents(atPath: path).flatMap { try? PyJSON.loads(Array($0)) }?.asList
        #expect(entries?.count == 136)
    }
}

@Suite struct DifferenceViewTests {
    private func rows(_ left: PyValue, _ right: PyValue) -> [DiffRow] {
        var comparer = Comparer(scope: ComparisonScope(scenario: "s"))
        comparer.compare(ValuePath(["body"]), references: [left], candidate: right)
        return DiffBuilder.rows(left, right, at: ValuePath(["body"]), comparer.take().differences)
    }

    private func marked(_ rows: [DiffRow]) -> [[String?]] {
        rows.filter { $0.mark == .differs }.map { [$0.left, $0.right] }
    }

    @Test func onlyTheLeafThatDiffersIsMarked() {
        let found = rows(["a": 1, "b": ["c": 2, "d": [1, 2]]], ["a": 1, "b": ["c": 3, "d": [1, 2]]])
        #expect(marked(found) == [["    \"c\": 2,", "    \"c\": 3,"]])
        #expect(found.count == 10)
    }

    @Test func missingExtraTypeAndLength() {
        #expect(marked(rows(["a": 1, "b": 2], ["a": 1])) == [["  \"b\": 2", nil]])
        #expect(marked(rows(["b": 2], ["a": 1, "b": 2])) == [[nil, "  \"a\": 1,"]])
        #expect(marked(rows(["a": 1], ["a": 1.0])) == [["  \"a\": 1", "  \"a\": 1.0"]])
        #expect(marked(rows([1, 2, 3], [1, 3])) == [["  2,", nil]])
    }

    @Test func movedKeysSayNothingAboutTheirValues() {
        let found = marked(rows(["a": 1, "b": 2], ["b": 2, "a": 1]))
        #expect(found == [["  order of keys: a, b", "  order of keys: b, a"]])
    }

    @Test func noiseIsNotMarkedAsADifference() {
        let found = DiffBuilder.rows(["at": 1.5], ["at": 2.5], at: ValuePath(["body"]), [])
        #expect(found.map(\.mark) == [.same, .accepted, .same])
    }

    @Test func foldsHideNoDifference() {
        let lines = (0..<100).map(String.init)
        var other = lines
        other[50] = "x"
        let difference = Difference(
            scenario: "s", path: ValuePath(["body", "50"]), kind: .value, expected: "50", got: "x")
        let pieces = DiffPiece.fold(DiffBuilder.rows(lines: lines, other, at: ValuePath(["body"]), [difference]))
        var shown = 0
        var folded = 0
        for piece in pieces {
            switch piece {
            case .shown(let rows): shown += rows.count
            case .folded(let rows):
                folded += rows.count
                #expect(!rows.contains { $0.mark == .differs })
            }
        }
        #expect(shown == 7 && folded == 93)
    }

    @Test func spansMeetInTheMiddle() {
        let span = DiffSpan("abcXdef", "abcYYdef")
        #expect(span.before == "abc" && span.left == "X" && span.right == "YY" && span.after == "def")
        #expect(DiffSpan("aa", "aaa").right == "a")
        #expect(DiffSpan.shortened(String(repeating: "x", count: 20), 5) == "xxxxx… (20 characters)")
    }

    @Test func alignmentKeepsEveryElementOnce() {
        var random = SeededGenerator(state: 7)
        for _ in 0..<200 {
            let left = (0..<Int.random(in: 0..<12, using: &random)).map { _ in
                String(Int.random(in: 0..<4, using: &random))
            }
            let right = (0..<Int.random(in: 0..<12, using: &random)).map { _ in
                String(Int.random(in: 0..<4, using: &random))
            }
            let pairs = Alignment.pairs(left, right)
            #expect(
                pairs.compactMap(\.left) == Array(left.indices) && pairs.compactMap(\.right) == Array(right.indices))
        }
        #expect(Alignment.pairs(["a", "b", "c"], ["a", "c"]).count { $0.right == nil } == 1)
    }
}
