/// What kind of difference a leaf shows.
package enum DifferenceKind: String, Sendable, CaseIterable {
    case value, type, missing, extra, order, length, text, bytes
}

/// One difference between what the legacy did and what the candidate did.
package struct Difference: Sendable, Equatable {
    /// Scenario name.
    package var scenario: String
    /// Step id; nil for what belongs to the run as a whole (state, log, exit).
    package var step: String?
    /// `GET /status`; nil outside steps.
    package var route: String?
    package var path: ValuePath
    package var kind: DifferenceKind
    /// Shortened for people; not a parseable form.
    package var expected: String
    package var got: String

    package init(
        scenario: String, step: String? = nil, route: String? = nil, path: ValuePath, kind: DifferenceKind,
        expected: String, got: String
    ) {
        self.scenario = scenario
        self.step = step
        self.route = route
        self.path = path
        self.kind = kind
        self.expected = expected
        self.got = got
    }
}

/// How many leaves were compared, and how strictly.
package struct Tally: Sendable, Equatable {
    /// Equal to what every reference agrees on, or different from it (both were exact comparisons).
    package var exact = 0
    /// The references differ among themselves (or a rule says so): only the type or shape was compared.
    package var loosened = 0
    /// Not compared, because a rule says so.
    package var ignored = 0

    package init(exact: Int = 0, loosened: Int = 0, ignored: Int = 0) {
        self.exact = exact
        self.loosened = loosened
        self.ignored = ignored
    }

    package static func += (left: inout Tally, right: Tally) {
        left.exact += right.exact
        left.loosened += right.loosened
        left.ignored += right.ignored
    }
}

/// Where a comparison takes place: what the selectors of rules look at.
package struct ComparisonScope: Sendable, Equatable {
    package var scenario: String
    package var step: String?
    /// Method and path without query, `GET /status`.
    package var route: String?
    /// A command line is compared (`parity cli`); the scenario is the case.
    package var isCommandLine: Bool

    package init(scenario: String, step: String? = nil, route: String? = nil, isCommandLine: Bool = false) {
        self.scenario = scenario
        self.step = step
        self.route = route
        self.isCommandLine = isCommandLine
    }
}
