import BigInt

extension PyNumber {
    /// `left / right`: always a float.
    package static func div(_ left: PyValue, _ right: PyValue, op: String = "/") throws(PyException) -> PyValue {
        guard let pair = pair(left, right) else { throw .unsupportedOperands(op, left, right) }
        switch pair {
        case .ints(let a, let b):
            if b == 0 { throw .zeroDivisionError("division by zero") }
            let exact = UInt(1) << 53
            if a.magnitude <= exact && b.magnitude <= exact { return .float(Double(a) / Double(b)) }
            return .float(try quotient(BigInt(a), BigInt(b)))
        case .bigs(let a, let b):
            if b.isZero { throw .zeroDivisionError("division by zero") }
            return .float(try quotient(a, b))
        case .mixed(let a, let b):
            let (x, y) = (try double(a), try double(b))
            if y == 0 { throw .zeroDivisionError("float division by zero") }
            return .float(x / y)
        }
    }

    /// `left // right`: rounded down.
    package static func floorDiv(_ left: PyValue, _ right: PyValue, op: String = "//") throws(PyException) -> PyValue {
        guard let pair = pair(left, right) else { throw .unsupportedOperands(op, left, right) }
        switch pair {
        case .mixed(let a, let b):
            let (x, y) = (try double(a), try double(b))
            if y == 0 { throw .zeroDivisionError("float floor division by zero") }
            return .float(floorDivMod(x, y).quotient)
        case .ints(_, 0): throw .zeroDivisionError("integer division or modulo by zero")
        case .ints(let a, let b):
            let (quotient, remainder) = a.dividedReportingOverflow(by: b).overflow ? (0, 0) : (a / b, a % b)
            if b == -1 && a == .min { return .integer(-BigInt(a)) }
            return .int(remainder != 0 && (remainder < 0) != (b < 0) ? quotient - 1 : quotient)
        case .bigs(let a, let b):
            if b.isZero { throw .zeroDivisionError("integer division or modulo by zero") }
            return .integer(floorDivMod(a, b).quotient)
        }
    }

    /// `left % right` of numbers: the sign of the right side. A str on the left is a format in Python and refused here.
    package static func mod(_ left: PyValue, _ right: PyValue, op: String = "%") throws(PyException) -> PyValue {
        guard let pair = pair(left, right) else {
            if case .string = left { throw .typeError("not all arguments converted during string formatting") }
            throw .unsupportedOperands(op, left, right)
        }
        switch pair {
        case .mixed(let a, let b):
            let (x, y) = (try double(a), try double(b))
            if y == 0 { throw .zeroDivisionError("float modulo") }
            return .float(floorDivMod(x, y).remainder)
        case .ints(_, 0): throw .zeroDivisionError("integer modulo by zero")
        case .ints(let a, let b):
            if b == -1 { return .int(0) }
            let remainder = a % b
            return .int(remainder != 0 && (remainder < 0) != (b < 0) ? remainder + b : remainder)
        case .bigs(let a, let b):
            if b.isZero { throw .zeroDivisionError("integer modulo by zero") }
            return .integer(floorDivMod(a, b).remainder)
        }
    }

    private static func floorDivMod(_ a: BigInt, _ b: BigInt) -> (quotient: BigInt, remainder: BigInt) {
        let (quotient, remainder) = a.quotientAndRemainder(dividingBy: b)
        if !remainder.isZero && (remainder.sign == .minus) != (b.sign == .minus) {
            return (quotient - 1, remainder + b)
        }
        return (quotient, remainder)
    }

    private static func floorDivMod(_ x: Double, _ y: Double) -> (quotient: Double, remainder: Double) {
        var remainder = x.truncatingRemainder(dividingBy: y)
        var quotient = (x - remainder) / y
        if remainder != 0 {
            if (y < 0) != (remainder < 0) {
                remainder += y
                quotient -= 1
            }
        } else {
            remainder = Double(signOf: y, magnitudeOf: 0)
        }
        if quotient != 0 {
            let floor = quotient.rounded(.down)
            quotient = quotient - floor > 0.5 ? floor + 1 : floor
        } else {
            quotient = Double(signOf: x / y, magnitudeOf: 0)
        }
        return (quotient, remainder)
    }

    /// The correctly rounded quotient of two ints (results below the normal range may be off by one unit).
    private static func quotient(_ a: BigInt, _ b: BigInt) throws(PyException) -> Double {
        if a.isZero { return b.sign == .minus ? -0.0 : 0.0 }
        // At least 66 bits of quotient, with the rest folded into the last one.
        let shift = Swift.max(0, b.magnitude.bitWidth - a.magnitude.bitWidth + 66)
        var (whole, rest) = (a.magnitude << shift).quotientAndRemainder(dividingBy: b.magnitude)
        if !rest.isZero {
            whole |= 1
            rest = 0
        }
        let bits = whole.bitWidth - 64
        var head = UInt64(truncatingIfNeeded: bits > 0 ? whole >> bits : whole)
        if bits > 0 && (BigUInt(head) << bits) != whole { head |= 1 }
        let value = Double(sign: .plus, exponent: Swift.max(bits, 0) - shift, significand: Double(head))
        if value.isInfinite { throw .overflowError("integer division result too large for a float") }
        return (a.sign == .minus) != (b.sign == .minus) ? -value : value
    }
}
