import Comparison

extension HTMLReport {
    /// Differences that the list above a side-by-side view names.
    private static let listed = 40
    /// Lines of a section that are shown, and that a fold may hold.
    private static let lines = 400
    private static let foldedLines = 120
    /// Characters of a line on either side of a difference, and of the differing part.
    private static let around = 120
    private static let middle = 1200

    func differences(_ page: inout HTMLMarkup, _ check: CheckResult, _ evidence: Evidence?) {
        if let evidence { again(&page, evidence) }
        list(&page, check.differences)
        guard let evidence else { return }
        guard page.size < budget else {
            page.element("p", ["class": "note"], "The page is full: repro and the JSON report have both observations.")
            return
        }
        for section in evidence.sections where section.rows.contains(where: { $0.mark == .differs }) {
            sideBySide(&page, section, evidence)
        }
        let rest = evidence.sections.filter { section in
            !section.rows.isEmpty && !section.rows.contains { $0.mark == .differs }
        }
        if !rest.isEmpty {
            let names = rest.map { $0.title.lowercased() }.joined(separator: ", ")
            page.element("p", ["class": "note"], "Nothing that counts differs in: \(names).")
        }
    }

    private func again(_ page: inout HTMLMarkup, _ evidence: Evidence) {
        if let line = CurlLine.text(evidence.request, port: evidence.scenario.port) { page.element("pre", [:], line) }
        page.open("div", ["class": "again"])
        page.text("again: ")
        page.element("code", [:], "ringrift parity repro \(evidence.id)")
        let steps = evidence.scenario.steps.count { $0.method != nil }
        page.text(
            evidence.request == nil ? "after \(ReportText.count(steps, "step"))" : "step \(steps) of the scenario")
        page.close("div")
    }

    private func list(_ page: inout HTMLMarkup, _ differences: [Difference]) {
        page.open("div", ["class": "wide"])
        page.open("table", ["class": "found"])
        page.open("tr")
        for name in ["where", "", "legacy", "candidate"] { page.element("th", [:], name) }
        page.close("tr")
        for difference in differences.prefix(Self.listed) {
            page.open("tr")
            page.open("td")
            page.element("code", [:], DiffSpan.shortened(difference.path.description, 300))
            page.close("td")
            page.element("td", ["class": "kind"], difference.kind.rawValue)
            for text in [difference.expected, difference.got] {
                page.open("td")
                page.element("code", [:], text)
                page.close("td")
            }
            page.close("tr")
        }
        page.close("table")
        page.close("div")
        if differences.count > Self.listed {
            page.element("p", ["class": "note"], "and \(differences.count - Self.listed) more")
        }
    }

    private func sideBySide(_ page: inout HTMLMarkup, _ section: DiffSection, _ evidence: Evidence) {
        page.element("h3", [:], section.title)
        if let note = section.note { page.element("p", ["class": "note"], note) }
        page.open("table", ["class": "diff"])
        page.open("tbody")
        page.open("tr")
        let more = evidence.references.count > 1 ? ", first of \(evidence.references.count)" : ""
        page.element("th", [:], "legacy (\(report.legacyKind)\(more))")
        page.element("th", [:], "candidate")
        page.close("tr")
        page.close("tbody")
        var left = Self.lines
        for piece in DiffPiece.fold(section.rows) {
            guard left > 0 else { break }
            switch piece {
            case .shown(let rows):
                page.open("tbody")
                for row in rows.prefix(left) { line(&page, row) }
                page.close("tbody")
                left -= rows.count
            case .folded(let rows): fold(&page, rows)
            }
        }
        page.close("table")
        if left <= 0 { page.element("p", ["class": "note"], "More differs; the JSON report and repro have all of it.") }
        page.newline()
    }

    private func fold(_ page: inout HTMLMarkup, _ rows: [DiffRow]) {
        let accepted = rows.count { $0.mark == .accepted }
        var words = ReportText.count(rows.count - accepted, "equal line")
        if accepted > 0 { words += ", \(accepted) that noise or a rule explains" }
        let whole = rows.count <= Self.foldedLines
        page.open("tbody", ["class": "fold"])
        page.open("tr")
        page.open("td", ["colspan": "2"])
        if whole {
            page.element("button", ["type": "button", "data-fold": "", "aria-expanded": "false"], "⋯ " + words)
        } else {
            page.text("⋯ \(words), not in this page")
        }
        page.close("td")
        page.close("tr")
        page.close("tbody")
        guard whole else { return }
        page.open("tbody", ["hidden": ""])
        for row in rows { line(&page, row) }
        page.close("tbody")
    }

    private func line(_ page: inout HTMLMarkup, _ row: DiffRow) {
        switch row.mark {
        case .same: page.open("tr")
        case .differs: page.open("tr", ["class": "d"])
        case .accepted: page.open("tr", ["class": "a", "title": "differs, but noise or a rule explains it"])
        }
        if row.mark == .differs, let left = row.left, let right = row.right {
            let span = DiffSpan(left, right).trimmed(around: Self.around, middle: Self.middle)
            cell(&page, "l", span.before, span.left, span.after)
            cell(&page, "r", span.before, span.right, span.after)
        } else {
            for (name, text) in [("l", row.left), ("r", row.right)] {
                guard let text else {
                    page.element("td", ["class": "void"])
                    continue
                }
                page.element("td", ["class": name], DiffSpan.shortened(text, Self.middle))
            }
        }
        page.close("tr")
    }

    private func cell(_ page: inout HTMLMarkup, _ name: String, _ before: String, _ middle: String, _ after: String) {
        page.open("td", ["class": name])
        page.text(before)
        if !middle.isEmpty { page.element("mark", [:], middle) }
        page.text(after)
        page.close("td")
    }
}
