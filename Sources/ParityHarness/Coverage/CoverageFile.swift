/// `parity/coverage.yaml`: which answers the contract pages name, and which step of which scenario shows each.
package struct CoverageFile: Sendable {
    /// What shows an answer, or why nothing does.
    package enum Evidence: Sendable, Equatable {
        case step(StepReference)
        case missing(reason: String)
    }

    /// `02-bad-bodies/415 too large`: a scenario and the id of one of its steps.
    package struct StepReference: Sendable, Equatable, CustomStringConvertible {
        package var scenario: String
        package var step: String

        package init(scenario: String, step: String) {
            self.scenario = scenario
            self.step = step
        }

        package var description: String { "\(scenario)/\(step)" }
    }

    /// An answer that is told apart by its status and its error text.
    package struct NamedAnswer: Sendable {
        package var status: Int
        package var text: TextTemplate
        package var evidence: Evidence
        /// Line in the file.
        package var line: Int
    }

    package struct Route: Sendable {
        package var route: CoverageRoute
        /// Where the contract describes it: `06 §3.2`.
        package var page: String
        package var success: Evidence
        /// What the page names.
        package var named: [NamedAnswer]
        /// What the recordings show beyond the page: a gap of the page.
        package var beyond: [NamedAnswer]
        /// Line in the file.
        package var line: Int
    }

    /// For messages.
    package var path: String
    /// Answers the pages name for all routes together: unknown path, wrong method, bodies no decoder accepts.
    package var everywhere: [NamedAnswer]
    /// In the order of the file.
    package var routes: [Route]
}
