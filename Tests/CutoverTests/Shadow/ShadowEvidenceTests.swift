import PythonSemantics
import Testing

@testable import Cutover

@Suite struct ShadowEvidenceTests {
    private static func evidence(_ change: (inout RouteEvidence) -> Void = { _ in }) -> RouteEvidence {
        var route = RouteEvidence(.p2pObservability, "GET /status")
        for index in 0..<200 {
            route.served += 1
            route.old.add(20)
            route.new.add(5)
            route.add(.equal, at: 1000 + Double(index) * 4)
        }
        change(&route)
        return route
    }

    private static func times(_ count: Int, _ milliseconds: Double, old: Bool) -> (inout RouteEvidence) -> Void {
        { route in
            for _ in 0..<count { if old { route.old.add(milliseconds) } else { route.new.add(milliseconds) } }
        }
    }

    /// Each bound by itself keeps the verdict from "ready".
    private static let cases: [(name: String, route: RouteEvidence?, verdict: String)] = [
        ("enough", evidence(), "ready"),
        ("nothing asked", nil, "not yet: nothing was compared"),
        ("nothing compared", RouteEvidence(.p2pObservability, "GET /status"), "not yet: nothing was compared"),
        ("one mismatch", evidence { $0.add(.mismatch, at: 2000) }, "not yet: 1 mismatch"),
        (
            "few samples",
            {
                var route = RouteEvidence(.p2pObservability, "GET /status")
                for index in 0..<99 { route.add(.equal, at: Double(index) * 100) }
                return route
            }(), "not yet: 99 of 100 samples"
        ),
        (
            "short window",
            {
                var route = RouteEvidence(.p2pObservability, "GET /status")
                for index in 0..<100 { route.add(.equal, at: Double(index)) }
                return route
            }(), "not yet: samples of 99 s, 600 s are wanted"
        ),
        (
            "candidate fails",
            evidence { route in for _ in 0..<3 { route.add(.notCompared(.timedOut), at: 0) } },
            "not yet: the candidate failed 3 times"
        ),
        (
            "races", evidence { route in for _ in 0..<30 { route.add(.race, at: 1900) } },
            "not yet: 30 of 230 samples were races"
        ),
        ("slow", evidence(times(20, 90, old: false)), "not yet: p99 of 90 ms, the legacy's is 20 ms"),
        ("slow, but the legacy is slower", evidence(times(20, 50, old: true)), "ready"),
        ("other reasons do not count", evidence { $0.add(.notCompared(.sampledOut), at: 0) }, "ready"),
    ]

    @Test(arguments: cases.indices)
    func verdicts(_ index: Int) {
        let one = Self.cases[index]
        let evidence = SubsystemEvidence(.p2pObservability, one.route.map { [$0] } ?? [])
        #expect(evidence.verdict.description == one.verdict, "\(one.name)")
    }

    /// A route that was served and never compared keeps its subsystem back; one that cannot be compared does not.
    @Test(arguments: [
        (NotCompared.sampledOut, "not yet: GET /health: 0 of 3 samples"), (.notNative, "ready"), (.notARead, "ready"),
        (.effectUnknown, "ready"),
    ])
    func everyRouteCounts(_ reason: NotCompared, _ verdict: String) {
        var other = RouteEvidence(.p2pObservability, "GET /health")
        other.served = 1
        other.add(.notCompared(reason), at: 0)
        #expect(SubsystemEvidence(.p2pObservability, [Self.evidence(), other]).verdict.description == verdict)
    }

    @Test func otherSubsystemsAreNotItsOwn() {
        #expect(SubsystemEvidence(.p2pLeadership, [Self.evidence()]).verdict == .notYet("nothing was compared"))
    }

    @Test(arguments: [(0.5, 50.0), (0.99, 99), (1, 100), (0, 1)])
    func quantilesAreOfTheNearestRank(_ share: Double, _ value: Double) {
        var window = LatencyWindow()
        #expect(window.quantile(share) == nil)
        for number in (1...100).reversed() { window.add(Double(number)) }
        #expect(window.quantile(share) == value)
    }

    @Test func aWindowKeepsTheLatest() {
        var window = LatencyWindow()
        for _ in 0..<LatencyWindow.size { window.add(1) }
        for _ in 0..<LatencyWindow.size { window.add(9) }
        #expect(window.count == LatencyWindow.size)
        #expect(window.quantile(0) == 9)
    }
}

