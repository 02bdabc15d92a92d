import PythonSemantics
import Synchronization

/// Tells a worker that is busy from one that gives no sign of life.
///
/// The control socket has threads of its own, so that a worker answers a ping there however long the legacy blocks its event
/// loop (child processes: up to 120 s). One that does not is stopped, swapped out or gone. Pings are sent only while
/// somebody waits, one at a time: a node at rest stays at rest.
package final class WorkerPulse: Sendable {
    /// Bounds in seconds.
    package struct Limits: Sendable, Equatable {
        /// Without an answer to a ping for so long, what waits for the worker is refused. The worker is not killed.
        package var silence: Double
        /// An event loop that has not turned for so long is not waited for: the legacy's longest child process, and a margin.
        package var busy: Double
        /// A sign of life this old is asked for again before anything is sent.
        package var trust: Double

        package init(silence: Double = 5, busy: Double = 150, trust: Double = 1) {
            self.silence = silence
            self.busy = busy
            self.trust = trust
        }
    }

    /// Why somebody no longer waits for the worker.
    package struct Silence: Error, Sendable, Equatable, CustomStringConvertible {
        package var description: String
    }

    private struct State {
        /// The ping that has no answer yet.
        var open: (number: Int, sent: ContinuousClock.Instant)?
        var heard = ContinuousClock.now
        /// Seconds for which the event loop had not turned at the last answer.
        var loopSilence = 0.0
        var isEnded = false
    }

    private let control: WorkerControl
    private let limits: Limits
    private let state = Mutex(State())

    /// - Parameter control: a connection of its own: an answer must not wait behind a command.
    package init(control: WorkerControl, limits: Limits = Limits()) {
        self.control = control
        self.limits = limits
    }

    /// Asks for a sign of life, or looks whether the answer to the open question has come.
    /// - Returns: seconds for which the question is open; 0 when the answer is there.
    @discardableResult
    package func prod() -> Double {
        state.withLock { state in
            if let open = state.open, let answer = control.takeAnswer(to: open.number) {
                state.open = nil
                switch answer {
                case .success(let value):
                    state.heard = .now
                    state.loopSilence = value.asDict?["loop_silent_s"]?.asDouble ?? 0
                case .failure: state.isEnded = true
                }
                return 0
            }
            if state.open == nil, !state.isEnded { state.open = (control.begin("ping"), .now) }
            return state.open.map { (ContinuousClock.now - $0.sent) / .seconds(1) } ?? 0
        }
    }

    /// Waits until the worker has given a sign of life lately.
    ///
    /// - Throws: `Silence` when it gave none in time; at once when that is known already.
    package func expect() async throws {
        let isRecent = state.withLock { state in
            state.open == nil && ContinuousClock.now - state.heard < .seconds(limits.trust)
        }
        if isRecent { return }
        while try check(prod()) > 0 { try await Task.sleep(for: .milliseconds(2)) }
    }

    /// Runs `body`, and leaves it when the worker gives no sign of life meanwhile.
    ///
    /// - Throws: what `body` throws; `Silence`.
    package func watching<T: Sendable>(_ body: @escaping @Sendable () async throws -> T) async throws -> T {
        try await withThrowingTaskGroup(of: T?.self) { group in
            group.addTask { try await body() }
            group.addTask { [self] in
                while true {
                    try await Task.sleep(for: .milliseconds(250))
                    try check(prod())
                }
            }
            defer { group.cancelAll() }
            while let result = try await group.next() {
                if let result { return result }
            }
            throw CancellationError()
        }
    }

    @discardableResult
    private func check(_ silent: Double) throws -> Double {
        if silent >= limits.silence {
            throw Silence(
                description:
                    "the legacy worker gives no sign of life (for \(limits.silence) s and more); it is not killed")
        }
        let loop = state.withLock { $0.loopSilence }
        if loop >= limits.busy {
            throw Silence(description: "the legacy worker's event loop has been busy for \(Int(loop)) s")
        }
        return silent
    }
}
