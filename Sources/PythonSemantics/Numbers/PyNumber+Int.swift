import BigInt

extension PyNumber {
    /// `int(x)`: a number is cut towards zero, a str is read as a decimal literal.
    ///
    /// - Throws: `ValueError`, `TypeError`, `OverflowError` with Python's texts.
    package static func int(_ value: PyValue) throws(PyException) -> PyValue {
        switch value {
        case .bool(let flag): return .int(flag ? 1 : 0)
        case .int, .bigInt: return value
        case .float(let number): return try truncated(number)
        case .string(let text): return try int(text)
        case .none, .list, .dict:
            throw .typeError(
                "int() argument must be a string, a bytes-like object or a real number, not '\(value.typeName)'")
        }
    }

    /// `int(text)`: white space around, a sign, digits of any script, single underscores between digits.
    package static func int(_ text: PyString) throws(PyException) -> PyValue {
        guard let literal = ASCIILiteral(text), let parsed = parseInteger(literal.bytes) else {
            throw .valueError(invalidLiteral(text))
        }
        if parsed.digits.count > JSONLimits.intDigits { throw tooManyDigits(parsed.digits.count) }
        let digits = String(decoding: parsed.digits, as: UTF8.self)
        if let small = Int((parsed.isNegative ? "-" : "") + digits) { return .int(small) }
        let magnitude = BigInt(digits, radix: 10) ?? 0
        return .integer(parsed.isNegative ? -magnitude : magnitude)
    }

    /// `int(x)` where a value outside `Int` is of no use to the caller: such values are clamped.
    package static func clampedInt(_ value: PyValue) throws(PyException) -> Int {
        switch try int(value) {
        case .int(let number): return number
        case .bigInt(let number): return number.sign == .minus ? .min : .max
        default: return 0
        }
    }

    /// The float cut towards zero, as `int(x)` and `math.trunc`.
    static func truncated(_ number: Double) throws(PyException) -> PyValue {
        if number.isNaN { throw .valueError("cannot convert float NaN to integer") }
        if number.isInfinite { throw .overflowError("cannot convert float infinity to integer") }
        let whole = number.rounded(.towardZero)
        return Int(exactly: whole).map(PyValue.int) ?? .integer(BigInt(whole))
    }

    /// The error of an int that is too long to read.
    static func tooManyDigits(_ digits: Int) -> PyException {
        .valueError(
            "Exceeds the limit (\(JSONLimits.intDigits) digits) for integer string conversion: value has \(digits) "
                + "digits; use sys.set_int_max_str_digits() to increase the limit")
    }

    /// `str(int)`.
    ///
    /// - Throws: `ValueError` over 4300 digits.
    static func decimalText(_ number: BigInt) throws(PyException) -> String {
        let text = String(number)
        let digits = text.utf8.count - (number.sign == .minus ? 1 : 0)
        if digits > JSONLimits.intDigits {
            throw .valueError(
                "Exceeds the limit (\(JSONLimits.intDigits) digits) for integer string conversion; "
                    + "use sys.set_int_max_str_digits() to increase the limit")
        }
        return text
    }

    /// The text shows at most 200 characters of the `repr`.
    private static func invalidLiteral(_ text: PyString) -> String {
        let shown = PyString(text.pyRepr).slice(0, 200)
        return "invalid literal for int() with base 10: \(shown)"
    }

    private static func parseInteger(_ bytes: [UInt8]) -> (isNegative: Bool, digits: [UInt8])? {
        var rest = bytes[...]
        var isNegative = false
        if let sign = rest.first, sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") {
            isNegative = sign == UInt8(ascii: "-")
            rest.removeFirst()
        }
        guard let digits = removingUnderscores(rest), !digits.isEmpty,
            digits.allSatisfy({ 0x30...0x39 ~= $0 })
        else { return nil }
        return (isNegative, digits)
    }

    /// Drops underscores that stand between two digits; nil when one stands elsewhere.
    static func removingUnderscores(_ bytes: ArraySlice<UInt8>) -> [UInt8]? {
        var result: [UInt8] = []
        var previous: UInt8 = 0
        for byte in bytes {
            if byte == UInt8(ascii: "_") {
                guard 0x30...0x39 ~= previous else { return nil }
            } else {
                if previous == UInt8(ascii: "_"), !(0x30...0x39 ~= byte) { return nil }
                result.append(byte)
            }
            previous = byte
        }
        return previous == UInt8(ascii: "_") ? nil : result
    }
}

/// A text made ready for number parsing: white space around removed, digits of all scripts as ASCII ones.
struct ASCIILiteral {
    let bytes: [UInt8]

    /// Nil when a character can be part of no number.
    init?(_ text: PyString) {
        var bytes: [UInt8] = []
        for codePoint in text.strip().codePoints {
            if codePoint < 0x80 {
                bytes.append(UInt8(truncatingIfNeeded: codePoint))
            } else if let digit = PyUnicode.decimalValue(codePoint) {
                bytes.append(UInt8(0x30 + digit))
            } else {
                return nil
            }
        }
        self.bytes = bytes
    }
}
