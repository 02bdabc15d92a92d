import PythonSemantics

/// What `ringrift parity coverage` prints: 80 columns, and the same as JSON.
package enum CoverageReport {
    package static func text(_ coverage: Coverage) -> String {
        var lines: [String] = []
        for entry in coverage.routes {
            let shown = entry.named.count { $0.verdict.isShown }
            let step =
                switch entry.success {
                case .shown(let step), .notPlayed(let step): step.description
                case .missing: "-"
                case .fails: "FAILS"
                }
            lines.append(
                TerminalReport.fit(entry.route.description, 46) + " " + TerminalReport.fit(step, 25)
                    + " \(shown)/\(entry.named.count)")
        }
        let summary = CoverageSummary(coverage)
        if !summary.missing.isEmpty { lines += ["", "not covered"] }
        for missing in summary.missing {
            let what = missing.status.map { "\($0) \(missing.text)" } ?? "success"
            lines += TerminalReport.wrap("\(missing.route): \(what)", indent: 2)
            lines += TerminalReport.wrap(missing.reason, indent: 6)
        }
        let beyond = coverage.routes.reduce(0) { $0 + $1.beyond.count }
        if beyond > 0 {
            lines += ["", "\(beyond) answers that recordings show and no page names ('beyond')"]
        }
        if !coverage.failures.isEmpty { lines += ["", "fails"] }
        for failure in coverage.failures { lines += TerminalReport.wrap(failure, indent: 2) }
        return (lines + ["", summary.line]).joined(separator: "\n") + "\n"
    }

    package static func value(_ coverage: Coverage) -> PyValue {
        [
            "summary": CoverageSummary(coverage).value,
            "failures": .list(coverage.failures.map { .string($0) }),
            "everywhere": .list(coverage.everywhere.map(answer)),
            "routes": .list(
                coverage.routes.map {
                    [
                        "route": .string($0.route.description), "page": .string($0.page),
                        "success": verdict($0.success), "named": .list($0.named.map(answer)),
                        "beyond": .list($0.beyond.map(answer)),
                    ]
                }),
        ]
    }

    private static func answer(_ answer: Coverage.Answer) -> PyValue {
        ["status": .int(answer.status), "text": .string(answer.text), "verdict": verdict(answer.verdict)]
    }

    private static func verdict(_ verdict: Coverage.Verdict) -> PyValue {
        switch verdict {
        case .shown(let step): ["step": .string(step.description)]
        case .missing(let reason): ["missing": .string(reason)]
        case .notPlayed(let step): ["not_played": .string(step.description)]
        case .fails(let reason): ["fails": .string(reason)]
        }
    }
}
