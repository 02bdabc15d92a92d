/// Replaces what changes from run to run in a line of text by marks, so that lines can be compared as templates.
package enum TextMask {
    /// `took 3.1 s for 3f2a…` becomes `took <n> s for <uuid>`; white space at the end is dropped.
    package static func mask(_ line: String) -> String {
        TokenizedText(line, trimmed: true).template
    }

    /// The templates of a log, a line each: time stamps at the start dropped, numbers and ids masked, tracebacks
    /// reduced to their first and last line.
    package static func logTemplates(_ text: String) -> [String] {
        LogLine.lines(of: text).map(\.content.template)
    }

    /// The shape of a text whose numbers and short ids differ between recordings: every run of hexadecimal digits that
    /// holds a decimal digit (or is eight or longer) is `#`.
    package static func shape(_ text: String) -> String {
        var out: [UInt8] = []
        var run: [UInt8] = []
        func flush() {
            if run.isEmpty { return }
            if run.count >= 8 || run.contains(where: { $0 <= 0x39 }) {
                if out.last != UInt8(ascii: "#") { out.append(UInt8(ascii: "#")) }
            } else {
                out += run
            }
            run = []
        }
        for byte in text.utf8 {
            if (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte) {
                run.append(byte)
            } else {
                flush()
                out.append(byte)
            }
        }
        flush()
        return String(decoding: out, as: UTF8.self)
    }
}

/// A line of a log, taken apart.
package struct LogLine: Sendable, Equatable {
    /// Seconds since 1970 (its own clock taken for UTC) of the logging module's prefix; nil for a printed line.
    package var stamp: Double?
    /// Without that prefix.
    package var text: String
    package var content: TokenizedText
    /// Of the line in the log, from 0.
    package var number: Int

    /// The lines of a log: empty ones and the bodies of tracebacks dropped.
    package static func lines(of log: String) -> [LogLine] {
        var lines: [LogLine] = []
        var traceback = false
        let all = log.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        for (number, slice) in all.enumerated() where !slice.isEmpty {
            var line = slice
            if line.last == UInt8(ascii: "\r") { line.removeLast() }
            let blank = line.first == 0x20 || line.first == 0x09 || line.allSatisfy { $0 == 0x20 || $0 == 0x09 }
            if traceback, blank { continue }
            var text = String(decoding: line, as: UTF8.self)
            traceback = text.hasSuffix("Traceback (most recent call last):")
            var stamp: Double?
            if let prefix = Self.prefix(text) {
                stamp = TimeStamp.seconds(prefix: text)
                if stamp != nil { text = String(text.dropFirst(prefix)) }
            }
            lines.append(LogLine(stamp: stamp, text: text, content: TokenizedText(text, trimmed: true), number: number))
        }
        return lines
    }

    /// Characters of `2026-11-22 14:21:54,409 - `; nil when the line does not begin so.
    private static func prefix(_ text: String) -> Int? {
        let bytes = Array(text.utf8.prefix(26))
        guard bytes.count == 26, bytes[4] == 0x2D, bytes[7] == 0x2D, bytes[10] == 0x20, bytes[13] == 0x3A,
            bytes[16] == 0x3A, bytes[19] == 0x2C, bytes[23...] == [0x20, 0x2D, 0x20]
        else { return nil }
        let digits = [0, 1, 2, 3, 5, 6, 8, 9, 11, 12, 14, 15, 17, 18, 20, 21, 22]
        return digits.allSatisfy { (0x30...0x39).contains(bytes[$0]) } ? 26 : nil
    }
}
