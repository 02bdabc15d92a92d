/// Text rules of CPython 3.11 that argparse needs: lengths, comparisons and prefixes count code points, never graphemes,
/// and never treat canonically equivalent texts as equal.
package enum ArgText {
    /// `a == b` of Python strings.
    package static func equal(_ a: String, _ b: String) -> Bool {
        a.utf8.elementsEqual(b.utf8)
    }

    /// `text.startswith(prefix)`.
    package static func hasPrefix(_ text: String, _ prefix: String) -> Bool {
        text.utf8.starts(with: prefix.utf8)
    }

    /// `len(text)`.
    package static func length(_ text: String) -> Int {
        text.unicodeScalars.count
    }

    package static func string<S: Sequence>(_ scalars: S) -> String where S.Element == Unicode.Scalar {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars)
        return String(view)
    }

    /// `text.split(separator, 1)`, or nil when the separator does not occur.
    package static func splitOnce(_ text: String, at separator: Unicode.Scalar) -> (head: String, tail: String)? {
        let scalars = text.unicodeScalars
        guard let at = scalars.firstIndex(of: separator) else { return nil }
        return (String(scalars[..<at]), String(scalars[scalars.index(after: at)...]))
    }

    /// `text.split(separator)`; always at least one piece.
    package static func split(_ text: String, at separator: Unicode.Scalar) -> [String] {
        text.unicodeScalars.split(separator: separator, omittingEmptySubsequences: false).map { String($0) }
    }

    /// `text.strip()`.
    package static func strip(_ text: String) -> String {
        var view = Substring(text).unicodeScalars
        while let first = view.first, isSpace(first) { view.removeFirst() }
        while let last = view.last, isSpace(last) { view.removeLast() }
        return String(view)
    }

    /// `text.lower()` as far as ASCII is concerned, which is all that the contract's comparisons (`true`, `yes`, …) see:
    /// U+0130 and U+212A, whose lower case holds ASCII letters, are mapped as Python maps them.
    package static func lower(_ text: String) -> String {
        var out = String.UnicodeScalarView()
        for scalar in text.unicodeScalars { out.append(contentsOf: scalar.properties.lowercaseMapping.unicodeScalars) }
        return String(out)
    }

    /// `' ' * count`.
    package static func blanks(_ count: Int) -> String {
        String(repeating: " ", count: max(0, count))
    }

    /// `str.isspace` of one code point.
    package static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x09...0x0D, 0x1C...0x20, 0x85, 0xA0, 0x1680, 0x2000...0x200A, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000: true
        default: false
        }
    }

    /// Where `str.splitlines` breaks.
    static func isLineBoundary(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x0A...0x0D, 0x1C...0x1E, 0x85, 0x2028, 0x2029: true
        default: false
        }
    }

    /// `[ \t\n\r\f\v]`, what `\s` is in a pattern with the ASCII flag and what C calls blank.
    package static func isASCIISpace(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value == 0x20 || (0x09...0x0D).contains(scalar.value)
    }

    /// `\w`: letters, everything numeric, and `_`.
    static func isWord(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII { return isASCIILetterOrDigit(scalar) || scalar == "_" }
        return isKnown(scalar) && (isLetterCategory(scalar) || scalar.properties.numericType != nil)
    }

    /// `[^\d\W]`: a word character that is not a decimal digit.
    static func isLetter(_ scalar: Unicode.Scalar) -> Bool {
        isWord(scalar) && decimalDigit(scalar) == nil
    }

    /// The value of a decimal digit of any script (`\d`), else nil.
    static func decimalDigit(_ scalar: Unicode.Scalar) -> Int? {
        if scalar.isASCII {
            return (0x30...0x39).contains(scalar.value) ? Int(scalar.value) - 0x30 : nil
        }
        guard isKnown(scalar), scalar.properties.generalCategory == .decimalNumber,
            let value = scalar.properties.numericValue
        else { return nil }
        return Int(value)
    }

    private static func isASCIILetterOrDigit(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: false
        }
    }

    private static func isLetterCategory(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: true
        default: false
        }
    }

    /// Whether Unicode 14, CPython 3.11's database, has this code point; later ones count as unassigned.
    private static func isKnown(_ scalar: Unicode.Scalar) -> Bool {
        guard let age = scalar.properties.age else { return false }
        return age.major <= 14
    }

    /// Which of printable, blank, `\\w` and decimal digit a code point is: bits 1, 2, 4, 8. For tests against CPython.
    package static func classes(_ scalar: Unicode.Scalar) -> Int {
        (isPrintable(scalar) ? 1 : 0) | (isSpace(scalar) ? 2 : 0) | (isWord(scalar) ? 4 : 0)
            | (decimalDigit(scalar) != nil ? 8 : 0)
    }

    /// `str.isprintable` of one code point.
    static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII { return (0x20...0x7E).contains(scalar.value) }
        guard isKnown(scalar) else { return false }
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator,
            .spaceSeparator:
            return false
        default:
            return true
        }
    }

    /// `repr(text)`.
    package static func repr(_ text: String) -> String {
        let scalars = text.unicodeScalars
        let quote: Unicode.Scalar = scalars.contains("'") && !scalars.contains("\"") ? "\"" : "'"
        var out = String.UnicodeScalarView()
        out.append(quote)
        for scalar in scalars {
            switch scalar {
            case "\\", quote: out.append(contentsOf: ["\\", scalar])
            case "\n": out.append(contentsOf: ["\\", "n"])
            case "\r": out.append(contentsOf: ["\\", "r"])
            case "\t": out.append(contentsOf: ["\\", "t"])
            case _ where isPrintable(scalar): out.append(scalar)
            default: out.append(contentsOf: escape(scalar).unicodeScalars)
            }
        }
        out.append(quote)
        return String(out)
    }

    private static func escape(_ scalar: Unicode.Scalar) -> String {
        let (letter, width) = scalar.value < 0x100 ? ("x", 2) : scalar.value < 0x10000 ? ("u", 4) : ("U", 8)
        let hex = String(scalar.value, radix: 16)
        return "\\" + letter + String(repeating: "0", count: width - hex.utf8.count) + hex
    }
}
