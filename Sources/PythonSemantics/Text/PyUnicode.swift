/// Character classes as CPython 3.11 knows them (Unicode 14.0).
package enum PyUnicode {
    /// `str.isprintable()` of one code point: what `repr` shows as it is.
    package static func isPrintable(_ codePoint: UInt32) -> Bool {
        if codePoint < 0x7F { return codePoint >= 0x20 }
        // Number of boundaries at or below the code point; odd means inside an unprintable range.
        var low = 0
        var high = printableBoundaries.count
        while low < high {
            let middle = (low + high) / 2
            if printableBoundaries[middle] <= codePoint { low = middle + 1 } else { high = middle }
        }
        return low % 2 == 0
    }

    /// `str.isspace()` of one code point: what `strip()` and `int()` remove.
    package static func isSpace(_ codePoint: UInt32) -> Bool {
        switch codePoint {
        case 0x09...0x0D, 0x1C...0x20, 0x85, 0xA0, 0x1680, 0x2000...0x200A, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000:
            return true
        default: return false
        }
    }

    /// The value of a decimal digit of any script, as `int()` reads it.
    package static func decimalValue(_ codePoint: UInt32) -> Int? {
        if codePoint < 0x80 {
            return 0x30...0x39 ~= codePoint ? Int(codePoint) - 0x30 : nil
        }
        var low = 0
        var high = decimalZeros.count
        while low < high {
            let middle = (low + high) / 2
            if decimalZeros[middle] <= codePoint { low = middle + 1 } else { high = middle }
        }
        guard low > 0 else { return nil }
        let value = Int(codePoint - decimalZeros[low - 1])
        return value < 10 ? value : nil
    }
}
