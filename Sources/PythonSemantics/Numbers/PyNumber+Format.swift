import BigInt

extension PyNumber {
    /// `format(x, spec)`, the `:spec` of an f-string.
    ///
    /// - Throws: `ValueError` for a spec the type does not take, `TypeError` for None, lists and dicts with any spec.
    package static func format(_ value: PyValue, _ spec: String) throws(PyException) -> String {
        if spec.isEmpty { return value.pyStr }
        switch value {
        case .none, .list, .dict:
            throw .typeError("unsupported format string passed to \(value.typeName).__format__")
        case .string(let text): return try formatString(text, PyFormatSpec(spec, typeName: "str"))
        case .float(let number): return try formatFloat(number, PyFormatSpec(spec, typeName: "float"), "float")
        case .bool, .int, .bigInt:
            return try formatInt(value, PyFormatSpec(spec, typeName: value.typeName))
        }
    }

    /// `f"{x:.Nf}"` of a float: never fails.
    package static func fixed(_ number: Double, _ digits: UInt) -> String {
        if number.isNaN { return "nan" }
        if number.isInfinite { return number < 0 ? "-inf" : "inf" }
        return CFormat.text(number, .fixed, precision: Int(digits))
    }

    /// `f"{x:.N%}"` of a float: never fails.
    package static func percent(_ number: Double, _ digits: UInt) -> String { fixed(number * 100, digits) + "%" }

    /// `f"{n:,}"` of an int.
    package static func grouped(_ number: Int) -> String {
        (number < 0 ? "-" : "") + grouped(String(number.magnitude), separator: ",", every: 3, minimum: 0)
    }

    private static func formatString(_ text: PyString, _ spec: PyFormatSpec) throws(PyException) -> String {
        if let type = spec.type, type != "s" { throw unknownCode(type, "str") }
        if let sign = spec.sign {
            throw .valueError(
                sign == " "
                    ? "Space not allowed in string format specifier" : "Sign not allowed in string format specifier")
        }
        if spec.coercesNegativeZero {
            throw .valueError("Negative zero coercion (z) not allowed in string format specifier")
        }
        if spec.alternate { throw .valueError("Alternate form (#) not allowed in string format specifier") }
        if spec.align == "=" { throw .valueError("'=' alignment not allowed in string format specifier") }
        let shown = spec.precision.map { text.slice(0, $0) } ?? text
        return spec.padded(shown.description, defaultAlign: "<")
    }

    private static func formatInt(_ value: PyValue, _ spec: PyFormatSpec) throws(PyException) -> String {
        let type = spec.type ?? "d"
        if "eEfFgG%".unicodeScalars.contains(type) {
            return try formatFloat(try float(try int(value)), spec, value.typeName)
        }
        guard "bcdnoxX".unicodeScalars.contains(type) else { throw unknownCode(type, value.typeName) }
        if spec.precision != nil { throw .valueError("Precision not allowed in integer format specifier") }
        if spec.coercesNegativeZero {
            throw .valueError("Negative zero coercion (z) not allowed in integer format specifier")
        }
        guard let number = operand(value)?.big else { return "" }
        if type == "c" { return try formatCharacter(number, spec) }
        let radix = ["b": 2, "o": 8, "x": 16, "X": 16][type] ?? 10
        let digits = radix == 10 ? try decimalText(BigInt(number.magnitude)) : String(number.magnitude, radix: radix)
        let prefix = spec.alternate && radix != 10 ? "0\(type)" : ""
        return layout(
            isNegative: number.sign == .minus, prefix: prefix, whole: type == "X" ? digits.uppercased() : digits,
            rest: "", spec, every: radix == 10 ? 3 : 4)
    }

    private static func formatCharacter(_ number: BigInt, _ spec: PyFormatSpec) throws(PyException) -> String {
        if spec.sign != nil { throw .valueError("Sign not allowed with integer format specifier 'c'") }
        if spec.alternate { throw .valueError("Alternate form (#) not allowed with integer format specifier 'c'") }
        guard Int(exactly: number) != nil else { throw .overflowError("Python int too large to convert to C long") }
        guard let code = UInt32(exactly: number), code <= 0x10FFFF else {
            throw .overflowError("%c arg not in range(0x110000)")
        }
        return spec.padded(PyString(codePoints: [code]).description, defaultAlign: ">")
    }

