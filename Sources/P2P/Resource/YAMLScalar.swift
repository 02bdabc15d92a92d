import PythonSemantics

/// What PyYAML's SafeLoader makes of a plain scalar (YAML 1.1). Dates stay text: no configuration of the tree has any.
enum YAMLScalar {
    static func resolve(_ text: String) -> PyValue {
        if ["", "~", "null", "Null", "NULL"].contains(text) { return .none }
        if let flag = boolean(text), isBooleanWord(text) { return flag }
        if isInteger(text), let value = integer(text) { return value }
        if isNumber(text), let value = number(text) { return value }
        return .string(PyString(text))
    }

    // MARK: Construction

    /// `yes`, `true`, `on` and their opposites in any case.
    static func boolean(_ text: String) -> PyValue? {
        switch text.lowercased() {
        case "yes", "true", "on": true
        case "no", "false", "off": false
        default: nil
        }
    }

    /// Decimal, `0x`, `0b`, octal with a leading zero, and base 60 (`190:20:30`); underscores are left out.
    static func integer(_ text: String) -> PyValue? {
        let (isNegative, digits) = unsigned(text)
        let value: PyValue?
        if digits.hasPrefix("0x") {
            value = Int(digits.dropFirst(2), radix: 16).map { .int($0) }
        } else if digits.hasPrefix("0b") {
            value = Int(digits.dropFirst(2), radix: 2).map { .int($0) }
        } else if digits.count > 1, digits.hasPrefix("0") {
            value = Int(digits, radix: 8).map { .int($0) }
        } else if digits.contains(":") {
            value = sexagesimal(digits).map { .int(Int($0)) }
        } else {
            value = try? PyNumber.int(.string(PyString(digits)))
        }
        guard isNegative, let value else { return value }
        return try? PyNumber.sub(0, value)
    }

    /// A float as PyYAML reads it once the scalar is one.
    static func number(_ text: String) -> PyValue? {
        let (isNegative, digits) = unsigned(text.lowercased())
        let value: Double?
        switch digits {
        case ".inf": value = .infinity
        case ".nan": value = .nan
        default: value = digits.contains(":") ? sexagesimal(digits) : try? PyNumber.float(.string(PyString(digits)))
        }
        return value.map { .float(isNegative ? -$0 : $0) }
    }

    private static func unsigned(_ text: String) -> (isNegative: Bool, digits: String) {
        let plain = text.filter { $0 != "_" }
        guard let sign = plain.first, sign == "-" || sign == "+" else { return (false, plain) }
        return (sign == "-", String(plain.dropFirst()))
    }

    private static func sexagesimal(_ digits: String) -> Double? {
        var value = 0.0
        for part in digits.split(separator: ":", omittingEmptySubsequences: false) {
            guard let number = Double(part) else { return nil }
            value = value * 60 + number
        }
        return value
    }

    // MARK: Resolution, PyYAML's patterns

    private static func isBooleanWord(_ text: String) -> Bool {
        text == text.lowercased() || text == text.uppercased() || text == text.lowercased().capitalizedASCII
    }

    private static func isInteger(_ text: String) -> Bool {
        var scan = Scan(text)
        scan.sign()
        if scan.take("0x") { return scan.run(of: "0123456789abcdefABCDEF_") > 0 && scan.isAtEnd }
        if scan.take("0b") { return scan.run(of: "01_") > 0 && scan.isAtEnd }
        if scan.take("0") { return scan.isAtEnd || (scan.run(of: "01234567_") > 0 && scan.isAtEnd) }
        guard scan.run(of: "123456789", limit: 1) == 1 else { return false }
        _ = scan.run(of: "0123456789_")
        return scan.isAtEnd || scan.sixties() && scan.isAtEnd
    }

    private static func isNumber(_ text: String) -> Bool {
        if [".nan", ".NaN", ".NAN"].contains(text) { return true }
        var scan = Scan(text)
        let isSigned = scan.sign()
        for word in [".inf", ".Inf", ".INF"] where scan.rest == word { return true }
        if scan.run(of: "0123456789", limit: 1) == 1 {
            _ = scan.run(of: "0123456789_")
            let hasSixties = scan.sixties()
            guard scan.take(".") else { return false }
            _ = scan.run(of: "0123456789_")
            return scan.isAtEnd || (!hasSixties && scan.exponent() && scan.isAtEnd)
        }
        guard !isSigned, scan.take("."), scan.run(of: "0123456789", limit: 1) == 1 else { return false }
        _ = scan.run(of: "0123456789_")
        return scan.isAtEnd || (scan.exponent() && scan.isAtEnd)
    }

    /// A position in a text.
    private struct Scan {
        private(set) var rest: Substring

        init(_ text: String) { rest = text[...] }

        var isAtEnd: Bool { rest.isEmpty }

        @discardableResult
        mutating func sign() -> Bool { take("-") || take("+") }

        mutating func take(_ prefix: String) -> Bool {
            guard rest.hasPrefix(prefix) else { return false }
            rest.removeFirst(prefix.count)
            return true
        }

        /// Skips characters of the set and says how many.
        mutating func run(of set: String, limit: Int = .max) -> Int {
            var count = 0
            while count < limit, let first = rest.first, set.contains(first) {
                rest.removeFirst()
                count += 1
            }
            return count
        }

        /// One or more `:` groups of base 60.
        mutating func sixties() -> Bool {
            var found = false
            while rest.first == ":" {
                var ahead = self
                _ = ahead.take(":")
                let tens = ahead.run(of: "012345", limit: 1)
                let units = ahead.run(of: "0123456789", limit: 1)
                guard tens + units > 0 else { return found }
                self = ahead
                found = true
            }
            return found
        }

        /// `e+3`: the sign is not optional in YAML 1.1.
        mutating func exponent() -> Bool { (take("e") || take("E")) && sign() && run(of: "0123456789") > 0 }
    }
}

extension String {
    fileprivate var capitalizedASCII: String { prefix(1).uppercased() + dropFirst() }
}
