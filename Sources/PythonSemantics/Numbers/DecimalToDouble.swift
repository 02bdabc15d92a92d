#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Correctly rounded decimal to binary conversion.
enum DecimalToDouble {
    private static let powers: [Double] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
        1e20, 1e21, 1e22,
    ]

    /// `mantissa × 10^scale` when one exact multiplication or division gives it (Clinger's fast path), else nil.
    @inline(__always)
    static func exact(_ mantissa: UInt64, scale: Int) -> Double? {
        guard mantissa <= 1 << 53 else { return nil }
        if scale == 0 { return Double(mantissa) }
        if scale < 0 {
            guard scale >= -22 else { return nil }
            return powers.withUnsafeBufferPointer { Double(mantissa) / $0[-scale] }
        }
        guard scale <= 22 else { return nil }
        return powers.withUnsafeBufferPointer { Double(mantissa) * $0[scale] }
    }

    /// A decimal literal (sign, digits, fraction, exponent: nothing else) by the C library, in any length.
    static func parse(_ text: UnsafeBufferPointer<UInt8>) -> Double {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: text.count + 1) { buffer in
            for (index, byte) in text.enumerated() { buffer[index] = CChar(bitPattern: byte) }
            buffer[text.count] = 0
            guard let start = buffer.baseAddress else { return 0 }
            return strtod(start, nil)
        }
    }
}
