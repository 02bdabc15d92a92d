import BigInt

/// `int(text)` and `float(text)` of CPython 3.11 for text, with its exact error texts.
package enum PyTextNumber {
    /// What Python raises: the class is `ValueError` in every case.
    package struct Failure: Error, Equatable, Sendable {
        /// `str(e)`
        package let message: String

        package init(message: String) { self.message = message }
    }

    /// `sys.get_int_max_str_digits()`
    private static let maximumDigits = 4300
    /// How many code points of the text's repr an `int()` error shows.
    private static let shownReprLength = 200

    /// `int(text)`: blanks around, one sign, decimal digits of any script, single `_` between digits.
    package static func int(_ text: String) -> Result<BigInt, Failure> {
        let invalid = Failure(
            message: "invalid literal for int() with base 10: "
                + ArgText.string(ArgText.repr(text).unicodeScalars.prefix(shownReprLength)))
        var rest = ascii(text)[...]
        rest = rest.drop(while: ArgText.isASCIISpace)
        let negative = rest.first == "-"
        if negative || rest.first == "+" { rest.removeFirst() }
        let literal = rest.prefix { isDigit($0) || $0 == "_" }
        rest = rest.dropFirst(literal.count)
        guard !literal.isEmpty, hasProperUnderscores(literal) else { return .failure(invalid) }
        let digits = literal.filter(isDigit)
        // CPython counts the digits before it looks at what follows them.
        guard digits.count <= maximumDigits else {
            return .failure(
                Failure(
                    message: "Exceeds the limit (\(maximumDigits) digits) for integer string conversion: value has "
                        + "\(digits.count) digits; use sys.set_int_max_str_digits() to increase the limit"))
        }
        guard rest.allSatisfy(ArgText.isASCIISpace), let magnitude = BigInt(ArgText.string(digits)) else {
            return .failure(invalid)
        }
        return .success(negative ? -magnitude : magnitude)
    }

    /// `float(text)`: blanks around, sign, decimal notation with optional exponent, `inf`, `infinity`, `nan` in any case,
    /// single `_` between digits; out of range gives an infinity or zero.
    package static func float(_ text: String) -> Result<Double, Failure> {
        let invalid = Failure(message: "could not convert string to float: " + ArgText.repr(text))
        var body = ascii(text)[...]
        while let first = body.first, ArgText.isASCIISpace(first) { body.removeFirst() }
        while let last = body.last, ArgText.isASCIISpace(last) { body.removeLast() }
        guard hasProperUnderscores(body) else { return .failure(invalid) }
        body.removeAll { $0 == "_" }
        let negative = body.first == "-"
        if negative || body.first == "+" { body.removeFirst() }
        guard let magnitude = special(body) ?? decimal(body) else { return .failure(invalid) }
        return .success(negative ? -magnitude : magnitude)
    }

    private static func special(_ body: ArraySlice<Unicode.Scalar>) -> Double? {
        switch String(ArgText.string(body).utf8.map { Character(Unicode.Scalar($0 | 0x20)) }) {
        case "inf", "infinity": .infinity
        case "nan": .nan
        default: nil
        }
    }

    /// digits [. digits] [e [sign] digits], at least one digit before the exponent.
    private static func decimal(_ body: ArraySlice<Unicode.Scalar>) -> Double? {
        let whole = body.prefix(while: isDigit)
        var rest = body.dropFirst(whole.count)
        var fraction = rest.prefix(0)
        if rest.first == "." {
            rest.removeFirst()
            fraction = rest.prefix(while: isDigit)
            rest = rest.dropFirst(fraction.count)
        }
        guard !whole.isEmpty || !fraction.isEmpty else { return nil }
        var exponent = ""
        if rest.first == "e" || rest.first == "E" {
            rest.removeFirst()
            if rest.first == "-" { exponent = "-" }
            if rest.first == "-" || rest.first == "+" { rest.removeFirst() }
            let digits = rest.prefix(while: isDigit)
            guard !digits.isEmpty else { return nil }
            exponent += ArgText.string(digits)
            rest = rest.dropFirst(digits.count)
        }
        guard rest.isEmpty else { return nil }
        let significant = ArgText.string(whole + fraction).drop { $0 == "0" }
        guard !significant.isEmpty else { return 0 }
        return scaled(significant, fractionDigits: fraction.count, exponent: exponent)
    }

    /// 0.significant × 10^(…), with exponents far outside the range of a double decided here.
    private static func scaled(_ significant: Substring, fractionDigits: Int, exponent: String) -> Double? {
        let stated = exponent.isEmpty ? BigInt(0) : BigInt(exponent) ?? 0
        let position = stated - BigInt(fractionDigits) + BigInt(significant.utf8.count)
        if position > 400 { return .infinity }
        if position < -400 { return 0 }
        return Double("0." + significant + "e" + String(position))
    }

    /// Each `_` stands between two digits.
    private static func hasProperUnderscores(_ text: ArraySlice<Unicode.Scalar>) -> Bool {
        var previous: Unicode.Scalar = " "
        for scalar in text {
            if scalar == "_" ? !isDigit(previous) : previous == "_" && !isDigit(scalar) { return false }
            previous = scalar
        }
        return previous != "_"
    }

    private static func isDigit(_ scalar: Unicode.Scalar) -> Bool {
        (0x30...0x39).contains(scalar.value)
    }

    /// Decimal digits of other scripts as ASCII digits and other blanks as spaces; a text that is all ASCII stays as it is.
    /// The first code point that is neither ends the text as `?`, which no number contains.
    private static func ascii(_ text: String) -> [Unicode.Scalar] {
        let scalars = Array(text.unicodeScalars)
        if scalars.allSatisfy(\.isASCII) { return scalars }
        var out: [Unicode.Scalar] = []
        for scalar in scalars {
            if scalar.value < 127 {
                out.append(scalar)
            } else if ArgText.isSpace(scalar) {
                out.append(" ")
            } else if let digit = ArgText.decimalDigit(scalar) {
                out.append(Unicode.Scalar(UInt8(0x30 + digit)))
            } else {
                return out + ["?"]
            }
        }
        return out
    }

    /// `repr(value)`: the shortest digits that read back, exponent form below 1e-4 and from 1e16 on.
    package static func repr(_ value: Double) -> String {
        if value.isNaN { return "nan" }
        if value.isInfinite { return value < 0 ? "-inf" : "inf" }
        let sign = value.sign == .minus ? "-" : ""
        if value == 0 { return sign + "0.0" }
        let (digits, point) = shortestDigits(value.magnitude)
        let count = digits.utf8.count
        if point > 16 || point < -3 {
            let exponent = point - 1
            let size = String(exponent.magnitude)
            return sign + digits.prefix(1) + (count > 1 ? "." + digits.dropFirst() : "")
                + "e" + (exponent < 0 ? "-" : "+") + (size.utf8.count < 2 ? "0" : "") + size
        }
        if point <= 0 { return sign + "0." + String(repeating: "0", count: -point) + digits }
        if point >= count { return sign + digits + String(repeating: "0", count: point - count) + ".0" }
        return sign + digits.prefix(point) + "." + digits.dropFirst(point)
    }

    /// The value is 0.digits × 10^point.
    private static func shortestDigits(_ value: Double) -> (digits: String, point: Int) {
        let text = value.description
        let parts = text.split(separator: "e")
        let mantissa = parts[0].split(separator: ".", omittingEmptySubsequences: false)
        let whole = mantissa[0]
        let fraction = mantissa.count > 1 ? mantissa[1] : ""
        let exponent = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
        let all = String(whole + fraction)
        let stripped = all.drop { $0 == "0" }
        var digits = String(stripped)
        while digits.utf8.count > 1, digits.last == "0" { digits.removeLast() }
        return (digits, whole.utf8.count - (all.utf8.count - stripped.utf8.count) + exponent)
    }
}
