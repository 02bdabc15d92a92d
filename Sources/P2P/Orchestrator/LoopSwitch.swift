import Effects
import Synchronization

/// Runs each of the front's loops only while it is the front's, and ends it between two rounds.
///
/// The other half of a switch is `ringrift_shim/loops.py`: a loop never runs on both sides.
package final class LoopSwitch: Sendable {
    private struct State {
        var wanted: Set<String>
        var running: Set<String> = []
        /// How often each loop was taken away.
        var taken: [String: Int] = [:]
        /// Grows with every change of the two.
        var version = 0
        var waiters: [Int: CheckedContinuation<Void, Never>] = [:]
        var nextWaiter = 0
    }

    private let state: Mutex<State>
    private let clock: any WallClock

    package init(wanted: Set<String>, clock: any WallClock) {
        state = Mutex(State(wanted: wanted))
        self.clock = clock
    }

    /// Wants these loops and no others; returns when no other runs.
    package func want(_ names: Set<String>) async {
        change { state in
            for name in state.wanted.subtracting(names) { state.taken[name, default: 0] += 1 }
            state.wanted = names
        }
        await wait { $0.running.isSubset(of: names) }
    }

    /// Runs `body` whenever the loop is wanted, until the task is cancelled. A body that returns while it is wanted has
    /// decided so once: it is asked again at the next switch.
    package func host(_ name: String, _ body: () async -> Void) async {
        while !Task.isCancelled {
            await wait { $0.wanted.contains(name) }
            if Task.isCancelled { return }
            let (isTaken, taken) = state.withLock { state in
                // In one critical section: nobody may have been told meanwhile that it does not run.
                if state.wanted.contains(name) { state.running.insert(name) }
                return (!state.wanted.contains(name), state.taken[name])
            }
            if isTaken { continue }
            await body()
            change { $0.running.remove(name) }
            await wait { $0.taken[name] != taken }
        }
    }

    /// The pause between two rounds, cut short when the loop is taken away.
    /// - Returns: whether another round follows.
    package func pause(_ name: String, seconds: Double) async -> Bool {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { [clock] in try? await clock.sleep(seconds: seconds) }
            group.addTask { await self.wait { !$0.wanted.contains(name) } }
            await group.next()
            group.cancelAll()
        }
        return !Task.isCancelled && goesOn(name)
    }

    /// Whether the loop is still wanted.
    package func goesOn(_ name: String) -> Bool { state.withLock { $0.wanted.contains(name) } }

    private func change(_ body: (inout State) -> Void) {
        let waiters = state.withLock { state in
            body(&state)
            state.version += 1
            defer { state.waiters = [:] }
            return Array(state.waiters.values)
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Waits until the condition holds or the task is cancelled.
    private func wait(until holds: @Sendable (borrowing State) -> Bool) async {
        while !Task.isCancelled {
            let seen = state.withLock { holds($0) ? nil : $0.version }
            guard let seen else { return }
            await nextChange(after: seen)
        }
    }

    private func nextChange(after version: Int) async {
        let number = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isLate = state.withLock { state in
                    guard state.version == version, !Task.isCancelled else { return true }
                    state.waiters[number] = continuation
                    return false
                }
                if isLate { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: number) }?.resume()
        }
    }
}
