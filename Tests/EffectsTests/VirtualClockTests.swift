import Foundation
import Synchronization
import Testing

@testable import Effects

@Suite struct VirtualClockTests {
    /// Waits until `count` sleeps wait, by asking the clock: no real time is involved in what is tested.
    private func untilWaiting(_ clock: VirtualClock, earliest: Double) async {
        while clock.follow(clock.now()) != .next(earliest) { await Task.yield() }
    }

    @Test func aSleepEndsWhenTheClockHasReachedItsMoment() async throws {
        let clock = VirtualClock(now: 1000)
        let ended = Mutex(false)
        async let sleep: Void = {
            try await clock.sleep(seconds: 2.5)
            ended.withLock { $0 = true }
        }()
        await untilWaiting(clock, earliest: 1002.5)
        #expect(clock.follow(1002.499) == .next(1002.5))
        #expect(!ended.withLock { $0 })
        #expect(clock.follow(1002.5) == .woke)
        try await sleep
        #expect(clock.now() == 1002.5)
        #expect(clock.follow(1003) == .next(nil))
    }

    @Test func whoIsDueAtOnceWakesOneByOneInTheOrderOfRegistration() async throws {
        let clock = VirtualClock(now: 0)
        let order = Mutex<[String]>([])
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (name, seconds) in [("late", 9.0), ("first", 5.0), ("second", 5.0)] {
                group.addTask {
                    try await clock.sleep(seconds: seconds)
                    order.withLock { $0.append(name) }
                }
                await untilWaiting(clock, earliest: name == "late" ? 9 : 5)
                // The next one must not overtake this one: let it register.
                if name == "first" { for _ in 0..<100 { await Task.yield() } }
            }
            while clock.waiterCount < 3 { await Task.yield() }
            for expected in [["first"], ["first", "second"], ["first", "second", "late"]] {
                #expect(clock.follow(9) == .woke)
                while order.withLock({ $0.count }) < expected.count { await Task.yield() }
                #expect(order.withLock { $0 } == expected)
            }
            #expect(clock.follow(9) == .next(nil))
            try await group.waitForAll()
        }
    }

    @Test func cancellationEndsASleepBeforeAndWhileItWaits() async {
        let clock = VirtualClock(now: 0)
        let waiting = Task { try await clock.sleep(seconds: 5) }
        await untilWaiting(clock, earliest: 5)
        waiting.cancel()
        await #expect(throws: CancellationError.self) { try await waiting.value }
        #expect(clock.follow(10) == .next(nil))

        let early = Task {
            while !Task.isCancelled { await Task.yield() }
            try await clock.sleep(seconds: 5)
        }
        early.cancel()
        await #expect(throws: CancellationError.self) { try await early.value }
        #expect(clock.follow(20) == .next(nil))
    }

    @Test func noTimeIsNoWait() async throws {
        let clock = VirtualClock(now: 7)
        try await clock.sleep(seconds: 0)
        try await clock.sleep(seconds: -1)
        #expect(clock.now() == 7)
    }

    @Test func answersAreLinesOfTheProtocol() {
        #expect(VirtualClock.Turn.woke.line == "woke")
        #expect(VirtualClock.Turn.next(nil).line == "next none")
        #expect(VirtualClock.Turn.next(1_768_478_400.1).line == "next 1768478400.1")
    }
}

@Suite struct DeterministicEffectsTests {
    private func directory(_ files: [String: String]) throws -> String {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("det-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        for (name, text) in files { try Data(text.utf8).write(to: URL(fileURLWithPath: "\(path)/\(name)")) }
        return path
    }

    private static let probes =
        #"{"processors": 3, "host_name": "h", "disk": {"blocks": 100, "free": 75, "available": 70}}"#

    @Test func fixedProbesAnswerForTheMachine() throws {
        let probes = try #require(FixedProbes(json: Array(Self.probes.utf8)))
        #expect(probes.processorCount() == 3)
        #expect(probes.hostName() == "h")
        #expect(probes.fileSystem(at: "/") == FileSystemUsage(blocks: 100, free: 75, available: 70))
        #expect(probes.fileSystem(at: "/no/such/place") == nil)
        #expect(FixedProbes(json: Array(#"{"processors": 3}"#.utf8)) == nil)
    }

    @Test(arguments: [
        ([:], "seed: cannot be read"), (["seed": "s"], "probes.json: no fixed probes"),
        (["seed": "s", "probes.json": probes], "clock.sock: No such file or directory"),
    ] as [([String: String], String)])
    func whatIsMissingIsNamed(files: [String: String], complaint: String) throws {
        let directory = try directory(files)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        do {
            _ = try Effects.chosen(environment: [Effects.deterministicVariable: directory])
            Issue.record("no error")
        } catch {
            #expect(error.description == "\(directory)/\(complaint)")
        }
    }
}
