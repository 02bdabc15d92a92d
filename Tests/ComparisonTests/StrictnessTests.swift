import PythonSemantics
import Testing

@testable import Comparison

/// What looks like noise and is none: each kind is seen to let its own noise pass and to stop an edit.
@Suite struct StrictnessTests {
    private static let clocks = ClockPair(
        candidate: RunMoment(now: 1_795_440_020, start: 1_795_440_000, answering: 0.02),
        references: [
            RunMoment(now: 1_795_357_320, start: 1_795_357_300, answering: 0.01),
            RunMoment(now: 1_795_360_920, start: 1_795_360_900, answering: 0.01),
            RunMoment(now: 1_795_363_921, start: 1_795_363_900, answering: 0.01),
        ])

    private func places(_ comparer: Comparer) -> [String] {
        comparer.differences.map { "\($0.path) \($0.kind.rawValue)" }
    }

    private func comparer(_ rules: [Rule] = []) -> Comparer {
        var comparer = Comparer(scope: ComparisonScope(scenario: "s"), rules: RuleBook(rules))
        comparer.clocks = Self.clocks
        return comparer
    }

    // MARK: Times

    /// Seconds from the access line.
    static let answers: [(references: [Double], candidate: Double, equal: Bool)] = [
        ([-0.002, -0.003, -0.002], -0.01, true), ([-0.002, -0.003, -0.002], -0.9, true),
        ([-0.002, -0.003, -0.002], 0.25, true), ([-0.002, -0.003, -0.002], 1, false),
        ([-0.002, -0.003, -0.002], -2, false), ([-0.002, -0.003], -2, true), ([-0.002, -0.003], -90, false),
        // A whole number of tens of seconds from there: the end of a lease.
        ([59.998, 59.997, 59.998], 59.5, true), ([59.998, 59.997, 59.998], 60.999, false),
        ([59.998, 59.997, 59.998], 57, false),
        // Two runs may agree on that by chance: what the clock brings, a slow run shows elsewhere.
        ([59.998, 59.997], 60.999, true), ([59.998, 59.997], 57, true), ([59.998, 59.997], 130, false),
        // Not taken while the question was answered: an earlier moment, which a slow run moves.
        ([-0.5, -0.003], -2, true),
    ]

    @Test(arguments: answers.indices) func aTimeOfTheAnswerIsThatOfTheAnswer(_ index: Int) {
        let row = Self.answers[index]
        var comparer = comparer()
        comparer.compare(
            ValuePath(["body"]),
            references: zip(row.references, Self.clocks.references).map { .float($1.now + $0 + 0.0001) },
            candidate: .float(Self.clocks.candidate.now + row.candidate + 0.0001))
        #expect(comparer.differences.isEmpty == row.equal, "\(row)")
    }

    /// Seconds from the start of the run, and of the question.
    static let starts: [(references: [Double], candidate: Double, equal: Bool)] = [
        ([0.1, 0.5, 0.2], 0.2, true), ([0.1, 0.5, 0.2], -0.4, true), ([0.1, 0.5, 0.2], 3.5, false),
        ([0.1, 0.5, 0.2], -10, false), ([0.1, 0.5], 3.5, true), ([0.1, 0.5], 90, false),
    ]

    @Test(arguments: starts.indices) func aStartIsThatOfItsProgram(_ index: Int) {
        let row = Self.starts[index]
        var comparer = comparer()
        comparer.clocks = ClockPair(
            candidate: RunMoment(now: 1_795_440_015, start: 1_795_440_000),
            references: [
                RunMoment(now: 1_795_357_320, start: 1_795_357_300),
                RunMoment(now: 1_795_360_920.3, start: 1_795_360_900),
                RunMoment(now: 1_795_363_920.1, start: 1_795_363_900),
            ])
        comparer.compare(
            ValuePath(["body"]),
            references: zip(row.references, comparer.clocks?.references ?? []).map { .float($1.start + $0 + 0.0001) },
            candidate: .float(1_795_440_000 + row.candidate + 0.0001))
        #expect(comparer.differences.isEmpty == row.equal, "\(row)")
    }

