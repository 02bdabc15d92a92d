import Comparison

/// One line of a summary: how many checks were equal, how many differ, how strictly values were compared.
package struct Verdict: Sendable, Equatable {
    package var name: String
    package var equal = 0
    package var differing = 0
    package var differences = 0
    package var tally = Tally()

    package init(name: String) {
        self.name = name
    }

    package var played: Int { equal + differing }

    mutating func count(_ check: CheckResult) {
        if check.differences.isEmpty { equal += 1 } else { differing += 1 }
        differences += check.differences.count
        tally += check.tally
    }
}

/// Verdict on a route; one that nothing asked has no checks.
package struct RouteVerdict: Sendable, Equatable {
    package var route: String
    package var subsystem: String
    /// False for requests that no route of the contract answers (404, 405).
    package var known: Bool
    package var verdict: Verdict
}

/// Summaries of a report.
package enum Verdicts {
    /// In the order of the contract, then what else was asked, by name.
    package static func routes(_ report: ParityReport) -> [RouteVerdict] {
        var found: [String: RouteVerdict] = [:]
        for route in report.routes.routes {
            found[route.name] = RouteVerdict(
                route: route.name, subsystem: route.subsystem, known: true, verdict: Verdict(name: route.name))
        }
        for check in report.scenarios.flatMap(\.checks) {
            guard let request = check.subject.route else { continue }
            let route = report.routes.find(request)
            found[
                route.name,
                default: RouteVerdict(
                    route: route.name, subsystem: route.subsystem, known: route.known,
                    verdict: Verdict(name: route.name))
            ].verdict.count(check)
        }
        let known = report.routes.routes.compactMap { found[$0.name] }
        return known + found.values.filter { !$0.known }.sorted { $0.route < $1.route }
    }

    /// Answers by subsystem.
    package static func subsystems(_ report: ParityReport) -> [Verdict] {
        var order: [String] = []
        var found: [String: Verdict] = [:]
        for route in report.routes.routes where found[route.subsystem] == nil {
            order.append(route.subsystem)
            found[route.subsystem] = Verdict(name: route.subsystem)
        }
        order.sort()
        for check in report.scenarios.flatMap(\.checks) {
            guard let request = check.subject.route else { continue }
            let subsystem = report.routes.find(request).subsystem
            if found[subsystem] == nil { order.append(subsystem) }
            found[subsystem, default: Verdict(name: subsystem)].count(check)
        }
        return order.compactMap { found[$0] }
    }

    package static func dimensions(_ report: ParityReport) -> [Verdict] {
        ReportDimension.allCases.map { dimension in
            var verdict = Verdict(name: dimension.rawValue)
            for check in report.scenarios.flatMap(\.checks) where check.subject.dimension == dimension {
                verdict.count(check)
            }
            return verdict
        }
    }

    /// `verdicts: 96 routes equal, 2 differ, 1 not played; 14 other requests equal`.
    package static func line(_ report: ParityReport) -> String {
        let all = routes(report)
        let (known, other) = (all.filter(\.known), all.filter { !$0.known })
        func counts(_ verdicts: [RouteVerdict], _ noun: String) -> String {
            let equal = verdicts.count { $0.verdict.played > 0 && $0.verdict.differing == 0 }
            let differing = verdicts.count { $0.verdict.differing > 0 }
            return "\(equal) \(noun)\(equal == 1 ? "" : "s") equal, \(differing) differ\(differing == 1 ? "s" : "")"
        }
        if known.isEmpty { return "verdicts: " + counts(other, "route") }
        let idle = known.count { $0.verdict.played == 0 }
        return "verdicts: " + counts(known, "route") + ", \(idle) not played"
            + (other.isEmpty ? "" : "; " + counts(other, "other request"))
    }
}
