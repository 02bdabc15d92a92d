import BigInt

/// A value in argparse's namespace.
package enum ArgValue: Sendable {
    case none
    case bool(Bool)
    case int(Int)
    /// Only for integers outside `Int`.
    case bigInt(BigInt)
    case float(Double)
    case string(String)
    case list([ArgValue])

    /// An integer in its canonical case.
    package init(_ value: BigInt) {
        if let small = Int(exactly: value) { self = .int(small) } else { self = .bigInt(value) }
    }

    package var isNone: Bool { if case .none = self { true } else { false } }
    package var stringValue: String? { if case .string(let text) = self { text } else { nil } }
    package var boolValue: Bool? { if case .bool(let flag) = self { flag } else { nil } }
    package var intValue: Int? { if case .int(let value) = self { value } else { nil } }
    package var floatValue: Double? { if case .float(let value) = self { value } else { nil } }
    package var listValue: [ArgValue]? { if case .list(let items) = self { items } else { nil } }

    /// Python's truth value.
    package var isTruthy: Bool {
        switch self {
        case .none: false
        case .bool(let flag): flag
        case .int(let value): value != 0
        case .bigInt: true
        case .float(let value): value != 0
        case .string(let text): !text.isEmpty
        case .list(let items): !items.isEmpty
        }
    }

    /// `str(value)`.
    package var pyStr: String {
        if case .string(let text) = self { text } else { pyRepr }
    }

    /// `repr(value)`.
    package var pyRepr: String {
        switch self {
        case .none: "None"
        case .bool(let flag): flag ? "True" : "False"
        case .int(let value): String(value)
        case .bigInt(let value): String(value)
        case .float(let value): PyTextNumber.repr(value)
        case .string(let text): ArgText.repr(text)
        case .list(let items): "[" + items.map(\.pyRepr).joined(separator: ", ") + "]"
        }
    }

    /// Python's `==`: numbers compare by value across types, NaN equals nothing.
    package func pyEquals(_ other: ArgValue) -> Bool {
        switch (self, other) {
        case (.none, .none): true
        case (.string(let a), .string(let b)): ArgText.equal(a, b)
        case (.list(let a), .list(let b)): a.count == b.count && zip(a, b).allSatisfy { $0.pyEquals($1) }
        case (.float(let a), .float(let b)): a == b
        default:
            if let a = integer, let b = other.integer {
                a == b
            } else if let a = integer, case .float(let b) = other {
                BigInt(exactly: b) == a
            } else if case .float(let a) = self, let b = other.integer {
                BigInt(exactly: a) == b
            } else {
                false
            }
        }
    }

    private var integer: BigInt? {
        switch self {
        case .bool(let flag): flag ? 1 : 0
        case .int(let value): BigInt(value)
        case .bigInt(let value): value
        default: nil
        }
    }
}

/// Same type and same value; NaN equals NaN, texts compare by code point.
extension ArgValue: Equatable {
    package static func == (a: ArgValue, b: ArgValue) -> Bool {
        switch (a, b) {
        case (.none, .none): true
        case (.bool(let x), .bool(let y)): x == y
        case (.int(let x), .int(let y)): x == y
        case (.bigInt(let x), .bigInt(let y)): x == y
        case (.float(let x), .float(let y)): x == y || (x.isNaN && y.isNaN)
        case (.string(let x), .string(let y)): ArgText.equal(x, y)
        case (.list(let x), .list(let y)): x == y
        case (.none, _), (.bool, _), (.int, _), (.bigInt, _), (.float, _), (.string, _), (.list, _): false
        }
    }
}

extension ArgValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral
{
    package init(stringLiteral value: String) { self = .string(value) }
    package init(integerLiteral value: Int) { self = .int(value) }
    package init(floatLiteral value: Double) { self = .float(value) }
    package init(booleanLiteral value: Bool) { self = .bool(value) }
    package init(arrayLiteral elements: ArgValue...) { self = .list(elements) }
}
