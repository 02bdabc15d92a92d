/// An insertion-ordered dict with string keys, as JSON objects and most of the legacy's records are.
///
/// Setting an existing key keeps its position; a removed and re-added key goes to the end, as in CPython. Look-up is a
/// scan up to eight keys and a hash probe above; removal is linear.
package struct PyDict: Sendable {
    private(set) var table: PyDictKeys
    package private(set) var values: [PyValue]

    package init() {
        table = PyDictKeys.empty
        values = []
    }

    /// Later duplicates overwrite the value and keep the first position.
    package init<S: Sequence>(_ pairs: S) where S.Element == (PyString, PyValue) {
        self.init()
        for (key, value) in pairs { self[key] = value }
    }

    /// Keys that are already distinct, with one value each. Used by the JSON parser.
    init(table: PyDictKeys, values: [PyValue]) {
        self.table = table
        self.values = values
    }

    /// Keys in insertion order.
    package var keys: [PyString] { table.keys }
    package var count: Int { values.count }
    package var isEmpty: Bool { values.isEmpty }

    /// The value of `key`, nil when absent. Assigning nil removes the key (to store None assign `PyValue.none`).
    package subscript(key: PyString) -> PyValue? {
        get {
            guard let position = table.position(of: key) else { return nil }
            return values[position]
        }
        set {
            guard let newValue else {
                removeValue(forKey: key)
                return
            }
            updateValue(newValue, forKey: key)
        }
    }

    /// The value of `key`, or the default; in-place mutation inserts the default first.
    package subscript(key: PyString, default fallback: @autoclosure () -> PyValue) -> PyValue {
        get { self[key] ?? fallback() }
        _modify {
            let position: Int
            if let found = table.position(of: key) {
                position = found
            } else {
                updateValue(fallback(), forKey: key)
                position = values.count - 1
            }
            yield &values[position]
        }
    }

    /// Sets `key` and returns the value it had.
    @discardableResult
    package mutating func updateValue(_ value: PyValue, forKey key: PyString) -> PyValue? {
        let position: Int
        if isKnownUniquelyReferenced(&table) {
            position = table.insert(key)
        } else if let found = table.position(of: key) {
            position = found
        } else {
            table = PyDictKeys(copying: table)
            position = table.insert(key)
        }
        if position == values.count {
            values.append(value)
            return nil
        }
        let old = values[position]
        values[position] = value
        return old
    }

    /// Removes `key` and returns its value, nil when absent (`dict.pop(key, None)`).
    @discardableResult
    package mutating func removeValue(forKey key: PyString) -> PyValue? {
        guard let position = table.position(of: key) else { return nil }
        makeTableUnique()
        table.remove(at: position)
        return values.remove(at: position)
    }

    package mutating func removeAll() { self = PyDict() }

    /// `dict.update(other)`.
    package mutating func update(_ other: PyDict) {
        for (key, value) in other { updateValue(value, forKey: key) }
    }

    /// `{**self, **other}`.
    package func merging(_ other: PyDict) -> PyDict {
        var result = self
        result.update(other)
        return result
    }

    /// `dict.setdefault(key, value)`.
    @discardableResult
    package mutating func setDefault(_ key: PyString, _ value: PyValue) -> PyValue {
        if let found = self[key] { return found }
        updateValue(value, forKey: key)
        return value
    }

    /// True when `key` is present (`key in dict`).
    package func contains(key: PyString) -> Bool { table.position(of: key) != nil }

    /// Same keys in the same order, with values changed by `transform`.
    package func mapValues(_ transform: (PyValue) throws -> PyValue) rethrows -> PyDict {
        PyDict(table: table, values: try values.map(transform))
    }

    private mutating func makeTableUnique() {
        if !isKnownUniquelyReferenced(&table) { table = PyDictKeys(copying: table) }
    }
}

extension PyDict: Sequence {
    package struct Iterator: IteratorProtocol {
        let keys: [PyString]
        let values: [PyValue]
        var index = 0

        package mutating func next() -> (key: PyString, value: PyValue)? {
            guard index < values.count else { return nil }
            defer { index += 1 }
            return (keys[index], values[index])
        }
    }

    package func makeIterator() -> Iterator { Iterator(keys: table.keys, values: values) }
    package var underestimatedCount: Int { values.count }
    package var first: (key: PyString, value: PyValue)? { isEmpty ? nil : (table.keys[0], values[0]) }
}

extension PyDict: ExpressibleByDictionaryLiteral {
    package init(dictionaryLiteral elements: (PyString, PyValue)...) { self.init(elements) }
}

extension PyDict: Equatable {
    /// Same keys and equal values in any order, as for ``PyValue``.
    package static func == (left: PyDict, right: PyDict) -> Bool {
        guard left.count == right.count else { return false }
        if left.table === right.table { return left.values == right.values }
        for (key, value) in left {
            guard let other = right[key], other == value else { return false }
        }
        return true
    }

    /// Equal with the keys in the same order; see ``PyValue/isIdentical(to:)``.
    package func isIdentical(to other: PyDict) -> Bool {
        guard count == other.count, table === other.table || table.keys == other.table.keys else { return false }
        return zip(values, other.values).allSatisfy { $0.isIdentical(to: $1) }
    }
}

extension PyDict: CustomStringConvertible {
    /// `repr(dict)`.
    package var description: String { PyValue.dict(self).pyRepr.description }
}
