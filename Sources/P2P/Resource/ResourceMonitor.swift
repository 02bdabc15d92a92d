import Effects
import P2PModel
import PythonSemantics
import Synchronization

/// The latest look at the machine, taken in the background; answers read it without touching the machine.
///
/// The legacy samples within every request and is limited by that to some 50 answers a second. Here a sample is at most
/// one second old, and a request that changes what it reports asks for a new one.
package final class ResourceMonitor: Sendable {
    /// One sample.
    package struct Sample: Sendable {
        package var usage = ResourceUsage()
        package var selfplayJobs = 0
        package var trainingJobs = 0
        package var cluster = ClusterUtilization()
        /// Unix seconds; 0 before the first sample.
        package var takenAt = 0.0

        package init() {}
    }

    private struct State {
        var sample = Sample()
        /// When somebody asked for the sample since the last report to the database, unix seconds, in order.
        var asked: [Double] = []
        /// What was shown last.
        var shown: Sample?
        /// Something has happened since the sample that it does not show.
        var isStale = false
    }

    private let effects: Effects
    private let path: String
    private let state = Mutex(State())
    private let database: ResourceDatabase
    private let hasNVIDIA: Bool
    package let targets: ResourceTargets
    private let orchestrator: String

    /// - Parameters:
    ///   - path: whose file system is measured (`ringrift_path`).
    ///   - hasNVIDIA: whether `nvidia-smi` is there to be asked.
    package init(
        effects: Effects, path: String, tree: String, targets: ResourceTargets, hasNVIDIA: Bool,
        environment: [String: String]
    ) {
        self.effects = effects
        self.path = path
        self.targets = targets
        self.hasNVIDIA = hasNVIDIA
        database = ResourceDatabase(tree: tree, databases: effects.databases)
        orchestrator = environment["RINGRIFT_ORCHESTRATOR"] ?? "unknown"
    }

    /// The latest sample. Each asking makes a row of the shared database with the next round, as the legacy writes one each
    /// time it samples; it cannot do so more than some 50 times a second, and neither does this.
    package func current() -> Sample {
        let now = effects.clock.now()
        return state.withLock { state in
            if state.asked.count < Self.rowsPerRound { state.asked.append(now) }
            state.shown = state.sample
            return state.sample
        }
    }

    private static let rowsPerRound = 50

    /// The last asking was for nothing: the request could not be read, and the legacy would not have sampled for it.
    package func withdraw() {
        state.withLock { state in if !state.asked.isEmpty { state.asked.removeLast() } }
    }

    /// Something else has started or ended processes: the next look is a new one.
    package func distrust() { state.withLock { $0.isStale = true } }

    /// Whether a new sample is due; from now on the latest one counts as good.
    package func trust() -> Bool {
        state.withLock { state in
            defer { state.isStale = false }
            return state.isStale
        }
    }

    /// The latest sample, without a row for it.
    package var latest: Sample { state.withLock { $0.sample } }

    /// Creates the shared database; errors are swallowed as in the legacy, reports then fail silently.
    package func prepare() {
        try? effects.files.createDirectory(
            (database.path.split(separator: "/").dropLast()).reduce("") { $0 + "/" + $1 })
        try? database.createSchema()
    }

    /// Takes a sample now.
    /// - Parameters:
    ///   - jobs: the tracked jobs.
    ///   - readsCluster: read the shared database also when there is nothing to report to it.
    /// - Returns: ids of tracked jobs whose process is gone.
    package func refresh(
        jobs: [ClusterJob], selfInfo: NodeInfo, readsCluster: Bool = false
    ) async -> [PyString] {
        var query: String?
        if hasNVIDIA {
            let request = ProcessRequest(
                [
                    "nvidia-smi", "--query-gpu=utilization.gpu,memory.used,memory.total",
                    "--format=csv,noheader,nounits",
                ], timeout: 5)
            if case .exited(0, let output, _) = await effects.processes.run(request) { query = output }
        }
        let probes = effects.probes
        let usage = ResourceUsage.sample(probes, path: path, gpuQuery: query)
        let count = JobCount.count(
            jobs: jobs, commands: probes.commandLines(), isAlive: effects.processes.isRunning(pid:))
        let now = effects.clock.now()
        let (times, shown, isFirst) = state.withLock { state in
            defer { (state.asked, state.shown) = ([], nil) }
            return (state.asked, state.shown, state.sample.takenAt == 0)
        }
        var cluster: ClusterUtilization?
        if isFirst || !times.isEmpty {
            // The row is what was shown, not what came after.
            let report = ResourceDatabase.Report(
                nodeID: selfInfo[.nodeID], usage: shown?.usage ?? usage, processors: selfInfo[.cpuCount],
                memoryGB: selfInfo[.memoryGB], hasGPU: selfInfo[.hasGPU], gpuName: selfInfo[.gpuName],
                selfplayJobs: shown?.selfplayJobs ?? count.selfplay,
                trainingJobs: shown?.trainingJobs ?? count.training, orchestrator: orchestrator)
            try? database.record(report, now: times.last ?? now, times: times)
        }
        if isFirst || !times.isEmpty || readsCluster { cluster = try? database.clusterUtilization(now: now) }
        state.withLock { state in
            state.sample.usage = usage
            state.sample.selfplayJobs = count.selfplay
            state.sample.trainingJobs = count.training
            state.sample.takenAt = now
            if let cluster { state.sample.cluster = cluster }
        }
        return count.finished
    }
}
