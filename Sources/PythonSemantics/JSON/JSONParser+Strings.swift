extension JSONParser {
    /// The string whose opening quote is just before `index`; leaves `index` behind the closing quote.
    @inline(__always)
    mutating func parseString() throws(JSONParseError) -> PyString {
        let start = index
        let stop = scanPlain(from: start)
        if stop < end, base[stop] == UInt8(ascii: "\"") {
            index = stop + 1
            return makeString(base + start, stop - start)
        }
        return try parseEscapedString(start: start, plainEnd: stop)
    }

    @inline(__always)
    private func makeString(_ start: UnsafePointer<UInt8>, _ count: Int) -> PyString {
        let bytes = UnsafeBufferPointer(start: start, count: count)
        return mayHoldSurrogates ? PyString(generalizedUTF8: bytes) : PyString(validUTF8: bytes)
    }

    /// Offset of the first quote, backslash or control character from `start` on, or `end`.
    @inline(__always)
    private func scanPlain(from start: Int) -> Int {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let raw = UnsafeRawPointer(base)
        var position = start
        while position + 8 <= end {
            let word = raw.loadUnaligned(fromByteOffset: position, as: UInt64.self)
            let quote = word ^ (ones &* 0x22)
            let backslash = word ^ (ones &* 0x5C)
            // A byte with its high bit set belongs to a longer sequence and is plain.
            let hits =
                (((quote &- ones) & ~quote) | ((backslash &- ones) & ~backslash) | ((word &- (ones &* 0x20)) & ~word))
                & 0x8080_8080_8080_8080
            if hits != 0 { return position + hits.trailingZeroBitCount / 8 }
            position += 8
        }
        while position < end {
            let byte = base[position]
            if byte == 0x22 || byte == 0x5C || byte < 0x20 { return position }
            position += 1
        }
        return position
    }

    /// The slow way, for strings with escapes and for all errors.
    @inline(never)
    private mutating func parseEscapedString(start: Int, plainEnd: Int) throws(JSONParseError) -> PyString {
        scratch.removeAll(keepingCapacity: true)
        var chunk = start
        var position = plainEnd
        var madeSurrogate = false
        while true {
            guard position < end else { throw .decode("Unterminated string starting at", at: start - 1) }
            let byte = base[position]
            if byte < 0x20 { throw .decode("Invalid control character at", at: position) }
            scratch.append(contentsOf: UnsafeBufferPointer(start: base + chunk, count: position - chunk))
            position += 1
            if byte == UInt8(ascii: "\"") { break }
            guard position < end else { throw .decode("Unterminated string starting at", at: start - 1) }
            let code = base[position]
            if code == UInt8(ascii: "u") {
                let codePoint = try unicodeEscape(&position)
                madeSurrogate = madeSurrogate || 0xD800...0xDFFF ~= codePoint
                GeneralizedUTF8.append(codePoint, to: &scratch)
            } else {
                guard let plain = Self.simpleEscape(code) else {
                    throw .decode("Invalid \\escape", at: position - 1)
                }
                scratch.append(plain)
                position += 1
            }
            chunk = position
            position = scanPlain(from: position)
        }
        index = position
        return scratch.withUnsafeBufferPointer {
            mayHoldSurrogates || madeSurrogate ? PyString(generalizedUTF8: $0) : PyString(validUTF8: $0)
        }
    }

    private static func simpleEscape(_ code: UInt8) -> UInt8? {
        switch code {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return code
        case UInt8(ascii: "b"): return 0x08
        case UInt8(ascii: "f"): return 0x0C
        case UInt8(ascii: "n"): return 0x0A
        case UInt8(ascii: "r"): return 0x0D
        case UInt8(ascii: "t"): return 0x09
        default: return nil
        }
    }

    /// `\uXXXX`, or a pair of them that makes one code point. `position` is at the `u`, afterwards behind the escape.
    private func unicodeEscape(_ position: inout Int) throws(JSONParseError) -> UInt32 {
        let escape = position
        // CPython wants one more character behind the digits (the closing quote at least).
        guard hasCodePoint(4, after: escape + 1), let first = hexadecimal(escape + 1) else {
            throw .decode("Invalid \\uXXXX escape", at: escape)
        }
        position = escape + 5
        guard 0xD800..<0xDC00 ~= first, hasCodePoint(6, after: position),
            base[position] == UInt8(ascii: "\\"), base[position + 1] == UInt8(ascii: "u")
        else { return first }
        guard let second = hexadecimal(position + 2) else {
            throw .decode("Invalid \\uXXXX escape", at: position + 1)
        }
        guard 0xDC00..<0xE000 ~= second else { return first }
        position += 6
        return 0x10000 + ((first & 0x3FF) << 10 | second & 0x3FF)
    }

    /// True when at least `number` + 1 code points stand from `offset` on.
    private func hasCodePoint(_ number: Int, after offset: Int) -> Bool {
        var position = offset
        var left = number + 1
        while position < end {
            if base[position] & 0xC0 != 0x80 {
                left -= 1
                if left == 0 { return true }
            }
            position += 1
        }
        return false
    }

    /// Four hexadecimal digits at `offset`; nil when a character is none.
    private func hexadecimal(_ offset: Int) -> UInt32? {
        guard offset + 4 <= end else { return nil }
        var value: UInt32 = 0
        for position in offset..<offset + 4 {
            let byte = base[position]
            switch byte {
            case 0x30...0x39: value = value << 4 | UInt32(byte - 0x30)
            case 0x41...0x46: value = value << 4 | UInt32(byte - 0x37)
            case 0x61...0x66: value = value << 4 | UInt32(byte - 0x57)
            default: return nil
            }
        }
        return value
    }
}
