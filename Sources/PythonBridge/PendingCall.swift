internal import PythonSemantics
import Synchronization

/// One call on its way: settled once, by the answer, the deadline or cancellation, whichever comes first.
final class PendingCall: Sendable {
    private enum Phase {
        case created
        case waiting(CheckedContinuation<PyValue, any Error>)
        /// Settled before anybody waited.
        case answered(Result<PyValue, any Error>)
        case finished
    }

    private struct State {
        var phase = Phase.created
        /// The thread that runs the call's Python code now; nil before and after.
        var runningOn: UInt?
        var interrupted = false
    }

    /// `module.function`, for messages.
    let name: String
    private let state = Mutex(State())
    /// What to do when the caller stops waiting before Python has answered.
    private let abandoned: @Sendable (PendingCall) -> Void

    init(name: String, abandoned: @escaping @Sendable (PendingCall) -> Void) {
        self.name = name
        self.abandoned = abandoned
    }

    var isSettled: Bool {
        state.withLock { state in
            switch state.phase {
            case .created, .waiting: false
            case .answered, .finished: true
            }
        }
    }

    /// False: somebody was faster and this result is dropped.
    @discardableResult
    func settle(_ result: Result<PyValue, any Error>) -> Bool {
        let (settled, continuation) = state.withLock {
            state -> (Bool, CheckedContinuation<PyValue, any Error>?) in
            switch state.phase {
            case .created:
                state.phase = .answered(result)
                return (true, nil)
            case .waiting(let continuation):
                state.phase = .finished
                return (true, continuation)
            case .answered, .finished: return (false, nil)
            }
        }
        continuation?.resume(with: result)  // outside the lock: it may run the caller at once
        return settled
    }

    /// Waits for the answer until `deadline`.
    func answer(by deadline: ContinuousClock.Instant?) async throws -> PyValue {
        guard let deadline else { return try await wait() }
        return try await withThrowingTaskGroup(of: PyValue?.self) { group in
            group.addTask { try await self.wait() }
            group.addTask {
                try await Task.sleep(until: deadline, clock: .continuous)
                self.abandon(PythonDeadlineExceeded(call: self.name))
                return nil
            }
            defer { group.cancelAll() }
            while let answer = try await group.next() {
                if let answer { return answer }
            }
            throw CancellationError()
        }
    }

    private func wait() async throws -> PyValue {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let early = state.withLock { state -> Result<PyValue, any Error>? in
                    guard case .answered(let result) = state.phase else {
                        state.phase = .waiting(continuation)
                        return nil
                    }
                    state.phase = .finished
                    return result
                }
                if let early { continuation.resume(with: early) }
            }
        } onCancel: {
            abandon(CancellationError())
        }
    }

    private func abandon(_ reason: any Error) {
        if settle(.failure(reason)) { abandoned(self) }
    }

    // MARK: Interruption. All three run attached, so the interpreter lock makes each of them one step.

    func willRun(on thread: UInt) { state.withLock { $0.runningOn = thread } }

    /// The thread to interrupt, when the call still runs; marks it as interrupted.
    func interruptibleThread() -> UInt? {
        state.withLock { state in
            guard let thread = state.runningOn, !state.interrupted else { return nil }
            state.interrupted = true
            return thread
        }
    }

    /// True: an interruption was scheduled and must be taken back before the thread does anything else.
    func didRun() -> Bool {
        state.withLock { state in
            state.runningOn = nil
            return state.interrupted
        }
    }
}
