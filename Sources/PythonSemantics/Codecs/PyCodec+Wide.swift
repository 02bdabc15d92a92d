extension PyCodec {
    static func decodeUTF16(
        _ bytes: [UInt8], _ encoding: Encoding, _ errors: ErrorMode
    ) throws(PyException) -> PyString {
        var isBig = encoding == .utf16BigEndian
        var index = 0
        if encoding == .utf16 {
            if bytes.starts(with: [0xFF, 0xFE]) { index = 2 }
            if bytes.starts(with: [0xFE, 0xFF]) {
                index = 2
                isBig = true
            }
        }
        let codec = isBig ? "utf-16-be" : "utf-16-le"
        func unit(_ at: Int) -> UInt32 {
            isBig ? UInt32(bytes[at]) << 8 | UInt32(bytes[at + 1]) : UInt32(bytes[at + 1]) << 8 | UInt32(bytes[at])
        }
        var codePoints: [UInt32] = []
        while index < bytes.count {
            guard index + 1 < bytes.count else {
                throw decodeError(codec, bytes[...], index..<bytes.count, "truncated data")
            }
            let first = unit(index)
            guard 0xD800..<0xE000 ~= first else {
                codePoints.append(first)
                index += 2
                continue
            }
            let reason: String
            var range = index..<index + 2
            if first >= 0xDC00 {
                reason = "illegal encoding"
            } else if index + 3 >= bytes.count {
                reason = "unexpected end of data"
                range = index..<bytes.count
            } else if 0xDC00..<0xE000 ~= unit(index + 2) {
                codePoints.append(0x10000 + ((first & 0x3FF) << 10 | unit(index + 2) & 0x3FF))
                index += 4
                continue
            } else {
                reason = "illegal UTF-16 surrogate"
            }
            guard errors == .surrogatePass else { throw decodeError(codec, bytes[...], range, reason) }
            codePoints.append(first)
            index += 2
        }
        return PyString(codePoints: codePoints)
    }

    static func decodeUTF32(
        _ bytes: [UInt8], _ encoding: Encoding, _ errors: ErrorMode
    ) throws(PyException) -> PyString {
        var isBig = encoding == .utf32BigEndian
        var index = 0
        if encoding == .utf32 {
            if bytes.starts(with: [0xFF, 0xFE, 0, 0]) { index = 4 }
            if bytes.starts(with: [0, 0, 0xFE, 0xFF]) {
                index = 4
                isBig = true
            }
        }
        let codec = isBig ? "utf-32-be" : "utf-32-le"
        var codePoints: [UInt32] = []
        while index < bytes.count {
            guard index + 3 < bytes.count else {
                throw decodeError(codec, bytes[...], index..<bytes.count, "truncated data")
            }
            let quad = bytes[index..<index + 4]
            let value = (isBig ? Array(quad) : quad.reversed()).reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            if value > 0x10FFFF {
                throw decodeError(
                    codec, bytes[...], index..<index + 4, "code point not in range(0x110000)")
            }
            if 0xD800..<0xE000 ~= value, errors == .strict {
                throw decodeError(
                    codec, bytes[...], index..<index + 4,
                    "code point in surrogate code point range(0xd800, 0xe000)")
            }
            codePoints.append(value)
            index += 4
        }
        return PyString(codePoints: codePoints)
    }

    /// One byte a character; `exceptions` to Latin-1, nil where the code page has no character.
    static func decodeCharmap(
        _ bytes: [UInt8], _ exceptions: [UInt8: UInt32?]
    ) throws(PyException) -> PyString {
        var codePoints: [UInt32] = []
        codePoints.reserveCapacity(bytes.count)
        for (index, byte) in bytes.enumerated() {
            guard let codePoint = exceptions[byte, default: UInt32(byte)] else {
                throw decodeError("charmap", bytes[...], index..<index + 1, "character maps to <undefined>")
            }
            codePoints.append(codePoint)
        }
        return PyString(codePoints: codePoints)
    }

    static let latin9: [UInt8: UInt32?] = [
        0xA4: 0x20AC, 0xA6: 0x160, 0xA8: 0x161, 0xB4: 0x17D, 0xB8: 0x17E, 0xBC: 0x152, 0xBD: 0x153, 0xBE: 0x178,
    ]

    static let windows1252: [UInt8: UInt32?] = [
        0x80: 0x20AC, 0x81: nil, 0x82: 0x201A, 0x83: 0x192, 0x84: 0x201E, 0x85: 0x2026, 0x86: 0x2020, 0x87: 0x2021,
        0x88: 0x2C6, 0x89: 0x2030, 0x8A: 0x160, 0x8B: 0x2039, 0x8C: 0x152, 0x8D: nil, 0x8E: 0x17D, 0x8F: nil,
        0x90: nil, 0x91: 0x2018, 0x92: 0x2019, 0x93: 0x201C, 0x94: 0x201D, 0x95: 0x2022, 0x96: 0x2013, 0x97: 0x2014,
        0x98: 0x2DC, 0x99: 0x2122, 0x9A: 0x161, 0x9B: 0x203A, 0x9C: 0x153, 0x9D: nil, 0x9E: 0x17E, 0x9F: 0x178,
    ]
}
