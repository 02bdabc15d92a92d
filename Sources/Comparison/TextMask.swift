import Foundation

/// Replaces what changes from run to run in a line of text by marks, so that lines can be compared as templates.
package enum TextMask {
    private static let patterns: [(NSRegularExpression, String)] = [
        // The access log's time has the name of the month in it.
        (#"\[\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d [-+]\d{4}\]"#, "[<ts>]"),
        (#"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d[,.\d]*(\+00:00|Z)?"#, "<ts>"),
        (#"\b[0-9a-f]{8}(-?[0-9a-f]{4}){3}-?[0-9a-f]{12}\b"#, "<uuid>"),
        (#"(?<![0-9A-Za-z])[0-9a-f]{8,64}(?![0-9A-Za-z])"#, "<hex>"),
        (#"-?\d+(\.\d+)?(e[-+]?\d+)?"#, "<n>"),
    ].compactMap { pattern, mark in
        (try? NSRegularExpression(pattern: pattern)).map { ($0, mark) }
    }

    private static let logStamp = try? NSRegularExpression(pattern: #"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d+ - "#)

    /// `took 3.1 s for 3f2a…` becomes `took <n> s for <uuid>`; white space at the end is dropped.
    package static func mask(_ line: String) -> String {
        var text = line
        for (expression, mark) in patterns {
            let range = NSRange(text.startIndex..., in: text)
            text = expression.stringByReplacingMatches(in: text, range: range, withTemplate: mark)
        }
        while let last = text.unicodeScalars.last, last.properties.isWhitespace { text.unicodeScalars.removeLast() }
        return text
    }

    /// The templates of a log, a line each: time stamps at the start dropped, numbers and ids masked, tracebacks
    /// reduced to their first and last line.
    package static func logTemplates(_ text: String) -> [String] {
        var templates: [String] = []
        var traceback = false
        for slice in text.split(separator: "\n", omittingEmptySubsequences: true) {
            var line = String(slice)
            if line.hasSuffix("\r") { line.removeLast() }
            if traceback, line.hasPrefix(" ") || line.hasPrefix("\t") || line.allSatisfy(\.isWhitespace) { continue }
            traceback = line.hasSuffix("Traceback (most recent call last):")
            if let logStamp {
                let range = NSRange(line.startIndex..., in: line)
                line = logStamp.stringByReplacingMatches(in: line, range: range, withTemplate: "")
            }
            templates.append(mask(line))
        }
        return templates
    }

    /// The shape of a text whose numbers and ids differ between recordings: every run of hexadecimal digits that
    /// holds a decimal digit (or is eight or longer) is `#`. `2026-11-22T14:22:02.443398` is `#-#-#T#:#:#.#`.
    package static func shape(_ text: String) -> String {
        var out: [UInt8] = []
        var run: [UInt8] = []
        func isHex(_ byte: UInt8) -> Bool {
            (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte)
        }
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
            if isHex(byte) {
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
