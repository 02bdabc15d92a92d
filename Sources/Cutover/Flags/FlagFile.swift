/// The flags file's text: what it sets, what in it was not understood, and the notes of earlier changes. Pure.
///
/// Lines are those of an environment file: `NAME=VALUE`, optionally behind `export`, the value plain or in single or
/// double quotes, `#` comments on lines of their own or behind a blank. Of a name set twice the last line counts. The
/// bytes of lines that are not edited are kept as they are.
package struct FlagFile: Sendable, Equatable {
    /// Where the file is, when it is not `<tree>/logs/cutover/flags.env`.
    package static let pathVariable = "RINGRIFT_IMPL_FILE"

    var lines: [Line] = []

    /// A file that sets nothing.
    package init() {}

    package init(_ bytes: [UInt8]) {
        var text = bytes[...]
        if text.starts(with: Self.byteOrderMark) { text = text.dropFirst(Self.byteOrderMark.count) }
        lines = text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map { Line(Array($0)) }
        // What follows the last line's end is no line.
        if lines.last?.raw.isEmpty == true { lines.removeLast() }
    }

    package init(text: String) { self.init(Array(text.utf8)) }

    private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

    /// The text to write; every line ends with a newline.
    package var bytes: [UInt8] {
        lines.flatMap { $0.raw + [UInt8(ascii: "\n")] }
    }

    /// False when every line that says something is none of ours: not the text of a flags file, cut off or overwritten.
    var isUnderstood: Bool {
        let contents = lines.filter { !$0.raw.allSatisfy { " \t\r".utf8.contains($0) } }.map(\.content)
        return contents.isEmpty || contents.contains { $0 != .malformed }
    }

    /// Sixteen hexadecimal digits that change with the content, so that a command can see when a node has taken it over.
    package var revision: String {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    package var settings: FlagSettings {
        var settings = FlagSettings()
        for line in lines {
            if case .assignment(let assignment) = line.content { settings[assignment.name] = assignment.value }
        }
        return settings
    }

    /// In the order of the lines.
    package var alarms: [FlagAlarm] {
        let last = Dictionary(
            lines.enumerated().compactMap { index, line in line.name.map { ($0, index) } }, uniquingKeysWith: max)
        return lines.enumerated().compactMap { index, line in
            let number = index + 1
            switch line.content {
            case .other, .note: return nil
            case .assignment(let found):
                let variable = found.name.variable
                if !found.value.isEmpty, !found.name.allowedValues.contains(found.value) {
                    return FlagAlarm(
                        problem: .unknownValue, variable: variable, value: found.value, line: number)
                }
                if last[found.name] != index {
                    return FlagAlarm(problem: .repeated, variable: variable, value: found.value, line: number)
                }
                return nil
            case .unknownName(let variable):
                return FlagAlarm(problem: .unknownName, variable: variable, value: "", line: number)
            case .malformed:
                return FlagAlarm(problem: .malformed, variable: "", value: "", line: number)
            }
        }
    }

    /// All notes, the oldest first.
    package var history: [FlagNote] {
        lines.compactMap { line in
            if case .note(let note) = line.content { note } else { nil }
        }.enumerated().sorted { ($0.element.time, $0.offset) < ($1.element.time, $1.offset) }.map(\.element)
    }

    /// Who set this name to what it is now, when and why; nil when it was not a command or when an editor changed it since.
    package func note(_ name: FlagName) -> FlagNote? {
        guard let note = history.last(where: { $0.variable == name.variable }) else { return nil }
        return note.value == settings[name] ?? "" ? note : nil
    }
}
