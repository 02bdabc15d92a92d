import Comparison

/// Ids of mismatches: eight hexadecimal digits that depend on where something differs, not on the values.
enum MismatchID {
    static let digits = 8

    static func make(scenario: String, subject: CheckResult.Subject, differences: [Difference]) -> String {
        let places = differences.map { "\($0.kind.rawValue) \($0.path)" }.sorted()
        let text = ([scenario, subject.key] + places).joined(separator: "\u{0}")
        let hexadecimal = String(hash(text), radix: 16)
        return String((String(repeating: "0", count: 16) + hexadecimal).suffix(16).prefix(digits))
    }

    /// FNV-1a with a final mix, so that the first digits depend on all of the text.
    private static func hash(_ text: String) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        hash = (hash ^ (hash >> 30)) &* 0xBF58_476D_1CE4_E5B9
        hash = (hash ^ (hash >> 27)) &* 0x94D0_49BB_1331_11EB
        return hash ^ (hash >> 31)
    }

    /// Whether a text may be an id or the beginning of one; keeps paths out of file names.
    static func isPlausible(_ text: String) -> Bool {
        !text.isEmpty && text.count <= digits
            && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    }
}
