import Effects
import Synchronization

/// A clock that moves only when it is told to, or, when `sleepMovesTime`, by the length of every sleep.
package final class FakeClock: WallClock {
    private struct Sleeper {
        var id: Int
        var deadline: Double
        var continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var now: Double
        var sleepMovesTime = true
        var sleeps: [Double] = []
        var sleepers: [Sleeper] = []
        var watchers: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
        var nextID = 0
        /// Sleeps that were cancelled before they were entered.
        var cancelled: Set<Int> = []
    }

    private let state: Mutex<State>

    package init(now: Double) { state = Mutex(State(now: now)) }

    package func now() -> Double { state.withLock { $0.now } }

    /// Sets the time without waking anybody.
    package func set(_ now: Double) { state.withLock { $0.now = now } }

    /// Whether a sleep returns at once and moves time by its length (the default), or waits for `advance`.
    package var sleepMovesTime: Bool {
        get { state.withLock { $0.sleepMovesTime } }
        set { state.withLock { $0.sleepMovesTime = newValue } }
    }

    /// The lengths of all sleeps so far, seconds.
    package var sleeps: [Double] { state.withLock { $0.sleeps } }

    /// Moves time and wakes who is due, earliest first.
    package func advance(by seconds: Double) {
        let due = state.withLock { state in
            state.now += seconds
            let due = state.sleepers.filter { $0.deadline <= state.now }.sorted { $0.deadline < $1.deadline }
            state.sleepers.removeAll { $0.deadline <= state.now }
            return due
        }
        for sleeper in due { sleeper.continuation.resume() }
    }

    /// Returns once so many sleeps have begun since the start; an event to wait for, not a time.
    package func waitForSleeps(_ count: Int) async {
        await withCheckedContinuation { continuation in
            let isReached = state.withLock { state in
                if state.sleeps.count >= count { return true }
                state.watchers.append((count, continuation))
                return false
            }
            if isReached { continuation.resume() }
        }
    }

    package func sleep(seconds: Double) async throws {
        try Task.checkCancellation()
        let id = state.withLock { state in
            defer { state.nextID += 1 }
            return state.nextID
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in enter(id, seconds, continuation) }
        } onCancel: {
            cancel(id)
        }
    }

    private func enter(_ id: Int, _ seconds: Double, _ continuation: CheckedContinuation<Void, any Error>) {
        let (result, watchers) = state.withLock {
            state -> (Result<Void, any Error>?, [CheckedContinuation<Void, Never>]) in
            state.sleeps.append(seconds)
            let reached = state.watchers.filter { $0.count <= state.sleeps.count }.map(\.continuation)
            state.watchers.removeAll { $0.count <= state.sleeps.count }
            if state.cancelled.remove(id) != nil { return (.failure(CancellationError()), reached) }
            if state.sleepMovesTime {
                state.now += max(0, seconds)
                return (.success(()), reached)
            }
            state.sleepers.append(Sleeper(id: id, deadline: state.now + seconds, continuation: continuation))
            return (nil, reached)
        }
        if let result { continuation.resume(with: result) }
        for watcher in watchers { watcher.resume() }
    }

    private func cancel(_ id: Int) {
        let sleeper = state.withLock { state -> Sleeper? in
            guard let place = state.sleepers.firstIndex(where: { $0.id == id }) else {
                state.cancelled.insert(id)
                return nil
            }
            return state.sleepers.remove(at: place)
        }
        sleeper?.continuation.resume(throwing: CancellationError())
    }
}
