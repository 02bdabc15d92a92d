import Comparison

extension HTMLReport {
    func summary(_ page: inout HTMLMarkup) {
        page.open("div", ["class": "pair"])
        page.open("section")
        page.element("h2", [:], "Subsystems")
        verdicts(&page, Verdicts.subsystems(report), first: "answers of", find: true)
        page.close("section")
        page.open("section")
        page.element("h2", [:], "Dimensions")
        verdicts(&page, Verdicts.dimensions(report), first: "what was compared", find: false)
        page.close("section")
        page.close("div")
        page.newline()
    }

    private func verdicts(_ page: inout HTMLMarkup, _ verdicts: [Verdict], first: String, find: Bool) {
        page.open("div", ["class": "wide"])
        page.open("table", ["class": "sum"])
        header(&page, first)
        for verdict in verdicts {
            page.open("tr", ["class": verdict.played == 0 ? "idle" : ""])
            page.open("td", ["class": "name"])
            dot(&page, verdict)
            if find, verdict.played > 0 {
                page.element(
                    "button", ["class": "link", "type": "button", "data-find": "", "data-in": verdict.name],
                    verdict.name)
            } else {
                page.text(verdict.name)
            }
            page.close("td")
            counts(&page, verdict)
            page.close("tr")
        }
        page.close("table")
        page.close("div")
    }

    private func header(_ page: inout HTMLMarkup, _ first: String) {
        page.open("tr")
        page.element("th", [:], first)
        for name in ["equal", "differ"] { page.element("th", ["class": "n"], name) }
        for name in ["exact", "loose", "ignored"] { page.element("th", ["class": "n values-column"], name) }
        page.close("tr")
    }

    private func dot(_ page: inout HTMLMarkup, _ verdict: Verdict) {
        let tone = verdict.played == 0 ? "" : verdict.differing == 0 ? "good" : "bad"
        let words = verdict.played == 0 ? "not played" : verdict.differing == 0 ? "equal" : "differs"
        page.element("span", ["class": "dot \(tone)", "role": "img", "aria-label": words, "title": words])
    }

    private func counts(_ page: inout HTMLMarkup, _ verdict: Verdict) {
        func cell(_ number: Int, _ name: String) {
            page.element("td", ["class": "n \(number == 0 ? "zero" : "") \(name)"], ReportText.grouped(number))
        }
        cell(verdict.equal, "")
        cell(verdict.differing, verdict.differing > 0 ? "bad" : "")
        cell(verdict.tally.exact, "values-column")
        cell(verdict.tally.loosened, "values-column")
        cell(verdict.tally.ignored, "values-column")
    }

    func routes(_ page: inout HTMLMarkup) {
        let all = Verdicts.routes(report)
        let line = Verdicts.line(report).split(separator: " ", maxSplits: 1).last.map(String.init) ?? ""
        page.open("h2")
        page.text("Routes")
        page.element("small", [:], line)
        page.close("h2")
        page.open("div", ["class": "wide"])
        page.open("table", ["class": "sum"])
        header(&page, "route")
        let groups = Dictionary(grouping: all) { $0.known ? $0.subsystem : "other requests" }
        for name in groups.keys.sorted(by: { Self.rank($0) < Self.rank($1) }) {
            group(&page, name, groups[name] ?? [])
        }
        page.close("table")
        page.close("div")
        page.newline()
    }

    /// What is in the contract first.
    private static func rank(_ group: String) -> String { (group.hasPrefix("other") ? "1" : "0") + group }

    private func group(_ page: inout HTMLMarkup, _ name: String, _ routes: [RouteVerdict]) {
        let played = routes.filter { $0.verdict.played > 0 }
        let idle = routes.filter { $0.verdict.played == 0 }
        page.open("tr", ["class": "group"])
        page.open("th", ["colspan": "6"])
        page.text(name)
        page.element("span", ["class": "quiet"], "  \(played.count) of \(routes.count) played")
        page.close("th")
        page.close("tr")
        // Differing routes first: they are what one looks for.
        let ordered = played.filter { $0.verdict.differing > 0 } + played.filter { $0.verdict.differing == 0 }
        for route in ordered {
            page.open("tr")
            page.open("td")
            dot(&page, route.verdict)
            page.open("button", ["class": "link mono", "type": "button", "data-find": route.route.lowercased()])
            request(&page, route.route)
            page.close("button")
            page.close("td")
            counts(&page, route.verdict)
            page.close("tr")
        }
        if !idle.isEmpty {
            page.open("tr", ["class": "idle"])
            page.open("td", ["colspan": "6"])
            page.text("not played: ")
            page.element("span", ["class": "mono"], idle.map(\.route).joined(separator: ", "))
            page.close("td")
            page.close("tr")
        }
    }

    /// `GET /status` with the method set apart.
    func request(_ page: inout HTMLMarkup, _ route: String) {
        let parts = route.split(separator: " ", maxSplits: 1).map(String.init)
        page.element("span", ["class": "method"], parts.first ?? "")
        page.text(" " + (parts.count > 1 ? parts[1] : ""))
    }

    /// Rules that hid something, and those that fail the run.
    func rules(_ page: inout HTMLMarkup) {
        let used = zip(report.rules.rules, report.rules.uses).filter { $0.1.hits > 0 }
        guard !used.isEmpty || !report.complaints.isEmpty else { return }
        page.open("h2")
        page.text("Rules")
        page.element("small", [:], "differences that were expected, each with a reason and an end")
        page.close("h2")
        page.open("div", ["class": "wide"])
        page.open("table", ["class": "sum"])
        page.open("tr")
        for name in ["rule", "reason", "owner", "until"] { page.element("th", [:], name) }
        page.element("th", ["class": "n"], "hid")
        page.close("tr")
        for (rule, complaint) in report.complaints {
            page.open("tr")
            page.open("td")
            page.element("span", ["class": "pill bad"], "fails")
            page.text(" \(rule)")
            page.close("td")
            page.element("td", ["colspan": "4"], complaint)
            page.close("tr")
        }
        for (rule, use) in used {
            page.open("tr")
            page.open("td")
            page.text(rule.name)
            if rule.origin == .divergence { page.element("span", ["class": "pill warn"], "divergence") }
            page.close("td")
            for text in [rule.reason, rule.owner] { page.element("td", [:], text) }
            page.element("td", ["class": "day"], rule.expires)
            page.element("td", ["class": "n"], ReportText.grouped(use.hits))
            page.close("tr")
        }
        page.close("table")
        page.close("div")
        page.newline()
    }

    /// What the contract names and this run did not show; only where there is a coverage file.
    func coverage(_ page: inout HTMLMarkup) {
        guard let coverage = report.coverage else { return }
        page.open("h2")
        page.text("Not covered")
        page.element("small", [:], coverage.line)
        page.close("h2")
        guard !coverage.missing.isEmpty else { return page.element("p", ["class": "note"], "Nothing is left out.") }
        page.open("details")
        page.element("summary", [:], "\(ReportText.grouped(coverage.missing.count)) answers")
        page.open("div", ["class": "wide"])
        page.open("table", ["class": "sum"])
        for missing in coverage.missing {
            page.open("tr")
            page.element("td", [:], missing.route)
            page.element("td", ["class": "n"], missing.status.map(String.init) ?? "")
            page.element("td", [:], missing.text.isEmpty ? "success" : missing.text)
            page.element("td", [:], missing.reason)
            page.close("tr")
        }
        page.close("table")
        page.close("div")
        page.close("details")
        page.newline()
    }
}
