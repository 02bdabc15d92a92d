import P2PModel
import PythonSemantics

/// The parts of `/status` whose subsystems are not native: what the worker's node says of them.
enum LegacyStatus {
    private struct Part: Sendable {
        let key: PyString
        /// Method or attribute of the legacy node.
        let source: PyString
        /// Whether the handler catches the part's exception and shows its text.
        let isGuarded: Bool
        let field: WritableKeyPath<StatusBody, PyValue> & Sendable
    }

    private static let parts: [Part] = [
        Part(
            key: "improvement_cycle_manager", source: "improvement_cycle_manager.get_status", isGuarded: true,
            field: \.improvementCycleManager),
        Part(
            key: "diversity_metrics", source: "_get_diversity_metrics", isGuarded: false, field: \.diversityMetrics),
        Part(key: "gossip_metrics", source: "_get_gossip_metrics_summary", isGuarded: false, field: \.gossipMetrics),
        Part(key: "p2p_sync_metrics", source: "_p2p_sync_metrics", isGuarded: false, field: \.p2pSyncMetrics),
        Part(
            key: "distributed_training", source: "_get_distributed_training_summary", isGuarded: false,
            field: \.distributedTraining),
        Part(key: "cluster_elo", source: "_get_cluster_elo_summary", isGuarded: false, field: \.clusterElo),
        Part(key: "node_recovery", source: "_get_node_recovery_metrics", isGuarded: false, field: \.nodeRecovery),
        Part(
            key: "peer_reputation", source: "_get_cluster_peer_reputation", isGuarded: true, field: \.peerReputation),
        Part(key: "sync_intervals", source: "_get_sync_interval_summary", isGuarded: true, field: \.syncIntervals),
        Part(
            key: "tournament_scheduling", source: "_get_distributed_tournament_summary", isGuarded: true,
            field: \.tournamentScheduling),
        Part(key: "data_dedup", source: "_get_dedup_summary", isGuarded: true, field: \.dataDedup),
    ]

    /// Key -> method, as the worker is asked.
    static let views = PyDict(parts.map { ($0.key, .string($0.source)) })

    /// Puts the answers into their places; a part the tree does not have stays as it is.
    ///
    /// - Throws: the exception of a part that the handler does not catch.
    static func fill(_ body: inout StatusBody, _ views: PyDict) throws(PyException) {
        for part in parts {
            guard let view = views[part.key] else { continue }
            if let value = view["value"] {
                body[keyPath: part.field] = value
            } else if let text = view["error"] {
                guard part.isGuarded else {
                    throw PyException(type: (view["type"] ?? "Exception").pyStr, message: text.pyStr)
                }
                body[keyPath: part.field] = .dict(["error": text])
            }
        }
    }
}
