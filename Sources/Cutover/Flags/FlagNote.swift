import Foundation

/// One change of the flags file, written as a comment above the line it changed:
///
///     # cutover: 2026-11-22T22:31:05Z demotion RINGRIFT_IMPL_P2P_TRAINING=legacy by breaker was live: 3 mismatches
///
/// The time is UTC, `was` (the mode before) may be missing, the reason is the rest of the line. The notes of a file,
/// sorted by time, are its history: ``FlagFile/history``.
package struct FlagNote: Sendable, Equatable {
    package enum Action: String, Sendable, CaseIterable {
        /// An operator chose a mode.
        case set
        /// An operator took a switch out.
        case unset
        /// A bound broke, or an operator went down by hand.
        case demotion
        /// Back to the legacy.
        case rollback
        /// The end of `RINGRIFT_ROLLBACK=1`.
        case release
    }

    /// Unix seconds.
    package var time: Int
    package var action: Action
    package var variable: String
    /// Empty when the switch was taken out.
    package var value: String
    /// Without blanks.
    package var who: String
    package var was: Mode?
    package var reason: String

    package init(
        time: Int, action: Action, variable: String, value: String, who: String, was: Mode?, reason: String
    ) {
        self.time = time
        self.action = action
        self.variable = variable
        self.value = value
        let word = Self.oneLine(who, limit: 80).split { $0 == " " || $0 == ":" }.joined(separator: "_")
        self.who = word.isEmpty ? "unknown" : word
        self.was = was
        self.reason = Self.oneLine(reason, limit: 400)
    }

    private static let prefix = "# cutover: "

    package var line: String {
        var text = "\(Self.prefix)\(timeText) \(action.rawValue) \(variable)=\(value) by \(who)"
        if let was { text += " was \(was.rawValue)" }
        return text + ":" + (reason.isEmpty ? "" : " " + reason)
    }

    /// `2026-11-22T22:31:05Z`.
    package var timeText: String { Self.text(time) }

    private static func text(_ time: Int) -> String {
        var seconds = time_t(time)
        var parts = tm()
        gmtime_r(&seconds, &parts)
        var text = [CChar](repeating: 0, count: 40)
        let length = strftime(&text, text.count, "%Y-%m-%dT%H:%M:%SZ", &parts)
        return String(decoding: text[..<length].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// - Returns: nil when the line is no note; an operator's comment is left alone.
    package init?(line: String) {
        guard line.hasPrefix(Self.prefix) else { return nil }
        let rest = line.dropFirst(Self.prefix.count)
        // Nothing before the reason ends a word with a colon.
        guard
            let end = rest.indices.first(where: {
                rest[$0] == ":" && (rest[$0...].count == 1 || rest[rest.index(after: $0)] == " ")
            })
        else { return nil }
        let words = rest[..<end].split(separator: " ", omittingEmptySubsequences: false).map(String.init)
        guard words.count == 5 || (words.count == 7 && words[5] == "was"), words[3] == "by",
            let time = Self.seconds(words[0]), let action = Action(rawValue: words[1]),
            let equals = words[2].firstIndex(of: "=")
        else { return nil }
        let was = words.count == 7 ? Mode(rawValue: words[6]) : nil
        if words.count == 7, was == nil { return nil }
        self.init(
            time: time, action: action, variable: String(words[2][..<equals]),
            value: String(words[2][words[2].index(after: equals)...]), who: words[4], was: was,
            reason: String(rest[rest.index(after: end)...].drop { $0 == " " }))
    }

    private static func seconds(_ text: String) -> Int? {
        let fields = text.split { !"0123456789".contains($0) }.compactMap { Int32($0) }
        guard fields.count == 6, fields[0] >= 1970 else { return nil }
        var parts = tm()
        (parts.tm_year, parts.tm_mon, parts.tm_mday) = (fields[0] - 1900, fields[1] - 1, fields[2])
        (parts.tm_hour, parts.tm_min, parts.tm_sec) = (fields[3], fields[4], fields[5])
        let time = timegm(&parts)
        return Self.text(time) == text ? time : nil
    }

    private static func oneLine(_ text: String, limit: Int) -> String {
        let scalars = text.unicodeScalars.prefix(limit).map { scalar in
            [.control, .lineSeparator, .paragraphSeparator].contains(scalar.properties.generalCategory)
                ? " " : Character(scalar)
        }
        return String(scalars).split(separator: " ").joined(separator: " ")
    }
}
