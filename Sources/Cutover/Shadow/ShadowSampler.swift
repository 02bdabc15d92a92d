/// Which answers are compared: so many a second of all, so many of one route, so that a busy route leaves room for others.
package struct ShadowSampler: Sendable, Equatable {
    /// Tokens that come back with time.
    private struct Bucket: Sendable, Equatable {
        var tokens: Double
        var filled: Double

        mutating func fill(_ rate: Double, _ size: Double, now: Double) {
            tokens = min(size, tokens + max(0, now - filled) * rate)
            filled = now
        }
    }

    private let rate: Double
    private let routeRate: Double
    private var all: Bucket?
    private var routes: [String: Bucket] = [:]

    /// - Parameters:
    ///   - rate: samples a second of all routes.
    ///   - routeRate: of one.
    package init(rate: Double, routeRate: Double) {
        self.rate = rate
        self.routeRate = routeRate
    }

    /// - Parameter now: seconds of a clock that does not go back.
    package mutating func admits(_ route: String, now: Double) -> Bool {
        let (size, routeSize) = (max(4, rate), max(2, routeRate))
        var one = routes[route] ?? Bucket(tokens: routeSize, filled: now)
        var every = all ?? Bucket(tokens: size, filled: now)
        one.fill(routeRate, routeSize, now: now)
        every.fill(rate, size, now: now)
        let admitted = one.tokens >= 1 && every.tokens >= 1
        if admitted {
            one.tokens -= 1
            every.tokens -= 1
        }
        routes[route] = one
        all = every
        return admitted
    }
}
