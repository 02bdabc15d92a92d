package import PythonSemantics
import Synchronization

extension PythonInterpreter {
    /// Calls a coroutine function (or any function, whose awaitable result is awaited) on the bridge's asyncio loop,
    /// which runs in a thread of its own and is made at the first such call.
    ///
    /// A passed deadline or a cancelled Swift task cancels the asyncio task; what it still answers is dropped and
    /// counted. Throws as ``call(module:function:arguments:keywords:deadline:late:on:)``.
    package func callAsync(
        module: String, function: String, arguments: [PyValue] = [], keywords: PyDict = [:],
        deadline: ContinuousClock.Instant? = nil
    ) async throws -> PyValue {
        let name = "\(module).\(function)"
        try check(deadline, name)
        let counters = counters
        let identity = asyncCalls.nextIdentity()
        let pending = PendingCall(name: name) { _ in
            counters.add(\.abandoned)
            self.control.push { self.cancelAsync(identity, $0) }
        }
        let payload = EncodedCall(
            arguments: [.int(identity), .string(module), .string(function), .list(arguments), .dict(keywords)],
            keywords: [:])
        pool.push { thread in
            guard !pending.isSettled else { return counters.add(\.skipped) }
            counters.add(\.calls)
            self.asyncCalls.insert(pending, identity) { counters.add(\.late) }
            do {
                try thread.attached { token in
                    let module = try token.importModule(BridgeModule.name)
                    _ = try token.call(try token.attribute("submit", of: module), payload: payload)
                }
                // A cancellation that came before the submission found no task.
                if pending.isSettled { self.cancelAsync(identity, thread) }
            } catch {
                self.asyncCalls.finish(identity, .failure(error))
            }
        }
        return try await pending.answer(by: deadline)
    }

    private func cancelAsync(_ identity: Int, _ thread: PythonThread) {
        guard asyncCalls.contains(identity) else { return }
        // Cancelling cannot fail but for want of memory; the call is abandoned either way.
        try? thread.attached { token in
            let module = try token.importModule(BridgeModule.name)
            _ = try token.call(try token.attribute("cancel", of: module), [.int(identity)])
        }
    }
}

/// Calls that the asyncio loop has not answered yet.
final class AsyncCallTable: Sendable {
    private struct Entry {
        let pending: PendingCall
        let late: @Sendable () -> Void
    }

    private let entries = Mutex<[Int: Entry]>([:])
    private let identities = Atomic<Int>(0)

    func nextIdentity() -> Int { identities.add(1, ordering: .relaxed).newValue }

    func insert(_ pending: PendingCall, _ identity: Int, late: @escaping @Sendable () -> Void) {
        entries.withLock { $0[identity] = Entry(pending: pending, late: late) }
    }

    func contains(_ identity: Int) -> Bool { entries.withLock { $0[identity] != nil } }

    func finish(_ identity: Int, _ result: Result<PyValue, any Error>) {
        let entry = entries.withLock { $0.removeValue(forKey: identity) }
        guard let entry else { return }
        if !entry.pending.settle(result) { entry.late() }
    }

    /// `complete(identity, failed, value)`, called by the loop.
    func complete(_ arguments: [DecodedArgument]) -> PyValue {
        guard arguments.count == 3, case .value(.int(let identity)) = arguments[0] else { return .none }
        switch arguments[2] {
        case .value(let value): finish(identity, .success(value))
        case .error(let error): finish(identity, .failure(error))  // raised, or a result that has no encoding
        }
        return .none
    }
}
