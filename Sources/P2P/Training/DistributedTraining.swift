import P2PModel
import PythonSemantics

/// Which configurations are being trained where; contract 04 section 4.9 and 08. Until gossip is native the only node
/// heard of is this one.
package enum DistributedTraining {
    /// The object `distributed_training` of `/status`.
    ///
    /// - Parameter jobs: the local jobs; any status counts.
    package static func summary(jobs: JobTable, nodeID: PyString) -> PyValue {
        var nodes: [(config: PyString, nodes: [PyString])] = []
        for job in jobs where [.training, .cmaes].contains(job.jobType) && job.boardType.isTruthy {
            let config = PyString("\(job.boardType.pyStr)_\(job.numPlayers.pyStr)p")
            if !nodes.contains(where: { $0.config == config }) { nodes.append((config, [nodeID])) }
        }
        return .dict([
            "active_configs": .list(nodes.map { .string($0.config) }),
            "total_training_jobs": .int(nodes.reduce(0) { $0 + $1.nodes.count }),
            "configs_by_node_count": .dict(PyDict(nodes.map { ($0.config, .int($0.nodes.count)) })),
        ])
    }
}
