/// What comparing both sides of one subsystem has shown so far, as an operator sees it. Whoever compares fills it in.
///
/// All of it is empty where nothing is compared: no samples is "not yet", never "ready".
package struct ComparisonFigures: Sendable, Equatable, Codable {
    /// Milliseconds.
    package struct Latency: Sendable, Equatable, Codable {
        package var p50: Double?
        package var p99: Double?

        package init(p50: Double? = nil, p99: Double? = nil) {
            self.p50 = p50
            self.p99 = p99
        }
    }

    /// Samples that were not compared for one reason.
    package struct Uncompared: Sendable, Equatable, Codable {
        package var reason: String
        package var count: Int

        package init(reason: String, count: Int) {
            self.reason = reason
            self.count = count
        }
    }

    /// Nil: nothing of it was ever looked at.
    package var samples: Int?
    package var mismatches: Int?
    /// Differences that did not repeat.
    package var races: Int?
    package var notCompared: [Uncompared]
    package var old: Latency
    package var new: Latency
    /// Whether the evidence is enough for the next mode.
    package var isReady: Bool
    /// Why not; empty when it is ready.
    package var reason: String

    package init(
        samples: Int? = nil, mismatches: Int? = nil, races: Int? = nil, notCompared: [Uncompared] = [],
        old: Latency = Latency(), new: Latency = Latency(), isReady: Bool = false, reason: String = "no samples"
    ) {
        self.samples = samples
        self.mismatches = mismatches
        self.races = races
        self.notCompared = notCompared
        self.old = old
        self.new = new
        self.isReady = isReady
        self.reason = reason
    }

    /// `ready`, `not yet: no samples`, …
    package var verdict: String { isReady ? "ready" : "not yet: \(reason)" }
}

/// Who compares: asked for every status, from any thread.
package protocol ComparisonEvidence: Sendable {
    func figures(_ subsystem: Subsystem) -> ComparisonFigures
}

/// Nothing is compared.
package struct NoComparison: ComparisonEvidence {
    package init() {}
    package func figures(_ subsystem: Subsystem) -> ComparisonFigures { ComparisonFigures() }
}