    private static func rows(_ base: Double, _ times: [Double]) -> PyValue {
        .list(times.map { ["timestamp": .float(base + $0 + 0.0001), "n": 1] })
    }

    static let sequences: [(references: [[Double]], candidate: [Double], found: [String])] = [
        ([[0, 1, 2], [0, 2, 3]], [0, 1.5, 1.75], []),
        ([[0, 1, 2], [0, 2, 3]], [0, 1.77, 1.75], []),
        ([[0, 1, 2], [0, 2, 3]], [0, 1.5, 1], ["/rows/1/timestamp order", "/rows/2/timestamp order"]),
        ([[2, 1, 0], [3, 2, 0]], [1, 2, 0], ["/rows/0/timestamp order", "/rows/1/timestamp order"]),
        // References that disagree have no order to keep.
        ([[0, 1, 2], [0, 3, 2]], [0, 1.5, 1], []),
    ]

    @Test(arguments: sequences.indices) func timesKeepTheirOrder(_ index: Int) {
        let row = Self.sequences[index]
        var comparer = comparer()
        comparer.compare(
            ValuePath(["rows"]),
            references: zip(row.references, Self.clocks.references).map { Self.rows($1.now - 5, $0) },
            candidate: Self.rows(Self.clocks.candidate.now - 5, row.candidate))
        #expect(places(comparer) == row.found)
    }

    /// Seeds come from the clock (eight digits) or from a hash modulo 10000.
    static let seeds: [(references: [String], candidate: String, equal: Bool)] = [
        (["61104728", "61108497"], "7012345", true), (["61104728", "61108497"], "1105209313", true),
        (["9274", "7571"], "12", true), (["9274", "7571"], "12345", false), (["9274", "7571"], "12.5", false),
        (["61104728", "61108497"], "6110c728", false), (["61104728", "61108497"], "", false),
        (["12", "12"], "13", false),
    ]

    @Test(arguments: seeds.indices) func aSeedIsAnyNumberOfItsSize(_ index: Int) {
        let row = Self.seeds[index]
        func text(_ seed: String) -> PyValue { .string(PyString("run.py --num-games 3 --seed \(seed) --lean-db")) }
        var comparer = comparer()
        comparer.compare(ValuePath(["argv"]), references: row.references.map(text), candidate: text(row.candidate))
        #expect(comparer.differences.isEmpty == row.equal, "\(row)")
    }

    // MARK: Logs

    private static let templates = LogTemplates(
        [["script": "p2p_orchestrator", "where": "P.ask", "line": 1, "template": "[P2P] Asked by {name}"]],
        script: "p2p_orchestrator")

    /// - Parameter began: the second of the minute in the brackets.
    private static func access(_ path: String, at time: String, began: Int) -> String {
        "2026-11-22 14:21:\(time) - INFO - 127.0.0.1 [22/Nov/2026:14:21:\(began) +0000] \"GET \(path) HTTP/1.1\""
            + " 200 160 \"-\" \"-\"\n"
    }

    private func log(_ log: String, _ references: [String]) -> [String] {
        var comparer = Comparer(scope: ComparisonScope(scenario: "s"))
        comparer.clocks = ClockPair(
            candidate: RunMoment(now: 1_795_357_320, start: 1_795_357_300, whole: true),
            references: references.map { _ in RunMoment(now: 1_795_357_320, start: 1_795_357_300, whole: true) })
        comparer.compare(log: log, references: references, mode: .both, templates: Self.templates)
        return places(comparer)
    }

    @Test func aRequestBeginsBeforeItsLine() {
        let good = Self.access("/a", at: "20,100", began: 20)
        let path = "/log/INFO - <n>.<n> [<ts>] \"GET ~1a HTTP~1<n>\" <n> <n> \"-\" \"-\" value"
        #expect(log(Self.access("/a", at: "20,100", began: 18), [good, good]).isEmpty)
        #expect(log(Self.access("/a", at: "20,100", began: 10), [good, good]) == [path])
        #expect(log(Self.access("/a", at: "20,100", began: 21), [good, good]) == [path])
    }

