import PythonSemantics

/// What every decision about the number of self-play jobs looks at beside the nodes.
package struct ProductionConditions: Sendable {
    /// What the training queue says of new games.
    package enum Queue: Sendable, Equatable {
        case open
        /// The share that may still be produced.
        case throttled(Double)
        case stopped
        /// It cannot be read.
        case unreadable(PyException)
    }

    package var isEmergencyActive = false
    package var queue = Queue.open
    /// RINGRIFT_P2P_VERBOSE holds text.
    package var isVerbose = false

    package init() {}
}

/// The wanted number of self-play jobs of a node; contract 06 section 4.7.
package struct SelfplayTarget: Sendable {
    package var hosts: HostTargetManager
    package let constants: P2PConstants

    package init(hosts: HostTargetManager, constants: P2PConstants) {
        self.hosts = hosts
        self.constants = constants
    }

    private struct Sample {
        let hasGPU: Bool
        let cores: Int
        let cpu: Double
        let memory: Double
        let disk: Double
        let gpu: Double
        let gpuMemory: Double
        let jobs: Int

        init(_ node: NodeInfo) throws(PyException) {
            hasGPU = node[.hasGPU].isTruthy
            cores = try node.integer(.cpuCount)
            cpu = try node.number(.cpuPercent)
            memory = try node.number(.memoryPercent)
            disk = try node.number(.diskPercent)
            gpu = try node.number(.gpuPercent)
            gpuMemory = try node.number(.gpuMemoryPercent)
            jobs = try node.integer(.selfplayJobs)
        }
    }

    /// `_target_selfplay_jobs_for_node`.
    /// - Parameter directives: gets the lines it prints each time it is asked.
    package mutating func jobs(
        for node: NodeInfo, _ conditions: ProductionConditions, now: Double, _ directives: inout [SchedulingDirective]
    ) throws(PyException) -> Int {
        if conditions.isEmergencyActive { return 0 }
        var factor = 1.0
        var queueFactor = 1.0
        switch conditions.queue {
        case .open: break
        case .stopped:
            directives.append(
                .print("[P2P] Backpressure STOP: training queue full, halting selfplay on \(node.shownID)"))
            return 0
        case .throttled(let share):
            factor = share
            queueFactor = share
            directives.append(.print("[P2P] Backpressure throttle: factor=\(PyNumber.fixed(share, 2))"))
        case .unreadable(let error):
            directives.append(.print("[P2P] Backpressure check error: \(error.message)"))
        }
        let memory = try node.integer(.memoryGB)
        if memory > 0, memory < constants.minMemoryGBForTasks { return 0 }
        let sample = try Sample(node)
        if hosts.record(now: now, queueFactor: queueFactor) { directives.append(.pruneUtilization) }
        do throws(PyException) {
            return try byTargets(node, sample, factor, conditions, &directives)
        } catch {
            directives.append(
                .print("[P2P] Resource targets error, falling back to hardware-aware: \(error.message)"))
        }
        return try byHardware(node, sample, memory, factor)
    }

    private mutating func byTargets(
        _ node: NodeInfo, _ sample: Sample, _ factor: Double, _ conditions: ProductionConditions,
        _ directives: inout [SchedulingDirective]
    ) throws(PyException) -> Int {
        let host = node.nodeID
        let most = try hosts.targets(host).maxSelfplay
        var wanted = try hosts.jobCount(
            host, cores: sample.cores > 0 ? sample.cores : 8, cpu: sample.cpu, gpu: sample.hasGPU ? sample.gpu : 0)
        if let reason = try hosts.scaleUp(host, cpu: sample.cpu, gpu: sample.gpu, jobs: sample.jobs),
            sample.jobs < wanted
        {
            wanted = sample.jobs + min(4, wanted - sample.jobs)
            if conditions.isVerbose {
                directives.append(.print("[P2P] Scale-up on \(node.shownID): \(reason), target=\(wanted)"))
            }
        }
        if let advice = try hosts.scaleDown(host, cpu: sample.cpu, gpu: sample.gpu, memory: sample.memory) {
            wanted = max(1, sample.jobs - advice.change)
            directives.append(.print("[P2P] Scale-down on \(node.shownID): \(advice.reason), target=\(wanted)"))
        }
        return max(1, min(Int(Double(wanted) * factor), most))
    }

    private func byHardware(
        _ node: NodeInfo, _ sample: Sample, _ memory: Int, _ factor: Double
    ) throws(PyException) -> Int {
        var name: PyString?
        if sample.hasGPU { name = try node.upperText(.gpuName) }
        var wanted = SelfplayLimits.limit(gpuName: name, cores: sample.cores, memory: memory)
        let gpuIsFull = sample.gpu > 85 || sample.gpuMemory > 85
        let cpuIsFull = sample.cpu > 80
        if gpuIsFull { wanted = max(2, wanted - 2) }
        if cpuIsFull { wanted = max(2, wanted - 1) }
        let hasRoom = sample.cpu < 60 && (!sample.hasGPU || (sample.gpu < 60 && sample.gpuMemory < 75))
        if !gpuIsFull, !cpuIsFull, sample.jobs > 0, hasRoom, sample.jobs < wanted {
            wanted = min(wanted, sample.jobs + 2)
        }
        if sample.disk >= Double(constants.diskWarningThreshold) { wanted = min(wanted, 4) }
        if sample.memory >= Double(constants.memoryWarningThreshold) { wanted = min(wanted, 2) }
        return max(1, Int(Double(wanted) * factor))
    }

    /// `_get_hybrid_job_targets`.
    package mutating func limits(
        for node: NodeInfo, _ conditions: ProductionConditions, now: Double, _ directives: inout [SchedulingDirective]
    ) throws(PyException) -> SelfplayLimits {
        let cores = try node.integer(.cpuCount)
        let memory = try node.integer(.memoryGB)
        do throws(PyException) {
            var name: PyString?
            if node[.hasGPU].isTruthy { name = try node.upperText(.gpuName) }
            return SelfplayLimits(gpuName: name, cores: cores, memory: memory)
        } catch {
            directives.append(.print("[P2P] Hybrid limits error: \(error.message)"))
        }
        return SelfplayLimits(gpuJobs: try jobs(for: node, conditions, now: now, &directives), cpuOnlyJobs: 0)
    }

    /// `_should_spawn_cpu_only_jobs`.
    package static func takesProcessorJobs(_ node: NodeInfo) throws(PyException) -> Bool {
        let cores = try node.integer(.cpuCount)
        let name = try node.upperText(.gpuName)
        guard cores >= 64 else { return false }
        guard node[.hasGPU].isTruthy else { return true }
        if name.containsAny(["GH200", "H100", "H200", "A100", "L40"]) { return false }
        if name.containsAny(["3070", "3060", "2060", "2070", "2080", "4060", "4070"]) { return true }
        if name.containsAny(["5090", "4090", "3090"]) { return cores >= 128 }
        return true
    }
}