    private static func formatFloat(
        _ number: Double, _ spec: PyFormatSpec, _ typeName: String
    ) throws(PyException) -> String {
        if let type = spec.type, !"eEfFgGn%".unicodeScalars.contains(type) { throw unknownCode(type, typeName) }
        if let precision = spec.precision, precision > Int(Int32.max) { throw .valueError("precision too big") }
        let type = spec.type
        let scaled = type == "%" ? number * 100 : number
        var text = magnitudeText(scaled.magnitude, spec)
        if type == "E" || type == "F" || type == "G" { text = text.uppercased() }
        var isNegative = scaled.sign == .minus && !scaled.isNaN
        if spec.coercesNegativeZero, isNegative, !text.contains(where: { ("1"..."9").contains($0) }), scaled.isFinite {
            isNegative = false
        }
        if type == "%" { text += "%" }
        let whole = text.prefix { $0.isASCII && $0.isNumber }
        return layout(
            isNegative: isNegative, prefix: "", whole: String(whole), rest: String(text.dropFirst(whole.count)), spec,
            every: 3)
    }

    private static func magnitudeText(_ number: Double, _ spec: PyFormatSpec) -> String {
        if number.isNaN { return "nan" }
        if number.isInfinite { return "inf" }
        switch spec.type {
        case "e", "E":
            return withPoint(CFormat.text(number, .exponent, precision: spec.precision ?? 6), spec.alternate)
        case "f", "F", "%":
            return withPoint(CFormat.text(number, .fixed, precision: spec.precision ?? 6), spec.alternate)
        case "g", "G", "n":
            return CFormat.text(number, spec.alternate ? .generalAlternate : .general, precision: spec.precision ?? 6)
        default:
            guard let precision = spec.precision else { return withPoint(repr(number), spec.alternate) }
            return shortGeneral(number, precision: Swift.max(precision, 1), alternate: spec.alternate)
        }
    }

    /// `#` keeps the point when there are no decimals.
    private static func withPoint(_ text: String, _ alternate: Bool) -> String {
        guard alternate, !text.contains(".") else { return text }
        let digits = text.prefix { $0 != "e" }
        return digits + "." + text.dropFirst(digits.count)
    }

    /// A precision without a type: as `g`, but with a decimal at least, and exponents one digit earlier.
    private static func shortGeneral(_ number: Double, precision: Int, alternate: Bool) -> String {
        let parts = CFormat.text(number, .exponent, precision: precision - 1).split(separator: "e")
        var digits = String(parts[0].filter { $0 != "." })
        let exponent = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
        if !alternate { while digits.count > 1, digits.last == "0" { digits.removeLast() } }
        if exponent < -4 || exponent + 1 > precision - 1 {
            let point = digits.count > 1 || alternate ? "." : ""
            let size = String(exponent.magnitude)
            return "\(digits.prefix(1))\(point)\(digits.dropFirst())e\(exponent < 0 ? "-" : "+")"
                + (size.count < 2 ? "0" : "") + size
        }
        if exponent < 0 { return "0." + String(repeating: "0", count: -exponent - 1) + digits }
        if digits.count <= exponent + 1 {
            return digits + String(repeating: "0", count: exponent + 1 - digits.count) + ".0"
        }
        return "\(digits.prefix(exponent + 1)).\(digits.dropFirst(exponent + 1))"
    }

    /// Sign, prefix, grouped digits and padding.
    private static func layout(
        isNegative: Bool, prefix: String, whole: String, rest: String, _ spec: PyFormatSpec, every: Int
    ) -> String {
        let sign = isNegative ? "-" : spec.sign == "+" ? "+" : spec.sign == " " ? " " : ""
        var digits = whole
        if let separator = spec.grouping, !whole.isEmpty {
            let isZeroPadded = spec.fill == "0" && spec.align == "="
            let minimum = isZeroPadded ? spec.width - sign.count - prefix.count - rest.unicodeScalars.count : 0
            digits = grouped(whole, separator: Character(separator), every: every, minimum: minimum)
        }
        let body = digits + rest
        if (spec.align ?? ">") == "=" {
            let missing = spec.width - sign.count - prefix.count - body.unicodeScalars.count
            return sign + prefix + spec.fills(Swift.max(0, missing)) + body
        }
        return spec.padded(sign + prefix + body, defaultAlign: ">")
    }

    /// Digits in groups from the right, with zeros in front up to `minimum` characters.
    private static func grouped(_ digits: String, separator: Character, every: Int, minimum: Int) -> String {
        var result: [Character] = []
        var number = 0
        var rest = Array(digits)
        while !rest.isEmpty || result.count < minimum {
            if number > 0 && number % every == 0 { result.append(separator) }
            result.append(rest.popLast() ?? "0")
            number += 1
        }
        return String(result.reversed())
    }

    private static func unknownCode(_ type: Unicode.Scalar, _ typeName: String) -> PyException {
        let shown =
            type.value > 32 && type.value < 128
            ? String(type) : "\\x" + String(type.value, radix: 16)
        return .valueError("Unknown format code '\(shown)' for object of type '\(typeName)'")
    }
}
