import Effects
import P2PModel
import PythonSemantics

/// Everything between the node's own figures and those of the exchange on GET /metrics/prometheus, read while the page
/// is written. Blocks: call it from a serial queue. Contract 12 section 4.1.
package struct PrometheusReport: Sendable {
    private let reports: Reports
    private let elo: EloRatings
    private let eloPath: String
    private let history: MetricsHistory
    private let environment: [String: String]

    /// - Parameters:
    ///   - tree: where the program lies; its Elo database is another one than that of the reports' root if they differ.
    ///   - history: the node's own metrics.
    package init(reports: Reports, tree: String, history: MetricsHistory, environment: [String: String]) {
        self.reports = reports
        eloPath = tree + "/data/unified_elo.db"
        elo = EloRatings(path: eloPath, files: reports.files, databases: reports.databases)
        self.history = history
        self.environment = environment
    }

    /// What a page needs of the node's state.
    package struct Given: Sendable {
        /// `diversity_metrics`
        package var diversity: PyDict
        /// Games of `cluster_data_manifest` by board and players; nil without one.
        package var boards: PyDict?
        /// Sum of `current_iteration` of all improvement cycles; nil when nothing manages them.
        package var iterations: PyValue?
        /// This node and all peers.
        package var nodes: Int

        package init(diversity: PyDict, boards: PyDict?, iterations: PyValue?, nodes: Int) {
            self.diversity = diversity
            self.boards = boards
            self.iterations = iterations
            self.nodes = nodes
        }
    }

    /// A line that belongs on the console.
    package enum Line: Sendable, Equatable {
        case printed(String)
        case logged(String)
    }

    /// Whether p2p.tournament has to open the Elo database first, which changes it.
    package var needsPreparedRatings: Bool { elo.needsPreparation }

    /// - Parameters:
    ///   - now: unix seconds.
    ///   - console: gets the lines that belong on the console, also those before an exception.
    /// - Throws: what the route answers with instead of a page.
    package func add(
        to page: inout PrometheusPage, _ given: Given, now: Double, console: inout [Line]
    ) throws(PyException) {
        if elo.exists {
            page.attempt { page throws(PyException) in
                let rows = try elo.best()
                console.append(opened)
                page.addBestRatings(rows)
            }
        }
        try page.addCounters(given.diversity)
        let recent = history.summary(hours: 1, now: now)
        if let complaint = recent.complaint { console.append(.printed(complaint)) }
        page.attempt { page throws(PyException) in
            try page.addRecentMetrics(recent.value["metrics"]?.asDict ?? [:])
        }
        try page.addGames(given.boards)
        page.addFreshness(dataAges(now: now))
        page.addUnusedFamilies()
        page.addConfidenceFamilies()
        if elo.exists {
            page.attempt { page throws(PyException) in
                let rows = try elo.confidence()
                console.append(opened)
                try page.addConfidence(rows)
            }
        }
        page.addCycles(given.iterations)
        page.addVictories(reports.victories(now: now))
        page.addAnalytics(reports.analytics(now: now))
        page.addBestModelFamilies()
        let other = EloRatings(
            path: reports.root + "/data/unified_elo.db", files: reports.files, databases: reports.databases)
        if other.exists { page.attempt { page throws(PyException) in try page.addBestModels(other.bestModels()) } }
        page.addTraining(try? reports.training(now: now))
        page.addHoldout(reports.holdout(now: now))
        page.addSearch(try? reports.search(now: now))
        page.addQuality(reports.quality(now: now))
        let efficiency = reports.efficiency(now: now)
        page.addEfficiency(efficiency)
        page.addLineage(reports.lineage(now: now))
        page.addDecisions(
            rollbackCandidates: RollbackCheck.candidates(
                reports.holdout(now: now), root: reports.root, files: reports.files, databases: reports.databases),
            autoscaling(given.nodes, efficiency, now: now))
    }

    private var opened: Line { .logged("EloDatabase initialized at \(eloPath)") }

    private func autoscaling(_ nodes: Int, _ efficiency: TrainingEfficiency, now: Double) -> Autoscaling? {
        guard let limits = try? Autoscaling.Limits(environment: environment) else { return nil }
        return Autoscaling(
            limits: limits, nodes: nodes,
            throughput: reports.analytics(now: now).configurations.map(\.value.throughput),
            newestData: reports.games.newestSelfplay, eloPerGPUHour: efficiency.summary?.eloPerGPUHour ?? 0, now: now)
    }

    /// Of the directories below `data/selfplay` of the working directory, whatever tree that is.
    private func dataAges(now: Double) -> [DataAge] {
        var ages: [DataAge] = []
        let files = reports.files
        for entry in (try? files.list("data/selfplay")) ?? [] where !entry.name.hasPrefix(".") {
            let path = "data/selfplay/" + entry.name
            guard files.isDirectory(path) else { continue }
            var changes: [Double] = []
            for file in files.glob(path, suffix: ".jsonl") {
                // A file that goes away meanwhile ends this part of the page.
                guard let modified = try? files.status(file).modified else { return ages }
                changes.append(modified)
            }
            guard let newest = changes.max(), let oldest = changes.min() else { continue }
            ages.append(
                DataAge(directory: entry.name, newest: (now - newest) / 3600, oldest: (now - oldest) / 3600))
        }
        return ages
    }
}
