import Testing

@testable import Comparison

/// Rounds of one request: what the legacy and the candidate say in turn, and what that is worth.
@Suite struct AnswerRoundsTests {
    private static func timed(_ body: String, _ now: Double, status: Int = 200) -> AnswerRounds.Timed {
        AnswerRounds.Timed(
            AnswerObservation(
                status: status, headers: [("Content-Type", "application/json"), ("Date", "\(now)")],
                body: .text(body)), now: now)
    }

    private static func verdict(_ rounds: [(String, String)], isLast: Bool, rules: [Rule] = []) -> String {
        var all = AnswerRounds(route: "GET /status", rules: rules, start: 1_800_000_000)
        for (index, round) in rounds.enumerated() {
            let now = 1_800_000_100 + Double(index)
            all.add(old: timed(round.0, now), new: timed(round.1, now + 0.1))
        }
        switch all.verdict(isLast: isLast) {
        case .equal: return "equal"
        case .race: return "race"
        case .open(let found): return "open " + found.map(\.path.description).joined(separator: " ")
        case .mismatch(let found): return "mismatch " + found.map(\.path.description).joined(separator: " ")
        }
    }

    @Test(
        arguments: [
            ([(#"{"a": 1}"#, #"{"a": 1}"#)], false, "equal"),
            ([(#"{"a": 1}"#, #"{"a": 2}"#)], false, "open /body/a"),
            ([(#"{"a": 1}"#, #"{"a": 2}"#)], true, "mismatch /body/a"),
            // It repeats, and the legacy agrees with itself.
            ([(#"{"a": 1}"#, #"{"a": 2}"#), (#"{"a": 1}"#, #"{"a": 3}"#)], true, "mismatch /body/a"),
            // It does not repeat.
            ([(#"{"a": 1}"#, #"{"a": 2}"#), (#"{"a": 1}"#, #"{"a": 1}"#)], true, "race"),
            // The legacy does not agree with itself: noise.
            ([(#"{"a": 1.25}"#, #"{"a": 1.5}"#), (#"{"a": 2.25}"#, #"{"a": 2.5}"#)], true, "equal"),
            // Noise of another class than the legacy's.
            ([(#"{"a": 1.25}"#, #"{"a": "x"}"#), (#"{"a": 2.25}"#, #"{"a": "y"}"#)], true, "mismatch /body/a"),
            ([(#"{"a": 1.25}"#, #"{"a": 9e6}"#), (#"{"a": 2.25}"#, #"{"a": 9e6}"#)], true, "mismatch /body/a"),
            // A varying place hides no steady one.
            (
                [(#"{"t": 1.5, "a": 1}"#, #"{"t": 1.7, "a": 2}"#), (#"{"t": 2.5, "a": 1}"#, #"{"t": 2.7, "a": 2}"#)],
                true,
                "mismatch /body/a"
            ),
            ([(#"{"a": 1}"#, #"{"a": 1, "b": 2}"#), (#"{"a": 1}"#, #"{"a": 1, "b": 2}"#)], true, "mismatch /body/b"),
            (
                [(#"{"a": 1, "b": 2}"#, #"{"b": 2, "a": 1}"#), (#"{"a": 1, "b": 2}"#, #"{"b": 2, "a": 1}"#)], true,
                "mismatch /body"
            ),
            ([(#"{"a": 1}"#, #"{"a": 1.0}"#), (#"{"a": 1}"#, #"{"a": 1.0}"#)], true, "mismatch /body/a"),
        ] as [([(String, String)], Bool, String)])
    func rounds(_ rounds: [(String, String)], _ isLast: Bool, _ expected: String) {
        #expect(Self.verdict(rounds, isLast: isLast) == expected)
    }

    @Test func theStatusCounts() {
        var rounds = AnswerRounds(route: "GET /status", rules: [], start: 0)
        rounds.add(old: Self.timed("{}", 10), new: Self.timed("{}", 10, status: 500))
        guard case .mismatch(let found) = rounds.verdict(isLast: true) else {
            Issue.record("a wrong status is no mismatch")
            return
        }
        #expect(found.map(\.path.description) == ["/status"])
    }

    @Test func aRuleAcceptsWhatItNames() throws {
        let rule = Rule(
            name: "x", paths: [try #require(PathPattern("/body/**/cpu_percent"))], acceptance: .tolerance(10),
            reason: "x", owner: "x", expires: "9999-12-31")
        let near = [(#"{"n": {"cpu_percent": 5.0}}"#, #"{"n": {"cpu_percent": 9.0}}"#)]
        let far = [(#"{"n": {"cpu_percent": 5.0}}"#, #"{"n": {"cpu_percent": 50.0}}"#)]
        #expect(Self.verdict(near, isLast: true, rules: [rule]) == "equal")
        #expect(Self.verdict(far, isLast: true, rules: [rule]) == "mismatch /body/n/cpu_percent")
    }
}
