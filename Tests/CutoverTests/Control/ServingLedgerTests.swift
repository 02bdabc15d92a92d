import HTTPService
import PythonSemantics
import Synchronization
import Testing

@testable import Cutover

@Suite struct ServingLedgerTests {
    private func request(_ mark: String? = nil) -> ServiceRequest {
        ServiceRequest(method: "GET", target: "/health", headers: mark.map { [(DrillMark.header, $0)] } ?? [])
    }

    @Test func answersByTheirSide() async throws {
        let ledger = ServingLedger(now: { 5 })
        let good = ledger.counted(.p2pTraining, .swift) { _ in .text("a") }
        let bad = ledger.counted(.p2pTraining, .legacy) { _ in .text("b", status: 503) }
        let broken = ledger.counted(.p2pTraining, .legacy) { _ in throw PyException(type: "ValueError", message: "c") }
        for _ in 0..<3 { _ = try await good(request()) }
        _ = try await bad(request())
        await #expect(throws: PyException.self) { try await broken(request()) }
        #expect(ledger.answers(.p2pTraining, .swift) == .init(answered: 3))
        #expect(ledger.answers(.p2pTraining, .legacy) == .init(answered: 2, failed: 2))
        #expect(ledger.answers(.p2pNetwork, .swift) == .init())
        #expect(ledger.drill.count == nil)
    }

    /// Nothing changes for who is no drill, and marks that are none are ordinary headers.
    @Test(
        arguments: [
            nil, "", "run", "run x", "run -1", "run 1048576", "RUN 1", "run  1", "run 1 2", "run +1",
            String(repeating: "a", count: 33) + " 1", "rün 1",
        ])
    func unmarked(_ mark: String?) async throws {
        let ledger = ServingLedger(now: { 5 })
        let handler = ledger.counted(.p2pTraining, .swift) { _ in .text("a") }
        let response = try await handler(request(mark))
        #expect(response.headers.map(\.name) == ["Content-Type"])
        #expect(ledger.drill.count == nil)
    }

    @Test func marked() async throws {
        let time = Mutex(10.0)
        let ledger = ServingLedger(now: { time.withLock { $0 } })
        // Taken up at 10; what the handler takes does not count.
        let handler = ledger.counted(.p2pTraining, .legacy) { _ in
            time.withLock { $0 = 12.5 }
            return .text("a")
        }
        let response = try await handler(request("r2d2 7"))
        #expect(
            response.headers.suffix(2).map { "\($0.name): \($0.value)" } == [
                "X-Ringrift-Side: legacy", "X-Ringrift-Accepted: 10.000000",
            ])
    }

    /// Marks in the order of their arrival, then what is known of the last drill.
    @Test(
        arguments: [
            (["a 0", "a 1", "a 200"], "a", 3, 0), (["a 0", "a 0", "a 0"], "a", 1, 2), (["a 5", "b 5"], "b", 1, 0),
            (["a 63", "a 64", "a 63", "a 1048575"], "a", 3, 1),
        ])
    func lostAndDoubled(_ marks: [String], _ run: String, _ accepted: Int, _ doubled: Int) throws {
        let drill = DrillLedger()
        for mark in marks { drill.accept(try #require(DrillMark(mark)), .swift, at: 3) }
        let count = try #require(drill.count)
        #expect(count.run == run && count.accepted == accepted && count.doubled == doubled)
        #expect(count.swift == accepted + doubled && count.legacy == 0 && count.last == 3)
    }
}
