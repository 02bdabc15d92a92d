import PythonSemantics
import Testing

@testable import Comparison

/// What only shows when a run is looked at as a whole: order, identity, clocks, remarks.
@Suite struct RunTests {
    private func found(_ log: String, _ references: [String], templates: LogTemplates = LogTemplates()) -> [String] {
        var comparer = Comparer(scope: ComparisonScope(scenario: "s"))
        comparer.compare(log: log, references: references, mode: .both, templates: templates)
        return comparer.take().differences.map { "\($0.path) \($0.kind.rawValue)" }
    }

    private static let templates = LogTemplates(
        [
            ["script": "p2p_orchestrator", "where": "P.loop", "line": 1, "template": "[P2P] Loop {name} started"],
            [
                "script": "p2p_orchestrator", "where": "P.loop", "line": 2,
                "template": "[P2P] Loop {name} done: {n:.1f} s",
            ],
            ["script": "p2p_orchestrator", "where": "P.other", "line": 3, "template": "[P2P] {{other}}"],
            ["script": "another", "where": "X", "line": 4, "template": "[P2P] Foreign line"],
        ], script: "p2p_orchestrator")

    @Test func linesAreMatchedWithTheirTemplates() {
        #expect(Self.templates.entry(of: "[P2P] Loop a done: 3.5 s")?.line == 2)
        #expect(Self.templates.entry(of: "[P2P] Loop a started")?.place == "P.loop")
        #expect(Self.templates.entry(of: "[P2P] {other}")?.line == 3)
        #expect(Self.templates.entry(of: "[P2P] Foreign line") == nil)
        #expect(Self.templates.entry(of: "[P2P] Loop a done: 3.5 s more") == nil)
    }

