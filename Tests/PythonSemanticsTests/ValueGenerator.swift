import BigInt
import PythonSemantics

/// A small, fast, seedable generator (SplitMix64), so that every failure can be repeated from the printed seed.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}

/// Makes Python values and JSON texts, plain and hostile, from a seed.
struct ValueGenerator {
    var random: SeededGenerator

    init(seed: UInt64) { random = SeededGenerator(seed: seed) }

    mutating func below(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &random) }
    mutating func chance(_ percent: Int) -> Bool { below(100) < percent }
    mutating func pick<T>(_ items: [T]) -> T { items[below(items.count)] }

    mutating func value(depth: Int = 4) -> PyValue {
        if depth > 0, chance(45) {
            let count = pick([0, 1, 2, 3, 5, 12])
            if chance(50) { return .list((0..<count).map { _ in value(depth: depth - 1) }) }
            var dict = PyDict()
            for _ in 0..<count { dict[string()] = value(depth: depth - 1) }
            return .dict(dict)
        }
        return scalar()
    }

    mutating func scalar() -> PyValue {
        switch below(10) {
        case 0: return .none
        case 1: return .bool(chance(50))
        case 2, 3, 4: return number()
        case 5, 6: return .float(double())
        default: return .string(string())
        }
    }

    mutating func number() -> PyValue {
        switch below(6) {
        case 0: return .int(below(10) - 5)
        case 1: return .int(Int(truncatingIfNeeded: random.next()))
        case 2: return pick([.int(.max), .int(.min), .int(1 << 53), .int(1 << 53 + 1), .int(0), .int(-1)])
        case 3:
            let size = pick([20, 25, 40, 310, 700])
            let digits = (0..<size).map { _ in String(below(10)) }.joined()
            let number = BigInt(digits, radix: 10) ?? 0
            return .integer(chance(50) ? -number : number)
        default: return .int(below(1_000_000) - 500_000)
        }
    }

    /// Doubles near every limit of the text form.
    mutating func double() -> Double {
        switch below(10) {
        case 0: return Double(bitPattern: random.next())
        case 1:
            return pick([
                0.0, -0.0, .infinity, -.infinity, .nan, 1e16, 1e15, 1e-4, 1e-5, 1e22, 1e23, .leastNonzeroMagnitude,
            ])
        case 2: return Double(below(2_000_000) - 1_000_000) / pick([1, 2, 10, 100, 1000, 1e4, 1e5, 1e7, 3])
        case 3: return 1_732_289_462 + Double(below(1_000_000_000)) / 1e6
        case 4: return Double(below(1000)) * pick([1e-7, 1e-6, 1e-5, 1e13, 1e14, 1e15, 1e16, 1e17, 1e300, 1e-300])
        case 5: return Double(Int(truncatingIfNeeded: random.next() >> UInt64(below(64))))
        case 6: return Double(sign: chance(50) ? .minus : .plus, exponent: below(2000) - 1000, significand: 1)
        case 7: return Double(below(100_000)) / 100_000 * pick([1, 100, 1e12])
        default: return Double.random(in: -1000...1000, using: &random)
        }
    }

    mutating func codePoint() -> UInt32 {
        switch below(14) {
        case 0: return UInt32(below(0x20))
        case 1: return pick([0x22, 0x5C, 0x2F, 0x27, 0x7F, 0x80, 0xA0, 0xAD])
        case 2: return UInt32(0x80 + below(0x780))
        case 3: return pick([0x2028, 0x2029, 0xFEFF, 0xFFFD, 0xFFFE, 0xFFFF, 0xE000, 0x0378, 0x200B, 0x10FFFF])
        case 4: return UInt32(0x10000 + below(0x100000))
        case 5: return pick([0xD800, 0xDBFF, 0xDC00, 0xDFFF, UInt32(0xD800 + below(0x800))])
        case 6: return pick([0x1F600, 0x1D11E, 0x4E2D, 0xE9, 0x3A3, 0x130, 0xDF])
        default: return UInt32(0x20 + below(0x5F))
        }
    }

    mutating func string() -> PyString {
        if chance(40) {
            return pick(["node_id", "role", "last_heartbeat", "a", "", "peers", "NVIDIA H100 PCIe", "x\n"])
        }
        let length = pick([0, 1, 2, 5, 7, 8, 9, 15, 16, 17, 40])
        if chance(40) { return PyString(codePoints: (0..<length).map { _ in UInt32(0x20 + below(0x5F)) }) }
        return PyString(codePoints: (0..<length).map { _ in codePoint() })
    }

    /// JSON text of a value: Python's layout, compact, indented or with odd white space and unescaped characters.
    mutating func text(depth: Int = 4) -> PyString {
        let value = value(depth: depth)
        var options = PyJSON.DumpOptions()
        options.nestingLimit = 10_000
        options.ensureASCII = chance(50)
        if chance(20) { options.indent = below(4) }
        if chance(20) { options.itemSeparator = pick([" ,\t", ",", "\r\n,\n"]) }
        if chance(20) { options.keySeparator = pick([" :", ":", "\n: "]) }
        let text = (try? PyJSON.dumpsText(value, options: options)) ?? "0"
        return chance(30) ? pick([" ", "\n", "\t\r\n ", ""]) + text + pick([" ", "\n\n", ""]) : text
    }

    /// A text with one to three random changes: most are wrong JSON, some are odd but right.
    mutating func brokenText() -> PyString {
        var points = Array(text(depth: 3).codePoints)
        for _ in 0...below(3) {
            let position = below(points.count + 1)
            switch below(6) {
            case 0: points.removeLast(points.count - position)
            case 1: points.insert(contentsOf: fragment(), at: position)
            case 2 where position < points.count: points.remove(at: position)
            case 3 where position < points.count: points[position] = fragment().first ?? 0x20
            case 4: points.insert(codePoint(), at: position)
            default: points.insert(contentsOf: fragment(), at: 0)
            }
        }
        return PyString(codePoints: points)
    }

    private mutating func fragment() -> [UInt32] {
        let text = pick([
            "\"", "\\", "\\u", "\\u12", "\\ud800", "\\ud800\\udc00", "\\ud83d\\u", "\\udc00", "\\uD83Dx", "\\x", "{",
            "}",
            "[", "]", ",", ":", "-", "+", ".", "e", "E5", "1.", "1.e5", "1e", "01", "-0", "-0.0", "1E+2", "1e-7", "0e0",
            "nul", "null", "NaN", "-Infinity", "Infinity", "-Infinit", "tru", "true", "false", " ", "\n", "\t", "\u{0}",
            "\u{FEFF}", "\u{E9}", "\u{1F600}", "/", "'", "1e400", "-1e-400", "\"a\": 1", "\"\": ", "[[[[", "{\"a\":",
            "99999999999999999999", "123456789012345678901234567890.5e-10", "9007199254740993.0", "\u{A0}", "\u{7F}",
        ])
        return text.unicodeScalars.map(\.value)
    }

    /// Bytes that are mostly UTF-8, with flaws.
    mutating func brokenBytes() -> [UInt8] {
        var bytes = chance(50) ? text(depth: 2).utf8 : string().utf8
        for _ in 0..<below(4) {
            let position = below(bytes.count + 1)
            let flaw: [UInt8] = pick([
                [0x80], [0xC0], [0xC1, 0x81], [0xC3], [0xE0, 0x80], [0xE0, 0xA0], [0xE2, 0x82], [0xED, 0xA0, 0x80],
                [0xED, 0x9F, 0xBF], [0xF0, 0x8F], [0xF0, 0x9F, 0x98], [0xF4, 0x90], [0xF5], [0xFF], [0xFE, 0xFF],
                [0xF4],
                [0xF0, 0x9F, 0x41], [0xE2, 0x41], [0xEF, 0xBB, 0xBF], [0xC3, 0xA9], [UInt8(below(256))],
            ])
            if chance(50) {
                bytes.insert(contentsOf: flaw, at: position)
            } else {
                bytes.removeLast(bytes.count - position)
                bytes.append(contentsOf: flaw)
            }
        }
        return bytes
    }
}
