import Comparison

extension HTMLReport {
    func checks(_ page: inout HTMLMarkup) {
        page.element("h2", ["id": "checks"], "Checks")
        filter(&page)
        for scenario in report.scenarios { group(&page, scenario) }
        page.element("p", ["class": "none", "id": "none"], "No check fits the filter.")
        page.newline()
    }

    private func filter(_ page: inout HTMLMarkup) {
        page.open("div", ["class": "filter", "role": "search"])
        page.open(
            "input",
            [
                "type": "search", "id": "text", "placeholder": "Filter: route, step, path, value, id",
                "aria-label": "Filter checks",
            ])
        select(&page, "scenario", "all scenarios", report.scenarios.map(\.name))
        let subsystems = Set(report.scenarios.flatMap(\.checks).map(subsystem)).sorted()
        select(&page, "subsystem", "all subsystems", subsystems)
        page.open("label")
        page.verbatim(#"<input type="checkbox" id="differing""#)
        page.verbatim(report.exitCode == 1 ? " checked>" : ">")
        page.text("only differing")
        page.close("label")
        page.element("button", ["id": "open", "type": "button"], "Open all")
        page.element("button", ["id": "close", "type": "button"], "Close all")
        page.element("span", ["id": "shown", "class": "quiet", "aria-live": "polite"])
        page.close("div")
        page.newline()
    }

    private func select(_ page: inout HTMLMarkup, _ id: String, _ none: String, _ names: [String]) {
        page.open("select", ["id": id, "aria-label": id])
        page.element("option", ["value": ""], none)
        for name in names { page.element("option", ["value": name], name) }
        page.close("select")
    }

    /// The subsystem of the answer, or what else of the run it is.
    private func subsystem(_ check: CheckResult) -> String {
        check.subject.route.map { report.routes.find($0).subsystem } ?? check.subject.dimension.rawValue
    }

    private func group(_ page: inout HTMLMarkup, _ scenario: ParityReport.ScenarioResult) {
        page.open("section", ["class": "scenario", "data-name": scenario.name])
        page.open("h3")
        page.text(scenario.name)
        if let startup = scenario.startup {
            let legacy = startup.legacy.map(TerminalReport.hundredths).joined(separator: ", ")
            let stop = scenario.stopSeconds.map { ", stopped in \(TerminalReport.hundredths($0)) s" } ?? ""
            page.element(
                "small", [:], "started in \(TerminalReport.hundredths(startup.candidate)) s (legacy \(legacy))\(stop)")
        }
        page.close("h3")
        page.open("div", ["class": "list"])
        if let error = scenario.error {
            page.open("div", checkAttributes("check bad", "", "could not run \(error)"))
            page.element("p", ["class": "problem"], "could not run: \(error)")
            page.close("div")
        }
        if let reason = scenario.skipped {
            page.open("div", checkAttributes("check", "", "skipped \(reason)"))
            page.element("p", ["class": "note row"], "skipped: \(reason)")
            page.close("div")
        }
        for (index, check) in scenario.checks.enumerated() {
            entry(&page, check, scenario.evidence[index])
            page.newline()
        }
        page.close("div")
        for (what, reason) in scenario.leftOut { page.element("p", ["class": "note"], "Left out: \(what): \(reason)") }
        page.close("section")
        page.newline()
    }

    private func checkAttributes(
        _ names: String, _ subsystem: String, _ text: String
    ) -> KeyValuePairs<StaticString, String> {
        ["class": names, "data-subsystem": subsystem, "data-text": text.lowercased()]
    }

    private func entry(_ page: inout HTMLMarkup, _ check: CheckResult, _ evidence: Evidence?) {
        let differs = !check.differences.isEmpty
        let (name, what) = check.subject.words
        // What the filter looks at; the canonical route finds `/api/jobs/7` by `/api/jobs/{job_id}`.
        let route = check.subject.route.map { report.routes.find($0).name } ?? ""
        let found = check.differences.prefix(40).map { "\($0.path) \($0.expected) \($0.got)" }
        let words = ([name, what, route, evidence?.id ?? ""] + check.rules + found + check.remarks.prefix(40)).joined(
            separator: " ")
        let attributes = checkAttributes("check\(differs ? " bad" : "")", subsystem(check), words)
        let foldable = differs || !check.rules.isEmpty || !check.noise.isEmpty || !check.remarks.isEmpty
        if foldable {
            let id = evidence.map { "m-\($0.id)" } ?? ""
            page.open(
                "details",
                id.isEmpty
                    ? attributes
                    : [
                        "id": id, "class": "check bad", "data-subsystem": subsystem(check),
                        "data-text": words.lowercased(),
                    ])
            page.open("summary", ["class": "row"])
        } else {
            page.open("div", attributes)
            page.open("div", ["class": "row"])
        }
        row(&page, check, name: name)
        page.close(foldable ? "summary" : "div")
        if foldable {
            page.open("div", ["class": "inner"])
            if differs { differences(&page, check, evidence) }
            hidden(&page, check)
            noise(&page, check)
            remarks(&page, check)
            page.close("div")
        }
        page.close(foldable ? "details" : "div")
    }

    private func row(_ page: inout HTMLMarkup, _ check: CheckResult, name: String) {
        let differs = !check.differences.isEmpty
        page.element(
            "span",
            ["class": "dot \(differs ? "bad" : "good")", "role": "img", "aria-label": differs ? "differs" : "equal"])
        page.element("span", ["class": "mono quiet"], name)
        page.open("span", ["class": "what"])
        if case .step(let id, let route) = check.subject {
            page.open("span", ["class": "mono"])
            request(&page, route)
            page.close("span")
            let parts = id.split(separator: " ", maxSplits: 1)
            if parts.count > 1 { page.element("em", [:], String(parts[1])) }
        } else {
            page.text(check.subject.words.what)
        }
        page.close("span")
        page.element("span", ["class": "mono n"], check.status.map(String.init) ?? "")
        if differs {
            page.element("span", ["class": "n bad"], ReportText.count(check.differences.count, "difference"))
        } else {
            page.element("span", ["class": "n"], check.rules.isEmpty ? "" : ReportText.count(check.rules.count, "rule"))
        }
        let tally = check.tally
        page.element(
            "span", ["class": "n values", "title": "values compared exactly, by type or shape (~), not at all (-)"],
            "\(tally.exact)=" + (tally.loosened > 0 ? " \(tally.loosened)~" : "")
                + (tally.ignored > 0 ? " \(tally.ignored)-" : ""))
    }

    /// Rules that hid a difference in this check.
    private func hidden(_ page: inout HTMLMarkup, _ check: CheckResult) {
        guard !check.rules.isEmpty else { return }
        page.element("h3", [:], "Hidden here by rules")
        for name in check.rules {
            guard let index = report.rules.rules.firstIndex(where: { $0.name == name }) else { continue }
            let rule = report.rules.rules[index]
            page.open("p", ["class": "note"])
            page.element("code", [:], name)
            page.text(
                " \(rule.reason) (\(rule.owner), until \(rule.expires); "
                    + ReportText.count(report.rules.uses[index].hits, "difference") + " in the whole run)")
            page.close("p")
        }
    }

    /// Values that were compared by a noise class only.
    private func noise(_ page: inout HTMLMarkup, _ check: CheckResult) {
        guard !check.noise.isEmpty else { return }
        page.element("h3", [:], "Compared by kind, because the recordings differ among themselves")
        page.element("p", ["class": "note"], ReportText.noise(check.noise))
    }

    private func remarks(_ page: inout HTMLMarkup, _ check: CheckResult) {
        guard !check.remarks.isEmpty else { return }
        page.element("h3", [:], "Remarks, no differences")
        for remark in check.remarks.prefix(Self.remarks) { page.element("p", ["class": "note"], remark) }
        if check.remarks.count > Self.remarks {
            page.element("p", ["class": "note"], "and \(check.remarks.count - Self.remarks) more")
        }
    }

    /// Remarks of a check that are shown.
    private static let remarks = 40
}
