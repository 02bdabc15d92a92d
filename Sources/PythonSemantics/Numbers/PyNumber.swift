import BigInt

/// Python's number operations on ``PyValue``: conversion, arithmetic, comparison, rounding and format specs, with the
/// error texts of CPython 3.11.
package enum PyNumber {
    /// Result of comparing two numbers; `unordered` when one is NaN.
    enum Order: Sendable { case less, equal, greater, unordered }

    /// A number as Python's arithmetic sees it: `bool` counts as `int`.
    enum Operand {
        case int(Int)
        case big(BigInt)
        case float(Double)

        var big: BigInt? {
            switch self {
            case .int(let value): return BigInt(value)
            case .big(let value): return value
            case .float: return nil
            }
        }
    }

    static func operand(_ value: PyValue) -> Operand? {
        switch value {
        case .bool(let flag): return .int(flag ? 1 : 0)
        case .int(let number): return .int(number)
        case .bigInt(let number): return .big(number)
        case .float(let number): return .float(number)
        default: return nil
        }
    }

    /// Exact order of two numbers (an int against a float is not rounded first); nil when one is no number.
    static func order(_ left: PyValue, _ right: PyValue) -> Order? {
        guard let a = operand(left), let b = operand(right) else { return nil }
        switch (a, b) {
        case (.int(let x), .int(let y)): return x < y ? .less : x == y ? .equal : .greater
        case (.float(let x), .float(let y)): return order(x, y)
        case (.float(let x), _): return reversed(order(b, x))
        case (_, .float(let y)): return order(a, y)
        default:
            guard let x = a.big, let y = b.big else { return nil }
            return x < y ? .less : x == y ? .equal : .greater
        }
    }

    private static func order(_ x: Double, _ y: Double) -> Order {
        x < y ? .less : x > y ? .greater : x == y ? .equal : .unordered
    }

    private static func order(_ integer: Operand, _ y: Double) -> Order {
        if y.isNaN { return .unordered }
        if y.isInfinite { return y > 0 ? .less : .greater }
        if case .int(let x) = integer, x.magnitude <= 1 << 53 { return order(Double(x), y) }
        guard let x = integer.big else { return .unordered }
        let whole = BigInt(y.rounded(.towardZero))
        if x != whole { return x < whole ? .less : .greater }
        let fraction = y - y.rounded(.towardZero)
        return fraction > 0 ? .less : fraction < 0 ? .greater : .equal
    }

    private static func reversed(_ order: Order) -> Order {
        switch order {
        case .less: return .greater
        case .greater: return .less
        case .equal, .unordered: return order
        }
    }
}
