import BigInt

/// A Python dict key that need not be a string: `None`, a number or a str, with Python's `==` and hash, so that `1`,
/// `1.0` and `True` are one key. NaN equals itself here, as the one NaN object of `json.loads` does.
package struct PyKey: Sendable, Hashable, CustomStringConvertible {
    package let value: PyValue

    /// - Throws: `TypeError` for a list or dict (`unhashable type: 'list'`).
    package init(_ value: PyValue) throws(PyException) {
        switch value {
        case .list, .dict: throw .unhashable(value)
        default: self.value = value
        }
    }

    package init(text: PyString) { value = .string(text) }

    package static func == (left: PyKey, right: PyKey) -> Bool { left.value.equalsAsElement(right.value) }

    package func hash(into hasher: inout Hasher) {
        switch value {
        case .none, .list, .dict: hasher.combine(0 as UInt8)
        case .bool(let flag): hasher.combine(flag ? 1 : 0)
        case .int(let number): hasher.combine(number)
        case .bigInt(let number): hasher.combine(number)
        case .float(let number): Self.hash(number, into: &hasher)
        case .string(let text): hasher.combine(text)
        }
    }

    /// As the equal int where there is one.
    private static func hash(_ number: Double, into hasher: inout Hasher) {
        if let whole = Int(exactly: number) {
            hasher.combine(whole)
        } else if let whole = BigInt(exactly: number) {
            hasher.combine(whole)
        } else {
            hasher.combine(number.isNaN ? .nan : number)
        }
    }

    /// The key as `json.dumps` writes it (without quotes): `null`, `true`, `1`, `1.5`, `NaN`, the text itself.
    ///
    /// - Throws: `ValueError` for an int of over 4300 digits.
    package func jsonKey() throws(PyException) -> PyString {
        switch value {
        case .none: return "null"
        case .bool(let flag): return flag ? "true" : "false"
        case .string(let text): return text
        case .float(let number) where !number.isFinite:
            return number.isNaN ? "NaN" : number < 0 ? "-Infinity" : "Infinity"
        case .bigInt(let number): return PyString(try PyNumber.decimalText(number))
        case .int, .float, .list, .dict: return PyString(value.pyRepr)
        }
    }

    /// `repr(key)`.
    package var description: String { value.pyRepr }
}
