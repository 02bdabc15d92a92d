/// `GET /cutover/metrics`: the status as Prometheus text, version 0.0.4.
package struct CutoverMetrics: Sendable {
    private struct Family {
        var name: String
        var kind: String
        var help: String
        var samples: [(labels: [(String, String)], value: Double?)]
    }

    private let status: CutoverStatus

    package init(_ status: CutoverStatus) { self.status = status }

    package static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    package var text: String {
        (modes + answers + comparison + flags + standby).map(Self.text).joined()
    }

    private func each(_ value: (CutoverStatus.Row) -> Double?) -> [(labels: [(String, String)], value: Double?)] {
        status.subsystems.map { ([("subsystem", $0.subsystem.rawValue)], value($0)) }
    }

    private static func number(_ mode: Mode) -> Double { Double(Mode.allCases.firstIndex(of: mode) ?? 0) }

    private var modes: [Family] {
        let order = Mode.allCases.enumerated().map { "\($0) \($1)" }.joined(separator: ", ")
        return [
            Family(
                name: "mode", kind: "gauge", help: "Mode that serves: \(order).", samples: each { Self.number($0.mode) }
            ),
            Family(
                name: "mode_wanted", kind: "gauge", help: "Mode that the flags ask for.",
                samples: each { Self.number($0.wanted) }),
            Family(
                name: "mode_since_seconds", kind: "gauge", help: "Unix time since when the mode serves.",
                samples: each(\.since)),
            Family(
                name: "changing", kind: "gauge", help: "1 while a change of modes is being carried out.",
                samples: [([], status.isChanging ? 1 : 0)]),
        ]
    }

    private var answers: [Family] {
        func each(_ value: (ServingLedger.Answers) -> Int) -> [(labels: [(String, String)], value: Double?)] {
            status.subsystems.flatMap { row in
                ServingSide.allCases.map { side in
                    let answers = side == .swift ? row.swift : row.legacy
                    let labels = [("subsystem", row.subsystem.rawValue), ("side", side.rawValue)]
                    return (labels, answers.map { Double(value($0)) })
                }
            }
        }
        return [
            Family(
                name: "requests_total", kind: "counter", help: "Requests by the side that answered.",
                samples: each(\.answered)),
            Family(
                name: "request_failures_total", kind: "counter",
                help: "Of them answered with 500 or more, or not at all.",
                samples: each(\.failed)),
        ]
    }

    private var comparison: [Family] {
        let reasons = status.subsystems.flatMap { row in
            row.comparison.notCompared.map { one in
                ([("subsystem", row.subsystem.rawValue), ("reason", one.reason)], Optional(Double(one.count)))
            }
        }
        let quantiles = status.subsystems.flatMap { row in
            [
                ("old", "0.5", row.comparison.old.p50), ("old", "0.99", row.comparison.old.p99),
                ("new", "0.5", row.comparison.new.p50), ("new", "0.99", row.comparison.new.p99),
            ].map { side, quantile, value in
                let labels = [("subsystem", row.subsystem.rawValue), ("side", side), ("quantile", quantile)]
                return (labels, value.map { $0 / 1000 })
            }
        }
        return [
            Family(
                name: "samples_total", kind: "counter", help: "Samples compared.",
                samples: each { $0.comparison.samples.map(Double.init) }),
            Family(
                name: "mismatches_total", kind: "counter", help: "Differences that repeated.",
                samples: each { $0.comparison.mismatches.map(Double.init) }),
            Family(
                name: "races_total", kind: "counter", help: "Differences that did not repeat.",
                samples: each { $0.comparison.races.map(Double.init) }),
            Family(
                name: "not_compared_total", kind: "counter", help: "Samples that were not compared, by reason.",
                samples: reasons),
            Family(
                name: "latency_seconds", kind: "gauge", help: "Quantiles of both sides as compared.", samples: quantiles
            ),
            Family(
                name: "ready", kind: "gauge", help: "1 when the evidence is enough for the next mode.",
                samples: each { $0.comparison.isReady ? 1 : 0 }),
        ]
    }

    private var flags: [Family] {
        let flags = status.flags
        func one(_ name: String, _ kind: String, _ help: String, _ value: Int) -> Family {
            Family(name: name, kind: kind, help: help, samples: [([], Double(value))])
        }
        return [
            one(
                "flags_held", "gauge", "1 while the flags file is damaged or gone and its last good content holds.",
                ["good", "absent"].contains(flags.condition) ? 0 : 1),
            one(
                "rolled_back", "gauge", "1 while RINGRIFT_ROLLBACK puts everything on legacy.",
                flags.isRolledBack ? 1 : 0),
            one("alarms", "gauge", "Alarms whose cause is there now.", flags.alarms.filter(\.isActive).count),
            one("alarms_total", "counter", "Alarms raised.", flags.raised),
            one("flags_reads_total", "counter", "Contents of the flags file taken over.", flags.reads),
            one("flags_changes_total", "counter", "Changes of modes by the flags.", flags.changes),
            one("flags_writes_total", "counter", "Edits written by the node.", flags.writes),
            one("flags_failed_writes_total", "counter", "Edits the node could not write.", flags.failedWrites),
            one("flags_unwritten", "gauge", "Demotions in force that are not on the disk.", flags.unwritten),
        ]
    }

    private var standby: [Family] {
        guard let standby = status.standby else { return [] }
        return [
            Family(
                name: "worker", kind: "gauge", help: "1 for the state the legacy worker is in.",
                samples: CutoverStatus.Standby.State.allCases.map { state in
                    ([("standby", standby.kind), ("state", state.rawValue)], state == standby.state ? 1 : 0)
                })
        ]
    }

    private static func text(_ family: Family) -> String {
        let name = "ringrift_cutover_" + family.name
        let lines = family.samples.compactMap { sample -> String? in
            guard let value = sample.value, value.isFinite else { return nil }
            let labels = sample.labels.map { "\($0.0)=\"\(escaped($0.1))\"" }.joined(separator: ",")
            return name + (labels.isEmpty ? "" : "{\(labels)}") + " " + text(value)
        }
        guard !lines.isEmpty else { return "" }
        return "# HELP \(name) \(family.help)\n# TYPE \(name) \(family.kind)\n" + lines.joined(separator: "\n") + "\n"
    }

    private static func text(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e15 ? "\(Int(value))" : "\(value)"
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
    }
}
