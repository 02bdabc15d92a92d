import PythonSemantics

/// A piece of a line and what kind of thing it is, so that lines of two runs can be compared piece by piece.
struct CommandLineToken: Equatable, Sendable {
    enum Kind: String, Sendable {
        /// A date with time, `20251122_184400`, or `18:44:00`.
        case time
        /// A duration with its unit behind (`0.4s`, `3.25ms`), or a figure of the machine (`load=`, `current=`).
        case secs
        /// 8 to 64 hexadecimal digits, of both sorts.
        case hex
        case float, int, word, space, other
    }

    var kind: Kind
    /// Code points.
    var text: ArraySlice<UInt32>

    static func all(in line: PyString) -> [CommandLineToken] {
        var scanner = CommandLineScanner(points: Array(line.codePoints))
        return scanner.tokens()
    }

    /// The line with everything that changes from run to run replaced by its kind; lines with equal masks are
    /// instances of one template.
    static func mask(_ line: PyString) -> PyString {
        var points: [UInt32] = []
        for token in all(in: line) {
            switch token.kind {
            case .time, .secs, .hex, .float, .int:
                points += "<\(token.kind.rawValue)>".unicodeScalars.map(\.value)
            case .word, .space, .other: points += token.text
            }
        }
        return PyString(codePoints: points)
    }
}

/// Cuts a line into tokens: at each place the first kind that fits, in the order of ``CommandLineToken/Kind``.
private struct CommandLineScanner {
    let points: [UInt32]
    private var position = 0

    init(points: [UInt32]) {
        self.points = points
    }

    mutating func tokens() -> [CommandLineToken] {
        var found: [CommandLineToken] = []
        while position < points.count {
            let (kind, end) = next()
            found.append(CommandLineToken(kind: kind, text: points[position..<end]))
            position = end
        }
        return found
    }

    private func next() -> (CommandLineToken.Kind, Int) {
        let point = points[position]
        if isDigit(point) {
            if let end = time() { return (.time, end) }
            let whole = run(position, isDigit)
            let fraction = decimals(after: whole)
            if let end = fraction, isMeasured(end: end) { return (.secs, end) }
            if let end = hex() { return (.hex, end) }
            if let end = fraction { return (.float, exponent(after: end)) }
            return (.int, whole)
        }
        if let end = hex() { return (.hex, end) }
        if isWord(point) { return (.word, run(position) { isWord($0) && !isDigit($0) }) }
        if PyUnicode.isSpace(point) { return (.space, run(position, PyUnicode.isSpace)) }
        return (.other, position + 1)
    }

    // MARK: kinds

    private func time() -> Int? {
        if let end = match("dddd-dd-dd", position), end < points.count, points[end] == 0x54 || points[end] == 0x20,
            let clock = match("dd:dd:dd", end + 1)
        {
            return zone(after: fractionOfSecond(after: clock))
        }
        if !isDigit(before(position)), let end = match("20dddddd_dddddd", position), !isDigit(at(end)) { return end }
        if !isWord(before(position)), let end = match("dd:dd:dd", position), !isWord(at(end)) { return end }
        return nil
    }

    private func fractionOfSecond(after end: Int) -> Int {
        guard at(end) == 0x2E || at(end) == 0x2C, isDigit(at(end + 1)) else { return end }
        return run(end + 1, isDigit)
    }

    private func zone(after end: Int) -> Int {
        if at(end) == 0x5A { return end + 1 }
        guard at(end) == 0x2B || at(end) == 0x2D else { return end }
        return match("dd:dd", end + 1) ?? match("dddd", end + 1) ?? end
    }

    /// The end of `.123` behind a whole number; nil when there is none.
    private func decimals(after end: Int) -> Int? {
        guard at(end) == 0x2E, isDigit(at(end + 1)) else { return nil }
        return run(end + 1, isDigit)
    }

    private func exponent(after end: Int) -> Int {
        guard at(end) == 0x65 else { return end }
        let sign = at(end + 1) == 0x2B || at(end + 1) == 0x2D ? 1 : 0
        return isDigit(at(end + 1 + sign)) ? run(end + 1 + sign, isDigit) : end
    }

    /// A decimal number that ends at `end`: is it a duration or one of the machine's figures?
    private func isMeasured(end: Int) -> Bool {
        if !isWord(before(position)) {
            if at(end) == 0x73, !isWord(at(end + 1)) { return true }
            if at(end) == 0x6D, at(end + 1) == 0x73, !isWord(at(end + 2)) { return true }
        }
        return ["load=", "current=", "Disk usage "].contains { label in
            let label = label.unicodeScalars.map(\.value)
            return position >= label.count && points[(position - label.count)..<position].elementsEqual(label)
        }
    }

    private func hex() -> Int? {
        guard !isWord(before(position)) else { return nil }
        let end = run(position) { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
        let digits = points[position..<end]
        guard (8...64).contains(digits.count), !isWord(at(end)), digits.contains(where: { $0 >= 0x61 }),
            digits.contains(where: { $0 <= 0x39 })
        else { return nil }
        return end
    }

    // MARK: characters

    /// `d` is a digit, everything else itself.
    private func match(_ pattern: StaticString, _ start: Int) -> Int? {
        let count = pattern.utf8CodeUnitCount
        guard start + count <= points.count else { return nil }
        let bytes = UnsafeBufferPointer(start: pattern.utf8Start, count: count)
        for (offset, byte) in bytes.enumerated() {
            let point = points[start + offset]
            if byte == UInt8(ascii: "d") ? !isDigit(point) : point != UInt32(byte) { return nil }
        }
        return start + count
    }

    private func run(_ start: Int, _ holds: (UInt32) -> Bool) -> Int {
        var end = start
        while end < points.count, holds(points[end]) { end += 1 }
        return end
    }

    /// Zero, which belongs to no class, outside the line.
    private func at(_ index: Int) -> UInt32 { points.indices.contains(index) ? points[index] : 0 }
    private func before(_ index: Int) -> UInt32 { at(index - 1) }

    private func isDigit(_ point: UInt32) -> Bool {
        if point < 0x80 { return (0x30...0x39).contains(point) }
        return Unicode.Scalar(point)?.properties.generalCategory == .decimalNumber
    }

    /// Letters, numbers and the underscore, as Python's `\w`.
    private func isWord(_ point: UInt32) -> Bool {
        if point < 0x80 {
            return (0x61...0x7A).contains(point) || (0x41...0x5A).contains(point) || (0x30...0x39).contains(point)
                || point == 0x5F
        }
        guard let properties = Unicode.Scalar(point)?.properties else { return false }
        switch properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: return true
        default: return properties.numericType != nil
        }
    }
}
