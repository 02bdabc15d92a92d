import PythonSemantics

/// Comparisons of untyped values, spelled as questions.
///
/// - Throws: `TypeError` such as `'<' not supported between instances of 'str' and 'int'`.
extension PyNumber {
    package static func isLess(_ left: PyValue, _ right: PyValue) throws(PyException) -> Bool {
        try compare(left, .less, right)
    }

    package static func isLessOrEqual(_ left: PyValue, _ right: PyValue) throws(PyException) -> Bool {
        try compare(left, .lessOrEqual, right)
    }

    package static func isGreater(_ left: PyValue, _ right: PyValue) throws(PyException) -> Bool {
        try compare(left, .greater, right)
    }

    package static func isGreaterOrEqual(_ left: PyValue, _ right: PyValue) throws(PyException) -> Bool {
        try compare(left, .greaterOrEqual, right)
    }
}
