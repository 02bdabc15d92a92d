import Effects
import PythonSemantics
import Synchronization

/// Programs that answer from a table. A program that is neither in the table nor named as absent is a violation.
package final class FakeProcesses: ProcessRunner {
    private struct State {
        var answers: [[String]: ProcessOutcome] = [:]
        var absent: Set<String> = []
        var requests: [ProcessRequest] = []
        var children: [ChildRequest] = []
        var failure: PyException?
        var running: Set<Int32> = []
        var ended: Set<Int32> = []
        var signals: [Signal] = []
    }

    /// One signal that reached a process.
    package struct Signal: Sendable, Equatable {
        package var pid: Int32
        package var number: Int32

        package init(_ pid: Int32, _ number: Int32) {
            self.pid = pid
            self.number = number
        }
    }

    private let state = Mutex(State())
    private let onViolation: @Sendable (String) -> Void

    package init(onViolation: @escaping @Sendable (String) -> Void) { self.onViolation = onViolation }

    /// Everything that was asked for, in order.
    package var requests: [ProcessRequest] { state.withLock { $0.requests } }

    /// What a command line answers from now on.
    package func answer(_ arguments: [String], _ outcome: ProcessOutcome) {
        state.withLock { $0.answers[arguments] = outcome }
    }

    /// Children that were started, in order; the first has the process id 1001.
    package var children: [ChildRequest] { state.withLock { $0.children } }
    /// Signals that were taken, in order.
    package var signals: [Signal] { state.withLock { $0.signals } }
    /// Starting fails like this from now on; nil lifts it.
    package func failToStart(with error: PyException?) { state.withLock { $0.failure = error } }
    /// A process of somebody else that takes signals.
    package func putProcess(_ pid: Int32) { state.withLock { _ = $0.running.insert(pid) } }
    /// A process ends by itself; a child stays until it is collected.
    package func end(_ pid: Int32) {
        state.withLock { state in
            guard state.running.remove(pid) != nil else { return }
            if (1001..<1001 + Int32(state.children.count)).contains(pid) { state.ended.insert(pid) }
        }
    }

    package func start(_ child: ChildRequest) throws(PyException) -> Int32 {
        let result: Result<Int32, PyException> = state.withLock { state in
            state.ended = []
            if let failure = state.failure { return .failure(failure) }
            state.children.append(child)
            let pid = 1000 + Int32(state.children.count)
            state.running.insert(pid)
            return .success(pid)
        }
        return try result.get()
    }

    package func signal(_ pid: Int32, _ number: Int32) throws(PyException) {
        let isTaken = state.withLock { state in
            guard state.running.contains(pid) || state.ended.contains(pid) else { return false }
            state.signals.append(Signal(pid, number))
            return true
        }
        if !isTaken { throw PyException(type: "ProcessLookupError", message: "[Errno 3] No such process") }
    }

    package func isRunning(pid: Int32) -> Bool {
        state.withLock { $0.running.contains(pid) || $0.ended.contains(pid) }
    }

    package func collect() -> Bool {
        state.withLock { state in
            defer { state.ended = [] }
            return !state.ended.isEmpty
        }
    }

    package func ownProcesses() -> [Int32] { [500, 1] }

    /// Programs that are not on PATH.
    package func withhold(_ programs: String...) { state.withLock { $0.absent.formUnion(programs) } }

    package func run(_ request: ProcessRequest) async -> ProcessOutcome {
        guard let program = request.arguments.first, request.timeout > 0 else {
            onViolation("a child process needs a program and a timeout: \(request)")
            return .notStarted("no program")
        }
        let outcome = state.withLock { state -> ProcessOutcome? in
            state.requests.append(request)
            if let answer = state.answers[request.arguments] { return answer }
            return state.absent.contains(program)
                ? .notStarted("[Errno 2] No such file or directory: '\(program)'") : nil
        }
        if let outcome { return outcome }
        onViolation("nobody expected the child process \(request.arguments)")
        return .notStarted("[Errno 2] No such file or directory: '\(program)'")
    }
}
