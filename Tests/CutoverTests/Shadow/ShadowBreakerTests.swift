import Testing

@testable import Cutover

@Suite struct ShadowBreakerTests {
    private enum Event { case ask(Double, Bool), success, failure(Double), abandoned(Double) }

    /// Events and, for questions, whether a sample may go.
    private static let lives: [(name: String, events: [Event])] = [
        ("stays closed below the threshold", [.failure(0), .failure(1), .ask(2, true)]),
        (
            "a success starts the count anew",
            [.failure(0), .failure(1), .success, .failure(2), .failure(3), .ask(4, true)]
        ),
        ("opens at the threshold", [.failure(0), .failure(1), .failure(2), .ask(3, false), .ask(11.9, false)]),
        ("lets one through after the pause", [.failure(0), .failure(0), .failure(2), .ask(12, true), .ask(12, false)]),
        (
            "closes when that one succeeds",
            [.failure(0), .failure(0), .failure(2), .ask(12, true), .success, .ask(12, true), .ask(12, true)]
        ),
        (
            "opens again when that one fails",
            [.failure(0), .failure(0), .failure(2), .ask(12, true), .failure(13), .ask(22, false), .ask(23, true)]
        ),
        (
            "asks again when that one was lost",
            [.failure(0), .failure(0), .failure(2), .ask(12, true), .abandoned(12), .ask(12, true)]
        ),
    ]

    @Test(arguments: lives.indices)
    func opensAndCloses(_ index: Int) {
        let life = Self.lives[index]
        var breaker = ShadowBreaker(threshold: 3, pause: 10)
        for event in life.events {
            switch event {
            case .ask(let now, let admitted): #expect(breaker.admits(now: now) == admitted, "\(life.name)")
            case .success: breaker.succeeded()
            case .failure(let now): breaker.failed(now: now)
            case .abandoned(let now): breaker.abandoned(now: now)
            }
        }
    }
}

@Suite struct ShadowSamplerTests {
    /// Route, time, admitted; two a second of all, one of a route, in bursts of four and two.
    private static let asked: [(route: String, now: Double, admitted: Bool)] = [
        ("a", 0, true), ("a", 0, true), ("a", 0, false), ("b", 0, true), ("b", 0, true), ("c", 0, false),
        ("a", 0.5, false), ("c", 0.5, true), ("c", 0.5, false), ("a", 1.5, true), ("a", 1.5, false),
        // A clock that goes back brings nothing.
        ("a", 1, false),
    ]

    @Test func sharesTheRate() {
        var sampler = ShadowSampler(rate: 2, routeRate: 1)
        for (index, one) in Self.asked.enumerated() {
            #expect(sampler.admits(one.route, now: one.now) == one.admitted, "question \(index)")
        }
    }

    /// What is not wanted does not cost the others their share.
    @Test func aBusyRouteLeavesRoom() {
        var sampler = ShadowSampler(rate: 2, routeRate: 0.5)
        var quiet = 0
        for tick in 0..<1000 {
            let now = Double(tick) / 100
            _ = sampler.admits("busy", now: now)
            if tick.isMultiple(of: 100), sampler.admits("quiet", now: now) { quiet += 1 }
        }
        #expect(quiet >= 6)
    }

    @Test(
        arguments: [
            (nil, 2.0, 0.5), ("40", 40, 10), ("0", 2, 0.5), ("-1", 2, 0.5), ("1001", 2, 0.5), ("fast", 2, 0.5),
            ("nan", 2, 0.5),
        ] as [(String?, Double, Double)])
    func rateIsRead(_ text: String?, _ rate: Double, _ routeRate: Double) {
        let limits = ShadowLimits(environment: text.map { ["RINGRIFT_SHADOW_RATE": $0] } ?? [:])
        #expect(limits.rate == rate)
        #expect(limits.routeRate == routeRate)
    }
}
