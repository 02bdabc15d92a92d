import PythonSemantics

/// The legacy's own log lines as they stand in its source (`contract/data/logs.json`): text with placeholders, and the
/// function that prints it.
package struct LogTemplates: Sendable {
    package struct Entry: Sendable, Equatable {
        /// `P2POrchestrator._training_sync_loop`; empty for a line of the module.
        package var place: String
        package var line: Int
        /// The text between the placeholders.
        var parts: [[UInt8]]
    }

    package let entries: [Entry]
    /// Positions in `entries` by the first bytes of the text, where it begins with text.
    private let byStart: [[UInt8]: [Int]]
    private let others: [Int]
    private static let startLength = 12

    /// - Parameters:
    ///   - document: a list of `{script, where, line, template}`.
    ///   - script: the program whose lines are wanted, `p2p_orchestrator`.
    package init(_ document: PyValue, script: String) {
        var entries: [Entry] = []
        for item in document.parityList ?? [] {
            guard let fields = item.parityDict, fields["script"]?.parityText == script,
                let template = fields["template"]?.parityText
            else { continue }
            var line = 0
            if case .int(let number)? = fields["line"] { line = number }
            let parts = Self.parts(template)
            // A bare placeholder fits everything and tells nothing.
            if parts.reduce(0, { $0 + $1.count }) < 4 { continue }
            entries.append(Entry(place: fields["where"]?.parityText ?? "", line: line, parts: parts))
        }
        var byStart: [[UInt8]: [Int]] = [:]
        var others: [Int] = []
        for (index, entry) in entries.enumerated() {
            if let first = entry.parts.first, first.count >= Self.startLength {
                byStart[Array(first.prefix(Self.startLength)), default: []].append(index)
            } else {
                others.append(index)
            }
        }
        self.entries = entries
        self.byStart = byStart
        self.others = others
    }

    package init() {
        self.init(.list([]), script: "")
    }

    /// The entry with the most text of its own that fits the line; nil when none does.
    package func entry(of line: String) -> Entry? {
        let bytes = Array(line.utf8)
        let candidates = (byStart[Array(bytes.prefix(Self.startLength))] ?? []) + others
        let fitting = candidates.filter { Self.fits(entries[$0].parts, bytes) }
        return fitting.max { Self.weight(entries[$0]) < Self.weight(entries[$1]) }.map { entries[$0] }
    }

    private static func weight(_ entry: Entry) -> Int { entry.parts.reduce(0) { $0 + $1.count } }

    /// The text between the placeholders of an f-string; `{{` is a brace.
    private static func parts(_ template: String) -> [[UInt8]] {
        var parts: [[UInt8]] = [[]]
        var depth = 0
        let bytes = Array(template.utf8)
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            let twice = index + 1 < bytes.count && bytes[index + 1] == byte
            if byte == UInt8(ascii: "{"), depth > 0 || !twice {
                if depth == 0 { parts.append([]) }
                depth += 1
            } else if byte == UInt8(ascii: "}"), depth > 0 {
                depth -= 1
            } else if depth == 0 {
                parts[parts.count - 1].append(byte)
                if byte == UInt8(ascii: "{") || byte == UInt8(ascii: "}"), twice { index += 1 }
            }
            index += 1
        }
        return parts
    }

    /// Whether the parts stand in the line in their order, the first at its begin and the last at its end. A template of
    /// several lines fits by its first one.
    private static func fits(_ parts: [[UInt8]], _ line: [UInt8]) -> Bool {
        var position = 0
        for (index, part) in parts.enumerated() {
            var part = part
            var cut = false
            if let newline = part.firstIndex(of: UInt8(ascii: "\n")) {
                if newline == 0, index == 0 {
                    part.removeFirst()
                } else {
                    part = Array(part[..<newline])
                    cut = true
                }
            }
            if index == 0 {
                guard line.starts(with: part) else { return false }
                position = part.count
            } else if index == parts.count - 1 || cut {
                guard line.count - position >= part.count, line.suffix(part.count) == part[...] else { return false }
            } else if !part.isEmpty {
                guard let found = find(part, in: line, from: position) else { return false }
                position = found + part.count
            }
            if cut { return true }
        }
        return parts.count > 1 || position == line.count
    }

    private static func find(_ part: [UInt8], in line: [UInt8], from start: Int) -> Int? {
        guard line.count - start >= part.count else { return nil }
        return (start...(line.count - part.count)).first { line[$0..<($0 + part.count)] == part[...] }
    }
}
