extension PyString {
    package static func + (left: PyString, right: PyString) -> PyString {
        if case .native(let a) = left.storage, case .native(let b) = right.storage { return PyString(a + b) }
        return PyString(generalizedUTF8: left.utf8 + right.utf8)
    }

    package static func += (left: inout PyString, right: PyString) { left = left + right }

    /// `s * times`.
    package func repeated(_ times: Int) -> PyString {
        guard times > 0 else { return PyString() }
        if case .native(let text) = storage { return PyString(String(repeating: text, count: times)) }
        return PyString(generalizedUTF8: Array(repeatElement(utf8, count: times).joined()))
    }

    /// `s.startswith(prefix)`.
    package func hasPrefix(_ prefix: PyString) -> Bool {
        withUTF8 { bytes in
            prefix.withUTF8 { other in
                bytes.count >= other.count
                    && GeneralizedUTF8.equal(UnsafeBufferPointer(rebasing: bytes[..<other.count]), other)
            }
        }
    }

    /// `s.endswith(suffix)`.
    package func hasSuffix(_ suffix: PyString) -> Bool {
        withUTF8 { bytes in
            suffix.withUTF8 { other in
                bytes.count >= other.count
                    && GeneralizedUTF8.equal(
                        UnsafeBufferPointer(rebasing: bytes[(bytes.count - other.count)...]), other)
            }
        }
    }

    /// `part in s`.
    package func contains(_ part: PyString) -> Bool { byteOffset(of: part, from: 0) != nil }

    /// `s.find(part)`: position in code points, nil when absent.
    package func find(_ part: PyString) -> Int? {
        guard let offset = byteOffset(of: part, from: 0) else { return nil }
        return withUTF8 { GeneralizedUTF8.count(UnsafeBufferPointer(rebasing: $0[..<offset])) }
    }

    /// Byte offset of the first occurrence at or after `start`. Both texts are self-synchronizing, so a byte match is
    /// a match of code points.
    func byteOffset(of part: PyString, from start: Int) -> Int? {
        withUTF8 { bytes in
            part.withUTF8 { needle in
                guard let first = needle.first else { return start }
                var index = start
                while index + needle.count <= bytes.count {
                    if bytes[index] == first {
                        let window = UnsafeBufferPointer(rebasing: bytes[index..<index + needle.count])
                        if GeneralizedUTF8.equal(window, needle) { return index }
                    }
                    index += 1
                }
                return nil
            }
        }
    }

    /// `s.split(separator, maxSplits)`; a negative `maxSplits` is no limit. `separator` must not be empty.
    package func split(_ separator: PyString, maxSplits: Int = -1) -> [PyString] {
        precondition(!separator.isEmpty, "an empty separator is a ValueError in Python; check before calling")
        let bytes = utf8
        var parts: [PyString] = []
        var start = 0
        while maxSplits < 0 || parts.count < maxSplits, let hit = byteOffset(of: separator, from: start) {
            parts.append(PyString(generalizedUTF8: Array(bytes[start..<hit])))
            start = hit + separator.utf8Count
        }
        parts.append(PyString(generalizedUTF8: Array(bytes[start...])))
        return parts
    }

    /// `s.split()`: words between runs of white space.
    package func splitWords() -> [PyString] {
        codePoints.split(whereSeparator: PyUnicode.isSpace).map { PyString(codePoints: $0) }
    }

    /// `s.rsplit(separator, 1)` as the part before the last separator and the part after; nil without one.
    package func splitLast(_ separator: PyString) -> (before: PyString, after: PyString)? {
        let parts = split(separator)
        guard parts.count > 1, let last = parts.last else { return nil }
        return (PyString.join(parts.dropLast(), separator: separator), last)
    }

    /// `separator.join(parts)`.
    package static func join<S: Sequence>(_ parts: S, separator: PyString) -> PyString where S.Element == PyString {
        var bytes: [UInt8] = []
        let between = separator.utf8
        var isFirst = true
        for part in parts {
            if !isFirst { bytes.append(contentsOf: between) }
            isFirst = false
            part.withUTF8 { bytes.append(contentsOf: $0) }
        }
        return PyString(generalizedUTF8: bytes)
    }

    /// `s.replace(old, new)`. `old` must not be empty.
    package func replacing(_ old: PyString, with new: PyString) -> PyString {
        contains(old) ? PyString.join(split(old), separator: new) : self
    }

    /// `s.strip()`; `PyString.lstrip`/`rstrip` are the one-sided forms.
    package func strip() -> PyString { stripped(left: true, right: true, where: PyUnicode.isSpace) }
    package func lstrip() -> PyString { stripped(left: true, right: false, where: PyUnicode.isSpace) }
    package func rstrip() -> PyString { stripped(left: false, right: true, where: PyUnicode.isSpace) }

    /// `s.strip(characters)`.
    package func strip(_ characters: PyString) -> PyString {
        let set = Set(characters.codePoints)
        return stripped(left: true, right: true) { set.contains($0) }
    }

    package func rstrip(_ characters: PyString) -> PyString {
        let set = Set(characters.codePoints)
        return stripped(left: false, right: true) { set.contains($0) }
    }

    private func stripped(left: Bool, right: Bool, where drops: (UInt32) -> Bool) -> PyString {
        var rest = Array(codePoints)[...]
        let before = rest.count
        if left { rest = rest.drop(while: drops) }
        if right { while let last = rest.last, drops(last) { rest.removeLast() } }
        return rest.count == before ? self : PyString(codePoints: rest)
    }

    /// `s.isdigit()` for ASCII digits and other decimal digits (superscripts are not covered).
    package var isDecimal: Bool {
        !isEmpty && codePoints.allSatisfy { PyUnicode.decimalValue($0) != nil }
    }
}
