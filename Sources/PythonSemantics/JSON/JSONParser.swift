import BigInt

/// A recursive parser over UTF-8 that accepts and rejects what CPython's C scanner does, at the same position.
struct JSONParser: ~Copyable {
    let base: UnsafePointer<UInt8>
    let end: Int
    let mayHoldSurrogates: Bool
    private let nestingLimit: Int
    var index = 0
    /// Containers that are open; after an error, where it happened.
    private(set) var depth = 0
    /// Values of the containers being read; each container takes its own from the top when it ends.
    private var stack: ValueStack
    /// For each depth the keys of the last dict that ended there: siblings mostly have the same ones.
    private var templates: [DictTemplate?] = []
    /// Decoded bytes of the string being read, when it has escapes.
    var scratch: [UInt8] = []

    /// `bytes` must be valid UTF-8 (surrogates in three-byte form if `mayHoldSurrogates`) and outlive the parser.
    init(_ bytes: UnsafeBufferPointer<UInt8>, mayHoldSurrogates: Bool, nestingLimit: Int) {
        base = bytes.baseAddress ?? UnsafePointer(Self.emptyText)
        end = bytes.count
        self.mayHoldSurrogates = mayHoldSurrogates
        self.nestingLimit = nestingLimit
        stack = ValueStack()
    }

    /// Stands for the address of an empty text; never read.
    private nonisolated(unsafe) static let emptyText = UnsafeMutablePointer<UInt8>.allocate(capacity: 1)

    /// The whole text: one value with white space around it. `json.loads` refuses a byte order mark by name in a str only.
    mutating func parseDocument(refusingMark: Bool) throws(JSONParseError) -> PyValue {
        if refusingMark, end >= 3, base[0] == 0xEF, base[1] == 0xBB, base[2] == 0xBF {
            throw .decode("Unexpected UTF-8 BOM (decode using utf-8-sig)", at: 0)
        }
        skipSpace()
        let value = try parseValue()
        skipSpace()
        if index != end { throw .decode("Extra data", at: index) }
        return value
    }

    @inline(__always)
    mutating func skipSpace() {
        while index < end {
            let byte = base[index]
            guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return }
            index += 1
        }
    }

    /// The value that starts at `index`; leaves `index` behind it.
    private mutating func parseValue() throws(JSONParseError) -> PyValue {
        guard index < end else { throw .decode("Expecting value", at: index) }
        switch base[index] {
        case UInt8(ascii: "\""):
            index += 1
            return .string(try parseString())
        case UInt8(ascii: "{"):
            return try parseObject()
        case UInt8(ascii: "["):
            return try parseArray()
        case UInt8(ascii: "n"):
            if matches("null") { return .none }
        case UInt8(ascii: "t"):
            if matches("true") { return .bool(true) }
        case UInt8(ascii: "f"):
            if matches("false") { return .bool(false) }
        case UInt8(ascii: "N"):
            if matches("NaN") { return .float(.nan) }
        case UInt8(ascii: "I"):
            if matches("Infinity") { return .float(.infinity) }
        case UInt8(ascii: "-"):
            if matches("-Infinity") { return .float(-.infinity) }
            return try parseNumber()
        case UInt8(ascii: "0")...UInt8(ascii: "9"):
            return try parseNumber()
        default: break
        }
        throw .decode("Expecting value", at: index)
    }

    @inline(__always)
    private mutating func matches(_ word: StaticString) -> Bool {
        let length = word.utf8CodeUnitCount
        guard index + length <= end else { return false }
        for offset in 0..<length where base[index + offset] != word.utf8Start[offset] { return false }
        index += length
        return true
    }

    private mutating func enter(_ container: StaticString) throws(JSONParseError) {
        depth += 1
        if depth > nestingLimit { throw .recursion(container) }
    }

    private mutating func parseArray() throws(JSONParseError) -> PyValue {
        try enter("array")
        index += 1
        skipSpace()
        if index < end, base[index] == UInt8(ascii: "]") {
            index += 1
            depth -= 1
            return .list([])
        }
        let mark = stack.count
        while true {
            stack.push(try parseValue())
            skipSpace()
            guard index < end else { throw .decode("Expecting ',' delimiter", at: index) }
            let byte = base[index]
            if byte == UInt8(ascii: "]") { break }
            guard byte == UInt8(ascii: ",") else { throw .decode("Expecting ',' delimiter", at: index) }
            index += 1
            skipSpace()
        }
        index += 1
        depth -= 1
        return .list(stack.pop(to: mark))
    }

    private mutating func parseObject() throws(JSONParseError) -> PyValue {
        try enter("object")
        index += 1
        skipSpace()
        if index < end, base[index] == UInt8(ascii: "}") {
            index += 1
            depth -= 1
            return .dict(PyDict())
        }
        while templates.count <= depth { templates.append(nil) }
        var builder = DictBuilder(template: templates[depth])
        let mark = stack.count
        while true {
            guard index < end, base[index] == UInt8(ascii: "\"") else {
                throw .decode("Expecting property name enclosed in double quotes", at: index)
            }
            index += 1
            let start = index
            let length = builder.predictedLength(at: base + start, available: end - start)
            var slot: Int
            if length >= 0 {
                index = start + length + 1
                slot = builder.acceptPrediction()
            } else {
                let key = try parseString()
                // Only a key without escapes can be recognised by its bytes.
                let isPlain = index - start - 1 == key.utf8Count
                slot = builder.add(key, start: base + start, length: isPlain ? index - start - 1 : -1)
            }
            skipSpace()
            guard index < end, base[index] == UInt8(ascii: ":") else {
                throw .decode("Expecting ':' delimiter", at: index)
            }
            index += 1
            skipSpace()
            let value = try parseValue()
            if mark + slot == stack.count {
                stack.push(value)
            } else {
                stack.replace(at: mark + slot, with: value)
            }
            skipSpace()
            guard index < end else { throw .decode("Expecting ',' delimiter", at: index) }
            let byte = base[index]
            if byte == UInt8(ascii: "}") { break }
            guard byte == UInt8(ascii: ",") else { throw .decode("Expecting ',' delimiter", at: index) }
            index += 1
            skipSpace()
        }
        index += 1
        let template = builder.finish()
        templates[depth] = template
        depth -= 1
        return .dict(PyDict(table: template.table, values: stack.pop(to: mark)))
    }
}