@Suite struct ShadowLedgerTests {
    private static var limits: ShadowLimits {
        var limits = ShadowLimits()
        (limits.rate, limits.routeRate, limits.failures, limits.pause, limits.maximumBody) = (1000, 1000, 2, 10, 100)
        return limits
    }

    private static func admit(_ ledger: ShadowLedger, bytes: Int = 10, now: Double = 0) -> Bool {
        ledger.admit(.p2pObservability, "GET /status", milliseconds: 20, bytes: bytes, now: now)
    }

    /// Whatever happens, every answer is in exactly one place.
    @Test func nothingIsLost() {
        let ledger = ShadowLedger(limits: Self.limits)
        #expect(Self.admit(ledger, bytes: 100))
        ledger.finish(.p2pObservability, "GET /status", .equal, milliseconds: 5, now: 0, time: 1000)
        #expect(!Self.admit(ledger, bytes: 101))
        ledger.skip(.p2pObservability, "GET /status", .notServed)
        for _ in 0..<2 {
            #expect(Self.admit(ledger))
            ledger.finish(.p2pObservability, "GET /status", .notCompared(.timedOut), now: 0, time: 1000)
        }
        #expect(ledger.isBroken)
        #expect(!Self.admit(ledger, now: 9))
        #expect(Self.admit(ledger, now: 10))
        #expect(!Self.admit(ledger, now: 10))
        #expect(ledger.routes.first?.pending == 1)
        ledger.finish(.p2pObservability, "GET /status", .notCompared(.queueFull), now: 10, time: 1010)
        #expect(Self.admit(ledger, now: 10))
        ledger.finish(.p2pObservability, "GET /status", .mismatch, milliseconds: 7, now: 10, time: 1010)
        #expect(ledger.breaker == .closed(failures: 0))
        let evidence = ledger.evidence(.p2pObservability)
        #expect(evidence.served == 9)
        #expect(evidence.samples == 2)
        #expect(evidence.mismatches == 1)
        #expect(
            evidence.notCompared == [.tooBig: 1, .notServed: 1, .timedOut: 2, .breakerOpen: 2, .queueFull: 1])
        #expect(ledger.routes.allSatisfy { $0.pending == 0 })
        #expect(evidence.old.p50 == 20)
        #expect(evidence.new.p99 == 7)
        #expect(evidence.first == 1000)
        #expect(evidence.last == 1010)
    }

    /// What a candidate refuses to do is an answer of it, and no failure.
    @Test(arguments: [
        (ShadowOutcome.equal, true), (.race, true), (.mismatch, true), (.notCompared(.effectUnknown), true),
        (.notCompared(.notNative), true), (.notCompared(.timedOut), false), (.notCompared(.candidateDown), false),
    ])
    func onlyFailuresOpenTheBreaker(_ outcome: ShadowOutcome, _ isFine: Bool) {
        let ledger = ShadowLedger(limits: Self.limits)
        for _ in 0..<2 {
            _ = Self.admit(ledger)
            ledger.finish(.p2pObservability, "GET /status", outcome, now: 0, time: 0)
        }
        #expect(ledger.isBroken == !isFine)
    }

    /// What `/cutover/status` shows of it.
    @Test func figures() {
        let ledger = ShadowLedger(limits: ShadowLimits(environment: [:]))
        #expect(ledger.figures(.p2pObservability) == ComparisonFigures())
        ledger.skip(.p2pObservability, "POST /x", .notARead)
        #expect(
            ledger.figures(.p2pObservability).notCompared == [.init(reason: NotCompared.notARead.rawValue, count: 1)])
        #expect(ledger.admit(.p2pObservability, "GET /status", milliseconds: 20, bytes: 9, now: 1))
        ledger.finish(.p2pObservability, "GET /status", .mismatch, milliseconds: 5, now: 2, time: 1000)
        let figures = ledger.figures(.p2pObservability)
        #expect(figures.samples == 1 && figures.mismatches == 1 && figures.races == 0 && !figures.isReady)
        #expect(figures.verdict == "not yet: 1 mismatch")
        #expect(figures.old.p50 == 20 && figures.new.p50 == 5)
        #expect(ledger.figures(.p2pScheduling) == ComparisonFigures())
        var enough = RouteEvidence(.p2pObservability, "GET /status")
        for index in 0..<200 {
            enough.old.add(20)
            enough.new.add(5)
            enough.served += 1
            enough.add(.equal, at: Double(index) * 4)
        }
        #expect(ComparisonFigures(SubsystemEvidence(.p2pObservability, [enough])).verdict == "ready")
    }
}
