import Testing

@testable import Comparison

@Suite struct RuleFileTests {
    private static let good = """
        rules:
          - name: n
            when: [replay, slice]
            scenarios: 03-*
            routes: [GET /status, GET /health]
            path: [/body/a, /body/**/b]
            accept: tolerance
            value: 1
            reason: why
            owner: me
            expires: 2027-12-31
        """

    @Test func reads() throws {
        let rules = try RuleFile.parse(Self.good, name: "f", origin: .rule)
        let rule = try #require(rules.first)
        #expect(rule.name == "n" && rule.scenarios == ["03-*"] && rule.routes.count == 2 && rule.paths.count == 2)
        #expect(rule.acceptance == .tolerance(1) && rule.expires == "2027-12-31" && rule.when == ["replay", "slice"])
        #expect(try RuleFile.parse("", name: "f", origin: .rule).isEmpty)
        #expect(try RuleFile.parse("divergences: []", name: "f", origin: .divergence).isEmpty)
    }

    static let bad: [(change: (String, String), says: String)] = [
        (("reason: why", "reason: ''"), "'reason' is missing"),
        (("owner: me", ""), "'owner' is missing"),
        (("expires: 2027-12-31", "expires: soon"), "'expires' is no date"),
        (("accept: tolerance", "accept: anything"), "none of exact, type"),
        (("value: 1", ""), "needs a number"),
        (("path: [/body/a, /body/**/b]", "path: body"), "does not begin with '/'"),
        (("path: [/body/a, /body/**/b]", ""), "'path' is missing"),
        (("owner: me", "owner: me\n    owned: x"), "unknown field 'owned'"),
        (("when: [replay, slice]", "when: today"), "none of replay"),
        (("owner: me", "owner: me\n    exchange: [status]"), "'exchange' goes with 'accept: set'"),
        (("rules:", "rule:"), "expected a list under 'rules'"),
        (("rules:", "rules: ["), "f: "),
    ]

    @Test(arguments: bad.indices) func refuses(_ index: Int) throws {
        let (change, says) = Self.bad[index]
        let text = Self.good.replacing(change.0, with: change.1)
        #expect(text != Self.good)
        let error = #expect(throws: RuleFileError.self) { try RuleFile.parse(text, name: "f", origin: .rule) }
        #expect(error?.description.contains(says) ?? false, "\(error?.description ?? "")")
    }

    @Test func refusesTheSameNameTwice() {
        let twice = Self.good + "\n" + Self.good.split(separator: "\n").dropFirst().joined(separator: "\n")
        #expect(throws: RuleFileError("f: 'n' is there twice")) {
            try RuleFile.parse(twice, name: "f", origin: .rule)
        }
    }

    static let patterns: [(pattern: String, path: [String], matches: Bool)] = [
        ("/body/a", ["body", "a"], true), ("/body/a", ["body", "a", "b"], false), ("/body/*", ["body", "x"], true),
        ("/body/*", ["body"], false), ("/body/**", ["body", "x", "y"], true), ("/**/b", ["body", "x", "b"], true),
        ("/**/b", ["b"], true), ("/db/*/rows", ["db", "logs/x.db", "rows"], true),
        ("/db/logs~1x.db", ["db", "logs/x.db"], true), ("/body/early-*", ["body", "early-1"], true),
        ("/body/*a*b", ["body", "xxaxxb"], true), ("/body/*a*b", ["body", "xxbxxa"], false),
        ("/body/a*a", ["body", "a"], false),
    ]

    @Test(arguments: patterns.indices) func pattern(_ index: Int) throws {
        let row = Self.patterns[index]
        let pattern = try #require(PathPattern(row.pattern))
        #expect(pattern.matches(ValuePath(row.path)) == row.matches)
    }
}
