import Comparison
import PythonSemantics

/// What `repro` prints: 80 columns wide where values allow it.
struct ReproText {
    let outcome: ReproCommand.Outcome
    let colour: Bool

    init(_ outcome: ReproCommand.Outcome, colour: Bool) {
        self.outcome = outcome
        self.colour = colour
    }

    /// Lines of an observation that are shown.
    private static let bodyLines = 24
    /// Characters of a line around a difference.
    private static let width = 400

    func text() -> String {
        let mismatch = outcome.mismatch
        var lines = ["mismatch \(mismatch.id): \(mismatch.evidence.scenario.name), \(outcome.check.subject.words.what)"]
        lines += TerminalReport.wrap("legacy:    " + outcome.legacy, indent: 0)
        lines += TerminalReport.wrap("candidate: " + outcome.candidate, indent: 0)
        lines += section("pre-state", preState)
        if let line = CurlLine.text(mismatch.evidence.request, port: mismatch.evidence.scenario.port) {
            lines += section("request", TerminalReport.wrap(TerminalReport.printable(line), indent: 2))
        }
        if case .step = outcome.check.subject {
            lines += section("legacy", answer(outcome.evidence.references.first))
            lines += section("candidate", answer(outcome.evidence.candidate))
        }
        if outcome.check.differences.isEmpty {
            lines += ["", paint("no longer different", "32")]
        } else {
            lines += section("differs: - legacy, + candidate", differences)
            let count = ReportText.count(outcome.check.differences.count, "place")
            lines += ["", paint("still different", "31") + " in \(count)"]
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private func paint(_ text: String, _ ink: String) -> String { colour ? "\u{1B}[\(ink)m\(text)\u{1B}[0m" : text }

    private func section(_ title: String, _ lines: [String]) -> [String] {
        lines.isEmpty ? [] : ["", paint(title, "1")] + lines
    }

    private var preState: [String] {
        let scenario = outcome.mismatch.evidence.scenario
        var lines = TerminalReport.wrap("node " + scenario.arguments.joined(separator: " "), indent: 2)
        for (name, value) in scenario.environment { lines += TerminalReport.wrap("env \(name)=\(value)", indent: 2) }
        for seed in scenario.seeds.prefix(8) { lines += TerminalReport.wrap("file " + Self.words(seed), indent: 2) }
        if scenario.seeds.count > 8 { lines.append("  and \(scenario.seeds.count - 8) more files") }
        if !scenario.stubs.isEmpty { lines.append("  \(ReportText.count(scenario.stubs.count, "stubbed program"))") }
        return lines + earlierSteps
    }

    /// `logs/x_state.db: SQLite, rows in peers 3, jobs 1`.
    private static func words(_ seed: SeedFile) -> String {
        switch seed.content {
        case .text(let text, let times): return "\(seed.path): \(text.utf8Count * times) bytes of text"
        case .bytes(let bytes): return "\(seed.path): \(bytes.count) bytes"
        case .symlink(let target): return "\(seed.path): link to \(target)"
        case .directory: return "\(seed.path): directory"
        case .sqlite(let script):
            var rows: [String: Int] = [:]
            for match in script.description.matches(of: #/(?i)insert\s+(?:or\s+\w+\s+)?into\s+"?(\w+)/#) {
                rows[String(match.1), default: 0] += 1
            }
            let tables = rows.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
            return "\(seed.path): SQLite" + (tables.isEmpty ? "" : ", rows: \(tables)")
        }
    }

    /// The last steps before the one in question.
    private var earlierSteps: [String] {
        let scenario = outcome.mismatch.evidence.scenario
        var asked = scenario.steps.filter { $0.method != nil }
        if case .step(let id, _) = outcome.check.subject { asked.removeAll { $0.id == id } }
        let answers = Dictionary(outcome.run.steps.map { ($0.id, $0.answer) }, uniquingKeysWith: { $1 })
        var lines = asked.suffix(6).map { step in
            let answer = answers[step.id]
            let status = answer?.status.map(String.init) ?? answer?.error ?? "not asked"
            return "  \(TerminalReport.fit("step " + step.id, 40)) \(TerminalReport.fit(step.route, 30)) \(status)"
        }
        if asked.count > 6 { lines.insert("  \(ReportText.count(asked.count - 6, "step")) before these:", at: 0) }
        return lines
    }

    private func answer(_ run: RunObservation?) -> [String] {
        guard let answer = run?.steps.first?.answer else { return ["  no answer: the node had ended"] }
        if let error = answer.error { return TerminalReport.wrap(error, indent: 2) }
        var lines = ["  HTTP \(answer.status.map(String.init) ?? "?")"]
        for (name, value) in answer.headers { lines += TerminalReport.wrap("\(name): \(value)", indent: 2) }
        switch answer.body {
        case .text(let text): lines += body(text)
        case .hex(let hex): lines += TerminalReport.wrap("hex " + hex, indent: 2)
        case .none: break
        }
        return lines.map(TerminalReport.printable)
    }

    private func body(_ text: String) -> [String] {
        var lines = ReportText.lines(text)
        if let value = ParityText.parse(text), let bytes = try? PyJSON.dumps(value, indent: 2) {
            lines = ReportText.lines(String(decoding: bytes, as: UTF8.self))
        }
        if lines == [""] { return [] }
        let shown = lines.prefix(Self.bodyLines).map { "  " + TerminalReport.fitted($0, 78) }
        let rest = lines.count - shown.count
        return shown + (rest > 0 ? ["  … \(ReportText.count(rest, "line")) more"] : [])
    }

    /// Only the lines that differ, each under the place it is in.
    private var differences: [String] {
        var lines: [String] = []
        for section in outcome.evidence.sections {
            let rows = section.rows.filter { $0.mark == .differs }
            guard !rows.isEmpty else { continue }
            var place: ValuePath?
            for row in rows.prefix(200) {
                let both = row.left != nil && row.right != nil
                // A value that only one side has is named once, its inner lines follow.
                let within = place.map { row.path.segments.starts(with: $0.segments) } ?? false
                if both || !within {
                    lines += TerminalReport.wrap(TerminalReport.printable(row.path.description), indent: 2)
                    place = row.path
                }
                let span = DiffSpan(row.left ?? "", row.right ?? "").trimmed(around: 60, middle: Self.width)
                let depth = both ? 0 : 2 * (row.path.segments.count - (place?.segments.count ?? 0))
                if let left = row.left {
                    lines.append(line("-", both ? span.before + span.left + span.after : left, depth, "31"))
                }
                if let right = row.right {
                    lines.append(line("+", both ? span.before + span.right + span.after : right, depth, "32"))
                }
            }
            if rows.count > 200 { lines.append("  … \(ReportText.count(rows.count - 200, "line")) more") }
        }
        return lines
    }

    private func line(_ sign: String, _ text: String, _ depth: Int, _ ink: String) -> String {
        let trimmed = TerminalReport.printable(DiffSpan.shortened(String(text.drop { $0 == " " }), 600))
        return paint("  \(sign) " + String(repeating: " ", count: depth) + trimmed, ink)
    }
}
