import Effects
import Synchronization
import Testing

@testable import P2PNode

/// A front loop runs only while it is wanted.
@Suite(.timeLimit(.minutes(1))) struct LoopSwitchTests {
    @Test func runsOnlyWhileWanted() async {
        let loops = LoopSwitch(wanted: [], clock: NeverEndingSleep())
        let running = Count()
        let begun = AsyncStream<Void>.makeStream()
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                await loops.host("a") {
                    running.add(1)
                    begun.continuation.yield()
                    while await loops.pause("a", seconds: 30) {}
                    running.add(-1)
                }
            }
            var beginnings = begun.stream.makeAsyncIterator()
            for _ in 0..<50 {
                #expect(running.value == 0)
                await loops.want(["a", "b"])
                await beginnings.next()
                #expect(running.value == 1)
                // Returns when the round has ended.
                await loops.want(["b"])
                #expect(running.value == 0)
            }
            group.cancelAll()
        }
    }

    /// What a loop decided once at its start is decided again at a switch, and not before.
    @Test func aLoopThatReturnsIsAskedAgainAtTheNextSwitch() async {
        let loops = LoopSwitch(wanted: ["a"], clock: NeverEndingSleep())
        let starts = AsyncStream<Int>.makeStream()
        let count = Count()
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                await loops.host("a") {
                    starts.continuation.yield(count.add(1))
                }
            }
            var beginnings = starts.stream.makeAsyncIterator()
            #expect(await beginnings.next() == 1)
            await loops.want([])
            await loops.want(["a"])
            #expect(await beginnings.next() == 2)
            group.cancelAll()
        }
        #expect(count.value == 2)
    }
}

private final class Count: Sendable {
    private let number = Mutex(0)
    var value: Int { number.withLock { $0 } }

    @discardableResult func add(_ amount: Int) -> Int {
        number.withLock { number in
            number += amount
            return number
        }
    }
}

private struct NeverEndingSleep: WallClock {
    func now() -> Double { 0 }
    func sleep(seconds: Double) async throws { try await Task.sleep(for: .seconds(3600)) }
}
