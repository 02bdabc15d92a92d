import Foundation
import PythonSemantics
import Testing

@testable import Cutover

/// A worker that is there and gives no sign of life, as under SIGSTOP.
@Suite(.timeLimit(.minutes(2))) struct SilentWorkerTests {
    private let fake: FakeWorker
    private let exchange: StoreExchange
    private let worker: LegacyWorker
    private let events = AsyncStream<String>.makeStream()

    init() throws {
        fake = try FakeWorker()
        let events = events.continuation
        exchange = StoreExchange(
            store: FakeStore(["role": "leader"]), duties: WorkerDuties(loops: [], startTime: 1.5),
            onEvent: { events.yield($0) }, question: ["a": "_b"],
            views: WorkerViews(limits: .init(patience: 30, doubt: 0.05)), limits: .init(silence: 0.3, trust: 0))
        worker = LegacyWorker(
            configuration: fake.configuration, backoff: .init(first: 0.05), exchange: exchange,
            onEvent: { events.yield($0) })
    }

    private func running(_ body: @Sendable () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await worker.run() }
            try await ready()
            await exchange.waitForRelease(seconds: 10)
            try await body()
            group.cancelAll()
            try await group.waitForAll()
        }
    }

    private func ready() async throws {
        for await line in events.stream where line.hasPrefix("legacy worker ready") { return }
    }

    private func signal(_ number: Int32) throws {
        guard case .ready(let pid) = worker.current else { throw CancellationError() }
        kill(pid, number)
        // A signal may come while another processor still runs the process.
        while number == SIGSTOP, try !isStopped(pid) { usleep(1000) }
    }

    private func isStopped(_ pid: pid_t) throws -> Bool {
        let stat = try String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8)
        return stat.split(separator: ")").last?.hasPrefix(" T") ?? true
    }

    @Test func itIsRefusedAndNotKilled() async throws {
        try await running {
            try await exchange.expectLife()
            try signal(SIGSTOP)
            await #expect(throws: WorkerPulse.Silence.self) { try await exchange.expectLife() }
            await #expect(throws: WorkerPulse.Silence.self) {
                try await exchange.watching { try await Task.sleep(for: .seconds(60)) }
            }
            await #expect(throws: WorkerPulse.Silence.self) { try await exchange.step("dump") }
            let before = worker.current
            try signal(SIGCONT)
            while (try? await exchange.expectLife()) == nil {}
            let answer = try await exchange.step("dump")
            #expect(answer != nil)
            #expect(worker.current == before)
        }
    }

    @Test func theLastKnownIsShown() async throws {
        try await running {
            let fresh = await exchange.look()
            #expect(fresh == ["a": ["value": "_b"]])
            try signal(SIGSTOP)
            for _ in 0..<20 {
                let known = await exchange.look()
                #expect(known == fresh)
            }
            try signal(SIGKILL)
            let gone = await exchange.look()
            #expect(gone == fresh)
            try await ready()
            let again = await exchange.look()
            #expect(again == fresh)
        }
    }

    /// Whoever looks gets what was asked for after it came.
    @Test func manyLooksNeedFewQuestions() async throws {
        try await running {
            await withDiscardingTaskGroup { group in
                for _ in 0..<50 {
                    group.addTask {
                        let seen = await exchange.look()
                        #expect(seen == ["a": ["value": "_b"]])
                    }
                }
            }
            let asked = try await exchange.step("dump")?["seen"]?.asList?.filter { $0 == "views" }.count
            #expect((1..<50).contains(asked ?? 0))
        }
    }
}
