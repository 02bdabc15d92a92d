import Testing

@testable import Cutover

@Suite struct DrillTests {
    typealias Sample = DrillResult.Sample

    private static let moments = DrillResult.Moments(flip: 1000, inForce: 1000.05, restore: 1002, restored: 1002.1)

    /// A request taken up so many milliseconds after the flip, and answered `took` milliseconds later.
    private static func sample(
        _ number: Int, _ milliseconds: Double, _ side: ServingSide?, took: Double = 2, status: Int = 200
    ) -> Sample {
        let accepted = 1000 + milliseconds / 1000
        return Sample(
            number: number, path: "/health", sent: accepted - 0.001, done: accepted + took / 1000, status: status,
            side: side, accepted: status == 0 ? nil : accepted, problem: status == 0 ? "connection reset" : nil)
    }

    private static func result(
        _ samples: [Sample], promise: Double? = 250, moments: DrillResult.Moments = moments, accepted: Int? = nil,
        doubled: Int = 0
    ) -> DrillResult {
        let count = DrillLedger.Count(run: "r", accepted: accepted ?? samples.count, doubled: doubled)
        return DrillResult(
            run: "r", subsystems: [.p2pObservability], paths: ["/health"], moments: moments, promise: promise,
            samples: samples, count: count)
    }

    private static let good = [
        sample(0, -10, .swift), sample(1, 38.2, .swift), sample(2, 41, .legacy), sample(3, 2100, .swift),
    ]

    @Test func withinThePromise() {
        let result = Self.result(Self.good + [Self.sample(4, -5, .swift, took: 100)])
        #expect(result.problems.isEmpty && result.isWithinPromise)
        #expect(result.lastSwift.map { abs($0 - 38.2) < 0.001 } == true)
        #expect(result.firstLegacy.map { abs($0 - 41) < 0.001 } == true)
        #expect(result.crossing == 1)
        #expect(result.swift.answers == 4 && result.legacy.answers == 1)
        let lines = result.lines()
        #expect(lines.allSatisfy { $0.count <= 80 })
        #expect(lines.first == "  last request that swift took up     39 ms after the flip (promise: 250 ms)")
        #expect(lines.last == "ok: within the promise")
    }

    /// What happened, what the verdict names.
    @Test(
        arguments: [
            (result(good + [sample(4, 250.1, .swift)]), "swift took up a request 251 ms after the flip"),
            (result(good + [sample(4, 250, .swift)]), nil),
            // After the flags were restored it is Swift's turn again.
            (result(good + [sample(4, 2000.5, .swift)]), nil),
            (result([sample(0, 20, .swift)]), "the legacy took up no request"),
            (result(good + [sample(4, 60, .legacy, status: 503)]), "1 failed"),
            (result(good + [sample(4, 60, nil, status: 0)]), "1 failed"),
            // An answer that does not say who gave it proves nothing.
            (result(good + [sample(4, 60, nil)]), "1 failed"),
            // A refusal is an answer.
            (result(good + [sample(4, 60, .legacy, status: 404)]), nil),
            (result(good, accepted: 3), "1 lost"), (result(good, doubled: 2), "2 doubled"),
            (
                result(good, moments: .init(flip: 1000, inForce: nil, restore: 1002, restored: 1002.1)),
                "the node did not say that the rollback was in force"
            ),
            (
                result(good, moments: .init(flip: 1000, inForce: 1000.05, restore: 1002, restored: nil)),
                "the node did not say that the old flags were in force again"
            ),
            // Nothing is promised without a ready worker.
            (result(good + [sample(4, 1900, .swift)], promise: nil), nil),
        ] as [(DrillResult, String?)])
    func verdicts(_ result: DrillResult, _ problem: String?) {
        #expect(result.problems == (problem.map { [$0] } ?? []))
        #expect(result.lines().allSatisfy { $0.count <= 80 })
        #expect(result.lines().last?.hasPrefix("MISSED") == (problem != nil))
    }

    /// A front that knows nothing of the drill has lost all of it.
    @Test func anotherRunsCount() {
        let result = DrillResult(
            run: "mine", subsystems: [], paths: [], moments: Self.moments, promise: 250, samples: Self.good,
            count: .init(run: "other", accepted: 4))
        #expect(result.lost == 4)
    }

    // MARK: what a drill may do

    /// The settings' change, the status' change, why not.
    @Test(
        arguments: [
            ("", [:], .init(kind: "warm", .ready(pid: 1)), nil),
            ("RINGRIFT_IMPL_P2P_LEADERSHIP=live\n", [:], .init(kind: "wait", .ready(pid: 1)), nil),
            ("", [:], .init(kind: "off", nil), "there is no worker to roll back to"),
            ("", [:], .init(kind: "cold", .idle), "no worker is ready (cold: the worker starts when it is needed)"),
            ("RINGRIFT_ROLLBACK=1\n", [:], .init(kind: "warm", .ready(pid: 1)), "swift serves none of what"),
            ("RINGRIFT_IMPL_P2P=legacy\n", ["RINGRIFT_IMPL": "swift"], .init(kind: "warm", .ready(pid: 1)), "a change"),
        ] as [(String, [String: String], CutoverStatus.Standby, String?)])
    func plans(
        _ flags: String, _ serving: [String: String], _ standby: CutoverStatus.Standby, _ refusal: String?
    ) throws {
        let control = try ControlFixture("# a file\n" + flags)
        let status = control.status(serving: serving.isEmpty ? nil : serving, standby: standby)
        do throws(Drill.Failure) {
            let plan = try Drill.plan(status, Drill.Settings(), now: ControlFixture.now)
            #expect(refusal == nil)
            #expect(plan.paths == ["/health", "/election/grant", "/api/jobs"] && plan.hasWorker)
        } catch {
            #expect(refusal.map { "\(error)".hasPrefix($0) } ?? false, "\(error)")
        }
    }

    @Test func onlyWhatIsNamed() throws {
        let status = try ControlFixture("RINGRIFT_IMPL_P2P_LEADERSHIP=shadow\n").status()
        var settings = Drill.Settings()
        settings.targets = [.subsystem(.p2pObservability)]
        #expect(try Drill.plan(status, settings, now: 0).paths == ["/health"])
        for target in [FlagTarget.subsystem(.p2pLeadership), .subsystem(.p2pTraining), .program(.loop)] {
            settings.targets = [target]
            #expect(throws: Drill.Failure.self) { try Drill.plan(status, settings, now: 0) }
        }
        let double = try ControlFixture().status(isDouble: true)
        #expect(try Drill.plan(double, Drill.Settings(), now: 0).paths == ["/health", "/election/grant"])
    }

    @Test func coldWhenAsked() throws {
        let status = try ControlFixture().status(standby: .init(kind: "cold", .idle))
        var settings = Drill.Settings()
        settings.allowsCold = true
        #expect(try !Drill.plan(status, settings, now: 0).hasWorker)
    }

    @Test func oneDrillAtATime() throws {
        let control = try ControlFixture()
        control.ledger.drill.accept(try #require(DrillMark("a 1")), .swift, at: 100)
        let status = control.status()
        #expect(throws: Drill.Failure.cannotRun("another drill is running")) {
            try Drill.plan(status, Drill.Settings(), now: 100.5)
        }
        #expect(throws: Never.self) { try Drill.plan(status, Drill.Settings(), now: 101.5) }
    }
}
