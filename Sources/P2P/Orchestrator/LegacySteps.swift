import Cutover
import PythonSemantics
import Synchronization

/// What the front asks of the legacy worker: steps of its own loops that are not native, and what `/status` shows of
/// subsystems that are not native. Without a worker there is no answer, and nothing happens.
package final class LegacySteps: Sendable {
    private let exchange = Mutex<StoreExchange?>(nil)
    private let shown = Mutex<PyDict?>(nil)

    package init() {}

    /// Names the exchange to ask.
    package func connect(_ exchange: StoreExchange) { self.exchange.withLock { $0 = exchange } }

    /// Names what ``views()`` gives where there is no worker.
    package func show(_ views: PyDict?) { shown.withLock { $0 = views } }

    /// Whether a worker is there.
    package var isServed: Bool { exchange.withLock { $0 }?.isAttached ?? false }

    /// Waits until the loops of a worker that is there have begun: on a busy machine that takes seconds, and a leader that is
    /// made before would be seen by their first rounds, which in the legacy come before any election.
    package func waitForRelease() async { await exchange.withLock { $0 }?.waitForRelease(seconds: 30) }

    /// Waits until a worker is there and its loops have begun.
    package func waitUntilServed() async {
        while !isServed, !Task.isCancelled { try? await Task.sleep(for: .milliseconds(100)) }
        await waitForRelease()
    }

    /// Lets the worker know at once what has changed.
    package func tell() async {
        guard let exchange = exchange.withLock({ $0 }) else { return }
        try? await exchange.watching { try await exchange.synchronize() }
    }

    /// Waits until the store has what legacy code has changed so far.
    /// - Returns: whether it has; true without a worker.
    package func settle() async -> Bool {
        guard let exchange = exchange.withLock({ $0 }), exchange.isAttached else { return true }
        do { try await exchange.settle() } catch { return !exchange.isAttached }
        return true
    }

    /// Runs a method of the legacy node; nil when there is no worker, or when it went away meanwhile.
    ///
    /// - Throws: the exception of the legacy.
    @discardableResult
    package func run(
        _ step: LegacyStep, _ arguments: [PyValue] = [], keywords: PyDict = [:]
    ) async throws(PyException) -> PyValue? {
        guard let exchange = exchange.withLock({ $0 }), exchange.isAttached else { return nil }
        do {
            return try await exchange.step(PyString(step.rawValue), arguments, keywords: keywords)
        } catch let failure as WorkerControl.Failure where failure.type != "ConnectionError" {
            throw PyException(type: failure.type, message: failure.message)
        } catch {
            return nil
        }
    }

    /// What the legacy node says of its parts, by key of `/status`; the last known when the worker is busy for longer than a
    /// second, gives no sign of life or is gone; nil when there was none yet.
    package func views() async -> PyDict? {
        guard let exchange = exchange.withLock({ $0 }) else { return shown.withLock { $0 } }
        return await exchange.look()
    }
}
