/// Hash of key bytes for ``KeyIndex``: multiply and fold over eight-byte words, keyed by a per-process seed so that
/// a peer cannot choose colliding keys. Never visible outside: order is insertion order.
enum KeyHash {
    private static let seed: UInt64 = {
        var generator = SystemRandomNumberGenerator()
        return generator.next() | 1
    }()

    static func of(_ key: PyString) -> UInt32 { key.withUTF8 { of($0) } }

    @inline(__always)
    static func of(_ bytes: UnsafeBufferPointer<UInt8>) -> UInt32 {
        var state = seed &+ UInt64(truncatingIfNeeded: bytes.count)
        guard let base = bytes.baseAddress else { return fold(state, seed) }
        let raw = UnsafeRawPointer(base)
        var index = 0
        while index + 8 <= bytes.count {
            state = mix(state ^ raw.loadUnaligned(fromByteOffset: index, as: UInt64.self), seed ^ 0x9E37_79B9_7F4A_7C15)
            index += 8
        }
        var tail: UInt64 = 0
        while index < bytes.count {
            tail = tail << 8 | UInt64(base[index])
            index += 1
        }
        return fold(mix(state ^ tail, seed ^ 0xD6E8_FEB8_6659_FD93), seed)
    }

    @inline(__always)
    private static func mix(_ value: UInt64, _ factor: UInt64) -> UInt64 {
        let product = value.multipliedFullWidth(by: factor)
        return product.high ^ product.low
    }

    @inline(__always)
    private static func fold(_ value: UInt64, _ seed: UInt64) -> UInt32 {
        let mixed = mix(value ^ 0xA076_1D64_78BD_642F, seed)
        return UInt32(truncatingIfNeeded: mixed ^ mixed >> 32)
    }
}
