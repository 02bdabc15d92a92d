/// `ringrift cutover history`: who changed the flags, when and why, the newest last; at most 80 columns.
package struct HistoryText: Sendable {
    package init() {}

    package func lines(_ notes: [FlagNote]) -> [String] {
        guard !notes.isEmpty else { return ["no change has been noted"] }
        return notes.flatMap { note -> [String] in
            let was = note.was.map { "\($0.rawValue) -> " } ?? ""
            let head = "\(note.timeText) \(Self.padded(note.action.rawValue, 8)) \(Self.change(note, was))"
            return StatusText.wrapped(head + " by \(note.who)", "    ")
                + (note.reason.isEmpty ? [] : StatusText.wrapped(note.reason, "", width: 76).map { "    " + $0 })
        }
    }

    /// `p2p.training: live -> legacy`, `everything: RINGRIFT_ROLLBACK=1`.
    private static func change(_ note: FlagNote, _ was: String) -> String {
        guard case .target(let target)? = FlagName(variable: note.variable) else {
            return note.value.isEmpty ? "\(note.variable) taken out" : "\(was)\(note.variable)=\(note.value)"
        }
        return "\(target): " + (note.value.isEmpty ? "taken out" : "\(was)\(note.value)")
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }

    /// For `--json`.
    package struct Entry: Codable, Sendable, Equatable {
        package var time: Int
        package var action: String
        package var variable: String
        package var value: String
        package var who: String
        package var was: Mode?
        package var reason: String

        package init(_ note: FlagNote) {
            time = note.time
            action = note.action.rawValue
            variable = note.variable
            value = note.value
            who = note.who
            was = note.was
            reason = note.reason
        }
    }
}
