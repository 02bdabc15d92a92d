import Comparison

/// The report as text of 80 columns.
package struct TerminalReport {
    package var colour: Bool
    /// Only what differs, and the summary.
    package var quiet: Bool

    package init(colour: Bool, quiet: Bool = false) {
        self.colour = colour
        self.quiet = quiet
    }

    private enum Ink: String {
        case green = "32"
        case red = "31"
        case yellow = "33"
        case bold = "1"
    }

    private func paint(_ text: String, _ ink: Ink) -> String {
        colour ? "\u{1B}[\(ink.rawValue)m\(text)\u{1B}[0m" : text
    }

    package func text(_ report: ParityReport) -> String {
        var lines = ["legacy:    \(report.legacy)", "candidate: \(report.candidate)"]
        for scenario in report.scenarios {
            let found = quiet ? brief(scenario) : body(scenario)
            if !found.isEmpty || !quiet { lines += ["", paint(scenario.name, .bold)] + found }
        }
        lines += rules(report)
        let tally = report.tally
        lines += [
            "",
            "values: \(tally.exact) compared exactly, \(tally.loosened) by type or shape, \(tally.ignored) ignored;"
                + " \(Self.tenths(report.seconds)) s",
        ]
        lines += Self.wrap(Self.noise(report), indent: 0)
        lines += Self.wrap(Verdicts.line(report), indent: 0)
        lines += Self.coverage(report)
        lines.append(paint(report.summary, report.failed == 0 ? .green : .red))
        return lines.joined(separator: "\n") + "\n"
    }

    private func body(_ scenario: ParityReport.ScenarioResult) -> [String] {
        if let reason = scenario.skipped { return ["  " + paint("skipped", .yellow) + ": " + reason] }
        if let reason = scenario.error { return ["  " + paint("could not run", .red) + ": " + reason] }
        var lines = rows(scenario, differing: false)
        if let startup = scenario.startup {
            let legacy = startup.legacy.map(Self.hundredths).joined(separator: " ")
            let stop = scenario.stopSeconds.map { ", stopped in \(Self.hundredths($0)) s" } ?? ""
            lines.append(
                "  start to first connection \(Self.hundredths(startup.candidate)) s (legacy \(legacy))\(stop)")
        }
        for (what, reason) in scenario.leftOut { lines += Self.wrap("left out: \(what): \(reason)", indent: 2) }
        return lines
    }

    private func brief(_ scenario: ParityReport.ScenarioResult) -> [String] {
        if let reason = scenario.error { return ["  " + paint("could not run", .red) + ": " + reason] }
        return rows(scenario, differing: true)
    }

    private func rows(_ scenario: ParityReport.ScenarioResult, differing: Bool) -> [String] {
        scenario.checks.enumerated().flatMap { index, check -> [String] in
            if differing, check.differences.isEmpty { return [] }
            let again = scenario.evidence[index].map { ["          again: ringrift parity repro \($0.id)"] } ?? []
            return row(check) + again
        }
    }

    /// `noise: 131 values (time 120, id 11), 2 remarks`; empty where there is neither.
    private static func noise(_ report: ParityReport) -> String {
        let noise = report.noise
        let count = noise.values.reduce(0, +)
        var words: [String] = []
        if count > 0 { words.append("\(ReportText.count(count, "value")) (\(ReportText.noise(noise)))") }
        if report.remarks > 0 { words.append(ReportText.count(report.remarks, "remark")) }
        return words.isEmpty ? "" : "noise: " + words.joined(separator: ", ")
    }

    private static func coverage(_ report: ParityReport) -> [String] {
        guard let coverage = report.coverage else { return [] }
        return ["coverage: \(coverage.line)", "          (what no recording shows: ringrift parity coverage)"]
    }

    /// `  equal   001  GET /status                              200   93 exact  14 type`.
    private func row(_ check: CheckResult) -> [String] {
        let equal = check.differences.isEmpty
        let verdict = equal ? paint("equal  ", .green) : paint("DIFFERS", .red)
        let (name, what) = check.subject.words
        let status = check.status.map(String.init) ?? ""
        let counts =
            "\(check.tally.exact)=" + (check.tally.loosened > 0 ? " \(check.tally.loosened)~" : "")
            + (check.tally.ignored > 0 ? " \(check.tally.ignored)-" : "")
        var lines = ["  \(verdict) \(Self.fit(name, 4)) \(Self.fit(what, 42)) \(Self.fit(status, 3)) \(counts)"]
        if !check.rules.isEmpty { lines.append("          rule: " + check.rules.joined(separator: ", ")) }
        for difference in check.differences.prefix(12) {
            lines.append(Self.printable("          \(difference.path) (\(difference.kind.rawValue))"))
            lines += Self.wrap(Self.printable("expected " + difference.expected), indent: 12)
            lines += Self.wrap(Self.printable("got      " + difference.got), indent: 12)
        }
        if check.differences.count > 12 { lines.append("          … and \(check.differences.count - 12) more") }
        return equal || quiet ? lines : lines + Self.beside(check)
    }

    /// What else is known of a check that differs: what noise explains, and remarks.
    private static func beside(_ check: CheckResult) -> [String] {
        var lines = check.noise.isEmpty ? [] : wrap("noise: " + ReportText.noise(check.noise), indent: 10)
        for remark in check.remarks.prefix(6) { lines += wrap(printable("remark: " + remark), indent: 10) }
        if check.remarks.count > 6 { lines.append("          … and \(check.remarks.count - 6) more remarks") }
        return lines
    }

    private func rules(_ report: ParityReport) -> [String] {
        let asked = report.rules.uses.contains { $0.leaves > 0 }
        guard asked && !quiet || !report.complaints.isEmpty else { return [] }
        var lines = ["", paint("rules", .bold)]
        for (rule, use) in zip(report.rules.rules, report.rules.uses) where use.leaves > 0 && !quiet {
            lines.append(
                "  \(Self.fit(rule.origin == .rule ? "rule" : "diverges", 8)) \(Self.fit(rule.name, 40))"
                    + " \(use.hits) hits  until \(rule.expires)")
            lines += Self.wrap(rule.reason + " (\(rule.owner))", indent: 11)
        }
        for (rule, complaint) in report.complaints {
            lines.append("  " + paint("FAILS", .red) + "    \(rule): \(complaint)")
        }
        return lines
    }

    /// Control characters written out, so that no answer of a node steers the terminal.
    static func printable(_ text: String) -> String {
        var out = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            if scalar.properties.generalCategory == .control, scalar != "\n" {
                out.append(contentsOf: "\\x\(String(scalar.value, radix: 16))".unicodeScalars)
            } else {
                out.append(scalar)
            }
        }
        return String(out)
    }

    /// Cut to a width, without spaces at the end.
    static func fitted(_ text: String, _ width: Int) -> String {
        text.count > width ? text.prefix(width - 1) + "…" : text
    }

    static func fit(_ text: String, _ width: Int) -> String {
        let length = text.count
        if length > width { return text.prefix(width - 1) + "…" }
        return text + String(repeating: " ", count: width - length)
    }

    /// Lines of at most 80 columns; long words are cut.
    static func wrap(_ text: String, indent: Int) -> [String] {
        let width = 80 - indent
        var lines: [String] = []
        var line = ""
        func flush() {
            if !line.isEmpty { lines.append(String(repeating: " ", count: indent) + line) }
            line = ""
        }
        for word in text.split(whereSeparator: { $0 == " " || $0 == "\n" }) {
            var word = word
            if !line.isEmpty, line.count + 1 + word.count > width { flush() }
            while word.count > width {
                lines.append(String(repeating: " ", count: indent) + word.prefix(width))
                word = word.dropFirst(width)
            }
            line += (line.isEmpty ? "" : " ") + word
        }
        flush()
        return lines
    }

    static func tenths(_ value: Double) -> String { digits(value, 10) }
    static func hundredths(_ value: Double) -> String { digits(value, 100) }

    private static func digits(_ value: Double, _ scale: Double) -> String {
        "\((value * scale).rounded() / scale)"
    }
}
