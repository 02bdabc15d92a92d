/// A named reason to accept a difference. Comparison is strict first: a rule is asked only where strict comparison
/// found a difference, so its hits count differences it hid.
package struct Rule: Sendable, Equatable {
    /// What the rule accepts instead of equality.
    package enum Acceptance: Sendable, Equatable {
        /// As without the rule; overrides a later, wider rule.
        case exact
        /// The same JSON type as a reference.
        case type
        /// Numbers no further apart than this from some reference.
        case tolerance(Double)
        /// The candidate's text (of what is no text: its JSON) matches this regular expression as a whole.
        case regex(String)
        /// Lists with the same elements in any order.
        case set
        /// The same, in another place of the order.
        case order
        /// Anything, also missing or extra.
        case ignore
    }

    /// Noise is what two runs of one implementation may show; a divergence is a listed, intended difference.
    package enum Origin: String, Sendable {
        case rule, divergence
    }

    package var name: String
    package var origin: Origin
    /// Glob patterns over scenarios, or cases of command lines; empty: all.
    package var scenarios: [String]
    package var steps: [String]
    package var routes: [String]
    /// At least one.
    package var paths: [PathPattern]
    /// `replay`, `run` or `deterministic`, `slice` or `all`: the rule holds where all of these do; empty: everywhere.
    package var when: Set<String>
    package var acceptance: Acceptance
    package var reason: String
    package var owner: String
    /// `YYYY-MM-DD`, the last day on which the rule holds.
    package var expires: String
    /// A race that shows in some runs only: no hit is then no failure. It still expires.
    package var occasional: Bool
    /// With ``Acceptance/set``: a regular expression for the elements that may move; nil: all may.
    package var elements: String?
    /// The rule is about command lines (`parity cli`), and there about these dimensions; nil: about nodes.
    package var commandLine: [CommandLineDimension]?
    /// With ``Acceptance/set``: fields that elements may exchange, all of these together.
    package var exchange: [String]

    package init(
        name: String, origin: Origin = .rule, scenarios: [String] = [], steps: [String] = [], routes: [String] = [],
        paths: [PathPattern], when: Set<String> = [], acceptance: Acceptance, reason: String, owner: String,
        expires: String, occasional: Bool = false, elements: String? = nil, exchange: [String] = [],
        commandLine: [CommandLineDimension]? = nil
    ) {
        self.name = name
        self.origin = origin
        self.scenarios = scenarios
        self.steps = steps
        self.routes = routes
        self.paths = paths
        self.when = when
        self.acceptance = acceptance
        self.reason = reason
        self.owner = owner
        self.expires = expires
        self.occasional = occasional
        self.elements = elements
        self.exchange = exchange
        self.commandLine = commandLine
        within = (commandLine ?? []).flatMap(\.places)
    }

    /// Where the dimensions of a rule about command lines are.
    private let within: [PathPattern]

    /// Whether the rule can hold in this scope at all.
    func selects(_ scope: ComparisonScope) -> Bool {
        func one(of patterns: [Glob], _ text: String?) -> Bool {
            patterns.isEmpty || patterns.contains { $0.matches(text ?? "") }
        }
        return (commandLine != nil) == scope.isCommandLine && one(of: scenarios.map(Glob.init), scope.scenario)
            && one(of: steps.map(Glob.init), scope.step)
            && one(of: routes.map(Glob.init), scope.route)
    }

    /// Whether the rule names this leaf, where ``selects(_:)`` holds.
    func covers(_ path: ValuePath) -> Bool {
        paths.contains { $0.matches(path) } && (commandLine == nil || within.contains { $0.matches(path) })
    }
}

/// The rules of a run and how often each was needed.
package struct RuleBook: Sendable {
    package struct Use: Sendable, Equatable {
        /// Differences the rule hid.
        package var hits = 0
        /// Leaves the rule was asked about or that it would cover.
        package var leaves = 0
    }

    package let rules: [Rule]
    package private(set) var uses: [Use]

    package init(_ rules: [Rule] = []) {
        self.rules = rules
        uses = Array(repeating: Use(), count: rules.count)
    }

    mutating func count(_ index: Int, hit: Bool) {
        uses[index].leaves += 1
        if hit { uses[index].hits += 1 }
    }

    /// Rules that fail a run: expired ones, and (when everything was played) those that hid nothing.
    /// - Parameters:
    ///   - today: `YYYY-MM-DD`.
    ///   - complete: false when scenarios or steps were left out, so that no use proves nothing.
    ///   - played: names of the scenarios that were played; nil: all there are. A rule about others proves nothing.
    package func complaints(
        today: String, complete: Bool, played: [String]? = nil
    ) -> [(rule: Rule, complaint: String)] {
        var found: [(rule: Rule, complaint: String)] = []
        for (rule, use) in zip(rules, uses) {
            let concerned =
                played.map { names in
                    rule.scenarios.isEmpty
                        || names.contains { name in rule.scenarios.contains { Glob.matches($0, name) } }
                } ?? true
            let complete = complete && concerned
            if rule.expires < today {
                found.append((rule, "expired on \(rule.expires)"))
            } else if complete, use.hits == 0, !rule.occasional {
                found.append(
                    (rule, rule.origin == .divergence ? "the divergence no longer occurs" : "hid nothing, remove it"))
            }
        }
        return found
    }
}