    @Test func orderCountsWithinATask() {
        let lines = ["[P2P] Loop a started", "[P2P] {other}", "[P2P] Loop a done: 1.5 s"]
        func log(_ order: [Int]) -> String { order.map { lines[$0] }.joined(separator: "\n") + "\n" }
        #expect(found(log([0, 1, 2]), [log([0, 1, 2]), log([0, 1, 2])], templates: Self.templates).isEmpty)
        // Another task's line may come whenever it likes.
        #expect(found(log([1, 0, 2]), [log([0, 1, 2]), log([0, 1, 2])], templates: Self.templates).isEmpty)
        #expect(
            Set(found(log([2, 1, 0]), [log([0, 1, 2]), log([0, 1, 2])], templates: Self.templates)) == [
                "/log/[P<n>P] Loop a started order", "/log/[P<n>P] Loop a done: <n> s order",
            ])
        // Where the references disagree there is no order to keep.
        #expect(found(log([2, 1, 0]), [log([0, 1, 2]), log([2, 1, 0])], templates: Self.templates).isEmpty)
    }

    static let logs: [(references: [String], log: String, found: [String])] = [
        (["a 1\nb\n", "a 1\nb\n"], "a 2\nb\n", ["/log/a <n> value"]), (["a 1\n", "a 2\n"], "a 3\n", []),
        (["a 1\n", "a 2\n"], "a 3000\n", ["/log/a <n> value"]), (["a\na\n", "a\na\n"], "a\n", ["/log/a missing"]),
        (["a\n", "a\n"], "a\na\n", ["/log/a extra"]), (["a\n", "a\na\n"], "a\na\na\n", []),
        (["a\n", "a\na\n"], "a\na\na\na\na\n", ["/log/a extra"]),
        (["2026-11-22 14:21:54,409 - INFO - a\n"], "INFO - a\n", ["/log/INFO - a text"]),
    ]

    @Test(arguments: logs.indices) func log(_ index: Int) {
        let row = Self.logs[index]
        #expect(found(row.log, row.references) == row.found)
    }

    @Test func timesOfALogDoNotGoBack() {
        func line(_ second: Int) -> String { "2026-11-22 14:21:\(second),000 - INFO - line \(second)\n" }
        let good = (10...15).map(line).joined()
        #expect(found(good, [good, good]).isEmpty)
        let bad = good.replacing("14:21:12,000", with: "15:21:12,000")
        #expect(found(bad, [good, good]) == ["/log/INFO - line <n> value"])
    }

    @Test func linesWithoutATemplateAreRemarkedOn() {
        var comparer = Comparer(scope: ComparisonScope(scenario: "s"))
        comparer.compare(
            log: "[P2P] Loop b started\nwhat is this\n", references: ["[P2P] Loop a started\n"], mode: .both,
            templates: Self.templates)
        #expect(comparer.remarks == ["no known template: what is this"])
    }

    // MARK: Identity

    private static func run(_ ids: [String], stop: Double? = nil, spawned: [String] = []) -> RunObservation {
        RunObservation(
            scenario: "s",
            steps: ids.enumerated().map { index, id in
                let body = "{\"job\": \"\(id)\"}"
                return StepObservation(
                    id: String(index), method: "GET", path: "/x", answer: AnswerTests.answer(200, body))
            }, state: StateObservation(exit: 0, stopSeconds: stop),
            spawned: spawned.map {
                SpawnedObservation(argv: $0.split(separator: " ").map(String.init), cwd: "/", environment: [:])
            })
    }

    private func compare(_ run: RunObservation, _ references: [RunObservation]) -> [CheckResult] {
        var comparison = RunComparison(rules: RuleBook())
        return comparison.compare(run, references: references, selection: RunSelection())
    }

    private func places(_ results: [CheckResult]) -> [String] {
        results.flatMap(\.differences).map { "\($0.step ?? "") \($0.path)" }
    }

    @Test func oneIdAtTwoPlacesStaysOneId() {
        let references = [
            Self.run(["aaaaaaa1", "aaaaaaa1", "aaaaaaa1", "ccccccc1"]),
            Self.run(["bbbbbbb2", "bbbbbbb2", "bbbbbbb2", "ddddddd2"]),
        ]
        #expect(places(compare(Self.run(["eeeeeee3", "eeeeeee3", "eeeeeee3", "fffffff3"]), references)).isEmpty)
        #expect(
            places(compare(Self.run(["eeeeeee3", "eeeeeee4", "eeeeeee3", "fffffff3"]), references)) == ["1 /body/job"])
    }

    @Test func aRecordingOfOtherStepsIsLeftOut() {
        let references = [Self.run(["a", "a"]), Self.run(["a", "a"]), Self.run(["b"])]
        let results = compare(Self.run(["a", "a"]), references)
        #expect(places(results).isEmpty)
    }

    static let stops: [(seconds: Double?, equal: Bool)] = [
        (0.5, true), (3.5, true), (3.8, false), (0.01, false), (-1, false), (nil, false),
    ]

    @Test(arguments: stops.indices) func timeToStop(_ index: Int) {
        let row = Self.stops[index]
        let references = [Self.run(["a"], stop: 0.5), Self.run(["a"], stop: 0.6)]
        #expect(compare(Self.run(["a"], stop: row.seconds), references).flatMap(\.differences).isEmpty == row.equal)
        // Recordings that do not say it demand nothing.
        #expect(places(compare(Self.run(["a"], stop: row.seconds), [Self.run(["a"])])).isEmpty)
    }

    @Test func startedProgramsKeepTheirOrder() {
        let names = ["scripts/a", "scripts/b", "ssh a q", "ssh b q", "ssh c q", "tool x", "tool y"]
        let references = [Self.run(["x"], spawned: names), Self.run(["x"], spawned: names)]
        func found(_ order: [Int]) -> Int {
            places(compare(Self.run(["x"], spawned: order.map { names[$0] }), references)).count
        }
        #expect(found([0, 1, 2, 3, 4, 5, 6]) == 0)
        // Scripts that run on swap with their neighbours, commands of different kinds come from different loops …
        #expect(found([1, 0, 2, 3, 4, 5, 6]) == 0)
        #expect(found([0, 1, 2, 3, 5, 4, 6]) == 0)
        // … but not from anywhere, and commands of one kind are waited for one after the other.
        #expect(found([0, 1, 3, 2, 4, 5, 6]) == 2)
        #expect(found([0, 1, 3, 5, 2, 4, 6]) == 2)
        #expect(found([6, 0, 1, 2, 3, 4, 5]) == 2)
        #expect(found([0, 1, 2, 3, 4, 5, 6, 2]) == 1)
    }

    // MARK: Rules and pages

    @Test func aRuleNamesTheElementsThatMayMove() {
        func found(_ elements: String?, _ candidate: PyValue) -> [String] {
            var rule = Rule.make("r", "/body", .set)
            rule.elements = elements
            var comparer = Comparer(scope: ComparisonScope(scenario: "s"), rules: RuleBook([rule]))
            comparer.compare(ValuePath(["body"]), references: [["x", "y", "1", "2"]], candidate: candidate)
            return comparer.take().differences.map { "\($0.path) \($0.kind.rawValue)" }
        }
        #expect(found(nil, ["y", "x", "2", "1"]).isEmpty)
        #expect(found("[xy]", ["y", "x", "1", "2"]).isEmpty)
        #expect(found("[xy]", ["x", "y", "2", "1"]) == ["/body/2 value", "/body/3 value"])
        #expect(found("[xy]", ["y", "x", "1", "3"]) == ["/body/3 value"])
        #expect(found(nil, ["y", "x", "1"]).contains("/body length"))
    }

    @Test func elementsGoWithASetOnly() {
        let text = """
            rules:
              - {name: n, path: /body, accept: type, elements: x, reason: r, owner: o, expires: 2027-12-31}
            """
        #expect(throws: RuleFileError.self) { try RuleFile.parse(text, name: "f", origin: .rule) }
    }

    @Test func pagesHaveWhatIsDeclared() throws {
        let structure = PageStructure(
            routes: ["GET /dashboard"], title: "*Cluster*", ids: ["peers"], links: ["/status"], elements: ["table"])
        func found(_ html: String) -> [String] {
            var comparer = Comparer(scope: ComparisonScope(scenario: "s", step: "1", route: "GET /dashboard"))
            comparer.compare(page: html, structure: structure)
            return comparer.take().differences.map { "\($0.path)" }
        }
        let page = "<title>My Cluster</title><table id=\"peers\"></table><!-- <a href='/x'> --><a href='/status'>s</a>"
        #expect(found(page).isEmpty)
        #expect(found(page.replacing("Cluster", with: "Page")) == ["/page/title"])
        #expect(found(page.replacing("id=", with: "class=")) == ["/page/id/peers"])
        #expect(
            found(page.replacing("<a href='/status'>", with: "<!-- <a href='/status'> -->")) == ["/page/link/~1status"])
        #expect(found("<script>'<table>'</script>").count == 4)
    }
}
