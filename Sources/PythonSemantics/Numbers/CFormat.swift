#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Exact decimal text of doubles by the C library (correct rounding, ties to even, as CPython's own routines).
enum CFormat {
    enum Style: String {
        case fixed = "%.*f"
        case exponent = "%.*e"
        case general = "%.*g"
        /// Keeps trailing zeros and the point.
        case generalAlternate = "%#.*g"
    }

    static func text(_ value: Double, _ style: Style, precision: Int) -> String {
        // At most 309 digits before the point.
        let capacity = precision + 330
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: capacity) { buffer in
            let arguments: [any CVarArg] = [Int32(clamping: precision), value]
            let written = withVaList(arguments) { vsnprintf(buffer.baseAddress, capacity, style.rawValue, $0) }
            let length = max(0, min(Int(written), capacity - 1))
            return String(decoding: buffer[..<length].lazy.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
    }
}
