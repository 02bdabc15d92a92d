import Foundation
import Synchronization

/// The machine's clock.
package struct LiveClock: WallClock {
    package init() {}

    package func now() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    package func sleep(seconds: Double) async throws {
        try await Task.sleep(nanoseconds: UInt64(max(0, seconds) * 1e9))
    }
}

/// Random UUIDs from the system's generator.
package struct LiveIdentifiers: IdentifierSource {
    package init() {}

    package func uuidHex(label: String) -> String {
        UUID().uuidString.replacingOccurrences(of: "-", with: "").lowercased()
    }

    package func fraction(label: String) -> Double { Double(UInt64.random(in: 0..<1 << 53)) / Double(UInt64(1) << 53) }
}
