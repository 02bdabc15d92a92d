import Comparison
import PythonSemantics

/// How much of what the contract names was shown, in figures for a report.
package struct CoverageSummary: Sendable {
    package struct Missing: Sendable, Equatable {
        /// `POST /sync/start`, or `everywhere`.
        package var route: String
        /// nil: the success of the route.
        package var status: Int?
        /// Empty for the success of the route.
        package var text: String
        package var reason: String
    }

    package var routes: Int
    package var routesWithSuccess: Int
    package var named: Int
    package var shown: Int
    package var missing: [Missing]
}

extension CoverageSummary {
    package init(_ coverage: Coverage) {
        let answers = coverage.routes.flatMap(\.named) + coverage.everywhere
        self.init(
            routes: coverage.routes.count, routesWithSuccess: coverage.routes.count { $0.success.isShown },
            named: answers.count, shown: answers.count { $0.verdict.isShown }, missing: [])
        func add(_ route: String, _ status: Int?, _ text: String, _ verdict: Coverage.Verdict) {
            guard let reason = verdict.reason else { return }
            missing.append(Missing(route: route, status: status, text: text, reason: reason))
        }
        for route in coverage.routes {
            add(route.route.description, nil, "", route.success)
            for answer in route.named { add(route.route.description, answer.status, answer.text, answer.verdict) }
        }
        for answer in coverage.everywhere { add("everywhere", answer.status, answer.text, answer.verdict) }
    }

    /// The summary of a run of which parts may not have been played; nil when there is no coverage file.
    package init?(_ file: CoverageFile?, runs: [RunObservation]) {
        guard let file else { return nil }
        self.init(Coverage(file, routes: nil, runs: runs, partial: true))
    }

    /// `136 routes, 134 with a success; 412 of 430 named answers shown`.
    package var line: String {
        "\(routes) routes, \(routesWithSuccess) with a success; \(shown) of \(named) named answers shown"
    }

    package var value: PyValue {
        [
            "routes": .int(routes), "routes_with_success": .int(routesWithSuccess), "named": .int(named),
            "shown": .int(shown),
            "missing": .list(
                missing.map {
                    [
                        "route": .string($0.route), "status": $0.status.map(PyValue.int) ?? .none,
                        "text": .string($0.text), "reason": .string($0.reason),
                    ]
                }),
        ]
    }
}

extension Coverage.Verdict {
    /// Why it was not shown; nil when it was.
    package var reason: String? {
        switch self {
        case .shown: nil
        case .missing(let reason), .fails(let reason): reason
        case .notPlayed(let step): "not played (\(step))"
        }
    }
}
