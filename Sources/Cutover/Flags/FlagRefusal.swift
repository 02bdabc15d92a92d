/// What a strict caller (`ringrift cutover set`) does not accept: one line and the list of what is allowed, for stderr.
package struct FlagRefusal: Error, Sendable, Equatable, CustomStringConvertible {
    package static let exitStatus: Int32 = 2

    package var problem: String
    package var allowed: [String]

    package init(problem: String, allowed: [String]) {
        self.problem = problem
        self.allowed = allowed
    }

    /// At most 80 columns wide when `problem` is.
    package var description: String { problem + "\n" + Self.wrapped("allowed:", allowed) }

    /// `label` and the words, separated by commas, in lines of at most 80 columns.
    package static func wrapped(_ label: String, _ words: [String]) -> String {
        var lines = [label]
        for (index, word) in words.enumerated() {
            let text = word + (index + 1 < words.count ? "," : "")
            if lines[lines.count - 1].count + text.count + 1 > 80 { lines.append("  ") }
            let last = lines[lines.count - 1]
            lines[lines.count - 1] = last + (last.hasSuffix(" ") ? "" : " ") + text
        }
        return lines.joined(separator: "\n")
    }
}

extension FlagTarget {
    /// Reads what an operator typed: `all`, `p2p`, `p2p.training`.
    package static func parse(_ text: String) throws(FlagRefusal) -> FlagTarget {
        if let target = every.first(where: { $0.description == text }) { return target }
        throw FlagRefusal(
            problem: "'\(FlagAlarm.printable(text))' is no subsystem", allowed: every.map(\.description))
    }
}

extension Mode {
    /// Reads what an operator typed: `legacy`, `shadow`, `live`, `swift`.
    package static func parse(_ text: String) throws(FlagRefusal) -> Mode {
        if let mode = Mode(rawValue: text) { return mode }
        throw FlagRefusal(problem: "'\(FlagAlarm.printable(text))' is no mode", allowed: allCases.map(\.rawValue))
    }
}
