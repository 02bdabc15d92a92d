import BigInt

extension PyNumber {
    /// `float(x)`.
    ///
    /// - Throws: `ValueError`, `TypeError`, `OverflowError` with Python's texts.
    package static func float(_ value: PyValue) throws(PyException) -> Double {
        switch value {
        case .bool(let flag): return flag ? 1 : 0
        case .int(let number): return Double(number)
        case .bigInt(let number): return try float(number)
        case .float(let number): return number
        case .string(let text): return try float(text)
        case .none, .list, .dict:
            throw .typeError("float() argument must be a string or a real number, not '\(value.typeName)'")
        }
    }

    /// `float(text)`: a decimal literal, `inf`, `infinity` or `nan` in any case, with white space around.
    package static func float(_ text: PyString) throws(PyException) -> Double {
        guard let literal = ASCIILiteral(text), let value = parseFloat(literal.bytes) else {
            throw .valueError("could not convert string to float: \(text.pyRepr)")
        }
        return value
    }

    /// The nearest double of an int.
    ///
    /// - Throws: `OverflowError` beyond the range.
    static func float(_ number: BigInt) throws(PyException) -> Double {
        let value = nearestDouble(number)
        if value.isInfinite { throw .overflowError("int too large to convert to float") }
        return value
    }

    /// Round half to even; infinite beyond the range.
    static func nearestDouble(_ number: BigInt) -> Double {
        let magnitude = number.magnitude
        let bits = magnitude.bitWidth
        guard bits > 64 else { return number.sign == .minus ? -Double(UInt64(magnitude)) : Double(UInt64(magnitude)) }
        guard bits <= 1024 else { return number.sign == .minus ? -.infinity : .infinity }
        // 64 leading bits with everything below folded into the last keep both the rounding and ties right.
        let shift = bits - 64
        var head = UInt64(truncatingIfNeeded: magnitude >> shift)
        if (BigUInt(head) << shift) != magnitude { head |= 1 }
        let value = Double(sign: .plus, exponent: shift, significand: Double(head))
        return number.sign == .minus ? -value : value
    }

    private static func parseFloat(_ bytes: [UInt8]) -> Double? {
        guard let plain = removingUnderscores(bytes[...]) else { return nil }
        var rest = plain[...]
        var isNegative = false
        if let sign = rest.first, sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") {
            isNegative = sign == UInt8(ascii: "-")
            rest.removeFirst()
        }
        let word = String(decoding: rest, as: UTF8.self).lowercased()
        if word == "inf" || word == "infinity" { return isNegative ? -.infinity : .infinity }
        if word == "nan" { return .nan }
        guard isDecimalLiteral(rest) else { return nil }
        return plain.withUnsafeBufferPointer(DecimalToDouble.parse)
    }

    /// Digits with an optional point (a digit on one side at least) and an optional exponent.
    private static func isDecimalLiteral(_ bytes: ArraySlice<UInt8>) -> Bool {
        func isDigit(_ byte: UInt8) -> Bool { 0x30...0x39 ~= byte }
        var rest = bytes
        let whole = rest.prefix(while: isDigit)
        rest = rest.dropFirst(whole.count)
        var digits = whole.count
        if rest.first == UInt8(ascii: ".") {
            let fraction = rest.dropFirst().prefix(while: isDigit)
            digits += fraction.count
            rest = rest.dropFirst(1 + fraction.count)
        }
        guard digits > 0 else { return false }
        guard let mark = rest.first else { return true }
        guard mark | 0x20 == UInt8(ascii: "e") else { return false }
        rest = rest.dropFirst()
        if let sign = rest.first, sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") { rest = rest.dropFirst() }
        return !rest.isEmpty && rest.allSatisfy(isDigit)
    }
}
