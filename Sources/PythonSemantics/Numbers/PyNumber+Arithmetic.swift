import BigInt

extension PyNumber {
    /// `left + right`. Texts for `+=` differ in the operator's name: pass it as `op`.
    package static func add(_ left: PyValue, _ right: PyValue, op: String = "+") throws(PyException) -> PyValue {
        if let pair = pair(left, right) {
            switch pair {
            case .ints(let a, let b):
                let (sum, overflow) = a.addingReportingOverflow(b)
                return overflow ? .integer(BigInt(a) + BigInt(b)) : .int(sum)
            case .bigs(let a, let b): return .integer(a + b)
            case .mixed: return try floats(pair) { $0 + $1 }
            }
        }
        switch (left, right) {
        case (.string(let a), .string(let b)): return .string(a + b)
        case (.list(let a), .list(let b)): return .list(a + b)
        case (.string, _): throw .typeError("can only concatenate str (not \"\(right.typeName)\") to str")
        case (.list(let a), _):
            if op == "+=" { return .list(a + (try right.iterated())) }
            throw .typeError("can only concatenate list (not \"\(right.typeName)\") to list")
        default: throw .unsupportedOperands(op, left, right)
        }
    }

    /// `left - right`.
    package static func sub(_ left: PyValue, _ right: PyValue, op: String = "-") throws(PyException) -> PyValue {
        guard let pair = pair(left, right) else { throw .unsupportedOperands(op, left, right) }
        switch pair {
        case .ints(let a, let b):
            let (difference, overflow) = a.subtractingReportingOverflow(b)
            return overflow ? .integer(BigInt(a) - BigInt(b)) : .int(difference)
        case .bigs(let a, let b): return .integer(a - b)
        case .mixed: return try floats(pair) { $0 - $1 }
        }
    }

    /// `left * right`; a str or list is repeated.
    package static func mul(_ left: PyValue, _ right: PyValue, op: String = "*") throws(PyException) -> PyValue {
        if let pair = pair(left, right) {
            switch pair {
            case .ints(let a, let b):
                let (product, overflow) = a.multipliedReportingOverflow(by: b)
                return overflow ? .integer(BigInt(a) * BigInt(b)) : .int(product)
            case .bigs(let a, let b): return .integer(a * b)
            case .mixed: return try floats(pair) { $0 * $1 }
            }
        }
        if let repeated = try repeated(left, by: right) { return repeated }
        if let repeated = try repeated(right, by: left) { return repeated }
        throw .unsupportedOperands(op, left, right)
    }

    /// `-x`.
    package static func neg(_ value: PyValue) throws(PyException) -> PyValue {
        switch operand(value) {
        case .int(let number): return number == .min ? .integer(-BigInt(number)) : .int(-number)
        case .big(let number): return .integer(-number)
        case .float(let number): return .float(-number)
        case nil: throw .typeError("bad operand type for unary -: '\(value.typeName)'")
        }
    }

    /// `abs(x)`.
    package static func abs(_ value: PyValue) throws(PyException) -> PyValue {
        switch operand(value) {
        case .int(let number): return number < 0 ? try neg(value) : .int(number)
        case .big(let number): return .integer(BigInt(number.magnitude))
        case .float(let number): return .float(number.magnitude)
        case nil: throw .typeError("bad operand type for abs(): '\(value.typeName)'")
        }
    }

    /// `sum(values)`.
    package static func sum(_ values: [PyValue]) throws(PyException) -> PyValue {
        var total = PyValue.int(0)
        for value in values { total = try add(total, value) }
        return total
    }

    /// Two numbers brought to a common type.
    enum Pair {
        case ints(Int, Int)
        case bigs(BigInt, BigInt)
        /// At least one is a float.
        case mixed(Operand, Operand)
    }

    static func pair(_ left: PyValue, _ right: PyValue) -> Pair? {
        guard let a = operand(left), let b = operand(right) else { return nil }
        if case .int(let x) = a, case .int(let y) = b { return .ints(x, y) }
        if let x = a.big, let y = b.big { return .bigs(x, y) }
        return .mixed(a, b)
    }

    static func double(_ operand: Operand) throws(PyException) -> Double {
        switch operand {
        case .int(let number): return Double(number)
        case .big(let number): return try float(number)
        case .float(let number): return number
        }
    }

    private static func floats(_ pair: Pair, _ body: (Double, Double) -> Double) throws(PyException) -> PyValue {
        guard case .mixed(let a, let b) = pair else { return .none }
        return .float(body(try double(a), try double(b)))
    }

    /// `sequence * count`; nil when `sequence` is none.
    private static func repeated(_ sequence: PyValue, by count: PyValue) throws(PyException) -> PyValue? {
        switch sequence {
        case .string, .list: break
        default: return nil
        }
        guard let number = operand(count), case .int(let times) = number else {
            if case .bigInt = count { throw .overflowError("cannot fit 'int' into an index-sized integer") }
            throw .typeError("can't multiply sequence by non-int of type '\(count.typeName)'")
        }
        switch sequence {
        case .string(let text): return .string(text.repeated(times))
        case .list(let items): return .list(times > 0 ? Array(repeatElement(items, count: times).joined()) : [])
        default: return nil
        }
    }
}
