/// A part of a text that may change from run to run: a time, an id, a number.
package struct TextToken: Sendable, Equatable {
    package enum Kind: String, Sendable {
        case stamp, uuid, hex, number
    }

    package var kind: Kind
    /// As it stands in the text, without the brackets of an access log's time.
    package var text: String
    /// `PID 4711`: a number that names a process.
    package var isProcess = false
    /// A number that never has to be exact: the size of an answer that is not among the steps.
    package var isVolatile = false
    /// `734ms`: a measured time.
    package var isDuration = false
    /// `14:05`: a number beside a colon.
    package var isClock = false
    /// A seed of a random generator (`--seed 12`, `seed=12`): of the clock or drawn, so any number of that size.
    package var isSeed = false

    package init(_ kind: Kind, _ text: String) {
        self.kind = kind
        self.text = text
    }
}

/// A text as its template (tokens replaced by marks) and its tokens in order.
package struct TokenizedText: Sendable, Equatable {
    /// `took <n> s for <uuid>`.
    package var template: String
    package var tokens: [TextToken]

    /// - Parameter trimmed: drops white space at the end.
    package init(_ text: String, trimmed: Bool = false) {
        var scanner = TokenScanner(Array(text.utf8))
        scanner.run()
        while trimmed, let last = scanner.out.last, last == 0x20 || (0x09...0x0D).contains(last) {
            scanner.out.removeLast()
        }
        template = String(decoding: scanner.out, as: UTF8.self)
        tokens = scanner.tokens
    }
}

