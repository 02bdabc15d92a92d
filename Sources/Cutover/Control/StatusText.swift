/// `ringrift cutover status` for a terminal: at most 80 columns.
package struct StatusText: Sendable {
    private let colour: Bool

    package init(colour: Bool) { self.colour = colour }

    /// - Parameter address: where the node was asked.
    package func lines(_ status: CutoverStatus, address: String) -> [String] {
        heading(status, address) + alarms(status) + table(status) + waiting(status) + verdicts(status)
    }

    private func heading(_ status: CutoverStatus, _ address: String) -> [String] {
        var lines: [String] = []
        if let node = status.node {
            lines.append(
                "node \(FlagAlarm.printable(node.id)) at \(address), pid \(node.pid), up "
                    + FigureText.elapsed(status.time - node.started))
            lines += Self.wrapped("standby " + Self.standby(status.standby), "  ")
        }
        let condition =
            switch status.flags.condition {
            case "good": "good"
            case "absent": "there is none, nothing is set"
            case let other: "\(other), see the alarm"
            }
        lines += Self.wrapped("flags   \(status.flags.path): \(condition)", "  ")
        if status.flags.isRolledBack {
            lines.append(paint("ROLLED BACK: everything is legacy until `ringrift cutover release`", .red))
        }
        return lines
    }

    /// `warm: the worker is ready (pid 4720)`.
    package static func standby(_ standby: CutoverStatus.Standby?) -> String {
        guard let standby else { return FigureText.none }
        let pid = standby.pid.map { " (pid \($0))" } ?? ""
        let text =
            switch standby.state {
            case .absent: "there is no worker; a rollback needs a restart"
            case .idle: "the worker starts when it is needed"
            case .starting: "the worker is starting"
            case .ready: "the worker is ready\(pid)"
            case .waiting:
                "the worker ended (\(standby.reason ?? "")); it starts again within \(standby.seconds ?? 0) s"
            case .stopped: "the node is stopping"
            }
        return "\(standby.kind): \(text)"
    }

    private func alarms(_ status: CutoverStatus) -> [String] {
        status.flags.alarms.filter(\.isActive).flatMap { alarm in
            Self.wrapped("alarm: \(alarm.text)", "  ").map { paint($0, .red) }
        }
    }

    // MARK: table

    private static let widths = [16, 6, 15, 5, 7, 4, 8, 8, 3]

    private func table(_ status: CutoverStatus) -> [String] {
        Program.allCases.flatMap { program -> [String] in
            let head = row([
                program.rawValue, "mode", "decided by", "since", "samples", "diff", "old ms", "new ms", "rdy",
            ])
            return [paint(head, .bold)]
                + status.subsystems.filter { $0.subsystem.program == program }.map { line($0, status.time) }
        }
    }

    private func line(_ one: CutoverStatus.Row, _ now: Double) -> String {
        let name = one.subsystem.rawValue.drop { $0 != "." }.dropFirst()
        let comparison = one.comparison
        let ready = one.mode == .swift ? FigureText.none : comparison.isReady ? "yes" : "no"
        let text = row([
            " " + name, one.mode.rawValue, FlagSource(one.source).short,
            FigureText.elapsed(one.since.map { now - $0 }), FigureText.count(comparison.samples),
            FigureText.count(comparison.mismatches), FigureText.latency(comparison.old),
            FigureText.latency(comparison.new), ready,
        ])
        guard colour else { return text }
        let start = text.index(text.startIndex, offsetBy: Self.widths[0] + 1)
        let end = text.index(start, offsetBy: Self.widths[1])
        return text[..<start] + paint(String(text[start..<end]), Self.colour(one.mode)) + text[end...]
    }

    private func row(_ cells: [String]) -> String {
        let texts = zip(cells, Self.widths).enumerated().map { index, cell in
            let (text, width) = cell
            let blanks = String(repeating: " ", count: max(0, width - text.count))
            // Words begin, numbers end at their column's edge.
            return (3...7).contains(index) ? blanks + text : text + blanks
        }
        var line = texts.joined(separator: " ")
        while line.last == " " { line.removeLast() }
        return line
    }

    /// Changes that are not in force.
    private func waiting(_ status: CutoverStatus) -> [String] {
        let waiting = status.subsystems.filter { $0.mode != $0.wanted }
        return Dictionary(grouping: waiting, by: \.wanted).sorted { $0.key < $1.key }.flatMap { wanted, rows in
            Self.wrapped(
                "not in force yet: \(wanted.rawValue) for "
                    + rows.map { "\($0.subsystem.rawValue) (\($0.mode.rawValue) serves)" }.joined(separator: ", "), "  "
            )
        }
    }

    /// Why what is on its way is not ready, those with the same reason together.
    private func verdicts(_ status: CutoverStatus) -> [String] {
        let open = status.subsystems.filter { $0.mode != .swift && !$0.comparison.isReady }
        var reasons: [String] = []
        for one in open where !reasons.contains(one.comparison.verdict) { reasons.append(one.comparison.verdict) }
        return reasons.flatMap { reason -> [String] in
            let names = open.filter { $0.comparison.verdict == reason }.map(\.subsystem.rawValue)
            let whole = Program.allCases.filter { program in
                program.subsystems.allSatisfy { names.contains($0.rawValue) }
            }
            let shown =
                whole.map(\.rawValue) + names.filter { name in !whole.contains { name.hasPrefix($0.rawValue + ".") } }
            return Self.wrapped("\(reason): \(shown.joined(separator: ", "))", "  ")
        }
    }

    // MARK: text

    package enum Colour: String, Sendable {
        case red = "31", green = "32", yellow = "33", magenta = "35", cyan = "36", bold = "1"
    }

    static func colour(_ mode: Mode) -> Colour {
        switch mode {
        case .legacy: .yellow
        case .shadow: .cyan
        case .live: .magenta
        case .swift: .green
        }
    }

    private func paint(_ text: String, _ with: Colour) -> String {
        colour ? "\u{1B}[\(with.rawValue)m\(text)\u{1B}[0m" : text
    }

    /// Lines of at most 80 columns, broken at blanks where there are some; the later ones begin with `indent`.
    package static func wrapped(_ text: String, _ indent: String, width: Int = 80) -> [String] {
        var lines: [String] = []
        var line = ""
        for word in text.split(separator: " ", omittingEmptySubsequences: false) {
            if line.isEmpty {
                line = String(word)
            } else if line.count + 1 + word.count <= width {
                line += " " + word
            } else {
                lines.append(line)
                line = indent + word
            }
        }
        return lines + [line]
    }
}
