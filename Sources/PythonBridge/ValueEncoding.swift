import BigInt
internal import CPythonEmbedABI
internal import PythonSemantics

/// The argument list and the keyword dict of a call in the encoding of CPythonEmbedABI.h.
struct EncodedCall: Sendable {
    let bytes: [UInt8]

    init(arguments: [PyValue], keywords: PyDict) {
        var encoder = ValueEncoder()
        encoder.append(.list(arguments))
        encoder.append(.dict(keywords))
        bytes = encoder.bytes
    }
}

/// Writes values in the encoding of CPythonEmbedABI.h.
struct ValueEncoder {
    private(set) var bytes: [UInt8] = []

    mutating func append(_ value: PyValue) {
        switch value {
        case .none: append(tag: CPE_TAG_NONE)
        case .bool(let flag): append(tag: flag ? CPE_TAG_TRUE : CPE_TAG_FALSE)
        case .int(let number):
            append(tag: CPE_TAG_INT)
            append(word: UInt64(bitPattern: Int64(number)))
        case .bigInt(let number):
            let digits = String(number, radix: 16)
            append(tag: CPE_TAG_BIG_INT)
            append(count: digits.utf8.count)
            bytes.append(contentsOf: digits.utf8)
        case .float(let number):
            append(tag: CPE_TAG_FLOAT)
            append(word: number.bitPattern)
        case .string(let text): append(text)
        case .list(let items):
            append(tag: CPE_TAG_LIST)
            append(count: items.count)
            for item in items { append(item) }
        case .dict(let dict):
            append(tag: CPE_TAG_DICT)
            append(count: dict.count)
            for (key, item) in dict {
                append(key)
                append(item)
            }
        }
    }

    mutating func append(_ text: PyString) {
        guard text.hasSurrogates else {
            append(tag: CPE_TAG_UTF8)
            append(count: text.utf8Count)
            text.withUTF8 { bytes.append(contentsOf: $0) }
            return
        }
        let points = Array(text.codePoints)
        append(tag: CPE_TAG_CODE_POINTS)
        append(count: points.count)
        for point in points { withUnsafeBytes(of: point.littleEndian) { bytes.append(contentsOf: $0) } }
    }

    // A C enum without a name arrives as Int; its values are ASCII letters.
    private mutating func append(tag: Int) { bytes.append(UInt8(truncatingIfNeeded: tag)) }

    private mutating func append(word: UInt64) {
        withUnsafeBytes(of: word.littleEndian) { bytes.append(contentsOf: $0) }
    }

    private mutating func append(count: Int) {
        precondition(count <= Int(UInt32.max), "a value for Python is limited to 4 GiB a string and 2^32 elements")
        withUnsafeBytes(of: UInt32(count).littleEndian) { bytes.append(contentsOf: $0) }
    }
}
