import BigInt

extension PyValue: Equatable {
    /// Same type and same value; the order of dict keys is ignored, NaN equals NaN, `0.0 == -0.0`.
    package static func == (left: PyValue, right: PyValue) -> Bool {
        switch (left, right) {
        case (.none, .none): return true
        case (.bool(let a), .bool(let b)): return a == b
        case (.int(let a), .int(let b)): return a == b
        case (.bigInt(let a), .bigInt(let b)): return a == b
        case (.float(let a), .float(let b)): return a == b || (a.isNaN && b.isNaN)
        case (.string(let a), .string(let b)): return a == b
        case (.list(let a), .list(let b)): return a == b
        case (.dict(let a), .dict(let b)): return a == b
        default: return false
        }
    }

    /// As `==`, and dict keys in the same order and zeros of the same sign: both have the same JSON text.
    package func isIdentical(to other: PyValue) -> Bool {
        switch (self, other) {
        case (.float(let a), .float(let b)): return (a == b && a.sign == b.sign) || (a.isNaN && b.isNaN)
        case (.list(let a), .list(let b)):
            return a.count == b.count && zip(a, b).allSatisfy { $0.isIdentical(to: $1) }
        case (.dict(let a), .dict(let b)): return a.isIdentical(to: b)
        default: return self == other
        }
    }

    /// Python's `==`: numbers and bools compare by value whatever their type. NaN differs from itself at the top, but
    /// inside lists and dicts it counts as the same object, as the one NaN of `json.loads` is.
    package func pyEquals(_ other: PyValue) -> Bool {
        switch (self, other) {
        case (.none, .none): return true
        case (.string(let a), .string(let b)): return a == b
        case (.list(let a), .list(let b)):
            return a.count == b.count && zip(a, b).allSatisfy { $0.equalsAsElement($1) }
        case (.dict(let a), .dict(let b)):
            guard a.count == b.count else { return false }
            return a.allSatisfy { key, value in b[key]?.equalsAsElement(value) ?? false }
        default:
            guard let order = PyNumber.order(self, other) else { return false }
            return order == .equal
        }
    }

    /// Identity or `==`, as `in`, `list ==` and `list.index` compare.
    func equalsAsElement(_ other: PyValue) -> Bool {
        if case .float(let a) = self, case .float(let b) = other, a.isNaN, b.isNaN { return true }
        return pyEquals(other)
    }
}
