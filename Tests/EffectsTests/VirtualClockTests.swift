import Foundation
import Synchronization
import Testing

@testable import Effects

@Suite struct VirtualClockTests {
    /// Names in the order in which they were noted.
    private final class Notes: Sendable {
        private let names = Mutex<[String]>([])
        var all: [String] { names.withLock { $0 } }
        func add(_ name: String) { names.withLock { $0.append(name) } }
    }

    /// Waits until `count` sleeps wait, by asking the clock: no real time is involved in what is tested.
    private func untilWaiting(_ clock: VirtualClock, earliest: Double) async {
        while clock.follow(clock.now()) != .next(earliest) { await Task.yield() }
    }

    @Test func aSleepEndsWhenTheClockHasReachedItsMoment() async throws {
        let clock = VirtualClock(now: 1000)
        let notes = Notes()
        let sleep = Task {
            try await clock.sleep(seconds: 2.5)
            notes.add("ended")
        }
        await untilWaiting(clock, earliest: 1002.5)
        #expect(clock.follow(1002.499) == .next(1002.5))
        #expect(notes.all.isEmpty)
        #expect(clock.follow(1002.5) == .woke)
        try await sleep.value
        #expect(notes.all == ["ended"])
        #expect(clock.now() == 1002.5)
        #expect(clock.follow(1003) == .next(nil))
    }

    @Test func whoIsDueAtOnceWakesOneByOneInTheOrderOfRegistration() async throws {
        let clock = VirtualClock(now: 0)
        let notes = Notes()
        var sleeps: [Task<Void, any Error>] = []
        for (name, seconds) in [("late", 9.0), ("first", 5.0), ("second", 5.0)] {
            sleeps.append(
                Task {
                    try await clock.sleep(seconds: seconds)
                    notes.add(name)
                })
            while clock.waiterCount < sleeps.count { await Task.yield() }
        }
        for expected in [["first"], ["first", "second"], ["first", "second", "late"]] {
            #expect(clock.follow(9) == .woke)
            while notes.all.count < expected.count { await Task.yield() }
            #expect(notes.all == expected)
        }
        #expect(clock.follow(9) == .next(nil))
        for sleep in sleeps { try await sleep.value }
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

    private static let incomplete: [([String: String], String)] = [
        ([:], "seed: cannot be read"), (["seed": "s"], "probes.json: no fixed probes"),
        (["seed": "s", "probes.json": probes], "clock.sock: No such file or directory"),
    ]

    @Test(arguments: incomplete) func whatIsMissingIsNamed(files: [String: String], complaint: String) throws {
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
