package import PythonSemantics

extension PythonInterpreter {
    /// What happens to Python code whose caller stopped waiting.
    package enum LateCall: Sendable {
        /// It runs to its end; its answer is dropped and counted.
        case finish
        /// As `finish`, and `TimeoutError` is raised in it. Reaches Python code only: a C function that waits is not
        /// woken.
        case interrupt
    }

    /// Calls `module.function(*arguments, **keywords)` and converts the result, with one attach.
    ///
    /// - Parameters:
    ///   - function: may be a dotted path inside the module.
    ///   - deadline: when the answer becomes useless; the call then throws ``PythonDeadlineExceeded`` at once.
    ///   - late: see ``LateCall``; concerns cancellation of the Swift task, too.
    /// - Throws: ``PythonError`` for a Python exception, which includes `TypeError` for a result that is not
    ///   JSON-like; ``PythonDeadlineExceeded``; `CancellationError`.
    package func call(
        module: String, function: String, arguments: [PyValue] = [], keywords: PyDict = [:],
        deadline: ContinuousClock.Instant? = nil, late: LateCall = .finish, on place: Place = .pool
    ) async throws -> PyValue {
        let name = "\(module).\(function)"
        try check(deadline, name)
        let pending = PendingCall(name: name) { self.abandon($0, late) }
        let payload = EncodedCall(arguments: arguments, keywords: keywords)
        queue(place).push { thread in
            guard !pending.isSettled else { return self.counters.add(\.skipped) }
            self.counters.add(\.calls)
            let identity = thread.identity
            let result = Result<PyValue, any Error> {
                // Decoding happens here, on this thread's large stack, but after detaching.
                try thread.attached { token in
                    pending.willRun(on: identity)
                    defer {
                        if pending.didRun() { _ = token.library.api.interrupt(identity, 0) }
                    }
                    let module = try token.importModule(module)
                    let callable = try token.attribute(function, of: module)
                    let result = try token.call(callable, payload: payload)
                    return try token.encode(result).taken()
                }.decoded()
            }
            if !pending.settle(result) { self.counters.add(\.late) }
        }
        return try await pending.answer(by: deadline)
    }

    /// Runs `body` attached on a thread of the bridge. `body` must neither block nor wait for other Python work.
    package func withAttachment<Result: Sendable>(
        on place: Place = .pool, _ body: @escaping @Sendable (borrowing AttachmentToken) throws -> Result
    ) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            queue(place).push { thread in
                continuation.resume(with: Swift.Result { try thread.attached(body) })
            }
        }
    }

    /// Runs statements in the module `ringrift_scratch`, which keeps its names; the value is that of a last
    /// expression, else None. For tests and diagnosis.
    @discardableResult
    package func evaluate(_ code: String, on place: Place = .pool) async throws -> PyValue {
        try await call(module: BridgeModule.name, function: "evaluate", arguments: [.string(code)], on: place)
    }

    func check(_ deadline: ContinuousClock.Instant?, _ name: String) throws {
        if let deadline, deadline <= .now {
            counters.add(\.abandoned)
            counters.add(\.skipped)
            throw PythonDeadlineExceeded(call: name)
        }
    }

    private func abandon(_ pending: PendingCall, _ late: LateCall) {
        counters.add(\.abandoned)
        guard case .interrupt = late else { return }
        control.push { thread in
            thread.attached { token in
                if let identity = pending.interruptibleThread() { _ = token.library.api.interrupt(identity, 1) }
            }
        }
    }
}
