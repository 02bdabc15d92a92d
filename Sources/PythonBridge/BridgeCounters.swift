import Synchronization

/// What the bridge has done so far.
package struct PythonStatistics: Sendable, Equatable {
    /// Time from asking for the interpreter until holding it.
    package let attach: LatencySummary
    /// Calls handed to Python.
    package let calls: Int
    /// Calls whose caller stopped waiting (deadline or cancellation).
    package let abandoned: Int
    /// Abandoned calls that never reached Python.
    package let skipped: Int
    /// Answers that came after their caller had stopped waiting, and were dropped.
    package let late: Int
    /// Calls waiting for a thread now.
    package let queued: Int
}

/// Counters behind ``PythonStatistics``.
final class BridgeCounters: Sendable {
    struct Counts {
        var calls = 0
        var abandoned = 0
        var skipped = 0
        var late = 0
    }

    private let counts = Mutex(Counts())

    func add(_ counter: WritableKeyPath<Counts, Int> & Sendable) { counts.withLock { $0[keyPath: counter] += 1 } }

    var current: Counts { counts.withLock { $0 } }
}
