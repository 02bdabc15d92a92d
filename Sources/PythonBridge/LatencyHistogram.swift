import Glibc
import Synchronization

/// Latency counts in buckets an eighth of a power of two wide: quantiles are at most 12.5 % too high.
final class LatencyHistogram: Sendable {
    private struct Counts {
        var buckets = [UInt64](repeating: 0, count: 64 * 8)
        var total: UInt64 = 0
        var maximum: UInt64 = 0
    }

    private let counts = Mutex(Counts())

    /// CLOCK_MONOTONIC in nanoseconds.
    static func now() -> UInt64 { monotonicNanoseconds() }

    func record(_ nanoseconds: UInt64) {
        counts.withLock { counts in
            counts.buckets[Self.bucket(nanoseconds)] += 1
            counts.total += 1
            counts.maximum = max(counts.maximum, nanoseconds)
        }
    }

    func summary() -> LatencySummary {
        let counts = counts.withLock { $0 }
        func quantile(_ fraction: Double) -> Duration {
            let rank = UInt64((Double(counts.total) * fraction).rounded(.up))
            var seen: UInt64 = 0
            for (index, count) in counts.buckets.enumerated() where count > 0 {
                seen += count
                if seen >= rank { return .nanoseconds(Int64(clamping: min(Self.upperBound(index), counts.maximum))) }
            }
            return .zero
        }
        return LatencySummary(
            count: Int(counts.total), p50: quantile(0.5), p99: quantile(0.99),
            maximum: .nanoseconds(Int64(clamping: counts.maximum)))
    }

    /// Values below 16 have a bucket each; above, three bits follow the leading one.
    static func bucket(_ value: UInt64) -> Int {
        guard value >= 16 else { return Int(value) }
        let exponent = 63 - value.leadingZeroBitCount
        return (exponent - 2) * 8 + Int(truncatingIfNeeded: value >> UInt64(exponent - 3) & 7)
    }

    /// The largest value of a bucket.
    static func upperBound(_ bucket: Int) -> UInt64 {
        guard bucket >= 16 else { return UInt64(bucket) }
        let shift = UInt64(bucket / 8 - 1)
        return (UInt64(bucket % 8) + 8) << shift | ((1 << shift) - 1)
    }

    private static func monotonicNanoseconds() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
    }
}

/// What a latency histogram says.
package struct LatencySummary: Sendable, Equatable {
    package let count: Int
    package let p50: Duration
    package let p99: Duration
    package let maximum: Duration
}
