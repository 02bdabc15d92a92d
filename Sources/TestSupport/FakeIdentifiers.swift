import Effects
import Synchronization

/// Version 4 UUIDs from one stream a label, the same in every run.
package final class FakeIdentifiers: IdentifierSource {
    private let drawn = Mutex<[String: UInt64]>([:])

    package init() {}

    package func uuidHex(label: String) -> String {
        let count = drawn.withLock { drawn in
            drawn[label, default: 0] += 1
            return drawn[label] ?? 0
        }
        return Self.uuidHex(label: label, count: count)
    }

    package func fraction(label: String) -> Double {
        Double(UInt64(uuidHex(label: label).prefix(12), radix: 16) ?? 0) / Double(UInt64(1) << 48)
    }

    /// What the `count`-th draw (from 1) of a label gives.
    package static func uuidHex(label: String, count: UInt64) -> String {
        let seed = label.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        var digits = Array(hex(mixed(seed &+ count)) + hex(mixed(~seed &+ count)))
        digits[12] = "4"
        digits[16] = "a"
        return String(digits)
    }

    private static func mixed(_ value: UInt64) -> UInt64 {
        var mixed = value &* 0x9E37_79B9_7F4A_7C15
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    private static func hex(_ value: UInt64) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
