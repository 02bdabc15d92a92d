import PythonSemantics

/// Whether another process may start now, first failing check first (contract 06 section 4.5).
package struct SpawnGate: Sendable {
    /// How full the queue of training data is.
    package enum QueueLevel: String, Sendable, CaseIterable {
        case none, soft, hard, stop

        /// Share of the production that goes on.
        package var factor: Double {
            switch self {
            case .none: 1
            case .soft: 0.5
            case .hard: 0.1
            case .stop: 0
            }
        }

        package var isThrottled: Bool { self != .none }
    }

    package var limit: Int
    package var loadMultiplier: Double

    package init(constants: P2PConstants) {
        limit = constants.spawnRateLimitPerMinute
        loadMultiplier = constants.loadAverageMaxMultiplier
    }

    /// Why the load average forbids a start; nil: it does not (or cannot be read).
    package func loadRefusal(loadAverage: String?, processors: Int) -> String? {
        let loads = (loadAverage ?? "").split(separator: " ").prefix(3).compactMap { Double($0) }
        guard loads.count == 3 else { return nil }
        let count = processors == 0 ? 1 : processors
        let maximum = Double(count) * loadMultiplier
        if loads[0] > maximum {
            return "Load \(PyNumber.fixed(loads[0], 1)) > \(PyNumber.fixed(maximum, 0)) "
                + "(cpus=\(count) x \(PyNumber.repr(loadMultiplier)))"
        }
        return loads[1] > maximum * 1.5
            ? "5min load \(PyNumber.fixed(loads[1], 1)) > \(PyNumber.fixed(maximum * 1.5, 0))" : nil
    }

    /// Drops what is older than a minute; the refusal when too much is left.
    package func rateRefusal(_ timestamps: inout [Double], now: Double) -> String? {
        timestamps.removeAll { !(now - $0 < 60) }
        return timestamps.count >= limit ? "Rate limit: \(timestamps.count)/\(limit) spawns in last minute" : nil
    }

    /// - Parameter draw: a fraction, asked for only when the queue is throttled.
    package static func queueRefusal(_ level: QueueLevel, draw: () -> Double) -> String? {
        if level == .stop { return "Backpressure: training queue at STOP level" }
        guard level.isThrottled, draw() > level.factor else { return nil }
        return "Backpressure: throttled (factor=\(PyNumber.fixed(level.factor, 2)))"
    }
}
