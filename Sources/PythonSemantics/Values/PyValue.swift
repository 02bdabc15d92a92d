import BigInt

/// A JSON-like Python value. Numbers keep the type they arrived with: `1`, `1.0` and `True` are three values.
///
/// There are three equalities: `==` (same type and value, dict order ignored, NaN equals NaN), ``isIdentical(to:)``
/// (also dict order and the sign of zero: the same JSON text) and ``pyEquals(_:)`` (Python's `==`).
package enum PyValue: Sendable {
    case none
    case bool(Bool)
    case int(Int)
    /// Only for values outside `Int`; use ``integer(_:)`` to make one.
    indirect case bigInt(BigInt)
    case float(Double)
    case string(PyString)
    case list([PyValue])
    case dict(PyDict)

    /// An `int` of any size, as `.int` when it fits.
    package static func integer(_ value: BigInt) -> PyValue {
        if let small = Int(exactly: value) { return .int(small) }
        return .bigInt(value)
    }

    package static func string(_ text: String) -> PyValue { .string(PyString(text)) }

    /// `type(x).__name__`.
    package var typeName: String {
        switch self {
        case .none: return "NoneType"
        case .bool: return "bool"
        case .int, .bigInt: return "int"
        case .float: return "float"
        case .string: return "str"
        case .list: return "list"
        case .dict: return "dict"
        }
    }

    /// `bool(x)`.
    package var isTruthy: Bool {
        switch self {
        case .none: return false
        case .bool(let value): return value
        case .int(let value): return value != 0
        case .bigInt: return true
        case .float(let value): return value != 0
        case .string(let text): return !text.isEmpty
        case .list(let items): return !items.isEmpty
        case .dict(let dict): return !dict.isEmpty
        }
    }

    /// `x is None`.
    package var isNone: Bool {
        if case .none = self { return true }
        return false
    }
}

extension PyValue: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByFloatLiteral, ExpressibleByStringLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    package init(nilLiteral: ()) { self = .none }
    package init(booleanLiteral value: Bool) { self = .bool(value) }
    package init(integerLiteral value: Int) { self = .int(value) }
    package init(floatLiteral value: Double) { self = .float(value) }
    package init(stringLiteral value: String) { self = .string(PyString(value)) }
    package init(arrayLiteral elements: PyValue...) { self = .list(elements) }
    package init(dictionaryLiteral elements: (PyString, PyValue)...) { self = .dict(PyDict(elements)) }
}

extension PyValue: CustomStringConvertible {
    /// `repr(x)`.
    package var description: String { pyRepr.description }
}
