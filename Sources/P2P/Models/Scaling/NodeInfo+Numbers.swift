import PythonSemantics

/// How scheduling reads fields: falsy counts as 0, text is converted, anything else fails with Python's error.
extension NodeInfo {
    /// `int(field or 0)`; what does not fit is clamped.
    func integer(_ field: Field) throws(PyException) -> Int {
        let value = self[field]
        return value.isTruthy ? try PyNumber.clampedInt(value) : 0
    }

    /// `float(field or 0)`.
    func number(_ field: Field) throws(PyException) -> Double {
        let value = self[field]
        return value.isTruthy ? try PyNumber.float(value) : 0
    }

    /// `(field or "").upper()`.
    func upperText(_ field: Field) throws(PyException) -> PyString {
        self[field].isTruthy ? try self[field].upper() : ""
    }

    /// `(field or "").lower()`.
    func lowerText(_ field: Field) throws(PyException) -> PyString {
        self[field].isTruthy ? try self[field].lower() : ""
    }

    /// `f"{field:.0f}"`.
    func rounded(_ field: Field) throws(PyException) -> String { try PyNumber.format(self[field], ".0f") }

    func isAtLeast(_ field: Field, _ threshold: Int) throws(PyException) -> Bool {
        try PyNumber.isGreaterOrEqual(self[field], .int(threshold))
    }

    /// `node_id` as lines show it.
    var shownID: String { nodeID.pyStr }
}

extension PyString {
    func containsAny(_ parts: [PyString]) -> Bool { parts.contains { contains($0) } }
}
