import Effects
import Synchronization

/// Programs that answer from a table. A program that is neither in the table nor named as absent is a violation.
package final class FakeProcesses: ProcessRunner {
    private struct State {
        var answers: [[String]: ProcessOutcome] = [:]
        var absent: Set<String> = []
        var requests: [ProcessRequest] = []
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
