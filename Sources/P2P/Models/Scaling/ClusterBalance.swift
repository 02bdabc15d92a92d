import PythonSemantics

/// Taking jobs from weak nodes with too many while strong ones have few; contract 06 section 4.14.
package enum ClusterBalance {
    private struct Share {
        let node: NodeInfo
        let target: Int
        let jobs: Int
        var utilization: Double { Double(jobs) / Double(max(1, target)) }
    }

    /// `_check_cluster_balance` of these nodes.
    /// - Parameter directives: gets what is to be done, also before an exception.
    package static func check(
        _ nodes: [NodeInfo], ownID: PyValue, _ target: inout SelfplayTarget, _ conditions: ProductionConditions,
        now: Double, _ directives: inout [SchedulingDirective]
    ) throws(PyException) {
        var healthy: [NodeInfo] = []
        for node in nodes where try node.isHealthy(now: now, constants: target.constants) { healthy.append(node) }
        guard healthy.count >= 2 else { return }
        var shares: [Share] = []
        for node in healthy {
            let wanted = try target.jobs(for: node, conditions, now: now, &directives)
            let jobs = try node.integer(.selfplayJobs)
            _ = try node.loadScore()
            shares.append(Share(node: node, target: wanted, jobs: jobs))
        }
        let median = shares.map(\.target).sorted(by: >)[shares.count / 2]
        let idle = shares.filter { $0.target > median && $0.utilization < 0.5 }
        let full = shares.filter { $0.target < median && $0.utilization > 1.0 }
        guard !idle.isEmpty, !full.isEmpty else { return }
        let spare = idle.reduce(0) { $0 + max(0, $1.target - $1.jobs) }
        let excess = full.reduce(0) { $0 + max(0, $1.jobs - $1.target) }
        guard spare >= 2, excess >= 2 else { return }
        move(full, spare: spare, excess: excess, ownID: ownID, &directives)
    }

    private static func move(
        _ full: [Share], spare: Int, excess: Int, ownID: PyValue, _ directives: inout [SchedulingDirective]
    ) {
        var left = min(spare, excess)
        var actions: [PyValue] = []
        // The fullest first; equally full ones keep their order.
        let order = full.enumerated().sorted {
            ($1.element.utilization, $0.offset) < ($0.element.utilization, $1.offset)
        }
        for share in order.map(\.element) where left > 0 {
            let change = min(share.jobs - share.target, left)
            guard change > 0 else { continue }
            let wanted = share.jobs - change
            let id = share.node.shownID
            directives.append(
                .print(
                    "[P2P] Cluster rebalance: \(id) overloaded (\(share.jobs)/\(share.target) jobs, "
                        + "\(PyNumber.fixed(share.utilization * 100, 0))% util) - reducing by \(change)"))
            let reason = "cluster_rebalance"
            directives.append(
                share.node.nodeID.pyEquals(ownID)
                    ? .reduceLocal(to: wanted, reason: reason)
                    : .requestReduction(share.node, to: wanted, reason: reason))
            actions.append(
                .dict(["node": share.node.nodeID, "reduced_by": .int(change), "new_target": .int(wanted)]))
            left -= change
        }
        guard !actions.isEmpty else { return }
        directives.append(
            .recordMetric(
                "cluster_rebalance", value: actions.count,
                metadata: [
                    "spare_capacity": .int(spare), "excess_load": .int(excess), "actions": .list(actions),
                ]))
    }
}
