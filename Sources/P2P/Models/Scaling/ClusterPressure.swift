import PythonSemantics

/// The first three passes of a leader over its nodes: room, idle GPUs, runaway processes; contract 06 section 4.13.
package struct ClusterPressure: Sendable {
    package let constants: P2PConstants
    /// The leader itself.
    package let ownID: PyValue

    package init(constants: P2PConstants, ownID: PyValue) {
        self.constants = constants
        self.ownID = ownID
    }

    private func isOwn(_ node: NodeInfo) -> Bool { node.nodeID.pyEquals(ownID) }

    /// Phase 1: cleaning a disk that is full, or stopping jobs of a node that has too little room.
    package func relief(
        _ node: NodeInfo, _ target: inout SelfplayTarget, _ conditions: ProductionConditions, now: Double,
        _ directives: inout [SchedulingDirective]
    ) throws(PyException) {
        if try node.isAtLeast(.diskPercent, constants.diskCleanupThreshold) {
            directives.append(
                .print("[P2P] \(node.shownID): Disk at \(try node.rounded(.diskPercent))% - triggering cleanup"))
            directives.append(isOwn(node) ? .cleanUpDisk : .requestCleanup(node))
            return
        }
        var reasons: [String] = []
        if try node.isAtLeast(.memoryPercent, constants.memoryWarningThreshold) { reasons.append("memory") }
        if try node.isAtLeast(.diskPercent, constants.diskWarningThreshold) { reasons.append("disk") }
        guard !reasons.isEmpty else { return }
        var wanted = try target.jobs(for: node, conditions, now: now, &directives)
        if try node.isAtLeast(.memoryPercent, constants.memoryCriticalThreshold) {
            wanted = 0
        } else if try node.isAtLeast(.diskPercent, constants.diskCriticalThreshold) {
            wanted = 0
        }
        guard try PyNumber.isGreater(node[.selfplayJobs], .int(wanted)) else { return }
        let reason = reasons.joined(separator: "+")
        directives.append(
            .print(
                "[P2P] \(node.shownID): Load shedding (reason=\(reason)) \(node[.selfplayJobs].pyStr)->\(wanted) "
                    + "selfplay jobs"))
        directives.append(
            isOwn(node)
                ? .reduceLocal(to: wanted, reason: reason) : .requestReduction(node, to: wanted, reason: reason))
    }

    private static let idleSince: PyString = "gpu_idle_since"

    /// Phase 1.5: a GPU that does nothing although jobs run is given five minutes, then the jobs are swept away.
    package func idleGPU(
        _ node: NodeInfo, _ attributes: inout SchedulingAttributes, now: Double
    ) throws(PyException) -> [SchedulingDirective] {
        guard node[.hasGPU].isTruthy, try PyNumber.isGreater(node[.selfplayJobs], 0) else {
            attributes.setValue(Self.idleSince, node.nodeID, nil)
            return []
        }
        if try node.upperText(.gpuName).containsAny(["MPS", "APPLE"]) { return [] }
        guard try PyNumber.isLess(node[.gpuPercent], .int(P2PConstants.gpuIdleThreshold)) else {
            attributes.setValue(Self.idleSince, node.nodeID, nil)
            return []
        }
        let jobs = node[.selfplayJobs].pyStr
        guard let since = attributes.value(Self.idleSince, node.nodeID)?.asDouble else {
            attributes.setValue(Self.idleSince, node.nodeID, .float(now))
            return [
                .print(
                    "[P2P] \(node.shownID): GPU idle (\(try node.rounded(.gpuPercent))%) with \(jobs) jobs - monitoring"
                )
            ]
        }
        guard now - since >= Double(P2PConstants.gpuIdleRestartTimeout) else { return [] }
        attributes.setValue(Self.idleSince, node.nodeID, nil)
        return [
            .print("[P2P] \(node.shownID): STUCK! GPU idle for \(PyNumber.fixed(now - since, 0))s with \(jobs) jobs"),
            .print("[P2P] \(node.shownID): Requesting job restart..."), restart(node),
        ]
    }

    /// Phase 1.6: far more processes than wanted are swept away. What cannot be read is left alone.
    package func runaway(
        _ node: NodeInfo, _ target: inout SelfplayTarget, _ conditions: ProductionConditions, now: Double
    ) -> [SchedulingDirective] {
        var directives: [SchedulingDirective] = []
        do throws(PyException) {
            let wanted = try target.jobs(for: node, conditions, now: now, &directives)
            let fixed = constants.runawaySelfplayProcessThreshold
            let threshold = fixed > 0 ? fixed : max(16, wanted * 3)
            guard try node.integer(.selfplayJobs) >= threshold else { return directives }
            directives.append(
                .print(
                    "[P2P] \(node.shownID): RUNAWAY selfplay count (\(node[.selfplayJobs].pyStr)) >= \(threshold) — "
                        + "requesting restart sweep"))
            directives.append(restart(node))
        } catch {}
        return directives
    }

    private func restart(_ node: NodeInfo) -> SchedulingDirective {
        isOwn(node) ? .restartLocal : .requestRestart(node)
    }
}
