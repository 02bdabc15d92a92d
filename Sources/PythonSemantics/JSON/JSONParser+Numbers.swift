import BigInt

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

extension JSONParser {
    /// The number that starts at `index` (a digit or `-`). What follows a complete number is left for the caller, as
    /// in `1.` (the int 1) or `01` (the int 0).
    @inline(__always)
    mutating func parseNumber() throws(JSONParseError) -> PyValue {
        let start = index
        var position = start
        let isNegative = base[position] == UInt8(ascii: "-")
        if isNegative { position += 1 }
        guard position < end else { throw .decode("Expecting value", at: start) }
        let firstDigit = position
        var mantissa: UInt64 = 0
        if base[position] == 0x30 {
            position += 1
        } else {
            skipDigits(&position, &mantissa)
            if position == firstDigit { throw .decode("Expecting value", at: start) }
        }
        var digits = position - firstDigit
        let integerEnd = position
        var fractionDigits = 0
        var exponent = 0
        var isFloat = false
        if position + 1 < end, base[position] == UInt8(ascii: "."), isDigit(base[position + 1]) {
            isFloat = true
            position += 1
            let fraction = position
            skipDigits(&position, &mantissa)
            fractionDigits = position - fraction
            digits += fractionDigits
        }
        if position + 1 < end, base[position] | 0x20 == UInt8(ascii: "e") {
            var ahead = position + 1
            let sign = base[ahead]
            if ahead + 1 < end, sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") { ahead += 1 }
            let exponentStart = ahead
            while ahead < end, isDigit(base[ahead]) {
                if exponent < 100_000 { exponent = exponent * 10 + Int(base[ahead] - 0x30) }
                ahead += 1
            }
            if ahead > exponentStart {
                isFloat = true
                if sign == UInt8(ascii: "-") { exponent = -exponent }
                position = ahead
            }
        }
        index = position
        if isFloat {
            let scale = exponent - fractionDigits
            if digits <= 19, let value = DecimalToDouble.exact(mantissa, scale: scale) {
                return .float(isNegative ? -value : value)
            }
            return .float(DecimalToDouble.parse(UnsafeBufferPointer(start: base + start, count: position - start)))
        }
        if digits <= 18 {
            let value = Int(truncatingIfNeeded: mantissa)
            return .int(isNegative ? -value : value)
        }
        return try parseLongInteger(start: start, firstDigit: firstDigit, end: integerEnd)
    }

    @inline(__always)
    private func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }

    /// Reads digits into `mantissa`, which is only meaningful up to 19 of them.
    @inline(__always)
    private func skipDigits(_ position: inout Int, _ mantissa: inout UInt64) {
        while position < end {
            let digit = base[position] &- 0x30
            guard digit < 10 else { return }
            mantissa = mantissa &* 10 &+ UInt64(digit)
            position += 1
        }
    }

    @inline(never)
    private func parseLongInteger(start: Int, firstDigit: Int, end: Int) throws(JSONParseError) -> PyValue {
        if end - firstDigit > JSONLimits.intDigits { throw .tooManyDigits(end - firstDigit) }
        let text = String(decoding: UnsafeBufferPointer(start: base + start, count: end - start), as: UTF8.self)
        if let value = Int(text) { return .int(value) }
        return .integer(BigInt(text, radix: 10) ?? 0)
    }
}
