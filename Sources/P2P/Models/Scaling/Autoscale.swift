import PythonSemantics

/// `GET /autoscale/metrics` and `GET /autoscale/recommendations`; contract 06 sections 3.18 and 3.19.
package struct Autoscale: Sendable {
    /// Limits of a recommendation, read from the environment with every request.
    package struct Thresholds: Sendable, Equatable {
        package let maxWorkers: PyValue
        package let minWorkers: PyValue
        package let scaleUp: PyValue
        package let scaleDown: PyValue
        package let freshness: Double

        /// - Throws: `ValueError`, the text of the answer.
        package init(environment: [String: String]) throws(PyException) {
            func integer(_ name: String, _ fallback: String) throws(PyException) -> PyValue {
                try PyNumber.int(PyString(environment["RINGRIFT_AUTOSCALE_" + name] ?? fallback))
            }
            maxWorkers = try integer("MAX_WORKERS", "46")
            minWorkers = try integer("MIN_WORKERS", "2")
            scaleUp = try integer("SCALE_UP_GPH", "100")
            scaleDown = try integer("SCALE_DOWN_GPH", "500")
            freshness = try PyNumber.float(
                PyString(environment["RINGRIFT_AUTOSCALE_TARGET_FRESHNESS_HOURS"] ?? "2"))
        }

        var body: PyDict {
            [
                "scale_up_games_per_hour": scaleUp, "scale_down_games_per_hour": scaleDown, "max_workers": maxWorkers,
                "min_workers": minWorkers, "target_data_freshness_hours": .float(freshness),
            ]
        }
    }

    /// What is looked at.
    package struct Inputs: Sendable {
        package var peers: PeerTable
        package var selfInfo: NodeInfo
        package var jobs: JobTable
        /// Games an hour, by configuration.
        package var throughputs: [PyValue]
        /// When the newest game file changed, unix seconds; nil without one.
        package var newestData: Double?
        /// `overall_elo_per_gpu_hour`.
        package var efficiency: PyValue
        package var now: Double

        package init(
            peers: PeerTable, selfInfo: NodeInfo, jobs: JobTable, throughputs: [PyValue], newestData: Double?,
            efficiency: PyValue, now: Double
        ) {
            self.peers = peers
            self.selfInfo = selfInfo
            self.jobs = jobs
            self.throughputs = throughputs
            self.newestData = newestData
            self.efficiency = efficiency
            self.now = now
        }
    }

    private var state: PyDict
    private var recommendations: [PyDict] = []
    private let thresholds: Thresholds
    private let totalNodes: Int

    package init(_ inputs: Inputs, _ thresholds: Thresholds) {
        self.thresholds = thresholds
        totalNodes = inputs.peers.count + 1
        let gpuNodes = inputs.peers.filter { $0[.hasGPU].isTruthy }.count + (inputs.selfInfo[.hasGPU].isTruthy ? 1 : 0)
        let selfplay: Set<JobType> = [.selfplay, .gpuSelfplay, .hybridSelfplay, .cpuSelfplay]
        let active = inputs.jobs.filter { selfplay.contains($0.jobType) && $0.status.equals("running") }.count
        state = [
            "total_nodes": .int(totalNodes), "gpu_nodes": .int(gpuNodes), "active_selfplay_jobs": .int(active),
        ]
        // What fails leaves the answer as far as it has come, as in the legacy.
        try? complete(inputs)
    }

    /// The answer of `/autoscale/metrics`.
    package var metrics: PyDict {
        [
            "current_state": .dict(state), "recommendations": .list(recommendations.map { .dict($0) }),
            "thresholds": .dict(thresholds.body),
        ]
    }

    /// The answer of `/autoscale/recommendations`.
    package var table: [PyValue] {
        let rows: [PyValue] = recommendations.map { row in
            [
                "Action": .string((row["action"] ?? "").pyString.uppercased()), "Reason": row["reason"] ?? "",
                "SuggestedWorkers": row["suggested_workers"] ?? 1,
            ]
        }
        guard rows.isEmpty else { return rows }
        return [
            [
                "Action": "NONE", "Reason": "Current scaling is optimal",
                "SuggestedWorkers": state["total_nodes"] ?? 1,
            ]
        ]
    }

    private mutating func complete(_ inputs: Inputs) throws(PyException) {
        let games = try PyNumber.sum(inputs.throughputs)
        state["games_per_hour"] = try PyNumber.round(games, 1)
        let newest = inputs.newestData ?? 0
        let age: PyValue = newest > 0 ? .float((inputs.now - newest) / 3600) : 999
        state["data_freshness_hours"] = try PyNumber.round(age, 2)
        let nodes = PyValue.int(totalNodes)
        let rate = try PyNumber.format(games, ".0f")
        if try PyNumber.isLess(games, thresholds.scaleUp), try PyNumber.isLess(nodes, thresholds.maxWorkers) {
            try recommend(
                "scale_up", "Low throughput (\(rate) games/h < \(thresholds.scaleUp.pyStr))",
                PyNumber.min(.int(totalNodes + 2), thresholds.maxWorkers))
        }
        if try PyNumber.isGreater(games, thresholds.scaleDown), try PyNumber.isGreater(nodes, thresholds.minWorkers) {
            try recommend(
                "scale_down", "High throughput (\(rate) games/h > \(thresholds.scaleDown.pyStr))", oneLess())
        }
        if try PyNumber.isGreater(age, .float(thresholds.freshness)) {
            let hours = try PyNumber.format(age, ".1f")
            try recommend(
                "scale_up", "Stale data (\(hours)h > \(PyNumber.repr(thresholds.freshness))h)",
                PyNumber.min(.int(totalNodes + 1), thresholds.maxWorkers))
        }
        if try PyNumber.isLess(inputs.efficiency, 1), totalNodes > 2 {
            let text = try PyNumber.format(inputs.efficiency, ".2f")
            try recommend(
                "optimize", "Low efficiency (\(text) Elo/GPU-h) - consider reducing workers", oneLess())
        }
    }

    private func oneLess() throws(PyException) -> PyValue {
        try PyNumber.max(.int(totalNodes - 1), thresholds.minWorkers)
    }

    private mutating func recommend(_ action: PyString, _ reason: String, _ workers: PyValue) {
        recommendations.append([
            "action": .string(action), "reason": .string(PyString(reason)), "suggested_workers": workers,
        ])
    }
}
