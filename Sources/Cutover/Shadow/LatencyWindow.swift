/// The latest answer times of one side, in milliseconds.
package struct LatencyWindow: Sendable, Equatable {
    private var values: [Double] = []
    private var next = 0
    package static let size = 1024

    package init() {}

    package var count: Int { values.count }

    package mutating func add(_ milliseconds: Double) {
        if values.count < Self.size {
            values.append(milliseconds)
        } else {
            values[next] = milliseconds
            next = (next + 1) % Self.size
        }
    }

    /// The value that this share of all does not exceed (nearest rank); nil without values.
    package func quantile(_ share: Double) -> Double? { Self.quantile(share, of: values) }

    /// As ``quantile(_:)`` over several windows.
    package static func quantile(_ share: Double, of windows: [LatencyWindow]) -> Double? {
        quantile(share, of: windows.flatMap(\.values))
    }

    private static func quantile(_ share: Double, of values: [Double]) -> Double? {
        guard !values.isEmpty else { return nil }
        let rank = (share * Double(values.count)).rounded(.up)
        return values.sorted()[max(0, min(values.count - 1, Int(rank) - 1))]
    }
}
