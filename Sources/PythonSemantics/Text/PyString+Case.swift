extension PyString {
    /// `s.lower()`, the final sigma rule included.
    package func lowercased() -> PyString {
        let all = Array(codePoints)
        return mapped(all) { index, scalar in
            if scalar == "\u{3A3}" { return Self.isFinalSigma(all, index) ? "\u{3C2}" : "\u{3C3}" }
            return scalar.properties.lowercaseMapping
        }
    }

    /// `s.upper()`.
    package func uppercased() -> PyString {
        mapped(Array(codePoints)) { _, scalar in scalar.properties.uppercaseMapping }
    }

    /// `s.capitalize()`.
    package func capitalized() -> PyString {
        let all = Array(codePoints)
        return mapped(all) { index, scalar in
            if index == 0 { return scalar.properties.titlecaseMapping }
            if scalar == "\u{3A3}" { return Self.isFinalSigma(all, index) ? "\u{3C2}" : "\u{3C3}" }
            return scalar.properties.lowercaseMapping
        }
    }

    private func mapped(_ all: [UInt32], _ transform: (Int, Unicode.Scalar) -> String) -> PyString {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(utf8Count)
        for (index, codePoint) in all.enumerated() {
            if codePoint >= 0x80, !PyUnicode.isPrintable(codePoint) {
                GeneralizedUTF8.append(codePoint, to: &bytes)
                continue
            }
            // Mappings from or to letters that Unicode 14.0 does not know (all unprintable there) are newer than CPython.
            guard let scalar = Unicode.Scalar(codePoint) else { continue }
            let text = transform(index, scalar)
            if text.unicodeScalars.allSatisfy({ $0.value < 0x80 || PyUnicode.isPrintable($0.value) }) {
                bytes.append(contentsOf: text.utf8)
            } else {
                GeneralizedUTF8.append(codePoint, to: &bytes)
            }
        }
        return PyString(generalizedUTF8: bytes)
    }

    /// A sigma is final when a cased letter stands before it and none behind, skipping what case ignores.
    private static func isFinalSigma(_ all: [UInt32], _ index: Int) -> Bool {
        func firstCased(_ positions: some Sequence<Int>) -> Bool {
            for position in positions {
                guard let properties = Unicode.Scalar(all[position])?.properties else { return false }
                if properties.isCaseIgnorable { continue }
                return properties.isCased
            }
            return false
        }
        return firstCased((0..<index).reversed()) && !firstCased(index + 1..<all.count)
    }
}
