extension PyCodec {
    /// Checks that bytes are UTF-8.
    ///
    /// - Throws: the `UnicodeDecodeError` of `bytes.decode("utf-8")`.
    package static func validateUTF8(_ bytes: [UInt8]) throws(PyException) {
        let span = bytes.span
        let flaw = span.withUnsafeBufferPointer { UTF8Flaw.first(in: $0, from: 0) }
        if let flaw { throw decodeError("utf-8", bytes[...], flaw.range, flaw.reason) }
    }

    static func decodeUTF8(_ bytes: ArraySlice<UInt8>, _ errors: ErrorMode) throws(PyException) -> PyString {
        let whole = Array(bytes)
        var start = 0
        while let flaw = whole.withUnsafeBufferPointer({ UTF8Flaw.first(in: $0, from: start) }) {
            let at = flaw.range.lowerBound
            guard errors == .surrogatePass, isSurrogate(whole, at: at) else {
                throw decodeError("utf-8", bytes, flaw.range, flaw.reason)
            }
            start = at + 3
        }
        return PyString(generalizedUTF8: whole)
    }

    private static func isSurrogate(_ bytes: [UInt8], at index: Int) -> Bool {
        index + 2 < bytes.count && bytes[index] == 0xED && bytes[index + 1] & 0xE0 == 0xA0
            && bytes[index + 2] & 0xC0 == 0x80
    }
}

/// The first ill-formed sequence of a text, with the range and reason CPython reports.
struct UTF8Flaw {
    let range: Range<Int>
    let reason: String

    static func first(in bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> UTF8Flaw? {
        guard let base = bytes.baseAddress else { return nil }
        let raw = UnsafeRawPointer(base)
        let end = bytes.count
        var index = start
        while index < end {
            if base[index] < 0x80 {
                index += 1
                while index + 8 <= end,
                    raw.loadUnaligned(fromByteOffset: index, as: UInt64.self) & 0x8080_8080_8080_8080 == 0
                {
                    index += 8
                }
                continue
            }
            switch sequence(bytes, at: index) {
            case .valid(let length): index += length
            case .invalidStart: return UTF8Flaw(range: index..<index + 1, reason: "invalid start byte")
            case .truncated: return UTF8Flaw(range: index..<end, reason: "unexpected end of data")
            case .invalidContinuation(let length):
                return UTF8Flaw(range: index..<index + length, reason: "invalid continuation byte")
            }
        }
        return nil
    }

    private enum Sequence {
        case valid(Int)
        case invalidStart
        case truncated
        /// The number of bytes that were still right.
        case invalidContinuation(Int)
    }

    @inline(__always)
    private static func sequence(_ bytes: UnsafeBufferPointer<UInt8>, at index: Int) -> Sequence {
        let lead = bytes[index]
        let length: Int
        // Bounds of the second byte: no overlong forms, no surrogates, nothing above U+10FFFF.
        var second: ClosedRange<UInt8> = 0x80...0xBF
        switch lead {
        case 0xC2...0xDF: length = 2
        case 0xE0...0xEF:
            length = 3
            if lead == 0xE0 { second = 0xA0...0xBF }
            if lead == 0xED { second = 0x80...0x9F }
        case 0xF0...0xF4:
            length = 4
            if lead == 0xF0 { second = 0x90...0xBF }
            if lead == 0xF4 { second = 0x80...0x8F }
        default: return .invalidStart
        }
        for offset in 1..<length {
            guard index + offset < bytes.count else { return .truncated }
            let byte = bytes[index + offset]
            let allowed = offset == 1 ? second : 0x80...0xBF
            if !allowed.contains(byte) { return .invalidContinuation(offset) }
        }
        return .valid(length)
    }
}
