extension PyNumber {
    /// `repr(x)` of a float: the shortest digits that read back as `x`; exponent form below 1e-4 and from 1e16 on.
    package static func repr(_ value: Double) -> String {
        if value.isNaN { return "nan" }
        if value.isInfinite { return value < 0 ? "-inf" : "inf" }
        var writer = ByteWriter(capacity: 32)
        writer.writeFloat(value)
        return writer.withBytes { String(decoding: $0, as: UTF8.self) }
    }
}
