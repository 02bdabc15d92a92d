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
        (("rules:", "rules: ["), "f: "), (("rules:", "pages: []\nrules:"), "unknown field 'pages'"),
    ]

    @Test(arguments: bad.indices) func refuses(_ index: Int) throws {
        let (change, says) = Self.bad[index]
        let text = Self.good.replacing(change.0, with: change.1)
        #expect(text != Self.good)
        let error = #expect(throws: RuleFileError.self) { try RuleFile.parse(text, name: "f", origin: .rule) }
        #expect(error?.description.contains(says) ?? false, "\(error?.description ?? "")")
    }

    // MARK: Command lines

    private static func commandLine(_ fields: String) -> String {
        "rules: [{name: n, accept: ignore, reason: r, owner: o, expires: 2027-12-31, \(fields)}]"
    }

    @Test func aRuleAboutCommandLinesHoldsInItsDimensionsOnly() throws {
        let text = Self.commandLine("cli: {cases: 'improve-*', dimensions: [stdout, files]}")
        let rule = try #require(try RuleFile.parse(text, name: "f", origin: .rule).first)
        #expect(rule.commandLine == [.stdout, .files])
        func holds(_ name: String, _ path: [String], cli: Bool = true) -> Bool {
            let scope = ComparisonScope(scenario: name, step: "1", route: "command", isCommandLine: cli)
            return rule.selects(scope) && rule.covers(ValuePath(path))
        }
        #expect(holds("improve-x", ["stdout", "line 1"]) && holds("improve-x", ["stdout"]))
        #expect(holds("improve-x", ["created", "a/b", "k"]) && holds("improve-x", ["deleted", "d"]))
        #expect(!holds("improve-x", ["stderr", "line 1"]) && !holds("loop-x", ["stdout"]))
        #expect(!holds("improve-x", ["stdout"], cli: false))
        let narrow = Self.commandLine("path: /*/line 2, cli: {cases: '*', dimensions: stdout}")
        let second = try #require(try RuleFile.parse(narrow, name: "f", origin: .rule).first)
        #expect(second.covers(ValuePath(["stdout", "line 2"])) && !second.covers(ValuePath(["stdout", "line 1"])))
        #expect(!second.covers(ValuePath(["stderr", "line 2"])))
        // A rule about nodes says nothing of a command line.
        let node = try #require(try RuleFile.parse(Self.commandLine("path: /**"), name: "f", origin: .rule).first)
        #expect(!node.selects(ComparisonScope(scenario: "improve-x", isCommandLine: true)))
    }

    @Test(arguments: CommandLineDimension.allCases) func everyDimensionHasPlaces(_ dimension: CommandLineDimension) {
        #expect(!dimension.places.isEmpty)
    }

    static let badCommandLines: [(fields: String, says: String)] = [
        ("cli: improve-*", "'cli' has 'cases' and 'dimensions', and nothing else"),
        ("cli: {cases: x}", "'cli' has 'cases' and 'dimensions', and nothing else"),
        ("cli: {cases: x, dimensions: exit, path: /}", "'cli' has 'cases' and 'dimensions', and nothing else"),
        ("cli: {cases: [], dimensions: exit}", "'cases' of 'cli' is no list of names"),
        ("cli: {cases: x, dimensions: [color]}", "dimension 'color' is none of exit, stdout, stderr, actions"),
        ("scenarios: a, cli: {cases: x, dimensions: exit}", "'scenarios' and 'cli' exclude each other"),
        ("routes: a, cli: {cases: x, dimensions: exit}", "'routes' and 'cli' exclude each other"),
        ("when: slice, cli: {cases: x, dimensions: exit}", "when 'slice' says nothing of command lines"),
    ]

    @Test(arguments: badCommandLines.indices) func refusesCommandLines(_ index: Int) {
        let (fields, says) = Self.badCommandLines[index]
        let error = #expect(throws: RuleFileError.self) {
            try RuleFile.parse(Self.commandLine(fields), name: "f", origin: .rule)
        }
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
