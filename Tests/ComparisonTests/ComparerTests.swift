import PythonSemantics
import Testing

@testable import Comparison

/// JSON comparison: each row is a difference of its own kind, and each has been seen to be reported.
@Suite struct ComparerTests {
    private func differences(_ references: [PyValue], _ candidate: PyValue, _ rules: [Rule] = []) -> [Difference] {
        var comparer = Comparer(scope: ComparisonScope(scenario: "s"), rules: RuleBook(rules))
        comparer.compare(ValuePath(["body"]), references: references, candidate: candidate)
        return comparer.take().differences
    }

    static let rows: [(references: [String], candidate: String, found: [String])] = [
        (["{\"a\": 1}"], "{\"a\": 1}", []),
        (["{\"a\": 1}"], "{\"a\": 2}", ["/body/a value"]),
        (["{\"a\": 1}"], "{\"a\": 1.0}", ["/body/a type"]),
        (["{\"a\": 1}"], "{\"a\": true}", ["/body/a type"]),
        (["{\"a\": 0.0}"], "{\"a\": -0.0}", ["/body/a value"]),
        (["{\"a\": null}"], "{\"a\": 0}", ["/body/a type"]),
        (["{\"a\": 1, \"b\": 2}"], "{\"b\": 2, \"a\": 1}", ["/body order"]),
        (["{\"a\": 1}"], "{}", ["/body/a missing"]),
        (["{}"], "{\"a\": 1}", ["/body/a extra"]),
        (["[1, 2]"], "[1]", ["/body length"]),
        (["[1, 2]"], "[2, 1]", ["/body/0 value", "/body/1 value"]),
        (["[]"], "[1]", ["/body length"]),
        (["{\"a\": \"x\"}"], "{\"a\": \"y\"}", ["/body/a value"]),
        (["{\"a/b\": 1}"], "{\"a/b\": 2}", ["/body/a~1b value"]),
        // Noise: what two references disagree on is compared by type, and text by its shape.
        (["{\"t\": 1.5}", "{\"t\": 2.5}"], "{\"t\": 9.5}", []),
        (["{\"t\": 1.5}", "{\"t\": 2.5}"], "{\"t\": 9}", ["/body/t type"]),
        (["{\"t\": 1}", "{\"t\": null}"], "{\"t\": null}", []),
        (["{\"t\": 1}", "{\"t\": null}"], "{\"t\": \"x\"}", ["/body/t type"]),
        (["{\"t\": \"1:02\"}", "{\"t\": \"2:03\"}"], "{\"t\": \"7:30\"}", []),
        (["{\"t\": \"1:02\"}", "{\"t\": \"2:03\"}"], "{\"t\": \"soon\"}", ["/body/t text"]),
        // A key some references have may come or not, but not as something else; a new one may not come.
        (["{\"a\": 1}", "{\"a\": 1, \"b\": 2}"], "{\"a\": 1}", []),
        (["{\"a\": 1}", "{\"a\": 1, \"b\": 2}"], "{\"a\": 1, \"b\": 3}", ["/body/b value"]),
        (["{\"a\": 1}", "{\"a\": 1, \"b\": 2}"], "{\"a\": 1, \"c\": 2}", ["/body/c extra"]),
        // Ids as keys: each reference has its own.
        (["{\"id1\": 1}", "{\"id2\": 1}"], "{\"id3\": 1}", []),
        (["[1]", "[1, 2]"], "[1, 2, 3]", []),
        (["[1]", "[1, 2]"], "[\"x\"]", ["/body/0 type"]),
        // A JSON document inside a string.
        (
            ["\"{\\\"a\\\": 1, \\\"t\\\": 2}\"", "\"{\\\"a\\\": 1, \\\"t\\\": 3}\""],
            "\"{\\\"a\\\": 2, \\\"t\\\": 4}\"",
            ["/body/a value"]
        ),
    ]

