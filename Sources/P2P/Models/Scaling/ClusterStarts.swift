import PythonSemantics

/// The last pass of a leader: new jobs for nodes that can take more; contract 06 section 4.13, phase 2.
package enum ClusterStarts {
    /// The healthy nodes, those with the least load first, and the line about the first five.
    package static func order(
        _ nodes: [NodeInfo], now: Double, constants: P2PConstants
    ) throws(PyException) -> (nodes: [NodeInfo], line: String?) {
        var sorted: [(load: Double, node: NodeInfo)] = []
        for node in nodes where try node.isHealthy(now: now, constants: constants) {
            let load = try node.loadScore()
            let place = sorted.firstIndex { $0.load > load } ?? sorted.count
            sorted.insert((load, node), at: place)
        }
        guard !sorted.isEmpty else { return ([], nil) }
        var shown: [String] = []
        for (load, node) in sorted.prefix(5) {
            guard case .string(let id) = node.nodeID else {
                throw .typeError("'\(node.nodeID.typeName)' object is not subscriptable")
            }
            shown.append("\(PyString(codePoints: id.codePoints.prefix(12)))=\(PyNumber.fixed(load, 0))%")
        }
        return (sorted.map(\.node), "[P2P] Load balancing: " + shown.joined(separator: ", "))
    }
}

/// The starts on one node.
package struct NodeStarts: Sendable {
    /// How many there are.
    package let count: Int
    private let usesProcessors: Bool
    private var gpuPlaces: Int
    private var processorPlaces: Int

    /// - Parameter directives: gets the lines.
    /// - Returns: nil: none on this node.
    package init?(
        _ node: NodeInfo, _ target: inout SelfplayTarget, _ conditions: ProductionConditions, now: Double,
        _ directives: inout [SchedulingDirective]
    ) throws(PyException) {
        let load = try node.loadScore()
        if load >= Double(target.constants.loadMaxForNewJobs) {
            directives.append(
                .print("[P2P] \(node.shownID): Load \(PyNumber.fixed(load, 0))% - skipping new job starts"))
            return nil
        }
        let limits = try target.limits(for: node, conditions, now: now, &directives)
        let jobs = node[.selfplayJobs]
        guard try PyNumber.isLess(jobs, .int(limits.total)) else { return nil }
        let needed = try PyNumber.sub(.int(limits.total), jobs)
        directives.append(.print("[P2P] \(node.shownID) needs \(needed.pyStr) more selfplay jobs"))
        _ = try node.integer(.memoryGB)
        let used = try PyNumber.min(jobs, .int(limits.gpuJobs))
        gpuPlaces = try max(0, PyNumber.clampedInt(PyNumber.sub(.int(limits.gpuJobs), used)))
        processorPlaces = max(0, limits.cpuOnlyJobs)
        usesProcessors = try SelfplayTarget.takesProcessorJobs(node) && limits.cpuOnlyJobs > 0
        guard case .int(let starts) = try PyNumber.min(needed, 10) else {
            throw .typeError("'\(needed.typeName)' object cannot be interpreted as an integer")
        }
        count = starts
    }

    /// What the next start is, after its lines.
    package mutating func next(
        _ node: NodeInfo, _ directives: inout [SchedulingDirective]
    ) throws(PyException) -> JobType {
        let name = try node.upperText(.gpuName)
        let isApple = name.containsAny(["MPS", "APPLE"])
        let percent = node[.gpuPercent].isTruthy ? node[.gpuPercent] : 0
        let hasGPU = node[.hasGPU].isTruthy
        var isGone = false
        if hasGPU, !isApple, try PyNumber.isGreater(node[.selfplayJobs], 2) { isGone = try PyNumber.isLess(percent, 1) }
        if isGone {
            directives.append(
                .print(
                    "[P2P] WARNING: \(node.shownID) has GPU but 0% utilization with \(node[.selfplayJobs].pyStr) jobs - "
                        + "falling back to CPU selfplay"))
        }
        let (type, text) = take(hasGPU: hasGPU, name: name, isApple: isApple, isGone: isGone)
        let shownGPU = node[.gpuName].isTruthy ? node[.gpuName].pyStr : "none"
        let gpu = hasGPU ? "gpu=\(shownGPU), gpu%=\(try node.rounded(.gpuPercent))" : "no-gpu"
        directives.append(
            .print(
                "[P2P] Assigning \(text) task to \(node.shownID) "
                    + "(\(gpu), load=\(PyNumber.fixed(try node.loadScore(), 0))%)"))
        return type
    }

    private mutating func take(
        hasGPU: Bool, name: PyString, isApple: Bool, isGone: Bool
    ) -> (type: JobType, text: String) {
        var onProcessors = false
        if gpuPlaces > 0, !isGone {
            gpuPlaces -= 1
        } else if usesProcessors, processorPlaces > 0 {
            onProcessors = true
            processorPlaces -= 1
        } else if isGone {
            onProcessors = true
        }
        if onProcessors { return (.cpuSelfplay, "CPU-only (hybrid mode)") }
        guard hasGPU, !isApple, !isGone else { return (.selfplay, "CPU-only") }
        let isStrong = name.containsAny(["H100", "H200", "GH200", "A100", "5090", "4090"])
        return (.hybridSelfplay, isStrong ? "HYBRID (quality-first)" : "HYBRID (accel)")
    }
}
