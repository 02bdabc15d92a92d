import PythonSemantics
import Testing

@testable import Comparison

/// On one virtual clock bodies and lines are compared to the byte.
@Suite struct WholeTests {
    private func run(body: String, log: String) -> RunObservation {
        let answer = AnswerObservation(
            status: 200, headers: [(name: "Content-Type", value: "application/json")], body: .text(body))
        return RunObservation(
            scenario: "s", steps: [StepObservation(id: "1", method: "GET", path: "/status", answer: answer)], log: log)
    }

    private func differences(_ mine: RunObservation, _ theirs: RunObservation, exact: Bool = true) -> [Difference] {
        var comparison = RunComparison(rules: RuleBook(), settings: ComparisonSettings(exactTimes: exact))
        let selection = RunSelection(state: nil, log: .extra, requiredLog: ["[P<n>P] leader*"], spawned: false)
        return comparison.compare(mine, references: [theirs], selection: selection).flatMap(\.differences)
    }

    private static let body = #"{"t": 1768478400.5, "id": "09d30aba"}"#
    private static let log = "[P2P] leader a_1768478400_09d30aba\n[P2P] other 5\n"

    @Test func equalRunsAreEqual() {
        #expect(differences(run(body: Self.body, log: Self.log), run(body: Self.body, log: Self.log)).isEmpty)
    }

    @Test(arguments: [
        #"{"t": 1768478400.6, "id": "09d30aba"}"#, #"{"t": 1768478400.5, "id": "19d30aba"}"#,
        #"{"t": 1768478400.50, "id": "09d30aba"}"#, #"{"t": 1768478400.5,  "id": "09d30aba"}"#,
    ])
    func volatileValuesAndBytesCount(body: String) {
        #expect(!differences(run(body: body, log: Self.log), run(body: Self.body, log: Self.log)).isEmpty)
    }

    @Test func theSizeOfALoosenedBodyIsNoDifferenceOfItsOwn() throws {
        func sized(_ body: String, _ size: Int) -> RunObservation {
            let line = #"[P2P] leader 127.0.0.1 "GET /status HTTP/1.1" 200 "# + "\(size)" + #" "-""#
            var run = run(body: body, log: line + "\n")
            run.steps[0].answer.headers.append((name: "Content-Length", value: "\(body.utf8.count)"))
            return run
        }
        let mine = sized(#"{"n": 10}"#, 150)
        let theirs = sized(#"{"n": 9}"#, 149)
        let rule = Rule(
            name: "n", origin: .rule, paths: [try #require(PathPattern("/body/n"))], acceptance: .ignore, reason: "r",
            owner: "o",
            expires: "2999-01-01")
        for (rules, expected) in [([rule], 0), ([], 4)] {
            var comparison = RunComparison(
                rules: RuleBook(rules), settings: ComparisonSettings(exactTimes: true))
            let selection = RunSelection(state: nil, log: .extra, requiredLog: ["[P<n>P] leader*"], spawned: false)
            let found = comparison.compare(mine, references: [theirs], selection: selection).flatMap(\.differences)
            #expect(found.count == expected)
        }
    }

    @Test func requiredLinesCountWithTheirNumbers() {
        let moved = "[P2P] leader a_1768478401_09d30aba\n[P2P] other 5\n"
        #expect(!differences(run(body: Self.body, log: moved), run(body: Self.body, log: Self.log)).isEmpty)
        #expect(
            differences(run(body: Self.body, log: moved), run(body: Self.body, log: Self.log), exact: false).isEmpty)
        let twice = Self.log + "[P2P] leader a_1768478400_09d30aba\n"
        #expect(!differences(run(body: Self.body, log: twice), run(body: Self.body, log: Self.log)).isEmpty)
        let unrelated = "[P2P] leader a_1768478400_09d30aba\n[P2P] other 6\n"
        #expect(differences(run(body: Self.body, log: unrelated), run(body: Self.body, log: Self.log)).isEmpty)
    }
}
