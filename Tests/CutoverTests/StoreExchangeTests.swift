import Foundation
import PythonSemantics
import Synchronization
import Testing

@testable import Cutover

/// The exchange with a worker that speaks the control protocol.
@Suite(.timeLimit(.minutes(2))) struct StoreExchangeTests {
    private let fake: FakeWorker
    private let store = FakeStore(["role": "leader", "peers": ["q": ["x": 5]], "voters": ["a"]])
    private let exchange: StoreExchange
    private let worker: LegacyWorker
    private let events = AsyncStream<String>.makeStream()

    init() throws {
        fake = try FakeWorker()
        let events = events.continuation
        exchange = StoreExchange(
            store: store, duties: WorkerDuties(loops: ["discovery"], startTime: 1.5), onEvent: { events.yield($0) },
            question: ["a": "_b"])
        worker = LegacyWorker(
            configuration: fake.configuration, backoff: .init(first: 0.05), exchange: exchange,
            onEvent: { events.yield($0) })
    }

    /// Runs the worker beside `body`, which begins when it has the state.
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

    private func dump() async throws -> (state: PyValue, seen: [PyValue]) {
        let answer = try await exchange.step("dump")
        return (answer?["state"] ?? .none, answer?["seen"]?.asList ?? [])
    }

    /// The store's values win; what only the worker has is carried from now on.
    @Test func theWorkerIsFilledFirst() async throws {
        try await running {
            let (state, seen) = try await dump()
            #expect(state == ["role": "leader", "peers": ["q": ["x": 5]], "_lazy": ["n": 1], "voters": ["a"]])
            #expect(seen.prefix(3) == ["subscribe", "state.get", "state.put"])
            #expect(seen.contains(["discovery"]))
            #expect(store.image()["_lazy"] == ["n": 1])
        }
    }

    @Test func whatTheStoreChangedIsThereBeforeLegacyCodeRuns() async throws {
        try await running {
            store.change { $0["peers"]?["q"]?["x"] = 6 }
            store.change { $0["role"] = nil }
            let seen1 = try await dump().state
            #expect(seen1 == ["peers": ["q": ["x": 6]], "_lazy": ["n": 1], "voters": ["a"]])
            #expect(exchange.counts.conflicts == 0)
        }
    }

    @Test func whatLegacyCodeChangedIsInTheStoreBeforeItGoesOn() async throws {
        try await running {
            let seen2 = try await exchange.step("set", [["peers", "q", "y"], 9])
            #expect(seen2 == true)
            #expect(store.image()["peers"] == ["q": ["x": 5, "y": 9]])
            #expect(store.saved.isEmpty)
            // `_save_state`: on disk before the acknowledgement.
            let seen3 = try await exchange.step("set", [["role"], "follower", "save"])
            #expect(seen3 == true)
            #expect(store.saved.map { $0["role"] } == ["follower"])
            #expect(exchange.counts.saves == 1)
            #expect(exchange.counts.conflicts == 0)
        }
    }

    /// Both sides changed a field: the later one wins on both sides, and it is counted.
    @Test func conflicts() async throws {
        try await running {
            store.change { $0["role"] = "candidate" }
            try await exchange.synchronize()
            let seen4 = try await exchange.step("race", [["role": ["v": "follower", "b": "leader"]]])
            #expect(seen4 == true)
            #expect(exchange.counts.conflicts == 1)
            #expect(store.image()["role"] == "follower")
            let seen5 = try await dump().state["role"]
            #expect(seen5 == "follower")
            // A record that the store has removed stays removed.
            store.change { $0["peers"] = [:] }
            try await exchange.synchronize()
            let late: PyValue = ["peers": ["m": ["q": ["m": ["x": ["v": 7, "b": 5]]]]]]
            let seen6 = try await exchange.step("race", [late])
            #expect(seen6 == true)
            #expect(exchange.counts.conflicts == 2)
            #expect(store.image()["peers"] == [:])
            let seen7 = try await dump().state["peers"]
            #expect(seen7 == [:])
        }
    }

    @Test func stepsCrossTheBorderBothWays() async throws {
        try await running {
            let seen8 = try await exchange.step("ask", ["_start_election"])
            #expect(seen8 == "done _start_election")
            #expect(store.asked == ["_start_election"])
            await #expect(throws: WorkerControl.Failure(type: "ValueError", message: "no such thing")) {
                try await exchange.step("fail")
            }
            let seen9 = await exchange.look()
            #expect(seen9 == ["a": ["value": "_b"]])
        }
        let seen10 = try await exchange.step("dump")
        #expect(seen10 == nil)
    }

    /// A new worker gets everything, also what only its predecessor could know.
    @Test func aNewWorkerIsFilledAgain() async throws {
        try await running {
            _ = try await exchange.step("set", [["_lazy", "n"], 5])
            _ = try? await exchange.step("die")
            try await ready()
            let seen11 = try await dump().state["_lazy"]
            #expect(seen11 == ["n": 5])
            #expect(exchange.counts.fills == 2)
        }
    }

    @Test func noWorkerNoAnswer() async throws {
        #expect(exchange.isAttached == false)
        let seen12 = try await exchange.step("dump")
        #expect(seen12 == nil)
        try await exchange.synchronize()
        #expect(await exchange.endWorker(grace: 1) == false)
    }
}
