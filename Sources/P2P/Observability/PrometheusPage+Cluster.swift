import P2PModel
import PythonSemantics

/// Families 1 to 20 of contract 12 section 4.1: the node and its peers.
extension PrometheusPage {
    /// - Throws: what a record with a wrong type throws; the route then answers with its text.
    package mutating func addCluster(_ turn: NodeTurn, jobs: JobTable) throws(PyException) {
        var alive: [Bool] = []
        for peer in turn.peers { alive.append(try turn.isAlive(peer)) }
        let selfplay = jobs.runningSelfplay
        let isLeader = turn.leadership.role == .leader
        gauge("cluster_peers_total", "Total number of known peers", .int(turn.peers.count))
        gauge("cluster_peers_alive", "Number of alive peers", .int(alive.filter { $0 }.count))
        gauge("is_leader", "Whether this node is the leader", isLeader ? 1 : 0)
        gauge("selfplay_jobs_running", "Number of running selfplay jobs", .int(selfplay))
        gauge(
            "training_jobs_running", "Number of running training jobs",
            .int(jobs.filter { $0.jobType == .training && $0.status.pyEquals("running") }.count))
        for family in Self.nodeFamilies { self.family(family.name, .gauge, family.help) }
        try addSelf(turn.selfInfo, turn.nodeID, isLeader ? "leader" : "worker", selfplay)
        for (entry, isAlive) in zip(turn.peers.entries, alive) { try addPeer(entry, isAlive) }
    }

    private static let nodeFamilies: [(name: String, help: String)] = [
        ("cpu_percent", "CPU utilization percentage per node"),
        ("memory_percent", "Memory utilization percentage per node"),
        ("disk_percent", "Disk utilization percentage per node"),
        ("gpu_percent", "GPU utilization percentage per node"), ("selfplay_jobs", "Selfplay jobs per node"),
        ("node_alive", "Whether node is alive (1) or not (0)"),
        ("cluster_node_up", "Whether cluster node is active (1=up, 0=down)"),
        ("cluster_node_cost_per_hour", "Estimated hourly cost in USD"),
        ("cluster_gpu_utilization", "GPU utilization as fraction (0-1)"),
        ("cluster_cpu_utilization", "CPU utilization as fraction (0-1)"),
        ("cluster_gpu_memory_used_bytes", "GPU memory used in bytes"),
        ("cluster_memory_used_bytes", "System memory used in bytes"),
    ]

    private mutating func addSelf(
        _ info: NodeInfo, _ nodeID: PyString, _ role: PyString, _ selfplay: Int
    ) throws(PyException) {
        let name = nodeID.isEmpty ? "unknown" : nodeID
        let gpu: PyValue = info[.hasGPU].isTruthy ? info[.gpuPercent] : 0
        let labels: Labels = ["node": name, "role": role]
        sample("cpu_percent", labels, info[.cpuPercent])
        sample("memory_percent", labels, info[.memoryPercent])
        sample("disk_percent", labels, info[.diskPercent])
        sample("gpu_percent", labels, gpu)
        sample("selfplay_jobs", labels, .int(selfplay))
        sample("node_alive", labels, 1)
        try addUse(name, up: 1, cost: 0.5, gpu: gpu, cpu: info[.cpuPercent])
    }

    private mutating func addPeer(_ entry: PeerTable.Entry, _ isAlive: Bool) throws(PyException) {
        func orZero(_ value: PyValue) -> PyValue { value.isTruthy ? value : 0 }
        let info = entry.record
        let name = entry.keyValue.isTruthy ? entry.keyValue.pyString : "unknown"
        let labels: Labels = ["node": name, "role": "worker"]
        sample("cpu_percent", labels, orZero(info[.cpuPercent]))
        sample("memory_percent", labels, orZero(info[.memoryPercent]))
        sample("gpu_percent", labels, orZero(info[.gpuPercent]))
        sample("selfplay_jobs", labels, orZero(info[.selfplayJobs]))
        sample("node_alive", labels, isAlive ? 1 : 0)
        try addUse(
            name, up: isAlive ? 1 : 0, cost: isAlive ? 0.5 : 0, gpu: info[.gpuPercent], cpu: info[.cpuPercent])
    }

    /// No node says what GPU it has in the field that is looked at, nor how many bytes are in use.
    private mutating func addUse(
        _ name: PyString, up: Int, cost: PyValue, gpu: PyValue, cpu: PyValue
    ) throws(PyException) {
        let labels: Labels = ["node": name, "gpu_type": "unknown"]
        sample("cluster_node_up", labels, .int(up))
        sample("cluster_node_cost_per_hour", labels, cost)
        sample("cluster_gpu_utilization", labels, gpu.isTruthy ? try PyNumber.div(gpu, 100.0) : 0)
        sample("cluster_cpu_utilization", ["node": name], cpu.isTruthy ? try PyNumber.div(cpu, 100.0) : 0)
        sample("cluster_gpu_memory_used_bytes", labels, 0)
        sample("cluster_memory_used_bytes", ["node": name], 0)
    }
}

extension JobTable {
    /// How many self-play jobs of this node are running.
    package var runningSelfplay: Int {
        let types: Set<JobType> = [.selfplay, .gpuSelfplay, .hybridSelfplay, .cpuSelfplay]
        return filter { types.contains($0.jobType) && $0.status.pyEquals("running") }.count
    }
}
