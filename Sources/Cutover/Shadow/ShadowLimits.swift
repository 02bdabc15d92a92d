/// What keeps the side that does not serve from hurting the one that does.
package struct ShadowLimits: Sendable, Equatable {
    /// Samples that wait.
    package var queue = 16
    /// Seconds the candidate has for an answer; at idle priority on a busy machine it needs some, and nobody waits for it.
    package var deadline = 20.0
    /// Bytes of a body that is compared.
    package var maximumBody = 256 * 1024
    /// Samples a second, all routes together. The serving side is asked again at most twice for each.
    package var rate = 2.0
    /// Samples a second of one route.
    package var routeRate = 0.5
    /// Failures in a row that open the breaker.
    package var failures = 5
    /// Seconds the breaker stays open.
    package var pause = 30.0
    /// Mismatches that are kept on disk.
    package var mismatches = 100
    /// How often both sides are asked again before a difference is a mismatch.
    package var repetitions = 2
    /// Seconds before both are asked again.
    package var repetitionPause = 0.25

    package init() {}

    /// `RINGRIFT_SHADOW_RATE`: samples a second, above 0 and at most 1000; a quarter of it for one route. Anything else
    /// changes nothing.
    /// `RINGRIFT_SHADOW_DEADLINE`: seconds, at least 0.1 and at most 120.
    package init(environment: [String: String]) {
        if let rate = environment["RINGRIFT_SHADOW_RATE"].flatMap(Double.init), rate > 0, rate <= 1000 {
            self.rate = rate
            routeRate = rate / 4
        }
        if let deadline = environment["RINGRIFT_SHADOW_DEADLINE"].flatMap(Double.init), (0.1...120).contains(deadline) {
            self.deadline = deadline
        }
    }
}
