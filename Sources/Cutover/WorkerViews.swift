import PythonSemantics
import Synchronization

/// What the worker's node says of its parts: asked for by one for all that wait, and never waited for when the worker gives
/// no sign of life.
///
/// Whoever looks gets what was asked for after it came, as in the legacy, where a handler asks itself; so that what legacy
/// code has changed is in the answer. A worker that is busy is waited for `patience` seconds, one that does not answer a
/// ping `doubt` seconds, once; from then on the last known is shown until it answers again.
package final class WorkerViews: Sendable {
    /// Seconds.
    package struct Limits: Sendable, Equatable {
        package var patience: Double
        package var doubt: Double

        package init(patience: Double = 1, doubt: Double = 0.25) {
            self.patience = patience
            self.doubt = doubt
        }
    }

    private struct State {
        var shown: PyDict?
        /// Looks are numbered; an answer is for all that came before its question.
        var looks = 0
        var answered = 0
        var isServed = false
        var isSilent = false
        var waiters: [Int: CheckedContinuation<Void, Never>] = [:]
        /// Tells the one who asks; a stream ends with the task that reads it, so every worker has its own.
        var wake: AsyncStream<Void>.Continuation?
    }

    private let state = Mutex(State())
    private let limits: Limits

    package init(limits: Limits = Limits()) { self.limits = limits }

    /// The worker's answer; the last known when it is silent or gone; nil when there was none yet.
    package func look() async -> PyDict? {
        let number = state.withLock { state -> Int? in
            guard state.isServed else { return nil }
            state.looks += 1
            state.wake?.yield()
            return state.isSilent ? nil : state.looks
        }
        if let number { await answer(to: number) }
        return state.withLock { $0.shown }
    }

    private func answer(to number: Int) async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    guard state.isServed, !state.isSilent, state.answered < number, !Task.isCancelled else {
                        return true
                    }
                    state.waiters[number] = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: number) }?.resume()
        }
    }

    /// Asks whenever somebody looks, until the task is cancelled.
    /// - Parameters:
    ///   - pulse: whether the worker gives signs of life.
    ///   - ask: the question.
    func serve(pulse: WorkerPulse, ask: @escaping @Sendable () async throws -> PyDict?) async {
        let (looks, wake) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        var next = looks.makeAsyncIterator()
        state.withLock { state in
            state.isServed = true
            // A worker that follows another begins with imports: what its predecessor said is shown until it has spoken.
            state.isSilent = state.shown != nil
            state.wake = wake
        }
        defer { release { $0.isServed = false } }
        while !Task.isCancelled {
            let number = state.withLock { state in state.looks > state.answered ? state.looks : nil }
            guard let number else {
                await next.next()
                continue
            }
            let answer = await withTaskGroup(of: PyDict?.self) { group in
                group.addTask { try? await ask() }
                group.addTask { [self] in
                    await doubt(pulse)
                    return nil
                }
                let first = await group.next() ?? nil
                // The doubt ends first when the worker is silent: the question stays open.
                if first != nil || Task.isCancelled || !state.withLock({ $0.isSilent }) {
                    group.cancelAll()
                    return first
                }
                return await group.next() ?? nil
            }
            release { state in
                state.isSilent = answer == nil
                if let answer {
                    state.shown = answer
                    state.answered = number
                }
            }
            if answer == nil { try? await Task.sleep(for: .milliseconds(50)) }
        }
    }

    /// Returns when the question has taken too long, or when a ping does not come back, and lets go whoever waits.
    private func doubt(_ pulse: WorkerPulse) async {
        let began = ContinuousClock.now
        var isSilent = false
        while !isSilent {
            do { try await Task.sleep(for: .milliseconds(25)) } catch { return }
            isSilent =
                pulse.prod() > limits.doubt || ContinuousClock.now - began > .seconds(limits.patience)
        }
        release { $0.isSilent = true }
    }

    private func release(_ change: (inout State) -> Void) {
        let waiters = state.withLock { state in
            change(&state)
            let over = state.waiters.filter { !state.isServed || state.isSilent || $0.key <= state.answered }
            for number in over.keys { state.waiters.removeValue(forKey: number) }
            return over
        }
        for waiter in waiters.values { waiter.resume() }
    }
}