/// Finds the tokens of a text in one pass over its bytes.
struct TokenScanner {
    private let bytes: [UInt8]
    private var position = 0
    var out: [UInt8] = []
    var tokens: [TextToken] = []

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        out.reserveCapacity(bytes.count)
    }

    mutating func run() {
        while position < bytes.count {
            let byte = bytes[position]
            if Self.isDigit(byte) || (0x61...0x66).contains(byte) {
                if !token() { literal() }
            } else if byte == UInt8(ascii: "-"), position + 1 < bytes.count, Self.isDigit(bytes[position + 1]) {
                position += 1
                let follows = length(ofStampAt: position) != nil || identifier(at: position) != nil
                position -= 1
                if follows { literal() } else { number() }
            } else if byte == UInt8(ascii: "["), let end = accessStamp(at: position) {
                take(.stamp, from: position + 1, to: end - 1, mark: "[<ts>]", next: end)
            } else if (0x41...0x5A).contains(byte), let end = clockStamp(at: position) {
                take(.stamp, from: position, to: end, mark: "<ts>", next: end)
            } else {
                literal()
            }
        }
    }

    private mutating func literal() {
        out.append(bytes[position])
        position += 1
    }

    private mutating func take(_ kind: TextToken.Kind, from start: Int, to end: Int, mark: String, next: Int) {
        tokens.append(TextToken(kind, String(decoding: bytes[start..<end], as: UTF8.self)))
        out += Array(mark.utf8)
        position = next
    }

    /// A token that begins with a hexadecimal digit.
    private mutating func token() -> Bool {
        if Self.isDigit(bytes[position]), let length = length(ofStampAt: position) {
            take(.stamp, from: position, to: position + length, mark: "<ts>", next: position + length)
            return true
        }
        if follows("--seed ") || follows("seed="), Self.isDigit(bytes[position]) {
            number()
            tokens[tokens.count - 1].isSeed = true
            return true
        }
        if let (kind, length) = identifier(at: position) {
            take(
                kind, from: position, to: position + length, mark: kind == .uuid ? "<uuid>" : "<hex>",
                next: position + length)
            return true
        }
        guard Self.isDigit(bytes[position]) else { return false }
        number()
        return true
    }

    private mutating func number() {
        let start = position
        var end = position + (bytes[position] == UInt8(ascii: "-") ? 1 : 0)
        end = digits(from: end)
        if at(end) == UInt8(ascii: "."), Self.isDigit(at(end + 1)) { end = digits(from: end + 1) }
        if at(end) == UInt8(ascii: "e") {
            let sign = at(end + 1) == UInt8(ascii: "-") || at(end + 1) == UInt8(ascii: "+") ? 1 : 0
            if Self.isDigit(at(end + 1 + sign)) { end = digits(from: end + 1 + sign) }
        }
        take(.number, from: start, to: end, mark: "<n>", next: end)
        let colon = UInt8(ascii: ":")
        if (at(end) == colon && Self.isDigit(at(end + 1)))
            || (start > 1 && bytes[start - 1] == colon && Self.isDigit(bytes[start - 2]))
        {
            tokens[tokens.count - 1].isClock = true
        }
        if at(end) == UInt8(ascii: "m"), at(end + 1) == UInt8(ascii: "s"), !Self.isWord(at(end + 2)) {
            tokens[tokens.count - 1].isDuration = true
        }
        // "PID 12", "pid=12", "pid: 12"
        var before = start
        while before > 0, [0x20, 0x3A, 0x3D].contains(bytes[before - 1]) { before -= 1 }
        if before >= 3, before < start,
            bytes[(before - 3)..<before].elementsEqual("pid".utf8)
                || bytes[(before - 3)..<before].elementsEqual("PID".utf8)
        {
            tokens[tokens.count - 1].isProcess = true
        }
    }

    /// A UUID (with or without dashes), or eight and more hexadecimal digits that stand alone.
    private func identifier(at start: Int) -> (TextToken.Kind, Int)? {
        if start > 0, Self.isWord(bytes[start - 1]) { return nil }
        var end = start
        var plain = true
        while Self.isHex(at(end)) {
            if !Self.isDigit(at(end)) { plain = false }
            end += 1
        }
        let length = end - start
        if length == 8, matches("-hhhh-hhhh-hhhh-hhhhhhhhhhhh", at: end), !Self.isWord(at(start + 36)) {
            return (.uuid, 36)
        }
        guard length >= 8, length <= 64, !Self.isWord(at(end)) else { return nil }
        if length == 32 { return (.uuid, 32) }
        // `1795357347.33`: a number of seconds, not an id.
        if plain, at(end) == UInt8(ascii: "."), Self.isDigit(at(end + 1)) { return nil }
        return (.hex, length)
    }

    /// `2026-11-22`, with ` 14:22:02,443`, `T14:22:02.443+00:00`, ` 14:22`; `20261122_142202`.
    private func length(ofStampAt start: Int) -> Int? {
        if start > 0, Self.isWord(bytes[start - 1]) { return nil }
        guard
            (at(start) == UInt8(ascii: "1") && at(start + 1) == UInt8(ascii: "9"))
                || (at(start) == UInt8(ascii: "2") && at(start + 1) == UInt8(ascii: "0"))
        else { return nil }
        if matches("dddddddd_dddddd", at: start), !Self.isWord(at(start + 15)) { return 15 }
        guard matches("dddd-dd-dd", at: start) else { return nil }
        let mark = at(start + 10)
        guard mark == UInt8(ascii: " ") || mark == UInt8(ascii: "T"), matches("dd:dd", at: start + 11) else {
            return Self.isWord(mark) ? nil : 10
        }
        guard matches(":dd", at: start + 16) else { return 16 }
        var end = start + 19
        while at(end) == UInt8(ascii: ",") || at(end) == UInt8(ascii: "."), Self.isDigit(at(end + 1)) {
            end = digits(from: end + 1)
        }
        if matches("+00:00", at: end) { end += 6 } else if at(end) == UInt8(ascii: "Z") { end += 1 }
        return end - start
    }

    /// `[22/Nov/2026:16:10:04 +0000]`: the index after it.
    private func accessStamp(at start: Int) -> Int? {
        matches("[dd/aaa/dddd:dd:dd:dd sdddd]", at: start) ? start + 28 : nil
    }

    /// `Sun Nov 22 14:24:53 2026`: the index after it.
    private func clockStamp(at start: Int) -> Int? {
        matches("aaa aaa bd dd:dd:dd dddd", at: start) ? start + 24 : nil
    }

    /// `d` digit, `h` hexadecimal digit, `a` letter, `b` blank or digit, `s` sign, anything else itself.
    private func matches(_ shape: StaticString, at start: Int) -> Bool {
        guard start + shape.utf8CodeUnitCount <= bytes.count else { return false }
        return shape.withUTF8Buffer { shape in
            for index in 0..<shape.count {
                let byte = bytes[start + index]
                let fits: Bool
                switch shape[index] {
                case UInt8(ascii: "d"): fits = Self.isDigit(byte)
                case UInt8(ascii: "h"): fits = Self.isHex(byte)
                case UInt8(ascii: "a"): fits = Self.isWord(byte) && !Self.isDigit(byte)
                case UInt8(ascii: "b"): fits = byte == UInt8(ascii: " ") || Self.isDigit(byte)
                case UInt8(ascii: "s"): fits = byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-")
                default: fits = byte == shape[index]
                }
                if !fits { return false }
            }
            return true
        }
    }

    /// Whether `text` stands right before this position.
    private func follows(_ text: StaticString) -> Bool {
        let count = text.utf8CodeUnitCount
        guard position >= count else { return false }
        return text.withUTF8Buffer { bytes[(position - count)..<position].elementsEqual($0) }
    }

    private func digits(from start: Int) -> Int {
        var end = start
        while Self.isDigit(at(end)) { end += 1 }
        return end
    }

    /// 0 outside of the text.
    private func at(_ index: Int) -> UInt8 { index < bytes.count ? bytes[index] : 0 }
    private static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }
    private static func isHex(_ byte: UInt8) -> Bool { isDigit(byte) || (byte >= 0x61 && byte <= 0x66) }
    private static func isWord(_ byte: UInt8) -> Bool {
        isDigit(byte) || (byte >= 0x61 && byte <= 0x7A) || (byte >= 0x41 && byte <= 0x5A)
    }
}