    @Test(arguments: rows.indices) func row(_ index: Int) throws {
        let row = Self.rows[index]
        let references = try row.references.map { try #require(ParityText.parse($0)) }
        let found = differences(references, try #require(ParityText.parse(row.candidate)))
        #expect(found.map { "\($0.path) \($0.kind.rawValue)" } == row.found)
    }

    @Test func leavesAreCounted() {
        var comparer = Comparer(
            scope: ComparisonScope(scenario: "s"),
            rules: RuleBook([.make("r", "/body/c", .ignore)]))
        comparer.compare(
            ValuePath(["body"]), references: [["a": 1, "b": 1, "c": 1], ["a": 1, "b": 2, "c": 1]],
            candidate: ["a": 1, "b": 3, "c": 9])
        #expect(comparer.take().tally == Tally(exact: 1, loosened: 1, ignored: 1))
    }

    // MARK: Rules

    static let acceptances: [(Rule.Acceptance, reference: PyValue, candidate: PyValue, accepted: Bool)] = [
        (.type, 1, 2, true), (.type, 1, 2.0, false), (.tolerance(0.5), 1.0, 1.4, true),
        (.tolerance(0.5), 1.0, 1.6, false), (.tolerance(0.5), 1.0, 1, false), (.regex("[ab]+"), "a", "abba", true),
        (.regex("[ab]+"), "a", "abbac", false), (.set, [1, 2], [2, 1], true), (.set, [1, 2], [2, 2], false),
        (.ignore, 1, "x", true), (.exact, 1, 2, false),
    ]

    @Test(arguments: acceptances.indices) func acceptance(_ index: Int) {
        let (acceptance, reference, candidate, accepted) = Self.acceptances[index]
        let found = differences([["v": reference]], ["v": candidate], [.make("r", "/body/v", acceptance)])
        #expect(found.isEmpty == accepted)
    }

    @Test func anIgnoreRuleCoversMissingAndExtra() {
        let rule = Rule.make("r", "/body/peers/early-*", .ignore)
        #expect(differences([["peers": ["early-1": 1]]], ["peers": [:]], [rule]).isEmpty)
        #expect(differences([["peers": [:]]], ["peers": ["early-1": 1]], [rule]).isEmpty)
        #expect(differences([["peers": [:]]], ["peers": ["late-1": 1]], [rule]).count == 1)
    }

    @Test func selectorsNarrowARule() {
        var rule = Rule.make("r", "/body/v", .ignore)
        rule.scenarios = ["other"]
        #expect(differences([["v": 1]], ["v": 2], [rule]).count == 1)
        rule.scenarios = ["s*"]
        #expect(differences([["v": 1]], ["v": 2], [rule]).isEmpty)
        rule.routes = ["GET /status"]
        #expect(differences([["v": 1]], ["v": 2], [rule]).count == 1)
    }

    @Test func strictFirst() {
        var comparer = Comparer(
            scope: ComparisonScope(scenario: "s"), rules: RuleBook([.make("r", "/body/v", .ignore)]))
        comparer.compare(ValuePath(["body"]), references: [["v": 1]], candidate: ["v": 1])
        #expect(comparer.rules.uses == [RuleBook.Use(hits: 0, leaves: 1)])
        comparer.compare(ValuePath(["body"]), references: [["v": 1]], candidate: ["v": 2])
        #expect(comparer.rules.uses == [RuleBook.Use(hits: 1, leaves: 2)])
    }

    @Test func expiredAndUnusedRulesComplain() {
        var expired = Rule.make("old", "/body/v", .ignore)
        expired.expires = "2026-01-31"
        var occasional = Rule.make("race", "/body/v", .ignore)
        occasional.occasional = true
        let book = RuleBook([expired, .make("unused", "/body/v", .ignore), occasional])
        var divergence = Rule.make("gone", "/body/v", .ignore)
        divergence.origin = .divergence
        #expect(
            RuleBook([divergence]).complaints(today: "2026-01-31", complete: true).map(\.complaint)
                == ["the divergence no longer occurs"])
        func names(today: String, complete: Bool) -> [String] {
            book.complaints(today: today, complete: complete).map { "\($0.rule.name) \($0.complaint)" }
        }
        #expect(names(today: "2026-01-31", complete: false).isEmpty)
        #expect(names(today: "2026-02-01", complete: false) == ["old expired on 2026-01-31"])
        #expect(
            names(today: "2026-02-01", complete: true) == [
                "old expired on 2026-01-31", "unused hid nothing, remove it",
            ])
        // A rule about scenarios that were not played proves nothing.
        var elsewhere = Rule.make("elsewhere", "/body/v", .ignore)
        elsewhere.scenarios = ["other-*"]
        func complaints(_ played: [String]) -> Int {
            RuleBook([elsewhere]).complaints(today: "2026-01-31", complete: true, played: played).count
        }
        #expect(complaints(["this"]) == 0 && complaints(["other-one"]) == 1)
    }
}

extension Rule {
    static func make(_ name: String, _ path: String, _ acceptance: Acceptance) -> Rule {
        Rule(
            name: name, paths: [PathPattern(path)].compactMap { $0 }, acceptance: acceptance, reason: "because",
            owner: "tests", expires: "2999-12-31")
    }
}
