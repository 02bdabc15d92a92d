import Cutover
import Foundation
import PythonSemantics
import Synchronization

/// The front's end: asks the candidate that is there, and ends one that does not answer in time.
final class CandidateLink: Sendable {
    private let process: LegacyWorker
    private let hello: PyDict
    private let path: String
    private let current = Mutex<(pid: Int32, control: WorkerControl)?>(nil)

    /// - Parameters:
    ///   - process: whose socket is at `path`.
    ///   - hello: ``CandidateSettings``.
    init(process: LegacyWorker, path: String, hello: PyDict) {
        self.process = process
        self.path = path
        self.hello = hello
    }

    /// - Parameter deadline: seconds.
    /// - Returns: the answer, or why there is none: `timedOut` or `candidateDown`.
    func ask(_ sample: PyDict, deadline: Double) async -> Result<PyDict, CandidateFailure> {
        let end = ContinuousClock.now + .seconds(deadline)
        while ContinuousClock.now < end, !Task.isCancelled {
            switch process.current {
            case .ready(let pid): return await ask(pid, sample, until: end)
            case .idle, .starting: try? await Task.sleep(for: .milliseconds(20))
            case .waiting, .stopped: return .failure(CandidateFailure(reason: .candidateDown))
            }
        }
        return .failure(CandidateFailure(reason: .candidateDown))
    }

    private func ask(
        _ pid: Int32, _ sample: PyDict, until end: ContinuousClock.Instant
    ) async -> Result<PyDict, CandidateFailure> {
        let reply = await withTaskGroup(of: Result<PyDict, CandidateFailure>.self) { group in
            group.addTask { [self] in
                do {
                    let control = try await connection(pid)
                    return .success(try await control.request("sample", sample).asDict ?? [:])
                } catch {
                    return .failure(CandidateFailure(reason: .candidateDown))
                }
            }
            group.addTask {
                try? await Task.sleep(until: end, clock: .continuous)
                return .failure(CandidateFailure(reason: .timedOut))
            }
            defer { group.cancelAll() }
            return await group.next() ?? .failure(CandidateFailure(reason: .candidateDown))
        }
        if case .failure(let failure) = reply {
            drop()
            // A handler that hangs cannot be ended in any other way; the next candidate starts after a pause.
            if failure.reason == .timedOut, process.current == .ready(pid: pid) { kill(pid, SIGKILL) }
        }
        return reply
    }

    private func connection(_ pid: Int32) async throws -> WorkerControl {
        if let known = current.withLock({ $0 }), known.pid == pid { return known.control }
        drop()
        let control = try await WorkerControl.connect(path)
        do {
            try await control.request("hello", hello)
        } catch {
            control.close()
            throw error
        }
        current.withLock { $0 = (pid, control) }
        return control
    }

    /// Closes the connection.
    func drop() {
        let known = current.withLock { current in
            defer { current = nil }
            return current
        }
        known?.control.close()
    }
}

/// Why a candidate gave no answer.
struct CandidateFailure: Error, Equatable {
    var reason: NotCompared
}
