import Comparison
import PythonSemantics

/// What a self-test has to say.
struct SelfTestReport {
    var seed: UInt64
    var edits: Int
    var outcomes: [EditOutcome]
    var scenarios: Int
    var references: Int
    var seconds: Double
    var leftOut: [String] = []

    var missed: [EditOutcome] { outcomes.filter { $0.found == nil } }
    var caught: Int { outcomes.count - missed.count }
    var share: Double { outcomes.isEmpty ? 0 : Double(caught) / Double(outcomes.count) }

    /// 0: at least 99 of 100 caught and every miss explained.
    var exitCode: Int32 {
        if outcomes.count < edits { return 2 }
        return share >= 0.99 && missed.allSatisfy(\.isNamed) ? 0 : 1
    }

    /// Text of 80 columns.
    func text() -> String {
        var lines = ["seed \(seed): \(outcomes.count) edits in \(scenarios) scenarios, \(references) references each"]
        if !leftOut.isEmpty {
            lines += TerminalReport.wrap(
                "left out, recordings of the same steps are too few: \(leftOut.joined(separator: ", "))", indent: 2)
        }
        lines += [
            "",
            TerminalReport.fit("caught/made", 20)
                + EditKind.allCases.map { TerminalReport.fit($0.rawValue, 10) }.joined()
                + "all",
        ]
        for dimension in EditDimension.allCases {
            let row = outcomes.filter { $0.edit.dimension == dimension }
            if row.isEmpty { continue }
            let cells = EditKind.allCases.map { kind in cell(row.filter { $0.edit.kind == kind }) }
            lines.append(
                TerminalReport.fit(dimension.rawValue, 20) + cells.map { TerminalReport.fit($0, 10) }.joined()
                    + cell(row))
        }
        if !missed.isEmpty {
            lines += ["", "missed (ringrift parity selftest --seed \(seed) --edit N shows one)"]
            for outcome in missed {
                let place = outcome.edit.places.first.map(\.description) ?? ""
                lines.append("  \(outcome.number) \(outcome.edit.scenario) \(Self.title(outcome.edit.unit))")
                lines += TerminalReport.wrap("\(place) (\(outcome.edit.kind.rawValue))", indent: 6)
                lines += TerminalReport.wrap(
                    "hidden by \(outcome.hiddenBy ?? "nothing that has a name: a bug")", indent: 6)
            }
        }
        let percent = Double(Int(share * 10000)) / 100
        lines += [
            "",
            "\(caught) of \(outcomes.count) caught (\(percent) %), \(missed.count) missed,"
                + " \(missed.count { !$0.isNamed }) of them unexplained; \(TerminalReport.tenths(seconds)) s",
        ]
        return lines.joined(separator: "\n") + "\n"
    }

    private func cell(_ outcomes: [EditOutcome]) -> String {
        outcomes.isEmpty ? "-" : "\(outcomes.count { $0.found != nil })/\(outcomes.count)"
    }

    /// One edit in full.
    static func text(_ outcome: EditOutcome) -> String {
        let edit = outcome.edit
        var lines = ["edit \(outcome.number): \(edit.dimension.rawValue), \(edit.kind.rawValue)"]
        lines.append("  \(edit.scenario) \(title(edit.unit))")
        for place in edit.places { lines += TerminalReport.wrap("at \(place)", indent: 2) }
        lines += TerminalReport.wrap("was    \(edit.before)", indent: 2)
        lines += TerminalReport.wrap("became \(edit.after)", indent: 2)
        if let found = outcome.found {
            lines += TerminalReport.wrap("caught: \(found.path) (\(found.kind.rawValue))", indent: 2)
            lines += TerminalReport.wrap("expected \(found.expected)", indent: 4)
            lines += TerminalReport.wrap("got      \(found.got)", indent: 4)
        } else {
            lines += TerminalReport.wrap(
                "MISSED, hidden by \(outcome.hiddenBy ?? "nothing that has a name")", indent: 2)
        }
        return lines.joined(separator: "\n") + "\n"
    }

    static func title(_ unit: PreparedReferences.Unit) -> String {
        if case .step(let id, let route) = unit { return "\(id) \(route)" }
        return unit.name
    }

    func json() -> PyValue {
        [
            "command": "selftest", "seed": .string(String(seed)), "edits": .int(outcomes.count),
            "caught": .int(caught), "missed": .int(missed.count), "share": .float(share),
            "seconds": .float(seconds), "exit": .int(Int(exitCode)),
            "outcomes": .list(
                outcomes.map { outcome in
                    [
                        "edit": .int(outcome.number), "dimension": .string(outcome.edit.dimension.rawValue),
                        "kind": .string(outcome.edit.kind.rawValue), "scenario": .string(outcome.edit.scenario),
                        "unit": .string(Self.title(outcome.edit.unit)),
                        "path": .string(outcome.edit.places.first?.description ?? ""),
                        "before": .string(outcome.edit.before), "after": .string(outcome.edit.after),
                        "caught": .bool(outcome.found != nil),
                        "found": outcome.found.map { .string("\($0.path) (\($0.kind.rawValue))") } ?? .none,
                        "hidden_by": outcome.hiddenBy.map { .string($0) } ?? .none,
                    ]
                }),
        ]
    }
}
