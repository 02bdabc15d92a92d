/// A Python exception as a value: the class name and what `str(e)` gives.
///
/// The legacy node answers most failures with `str(e)`, so these texts are part of its interface
/// (`docs/contract/behaviour/01-core-leadership-state.md`, "bodies"). All of them come from this module.
package struct PyException: Error, Sendable, Equatable, CustomStringConvertible {
    /// The class name without its module, for example `ValueError`.
    package let type: String
    /// `str(e)`. For `KeyError` this is the `repr` of the key, as in Python.
    package let message: String
    /// The defining module when it is not `builtins`, for example `json.decoder`.
    package let module: String?

    package init(type: String, message: String, module: String? = nil) {
        self.type = type
        self.message = message
        self.module = module
    }

    /// The last line of a traceback: `json.decoder.JSONDecodeError: Expecting value: …`; the class alone when the
    /// text is empty.
    package var description: String {
        let name = module.map { "\($0).\(type)" } ?? type
        return message.isEmpty ? name : "\(name): \(message)"
    }

    /// `repr(e)` of an exception with one string argument: `ValueError('text')`.
    package var pyRepr: String {
        if message.isEmpty { return "\(type)()" }
        if type == "KeyError" { return "KeyError(\(message))" }
        return "\(type)(\(PyString(message).pyRepr))"
    }
}

extension PyException {
    package static func typeError(_ message: String) -> PyException { .init(type: "TypeError", message: message) }
    package static func valueError(_ message: String) -> PyException { .init(type: "ValueError", message: message) }
    package static func indexError(_ message: String) -> PyException { .init(type: "IndexError", message: message) }
    package static func overflowError(_ message: String) -> PyException {
        .init(type: "OverflowError", message: message)
    }
    package static func zeroDivisionError(_ message: String) -> PyException {
        .init(type: "ZeroDivisionError", message: message)
    }
    package static func lookupError(_ message: String) -> PyException { .init(type: "LookupError", message: message) }
    package static func recursionError(_ message: String) -> PyException {
        .init(type: "RecursionError", message: message)
    }
    package static func attributeError(_ message: String) -> PyException {
        .init(type: "AttributeError", message: message)
    }

    /// `KeyError` for a missing key; its `str` is the key's `repr`.
    package static func keyError(_ key: PyValue) -> PyException {
        .init(type: "KeyError", message: key.pyRepr)
    }

    /// What reading an attribute that the type lacks raises: `'list' object has no attribute 'get'`.
    package static func noAttribute(_ name: String, on value: PyValue) -> PyException {
        noAttribute(name, typeName: value.typeName)
    }

    /// As ``noAttribute(_:on:)`` for a type known by name only, such as `TrainingJob`.
    package static func noAttribute(_ name: String, typeName: String) -> PyException {
        attributeError("'\(typeName)' object has no attribute '\(name)'")
    }

    /// What hashing a list or a dict raises: `unhashable type: 'list'`.
    package static func unhashable(_ value: PyValue) -> PyException {
        typeError("unhashable type: '\(value.typeName)'")
    }

    /// What iterating over a scalar raises: `'int' object is not iterable`.
    package static func notIterable(_ value: PyValue) -> PyException {
        typeError("'\(value.typeName)' object is not iterable")
    }

    /// What a binary operator without a meaning for its operands raises.
    package static func unsupportedOperands(_ op: String, _ left: PyValue, _ right: PyValue) -> PyException {
        typeError("unsupported operand type(s) for \(op): '\(left.typeName)' and '\(right.typeName)'")
    }

    /// What ordering values without an order raises.
    package static func notOrdered(_ op: String, _ left: PyValue, _ right: PyValue) -> PyException {
        typeError("'\(op)' not supported between instances of '\(left.typeName)' and '\(right.typeName)'")
    }
}
