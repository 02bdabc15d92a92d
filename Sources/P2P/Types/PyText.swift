import PythonSemantics

extension PyString {
    /// `[p.strip() for p in s.split(",")]`; empty pieces are kept.
    package func splitByComma() -> [PyString] { split(",").map { $0.strip() } }
}

extension PyValue {
    /// `str(value or "").strip()`: how handlers take identifiers out of a body.
    package func strippedText() -> PyString { isTruthy ? pyString.strip() : "" }

    /// Python's `==` against a string.
    package func equals(_ other: PyString) -> Bool {
        if case .string(let text) = self { return text == other }
        return false
    }
}
