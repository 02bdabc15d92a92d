/// A parsed format spec: `[[fill]align][sign][z][#][0][width][grouping][.precision][type]`.
struct PyFormatSpec {
    var fill: Unicode.Scalar = " "
    /// `<`, `>`, `=` or `^`; nil when not given.
    var align: Unicode.Scalar?
    var sign: Unicode.Scalar?
    var coercesNegativeZero = false
    var alternate = false
    var width = 0
    /// `,` or `_`.
    var grouping: Unicode.Scalar?
    var precision: Int?
    /// The presentation type; nil when not given.
    var type: Unicode.Scalar?

    /// - Throws: `ValueError` for a malformed spec; `typeName` goes into the text.
    init(_ text: String, typeName: String) throws(PyException) {
        let scalars = Array(text.unicodeScalars)
        var rest = scalars[...]
        func isAlign(_ scalar: Unicode.Scalar) -> Bool { "<>=^".unicodeScalars.contains(scalar) }

        var hasFill = false
        if scalars.count >= 2, isAlign(scalars[1]) {
            fill = scalars[0]
            align = scalars[1]
            hasFill = true
            rest = scalars[2...]
        } else if let first = scalars.first, isAlign(first) {
            align = first
            rest = scalars[1...]
        }
        if let first = rest.first, "+- ".unicodeScalars.contains(first) {
            sign = first
            rest.removeFirst()
        }
        if rest.first == "z" {
            coercesNegativeZero = true
            rest.removeFirst()
        }
        if rest.first == "#" {
            alternate = true
            rest.removeFirst()
        }
        if !hasFill, rest.first == "0" {
            fill = "0"
            if align == nil, typeName != "str" { align = "=" }
            rest.removeFirst()
        }
        width = try Self.number(&rest) ?? 0
        if rest.first == "," {
            grouping = ","
            rest.removeFirst()
        }
        if rest.first == "_" {
            if grouping != nil { throw .valueError("Cannot specify both ',' and '_'.") }
            grouping = "_"
            rest.removeFirst()
        }
        if rest.first == "," {
            if grouping == "," { throw .valueError("Cannot specify both ',' and '_'.") }
            if grouping == "_" { throw .valueError("Cannot specify both ',' and '_'.") }
        }
        if rest.first == "." {
            rest.removeFirst()
            guard let digits = try Self.number(&rest) else { throw .valueError("Format specifier missing precision") }
            precision = digits
        }
        if rest.count > 1 {
            throw .valueError("Invalid format specifier '\(text)' for object of type '\(typeName)'")
        }
        type = rest.first
        try checkGrouping(defaultType: typeName == "str" ? "s" : nil)
    }

    private func checkGrouping(defaultType: Unicode.Scalar?) throws(PyException) {
        guard let grouping, let type = type ?? defaultType else { return }
        let allowed = grouping == "," ? "defgEG%F" : "defgEG%FboxX"
        if allowed.unicodeScalars.contains(type) { return }
        let shown =
            type.value > 32 && type.value < 128
            ? String(type) : "\\x" + String(type.value, radix: 16)
        throw .valueError("Cannot specify '\(grouping)' with '\(shown)'.")
    }

    private static func number(_ rest: inout ArraySlice<Unicode.Scalar>) throws(PyException) -> Int? {
        var value: Int?
        while let first = rest.first, let digit = PyUnicode.decimalValue(first.value) {
            let (scaled, overflow) = (value ?? 0).multipliedReportingOverflow(by: 10)
            let (next, carry) = scaled.addingReportingOverflow(digit)
            if overflow || carry { throw .valueError("Too many decimal digits in format string") }
            value = next
            rest.removeFirst()
        }
        return value
    }

    /// Pads `text` (already without sign handling) to the width, by default to the given side.
    func padded(_ text: String, defaultAlign: Unicode.Scalar) -> String {
        let missing = width - text.unicodeScalars.count
        guard missing > 0 else { return text }
        let align = align ?? defaultAlign
        let left = align == "<" ? 0 : align == "^" ? missing / 2 : missing
        return fills(left) + text + fills(missing - left)
    }

    func fills(_ count: Int) -> String { String(repeating: String(fill), count: count) }
}
