/// `textwrap.wrap` of CPython 3.11 with its default options, for text whose ASCII blanks are single spaces.
struct ArgparseTextWrapper {
    private typealias Chunk = ArraySlice<Unicode.Scalar>

    /// Lines of at most `width` code points, each starting with `indent`.
    static func wrap(_ text: String, width: Int, indent: String = "") -> [String] {
        let room = width - ArgText.length(indent)
        var pending = Array(chunks(of: Array(text.unicodeScalars)).reversed())
        var lines: [String] = []
        while let next = pending.last {
            var line: [Chunk] = []
            var length = 0
            if isBlank(next), !lines.isEmpty { pending.removeLast() }
            while let chunk = pending.last, length + chunk.count <= room {
                line.append(chunk)
                length += chunk.count
                pending.removeLast()
            }
            if let chunk = pending.last, chunk.count > room {
                let (head, tail) = breakLong(chunk, room: room < 1 ? 1 : room - length)
                line.append(head)
                pending[pending.count - 1] = tail
            }
            if let last = line.last, isBlank(last) { line.removeLast() }
            if !line.isEmpty { lines.append(indent + ArgText.string(line.joined())) }
        }
        return lines
    }

    /// `' '.join(text.split())` for ASCII blanks, without other blanks at the ends.
    static func collapse(_ text: String) -> String {
        var out = String.UnicodeScalarView()
        var afterBlank = false
        for scalar in text.unicodeScalars {
            let blank = ArgText.isASCIISpace(scalar)
            if !blank { out.append(scalar) } else if !afterBlank { out.append(" ") }
            afterBlank = blank
        }
        return ArgText.strip(String(out))
    }

    private static func isBlank(_ chunk: Chunk) -> Bool {
        chunk.allSatisfy(ArgText.isSpace)
    }

    /// A word longer than a line is cut where the line ends, or after the last hyphen before that.
    private static func breakLong(_ chunk: Chunk, room: Int) -> (Chunk, Chunk) {
        var end = room
        if chunk.count > room, let hyphen = chunk.prefix(room).lastIndex(of: "-") {
            let before = chunk[..<hyphen]
            if !before.isEmpty, before.contains(where: { $0 != "-" }) { end = before.count + 1 }
        }
        return (chunk.prefix(end), chunk.dropFirst(end))
    }

    /// Pieces between which a line may break: blanks, dashes between words, words, and parts of hyphenated words.
    private static func chunks(of text: [Unicode.Scalar]) -> [Chunk] {
        var out: [Chunk] = []
        var start = 0
        while start < text.count {
            let end = chunkEnd(text, start)
            out.append(text[start..<end])
            start = end
        }
        return out
    }

    private static func chunkEnd(_ text: [Unicode.Scalar], _ start: Int) -> Int {
        if ArgText.isASCIISpace(text[start]) {
            return text[start...].firstIndex { !ArgText.isASCIISpace($0) } ?? text.count
        }
        if let end = dashEnd(text, start) { return end }
        var end = start + 1
        while end < text.count {
            if endsHyphenatedPart(text, end) { return end + 1 }
            if ArgText.isASCIISpace(text[end]) || dashEnd(text, end) != nil { return end }
            end += 1
        }
        return end
    }

    /// The end of a run of two or more hyphens at a position, between two words.
    private static func dashEnd(_ text: [Unicode.Scalar], _ start: Int) -> Int? {
        guard start > 0, text[start] == "-", isWordOrPunctuation(text[start - 1]) else { return nil }
        let end = text[start...].firstIndex { $0 != "-" } ?? text.count
        return end - start >= 2 && end < text.count && ArgText.isWord(text[end]) ? end : nil
    }

    /// Whether the hyphen at a position joins two parts: two letters (or `x-y`) before it, two letters (or `x-y`) after it.
    private static func endsHyphenatedPart(_ text: [Unicode.Scalar], _ at: Int) -> Bool {
        guard text[at] == "-", at >= 2, ArgText.isLetter(text[at - 1]) else { return false }
        let before =
            ArgText.isLetter(text[at - 2]) || (at >= 3 && text[at - 2] == "-" && ArgText.isLetter(text[at - 3]))
        guard before, at + 2 < text.count, ArgText.isLetter(text[at + 1]) else { return false }
        if ArgText.isLetter(text[at + 2]) { return true }
        return text[at + 2] == "-" && at + 3 < text.count && ArgText.isLetter(text[at + 3])
    }

    private static func isWordOrPunctuation(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "!", "\"", "'", "&", ".", ",", "?": true
        default: ArgText.isWord(scalar)
        }
    }
}
