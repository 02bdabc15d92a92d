import P2PModel
import PythonSemantics

/// What other subsystems remember of the exchange between nodes, by the legacy's attribute names and as plain values;
/// nil for what is not there yet.
package struct ExchangeFigures: Sendable {
    /// `_gossip_metrics`
    package var gossip: PyValue = [:]
    /// `_gossip_compression_stats`
    package var compression: PyValue = [:]
    /// `_adaptive_intervals`
    package var intervals: PyValue?
    /// `training_jobs`
    package var trainingJobs: PyDict = [:]
    /// `_tournament_proposals`
    package var proposals: PyDict = [:]
    /// `distributed_tournament_state`
    package var tournaments: PyDict = [:]
    /// Votes for the most named leader; nil when they could not be counted.
    package var leaderAgreement: PyValue?

    package init() {}

    /// Halved while training runs, else half as much again; contract 12 section 4.1.
    private var activity: Double {
        trainingJobs.contains { $0.value["status"]?.pyEquals("running") == true } ? 0.5 : 1.5
    }

    /// Seconds between two synchronisations.
    private func interval(_ kind: PyString, base: Int, _ bounds: ClosedRange<Int>) throws(PyException) -> PyValue {
        // A kind that is not among them has the one of data.
        let current = try intervals.map { intervals throws(PyException) in try intervals.get(kind, 300) } ?? .int(base)
        let adjusted = try PyNumber.mul(current, .float(activity))
        return try PyNumber.round(
            PyNumber.max(.int(bounds.lowerBound), PyNumber.min(.int(bounds.upperBound), adjusted)))
    }

    fileprivate func intervalValues() throws(PyException) -> (data: PyValue, model: PyValue, activity: PyValue) {
        (
            try interval("data", base: 300, 120...600), try interval("model", base: 180, 60...300),
            .float(PyNumber.rounded(activity, 2))
        )
    }

    /// Share that compression saved, and kilobytes.
    fileprivate func saved() throws(PyException) -> (ratio: PyValue, kilobytes: PyValue) {
        let original = try compression.get("total_original_bytes", 0)
        let compressed = try compression.get("total_compressed_bytes", 0)
        let ratio: PyValue =
            try PyNumber.isGreater(original, 0) ? PyNumber.sub(1.0, PyNumber.div(compressed, original)) : 0
        let kilobytes = try PyNumber.div(PyNumber.sub(original, compressed), 1024)
        return (try PyNumber.round(ratio, 3), try PyNumber.round(kilobytes, 2))
    }

    fileprivate func tournamentCounts() throws(PyException) -> (pending: Int, active: Int) {
        var pending = 0
        for (_, proposal) in proposals where try proposal.get("status").pyEquals("proposed") { pending += 1 }
        let active = tournaments.filter { $0.value["status"]?.pyEquals("running") == true }.count
        return (pending, active)
    }
}

/// Families 47 to 52 of contract 12 section 4.1.
extension PrometheusPage {
    /// - Parameter uptime: seconds.
    package mutating func addExchange(_ figures: ExchangeFigures, uptime: Double) {
        family("sync_interval_data", .gauge, "Current data sync interval in seconds")
        family("sync_interval_model", .gauge, "Current model sync interval in seconds")
        family("sync_activity_factor", .gauge, "Cluster activity factor (lower = more active)")
        attempt { page throws(PyException) in
            let values = try figures.intervalValues()
            page.sample("sync_interval_data", [:], values.data)
            page.sample("sync_interval_model", [:], values.model)
            page.sample("sync_activity_factor", [:], values.activity)
        }
        family("gossip_messages_sent", .counter, "Total gossip messages sent")
        family("gossip_messages_received", .counter, "Total gossip messages received")
        family("gossip_state_updates", .counter, "Total state updates from gossip")
        family("gossip_compression_ratio", .gauge, "Gossip compression ratio (1.0 = 100% compressed)")
        family("gossip_bytes_saved_kb", .counter, "Total bytes saved by compression")
        attempt { page throws(PyException) in
            let saved = try figures.saved()
            page.sample("gossip_messages_sent", [:], try figures.gossip.get("message_sent", 0))
            page.sample("gossip_messages_received", [:], try figures.gossip.get("message_received", 0))
            page.sample("gossip_state_updates", [:], try figures.gossip.get("state_updates", 0))
            page.sample("gossip_compression_ratio", [:], saved.ratio)
            page.sample("gossip_bytes_saved_kb", [:], saved.kilobytes)
        }
        family("leader_agreement", .gauge, "Nodes agreeing on current leader")
        if let agreement = figures.leaderAgreement { sample("leader_agreement", [:], agreement) }
        // Nothing of the legacy ever counts here.
        family("dedup_files_skipped", .counter, "Files skipped due to deduplication")
        family("dedup_bytes_saved_mb", .gauge, "Megabytes saved by deduplication")
        family("dedup_known_hashes", .gauge, "Number of file hashes tracked")
        sample("dedup_files_skipped", [:], 0)
        sample("dedup_bytes_saved_mb", [:], 0.0)
        sample("dedup_known_hashes", [:], 0)
        family("tournament_proposals_pending", .gauge, "Pending tournament proposals")
        family("tournament_active", .gauge, "Active distributed tournaments")
        attempt { page throws(PyException) in
            let counts = try figures.tournamentCounts()
            page.sample("tournament_proposals_pending", [:], .int(counts.pending))
            page.sample("tournament_active", [:], .int(counts.active))
        }
        family("orchestrator_uptime_seconds", .gauge, "Orchestrator uptime in seconds")
        sample("orchestrator_uptime_seconds", [:], text: PyString(PyNumber.fixed(uptime, 0)))
    }
}
