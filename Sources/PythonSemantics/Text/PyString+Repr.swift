extension PyString {
    /// `repr(s)`: single quotes unless the text has some and no double ones; control, unprintable and surrogate code
    /// points escaped.
    package var pyRepr: String {
        String(decoding: reprBytes, as: UTF8.self)
    }

    /// ``pyRepr`` as UTF-8; never holds a surrogate.
    var reprBytes: [UInt8] {
        var hasSingle = false
        var hasDouble = false
        withUTF8 { bytes in
            for byte in bytes {
                if byte == UInt8(ascii: "'") { hasSingle = true }
                if byte == UInt8(ascii: "\"") { hasDouble = true }
            }
        }
        let quote: UInt8 = hasSingle && !hasDouble ? UInt8(ascii: "\"") : UInt8(ascii: "'")
        var out: [UInt8] = [quote]
        withUTF8 { bytes in
            out.reserveCapacity(bytes.count + 2)
            var index = 0
            while index < bytes.count {
                let (codePoint, length) = GeneralizedUTF8.decode(bytes, at: index)
                Self.appendRepr(codePoint, quote: quote, to: &out)
                index += length
            }
        }
        out.append(quote)
        return out
    }

    private static func appendRepr(_ codePoint: UInt32, quote: UInt8, to out: inout [UInt8]) {
        switch codePoint {
        case UInt32(quote), 0x5C:
            out.append(0x5C)
            out.append(UInt8(truncatingIfNeeded: codePoint))
        case 0x09: out.append(contentsOf: "\\t".utf8)
        case 0x0A: out.append(contentsOf: "\\n".utf8)
        case 0x0D: out.append(contentsOf: "\\r".utf8)
        case 0x20..<0x7F: out.append(UInt8(truncatingIfNeeded: codePoint))
        case _ where codePoint >= 0x80 && PyUnicode.isPrintable(codePoint):
            GeneralizedUTF8.append(codePoint, to: &out)
        case 0..<0x100: appendEscape("\\x", codePoint, digits: 2, to: &out)
        case 0..<0x10000: appendEscape("\\u", codePoint, digits: 4, to: &out)
        default: appendEscape("\\U", codePoint, digits: 8, to: &out)
        }
    }

    private static func appendEscape(_ prefix: StaticString, _ codePoint: UInt32, digits: Int, to out: inout [UInt8]) {
        prefix.withUTF8Buffer { out.append(contentsOf: $0) }
        for digit in stride(from: digits - 1, through: 0, by: -1) {
            let nibble = UInt8(truncatingIfNeeded: codePoint >> (4 * UInt32(digit)) & 0xF)
            out.append(nibble < 10 ? 0x30 + nibble : 0x57 + nibble)
        }
    }
}
