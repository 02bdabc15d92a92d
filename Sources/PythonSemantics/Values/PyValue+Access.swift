import BigInt

extension PyValue {
    package var asBool: Bool? {
        if case .bool(let value) = self { return value }
        return nil
    }

    /// The value of an `int` that fits (a `bool` is not an int here).
    package var asInt: Int? {
        if case .int(let value) = self { return value }
        return nil
    }

    /// The value of a `float`, or of an `int` converted; nil for anything else.
    package var asDouble: Double? {
        switch self {
        case .float(let value): return value
        case .int(let value): return Double(value)
        case .bigInt(let value): return Double(value)
        default: return nil
        }
    }

    package var asString: PyString? {
        if case .string(let value) = self { return value }
        return nil
    }

    package var asList: [PyValue]? {
        if case .list(let value) = self { return value }
        return nil
    }

    package var asDict: PyDict? {
        if case .dict(let value) = self { return value }
        return nil
    }

    /// True for `int`, `float` and `bool` (`isinstance(x, (int, float))`).
    package var isNumber: Bool { PyNumber.operand(self) != nil }

    /// The value under `key` of a dict; nil when absent or when this is no dict. Setting turns anything else into a dict.
    package subscript(key: PyString) -> PyValue? {
        get { asDict?[key] }
        set {
            var dict = asDict ?? PyDict()
            self = .none
            dict[key] = newValue
            self = .dict(dict)
        }
    }

    /// The item of a list; nil when out of range or no list. Negative indexes count from the end.
    package subscript(index: Int) -> PyValue? {
        guard case .list(let items) = self else { return nil }
        let position = index < 0 ? items.count + index : index
        guard items.indices.contains(position) else { return nil }
        return items[position]
    }

    /// `x.get(key, fallback)`: `AttributeError` when `x` is no dict (`'list' object has no attribute 'get'`).
    package func get(_ key: PyString, _ fallback: PyValue = .none) throws(PyException) -> PyValue {
        guard case .dict(let dict) = self else { throw .noAttribute("get", on: self) }
        return dict[key] ?? fallback
    }

    /// `x[key]` with a string key: `KeyError`, or `TypeError` as the type of `x` words it.
    package func item(_ key: PyString) throws(PyException) -> PyValue {
        switch self {
        case .dict(let dict):
            guard let value = dict[key] else { throw .keyError(.string(key)) }
            return value
        case .list: throw .typeError("list indices must be integers or slices, not str")
        case .string: throw .typeError("string indices must be integers, not 'str'")
        default: throw .typeError("'\(typeName)' object is not subscriptable")
        }
    }

    /// `x[index]` with an int index.
    package func item(_ index: Int) throws(PyException) -> PyValue {
        switch self {
        case .dict(let dict):
            _ = dict
            throw .keyError(.int(index))
        case .list:
            guard let value = self[index] else { throw .indexError("list index out of range") }
            return value
        case .string(let text):
            guard let codePoint = text.codePoint(at: index) else { throw .indexError("string index out of range") }
            return .string(PyString(codePoints: [codePoint]))
        default: throw .typeError("'\(typeName)' object is not subscriptable")
        }
    }

    /// `x.items()`: `AttributeError` when `x` is no dict.
    package func items() throws(PyException) -> PyDict {
        guard case .dict(let dict) = self else { throw .noAttribute("items", on: self) }
        return dict
    }

    /// `list(x)`: what `for` visits (characters of a str, keys of a dict).
    package func iterated() throws(PyException) -> [PyValue] {
        switch self {
        case .list(let items): return items
        case .dict(let dict): return dict.keys.map(PyValue.string)
        case .string(let text): return text.codePoints.map { .string(PyString(codePoints: CollectionOfOne($0))) }
        default: throw .notIterable(self)
        }
    }

    /// `len(x)`.
    package func length() throws(PyException) -> Int {
        switch self {
        case .list(let items): return items.count
        case .dict(let dict): return dict.count
        case .string(let text): return text.count
        default: throw .typeError("object of type '\(typeName)' has no len()")
        }
    }

    /// `item in self`.
    package func contains(_ item: PyValue) throws(PyException) -> Bool {
        switch self {
        case .list(let items): return items.contains { $0.equalsAsElement(item) }
        case .dict(let dict):
            switch item {
            case .string(let key): return dict.contains(key: key)
            case .list, .dict: throw .unhashable(item)
            default: return false
            }
        case .string(let text):
            guard case .string(let part) = item else {
                throw .typeError("'in <string>' requires string as left operand, not \(item.typeName)")
            }
            return text.contains(part)
        default: throw .typeError("argument of type '\(typeName)' is not iterable")
        }
    }
}
