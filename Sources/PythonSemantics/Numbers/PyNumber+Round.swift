import BigInt

extension PyNumber {
    /// `round(x)`: an int, ties to even.
    package static func round(_ value: PyValue) throws(PyException) -> PyValue {
        switch value {
        case .bool, .int, .bigInt: return try int(value)
        case .float(let number): return try truncated(number.rounded(.toNearestOrEven))
        default: throw .typeError("type \(value.typeName) doesn't define __round__ method")
        }
    }

    /// `round(x, digits)`: a float stays a float, an int an int.
    package static func round(_ value: PyValue, _ digits: Int) throws(PyException) -> PyValue {
        switch value {
        case .bool, .int, .bigInt:
            let whole = try int(value)
            guard digits < 0, let number = operand(whole)?.big else { return whole }
            return .integer(roundedToPower(number, -digits))
        case .float(let number): return .float(try round(number, digits))
        default: throw .typeError("type \(value.typeName) doesn't define __round__ method")
        }
    }

    /// `round(x, digits)` of a float: the exact binary value is rounded to decimals, ties to even.
    ///
    /// - Throws: `OverflowError` when rounding up leaves the range (negative digits only).
    package static func round(_ number: Double, _ digits: Int) throws(PyException) -> Double {
        guard number.isFinite, number != 0, digits <= 323 else { return number }
        if digits < -308 { return number < 0 ? -0.0 : 0.0 }
        if digits >= 0 { return readBack(CFormat.text(number, .fixed, precision: digits)) }
        let value = readBack(roundedToTens(number, -digits))
        if value.isInfinite { throw .overflowError("rounded value too large to represent") }
        return value
    }

    /// ``round(_:_:)-(Double,Int)`` for zero or more digits, which cannot fail.
    package static func rounded(_ number: Double, _ digits: UInt) -> Double {
        guard number.isFinite, number != 0, digits <= 323 else { return number }
        return readBack(CFormat.text(number, .fixed, precision: Int(digits)))
    }

    private static func readBack(_ text: String) -> Double {
        let span = text.utf8.span
        return span.withUnsafeBufferPointer { DecimalToDouble.parse($0) }
    }

    /// The decimal text of `number` rounded to a multiple of `10^power`, from all its digits.
    private static func roundedToTens(_ number: Double, _ power: Int) -> String {
        // 1074 decimals show every finite double exactly.
        let exact = CFormat.text(number.magnitude, .fixed, precision: 1074)
        let parts = exact.split(separator: ".")
        var whole = BigInt(parts[0], radix: 10) ?? 0
        let hasFraction = parts.count > 1 && parts[1].contains { $0 != "0" }
        // A fraction only decides ties: ten times the value plus one is on the right side of every half.
        whole = whole * 10 + (hasFraction ? 1 : 0)
        let result = roundedToPower(whole, power + 1) / 10
        return (number < 0 ? "-" : "") + String(result)
    }

    /// Nearest multiple of `10^power`, ties to the even multiple.
    private static func roundedToPower(_ number: BigInt, _ power: Int) -> BigInt {
        // Beyond the number of digits the result is zero whatever the power.
        if power > String(number.magnitude).count { return 0 }
        let unit = BigInt(10).power(power)
        var (quotient, remainder) = number.magnitude.quotientAndRemainder(dividingBy: unit.magnitude)
        remainder *= 2
        if remainder > unit.magnitude || (remainder == unit.magnitude && quotient & 1 == 1) { quotient += 1 }
        let result = BigInt(quotient) * unit
        return number.sign == .minus ? -result : result
    }
}