    @Test func aMeasuredRequestTookAsLongAsItsAnswer() throws {
        func run(began: Int, milliseconds: Double) -> RunObservation {
            var answer = AnswerTests.answer(200, "{}")
            answer.milliseconds = milliseconds
            return RunObservation(
                scenario: "s", steps: [StepObservation(id: "1", method: "GET", path: "/a", answer: answer)],
                log: Self.access("/a", at: "20,100", began: began))
        }
        func found(_ candidate: RunObservation) -> Int {
            var comparison = RunComparison(rules: RuleBook())
            let references = [run(began: 20, milliseconds: 3), run(began: 20, milliseconds: 5)]
            return comparison.compare(candidate, references: references, selection: RunSelection())
                .filter { $0.subject == .log }.flatMap(\.differences).count
        }
        #expect(found(run(began: 19, milliseconds: 4)) == 0)
        #expect(found(run(began: 17, milliseconds: 4)) == 1)
        #expect(found(run(began: 17, milliseconds: 2500)) == 0)
    }

    @Test func requestsAreAnsweredByOneLoop() {
        func lines(_ first: String, _ second: String) -> String {
            Self.access("/a", at: first, began: 20) + Self.access("/b", at: second, began: 20)
        }
        let good = lines("20,100", "20,120")
        #expect(log(lines("20,110", "20,110"), [good, good]).isEmpty)
        #expect(log(lines("20,125", "20,120"), [good, good]).count == 2)
    }

    @Test func linesOfOneStatementKeepTheirOrderAcrossAnswers() {
        let (first, second) = ("[P2P] Asked by anna\n", "[P2P] Asked by otto\n")
        let answer = Self.access("/a", at: "20,100", began: 20)
        let apart = first + answer + second
        #expect(log(second + answer + first, [apart, apart]).count == 2)
        // Two tasks may print them at once.
        let close = first + second + answer
        #expect(log(second + first + answer, [close, close]).isEmpty)
        #expect(log(second + answer + first, [apart, close]).isEmpty)
    }

    // MARK: Exchanged fields

    private static let rule: Rule = {
        var rule = Rule.make("jobs", "/body", .set)
        rule.exchange = ["status", "bytes"]
        return rule
    }()

    private static func jobs(_ rows: [(String, String, Int)]) -> PyValue {
        .list(rows.map { ["file": .string(PyString($0.0)), "status": .string(PyString($0.1)), "bytes": .int($0.2)] })
    }

    static let exchanges: [(candidate: [(String, String, Int)], found: [String])] = [
        ([("a", "done", 0), ("b", "failed", 0), ("c", "done", 7)], []),
        ([("c", "failed", 0), ("a", "done", 7), ("b", "done", 0)], []),
        ([("a", "done", 0), ("b", "done", 0), ("c", "done", 7)], ["/body/1/status text", "/body/1/status value"]),
        ([("a", "done", 0), ("b", "failed", 7), ("c", "done", 0)], ["/body/1/bytes value", "/body/2/bytes value"]),
        ([("a", "done", 0), ("b", "failed", 0), ("x", "done", 7)], ["/body/2/file value"]),
    ]

    @Test(arguments: exchanges.indices) func exchangedFieldsAreThereAsOften(_ index: Int) {
        let row = Self.exchanges[index]
        var comparer = comparer([Self.rule])
        comparer.compare(
            ValuePath(["body"]),
            references: [
                Self.jobs([("a", "failed", 0), ("b", "done", 7), ("c", "done", 0)]),
                Self.jobs([("b", "done", 0), ("a", "done", 7), ("c", "failed", 0)]),
            ], candidate: Self.jobs(row.candidate))
        let found = places(comparer)
        #expect(row.found.isEmpty ? found.isEmpty : !found.isEmpty && found.allSatisfy(row.found.contains), "\(found)")
    }
}
