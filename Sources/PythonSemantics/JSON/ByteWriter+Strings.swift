/// Masks for finding bytes that need an escape, eight at a time.
private enum Scan {
    static let ones: UInt64 = 0x0101_0101_0101_0101
    static let highs: UInt64 = 0x8080_8080_8080_8080

    /// Nonzero when a byte of `word` is `"`, `\`, below 0x20, 0x7F or above. May err on the safe side only above the
    /// first such byte.
    @inline(__always)
    static func special(_ word: UInt64) -> UInt64 {
        let quote = word ^ (ones &* 0x22)
        let backslash = word ^ (ones &* 0x5C)
        let delete = word ^ (ones &* 0x7F)
        let control = word &- (ones &* 0x20)
        return ((quote &- ones) | (backslash &- ones) | (delete &- ones) | control | word) & highs
    }
}

extension ByteWriter {
    /// A JSON string with everything outside printable ASCII escaped (`ensure_ascii=True`).
    @inline(__always)
    mutating func writeQuotedASCII(_ bytes: UnsafeBufferPointer<UInt8>) {
        let length = bytes.count
        let target = reserve(length + 2)
        target[0] = UInt8(ascii: "\"")
        guard length > 0, let source = bytes.baseAddress else {
            target[1] = UInt8(ascii: "\"")
            advance(2)
            return
        }
        let clean = Self.copyPlain(from: source, count: length, to: target + 1)
        if clean == length {
            target[length + 1] = UInt8(ascii: "\"")
            advance(length + 2)
            return
        }
        advance(clean + 1)
        writeEscaped(bytes, from: clean, asciiOnly: true)
    }

    /// A JSON string with only quotes, backslashes and control characters escaped (`ensure_ascii=False`).
    mutating func writeQuotedUnicode(_ bytes: UnsafeBufferPointer<UInt8>) {
        write(UInt8(ascii: "\""))
        writeEscaped(bytes, from: 0, asciiOnly: false)
    }

    /// Copies bytes up to the first that needs an escape; returns how many.
    @inline(__always)
    private static func copyPlain(
        from source: UnsafePointer<UInt8>, count: Int, to target: UnsafeMutablePointer<UInt8>
    ) -> Int {
        let rawSource = UnsafeRawPointer(source)
        let rawTarget = UnsafeMutableRawPointer(target)
        var index = 0
        while index + 8 <= count {
            let word = rawSource.loadUnaligned(fromByteOffset: index, as: UInt64.self)
            if Scan.special(word) != 0 { break }
            rawTarget.storeBytes(of: word, toByteOffset: index, as: UInt64.self)
            index += 8
        }
        while index < count {
            let byte = source[index]
            if byte < 0x20 || byte >= 0x7F || byte == 0x22 || byte == 0x5C { return index }
            target[index] = byte
            index += 1
        }
        return index
    }

    /// The rest of a string from `start` on, with escapes, and the closing quote.
    @inline(never)
    private mutating func writeEscaped(_ bytes: UnsafeBufferPointer<UInt8>, from start: Int, asciiOnly: Bool) {
        var index = start
        while index < bytes.count {
            let byte = bytes[index]
            if byte >= 0x80 && !asciiOnly {
                write(byte)
                index += 1
            } else if byte >= 0x80 {
                let (codePoint, length) = GeneralizedUTF8.decode(bytes, at: index)
                if codePoint >= 0x10000 {
                    let offset = codePoint - 0x10000
                    writeUnicodeEscape(0xD800 | offset >> 10)
                    writeUnicodeEscape(0xDC00 | offset & 0x3FF)
                } else {
                    writeUnicodeEscape(codePoint)
                }
                index += length
            } else {
                writeASCII(byte, asciiOnly: asciiOnly)
                index += 1
            }
        }
        write(UInt8(ascii: "\""))
    }

    @inline(__always)
    private mutating func writeASCII(_ byte: UInt8, asciiOnly: Bool) {
        switch byte {
        case 0x22, 0x5C: write(0x5C, byte)
        case 0x08: write(0x5C, UInt8(ascii: "b"))
        case 0x0C: write(0x5C, UInt8(ascii: "f"))
        case 0x0A: write(0x5C, UInt8(ascii: "n"))
        case 0x0D: write(0x5C, UInt8(ascii: "r"))
        case 0x09: write(0x5C, UInt8(ascii: "t"))
        case 0..<0x20: writeUnicodeEscape(UInt32(byte))
        case 0x7F where asciiOnly: writeUnicodeEscape(0x7F)
        default: write(byte)
        }
    }

    private mutating func writeUnicodeEscape(_ unit: UInt32) {
        let target = reserve(6)
        target[0] = 0x5C
        target[1] = UInt8(ascii: "u")
        for position in 0..<4 {
            let nibble = UInt8(truncatingIfNeeded: unit >> UInt32(12 - 4 * position) & 0xF)
            target[2 + position] = nibble < 10 ? 0x30 + nibble : 0x57 + nibble
        }
        advance(6)
    }
}
