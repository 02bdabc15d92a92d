import Comparison

/// Everything a run of the harness has to say.
package struct ParityReport: Sendable {
    package struct ScenarioResult: Sendable {
        package var name: String
        package var checks: [CheckResult] = []
        /// Why the scenario was not played; not a failure.
        package var skipped: String?
        /// Why it could not be played; makes the exit status 2.
        package var error: String?
        /// How the candidate ended when nobody told it to.
        package var note: String?
        /// What the slice leaves out here: text and reason.
        package var leftOut: [(what: String, reason: String)] = []
        /// Seconds from start to the first connection, candidate and references.
        package var startup: (candidate: Double, legacy: [Double])?
        package var stopSeconds: Double?
        /// Both observations of the checks that differ, by the index of the check.
        package var evidence: [Int: Evidence] = [:]
    }

    /// `replay` or `run`.
    package var command: String
    /// Which legacy it was compared with: recording, bundled or real, and where from.
    package var legacy: String
    package var candidate: String
    package var scenarios: [ScenarioResult]
    package var rules: RuleBook
    package var complaints: [(rule: String, complaint: String)]
    package var seconds: Double
    /// When it was made, ISO 8601.
    package var made = ""
    /// Which subsystem owns which route.
    package var routes = RouteMap()
    /// How both sides were started, for the store of mismatches; nil: nothing is stored.
    package var origin: MismatchOrigin?
    /// What of the contract this run showed; nil without a coverage file.
    package var coverage: CoverageSummary?

    package var tally: Tally {
        scenarios.flatMap(\.checks).reduce(into: Tally()) { $0 += $1.tally }
    }

    /// How many values were compared by a noise class only, by its name.
    package var noise: [String: Int] {
        scenarios.flatMap(\.checks).reduce(into: [:]) { $0.merge($1.noise, uniquingKeysWith: +) }
    }

    /// What checks remark that is no difference.
    package var remarks: Int { scenarios.flatMap(\.checks).reduce(0) { $0 + $1.remarks.count } }

    package var passed: Int { scenarios.flatMap(\.checks).filter(\.differences.isEmpty).count }
    package var failed: Int {
        scenarios.flatMap(\.checks).filter { !$0.differences.isEmpty }.count
            + scenarios.filter { $0.error != nil }.count + complaints.count
    }
    package var skipped: Int { scenarios.filter { $0.skipped != nil }.count }

    /// `recording`, `bundled` or `real`.
    package var legacyKind: String { String(legacy.prefix { $0 != " " }) }

    /// 0 equal, 1 different, 2 could not run.
    package var exitCode: Int32 {
        if scenarios.contains(where: { $0.error != nil }) || scenarios.allSatisfy({ $0.checks.isEmpty }) { return 2 }
        return failed == 0 ? 0 : 1
    }

    /// `12 passed, 0 failed, 1 skipped`.
    package var summary: String {
        "\(passed) passed, \(failed) failed" + (skipped > 0 ? ", \(skipped) skipped" : "")
    }
}
