internal import CPythonEmbedABI
internal import PythonSemantics

/// The one interpreter of this process. Never finalised: threads that attach late would crash.
package final class PythonInterpreter: Sendable {
    /// A thread that Python code runs on.
    package enum Place: Sendable {
        /// One of the bridge's own threads.
        case pool
        /// Python's main thread, the only one where `signal.signal` and `loop.add_signal_handler` work.
        case mainThread
    }

    let library: CPythonLibrary
    let latency: LatencyHistogram
    let counters = BridgeCounters()
    let asyncCalls = AsyncCallTable()
    let pool = JobQueue()
    let main = JobQueue()
    /// Served by a thread of its own, so that interrupting works while every other thread is busy.
    let control = JobQueue()
    let output = OutputSink()

    init(library: CPythonLibrary, latency: LatencyHistogram) {
        self.library = library
        self.latency = latency
    }

    /// "3.11.2"
    package var version: String { library.version }

    package var statistics: PythonStatistics {
        let counts = counters.current
        return PythonStatistics(
            attach: latency.summary(), calls: counts.calls, abandoned: counts.abandoned, skipped: counts.skipped,
            late: counts.late, queued: pool.depth + main.depth)
    }

    func queue(_ place: Place) -> JobQueue {
        switch place {
        case .pool: pool
        case .mainThread: main
        }
    }
}
