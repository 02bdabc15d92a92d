import Foundation
import Synchronization

/// A clock that stands still until the parity harness moves it; the protocol is that of
/// `Legacy/shim/ringrift_shim/deterministic/channel.py`.
///
/// The harness says the time; whoever waits for it wakes one at a time, in the order of moment and registration, so that
/// what is due at the same moment runs in the same order in every run.
package final class VirtualClock: WallClock {
    private struct Waiter {
        var moment: Double
        var number: Int
        var continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var now: Double
        var count = 0
        /// Sorted by moment and number.
        var waiting: [Waiter] = []
        /// Numbers of sleeps that were cancelled before they waited.
        var cancelled: Set<Int> = []
    }

    private let state: Mutex<State>

    /// - Parameter now: unix seconds.
    package init(now: Double) { state = Mutex(State(now: now)) }

    package func now() -> Double { state.withLock { $0.now } }

    package func sleep(seconds: Double) async throws {
        try Task.checkCancellation()
        guard seconds > 0 else { return await Task.yield() }
        let (number, moment) = state.withLock { state in
            state.count += 1
            return (state.count, state.now + seconds)
        }
        defer { _ = state.withLock { $0.cancelled.remove(number) } }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let waits = state.withLock { state in
                    if state.cancelled.contains(number) { return false }
                    let place = state.waiting.firstIndex { $0.moment > moment } ?? state.waiting.endIndex
                    state.waiting.insert(
                        Waiter(moment: moment, number: number, continuation: continuation), at: place)
                    return true
                }
                if !waits { continuation.resume(throwing: CancellationError()) }
            }
        } onCancel: {
            let waiter = state.withLock { state -> Waiter? in
                guard let index = state.waiting.firstIndex(where: { $0.number == number }) else {
                    state.cancelled.insert(number)
                    return nil
                }
                return state.waiting.remove(at: index)
            }
            waiter?.continuation.resume(throwing: CancellationError())
        }
    }

    /// How many sleeps wait.
    var waiterCount: Int { state.withLock { $0.waiting.count } }

    /// What comes of a moment that was announced.
    package enum Turn: Sendable, Equatable {
        /// The first waiter that was due is awake; there may be more.
        case woke
        /// Nobody was due; the earliest waits for this moment, nil: nobody waits.
        case next(Double?)

        /// As the protocol says it.
        var line: String {
            switch self {
            case .woke: "woke"
            case .next(let moment?): "next \(moment)"
            case .next(nil): "next none"
            }
        }
    }

    /// Sets the time and wakes the first waiter that is due.
    package func follow(_ now: Double) -> Turn {
        let (due, turn) = state.withLock { state -> (Waiter?, Turn) in
            state.now = now
            guard let first = state.waiting.first else { return (nil, .next(nil)) }
            if first.moment > now { return (nil, .next(first.moment)) }
            return (state.waiting.removeFirst(), .woke)
        }
        due?.continuation.resume()
        return turn
    }
}
