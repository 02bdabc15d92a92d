import BigInt

/// Writes JSON text as CPython's encoder does.
struct JSONWriter: ~Copyable {
    private var out: ByteWriter
    private let ensureASCII: Bool
    private let sortKeys: Bool
    private let indent: Int?
    private let nestingLimit: Int
    private let itemSeparator: [UInt8]
    private let keySeparator: [UInt8]
    /// True for `", "` and `": "`.
    private let hasDefaultSeparators: Bool
    private var depth = 0

    init(options: PyJSON.DumpOptions) {
        out = ByteWriter(capacity: 1024)
        ensureASCII = options.ensureASCII
        sortKeys = options.sortKeys
        indent = options.indent
        nestingLimit = options.nestingLimit
        let item = options.itemSeparator ?? (options.indent == nil ? ", " : ",")
        itemSeparator = Array(item.utf8)
        keySeparator = Array(options.keySeparator.utf8)
        hasDefaultSeparators = item == ", " && options.keySeparator == ": " && options.indent == nil
    }

    func bytes() -> [UInt8] { out.withBytes { Array($0) } }

    func append(to buffer: inout [UInt8]) { out.withBytes { buffer.append(contentsOf: $0) } }

    mutating func write(_ value: PyValue) throws(PyException) {
        switch value {
        case .none: out.write("null")
        case .bool(let flag): flag ? out.write("true") : out.write("false")
        case .int(let number): out.writeInt(number)
        case .bigInt(let number): out.write(try PyNumber.decimalText(number))
        case .float(let number): writeFloat(number)
        case .string(let text): writeString(text)
        case .list(let items): try writeList(items)
        case .dict(let dict): try writeDict(dict)
        }
    }

    private mutating func writeFloat(_ number: Double) {
        if number.isFinite {
            out.writeFloat(number)
        } else if number.isNaN {
            out.write("NaN")
        } else {
            number < 0 ? out.write("-Infinity") : out.write("Infinity")
        }
    }

    private mutating func writeList(_ items: [PyValue]) throws(PyException) {
        try enter()
        if items.isEmpty {
            depth -= 1
            out.write(UInt8(ascii: "["), UInt8(ascii: "]"))
            return
        }
        out.write(UInt8(ascii: "["))
        var isFirst = true
        for item in items {
            separate(&isFirst)
            try write(item)
        }
        leave()
        out.write(UInt8(ascii: "]"))
    }

    private mutating func writeDict(_ dict: PyDict) throws(PyException) {
        try enter()
        if dict.isEmpty {
            depth -= 1
            out.write(UInt8(ascii: "{"), UInt8(ascii: "}"))
            return
        }
        out.write(UInt8(ascii: "{"))
        var isFirst = true
        if sortKeys {
            for (key, value) in dict.sorted(by: { $0.key < $1.key }) {
                separate(&isFirst)
                try writeItem(key, value)
            }
        } else if hasDefaultSeparators, ensureASCII, let encoded = dict.table.encoded {
            try writeItems(encoded, dict.values)
        } else {
            let keys = dict.keys
            let values = dict.values
            for index in values.indices {
                separate(&isFirst)
                try writeItem(keys[index], values[index])
            }
        }
        leave()
        out.write(UInt8(ascii: "}"))
    }

    /// The items of a dict whose keys are encoded already.
    private mutating func writeItems(_ keys: EncodedKeys, _ values: [PyValue]) throws(PyException) {
        var start = 0
        for index in values.indices {
            if index > 0 { out.write(UInt8(ascii: ","), UInt8(ascii: " ")) }
            let end = keys.ends[index]
            keys.bytes.withUnsafeBufferPointer { out.write(UnsafeBufferPointer(rebasing: $0[start..<end])) }
            start = end
            try write(values[index])
        }
    }

    @inline(__always)
    private mutating func writeItem(_ key: PyString, _ value: PyValue) throws(PyException) {
        writeString(key)
        if hasDefaultSeparators {
            out.write(UInt8(ascii: ":"), UInt8(ascii: " "))
        } else {
            keySeparator.withUnsafeBufferPointer { out.write($0) }
        }
        try write(value)
    }

    @inline(__always)
    private mutating func separate(_ isFirst: inout Bool) {
        if isFirst {
            isFirst = false
        } else if hasDefaultSeparators {
            out.write(UInt8(ascii: ","), UInt8(ascii: " "))
        } else {
            itemSeparator.withUnsafeBufferPointer { out.write($0) }
        }
        if let indent { newLine(indent) }
    }

    private mutating func newLine(_ indent: Int) {
        out.write(UInt8(ascii: "\n"))
        let spaces = indent * depth
        if spaces > 0 {
            out.reserve(spaces).update(repeating: UInt8(ascii: " "), count: spaces)
            out.advance(spaces)
        }
    }

    private mutating func enter() throws(PyException) {
        depth += 1
        if depth > nestingLimit {
            // With an indent CPython's encoder is written in Python.
            let activity = indent == nil ? "encoding a JSON object" : "calling a Python object"
            throw .recursionError("maximum recursion depth exceeded while \(activity)")
        }
    }

    private mutating func leave() {
        depth -= 1
        if let indent { newLine(indent) }
    }

    mutating func writeString(_ text: PyString) {
        switch text.storage {
        case .native(let string):
            let span = string.utf8.span
            span.withUnsafeBufferPointer { writeQuoted($0) }
        case .surrogates(let bytes):
            bytes.withUnsafeBufferPointer { writeQuoted($0) }
        }
    }

    private mutating func writeQuoted(_ bytes: UnsafeBufferPointer<UInt8>) {
        ensureASCII ? out.writeQuotedASCII(bytes) : out.writeQuotedUnicode(bytes)
    }
}
