import Comparison
import Foundation
import Yams

/// `parity/slice.yaml`: which steps of which scenarios are played and compared while only a part of the routes is
/// native. A step left out is left out by route or by name, with a reason.
package struct Slice: Sendable {
    package struct Entry: Sendable {
        /// Steps by number (the first word of the id) that are in although their route is not.
        package var also: Set<String> = []
        /// Steps that are out, by number, each with its reason.
        package var leftOut: [String: String] = [:]
        /// Answers that aiohttp gives by itself (404 and 405) count as in the slice.
        package var frameworkAnswers = true
        /// nil: state is not compared, `stateReason` says why.
        package var state: StateSelection?
        package var stateReason = ""
        package var log = LogComparison.extra
        /// Whether ``Slice/requiredLog`` holds; not where left-out steps have lines of their own in the recordings.
        package var requiresLog = false
        package var spawned = false
        /// Why nothing of the scenario is in the slice.
        package var skipped: String?
    }

    /// Paths whose every method is in the slice.
    package var paths: Set<String> = []
    package var entries: [String: Entry] = [:]
    /// Patterns of lines the candidate must print although the log as a whole is compared for extra lines only; masked
    /// like the lines of a log.
    package var requiredLog: [String] = []

    package init(contentsOf path: String) throws {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw ParityError("\(path): cannot be read")
        }
        let text = String(decoding: data, as: UTF8.self)
        let loaded: Any?
        do { loaded = try Yams.load(yaml: text) } catch { throw ParityError("\(path): \(error)") }
        guard let top = loaded as? [String: Any], let scenarios = top["scenarios"] as? [String: Any] else {
            throw ParityError("\(path): expected 'paths' and 'scenarios'")
        }
        paths = Set(Self.words(top["paths"]))
        requiredLog = Self.words(top["required_log"]).map(TextMask.mask)
        for (name, value) in scenarios {
            entries[name] = try Self.entry(value as? [String: Any] ?? [:], place: "\(path): \(name)")
        }
    }

    private static func entry(_ fields: [String: Any], place: String) throws -> Entry {
        var entry = Entry()
        for key in fields.keys.sorted() {
            switch key {
            case "skipped": entry.skipped = fields[key] as? String
            case "also": entry.also = Set(words(fields[key]))
            case "framework_answers": entry.frameworkAnswers = fields[key] as? Bool ?? true
            case "required_log": entry.requiresLog = fields[key] as? Bool ?? false
            case "spawned": entry.spawned = fields[key] as? Bool ?? false
            case "log": entry.log = LogComparison(rawValue: fields[key] as? String ?? "") ?? .off
            case "left_out":
                for item in fields[key] as? [[String: Any]] ?? [] {
                    guard let reason = item["reason"] as? String, !reason.isEmpty else {
                        throw ParityError("\(place): 'left_out' without a reason")
                    }
                    for step in words(item["steps"]) { entry.leftOut[step] = reason }
                }
            case "state":
                let state = fields[key] as? [String: Any] ?? [:]
                if let reason = state["left_out"] as? String {
                    entry.stateReason = reason
                } else {
                    entry.state = StateSelection(
                        databases: words(state["databases"]), files: words(state["files"]),
                        tables: words(state["tables"]))
                }
            default: throw ParityError("\(place): unknown key '\(key)'")
            }
        }
        if entry.skipped == nil, entry.state == nil, entry.stateReason.isEmpty {
            throw ParityError("\(place): 'state' says neither what is compared nor why nothing is")
        }
        return entry
    }

    /// Numbers such as `002` must be quoted in the file; integers come back without their zeros.
    private static func words(_ value: Any?) -> [String] {
        if let one = value as? String { return [one] }
        return (value as? [Any] ?? []).map { "\($0)" }
    }

    /// The steps of a scenario that are in the slice.
    /// - Parameter recorded: the recorded answers by step id, to know the framework's own; empty when there are none.
    package func selection(of scenario: Scenario, recorded: [String: AnswerObservation]) -> Set<String> {
        guard let entry = entries[scenario.name], entry.skipped == nil else { return [] }
        var chosen: Set<String> = []
        for step in scenario.steps where step.method != nil {
            let number = String(step.id.prefix { $0 != " " })
            if entry.leftOut[number] != nil { continue }
            let path = String(step.path.prefix { $0 != "?" })
            let framework = entry.frameworkAnswers && recorded[step.id].map(Self.isFrameworkAnswer) ?? false
            if paths.contains(path) || entry.also.contains(number) || framework { chosen.insert(step.id) }
        }
        return chosen
    }

    private static func isFrameworkAnswer(_ answer: AnswerObservation) -> Bool {
        guard answer.header("Content-Type") == "text/plain; charset=utf-8" else { return false }
        let length = answer.header("Content-Length")
        switch answer.status {
        case 404: return length == "14" && (answer.body == .text("404: Not Found") || answer.body == .text(""))
        case 405: return length == "23"
        default: return false
        }
    }
}
