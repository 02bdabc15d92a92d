import Crypto
import PythonSemantics
import Synchronization

/// Streams of bytes that two implementations compute alike: block `n` of a label is
/// SHA-256(seed "\n" label "\n" n), `n` counted from 0 in decimal digits.
///
/// Every draw begins with a fresh block, so a value depends on how often its label was asked before and on nothing else.
/// `Legacy/shim/ringrift_shim/deterministic/streams.py` is the other side; labels are listed in its `labels.py`.
package final class LabelledStreams: IdentifierSource {
    private let seed: String
    private let counts = Mutex<[String: Int]>([:])

    package init(seed: String) { self.seed = seed }

    /// The next `count` bytes of the label's stream.
    package func bytes(label: String, count: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        repeat {
            let number = counts.withLock { counts in
                defer { counts[label, default: 0] += 1 }
                return counts[label, default: 0]
            }
            bytes += SHA256.hash(data: Array("\(seed)\n\(label)\n\(number)".utf8))
        } while bytes.count < count
        return Array(bytes.prefix(count))
    }

    /// A number of 53 random bits divided by 2⁵³: at least 0, below 1.
    package func fraction(label: String) -> Double {
        let number = bytes(label: label, count: 7).reduce(UInt64(0)) { $0 << 8 | UInt64($1) } >> 3
        return Double(number) / Double(UInt64(1) << 53)
    }

    package func uuidHex(label: String) -> String {
        var bytes = bytes(label: label, count: 16)
        bytes[6] = bytes[6] & 0x0F | 0x40
        bytes[8] = bytes[8] & 0x3F | 0x80
        let digits = Array("0123456789abcdef")
        return String(bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
    }
}
