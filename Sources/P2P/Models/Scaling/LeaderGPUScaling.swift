import PythonSemantics

/// The leader's look at GPUs with nothing to do; contract 06 section 4.15.
package struct LeaderGPUScaling: Sendable, Equatable {
    package let nodeID: PyValue
    package let count: Int
    package let line: String

    private static let lastRun: PyString = "_last_gpu_auto_scale"

    /// Up to three peers to start jobs on, in table order; empty while the last start is less than two minutes ago.
    package static func starts(
        _ peers: PeerTable, _ attributes: inout SchedulingAttributes, now: Double, constants: P2PConstants
    ) throws(PyException) -> [LeaderGPUScaling] {
        guard now - attributes.number(lastRun) >= 120 else { return [] }
        var found: [LeaderGPUScaling] = []
        for peer in peers {
            guard try peer.isAlive(now: now, constants: constants), peer[.hasGPU].isTruthy else { continue }
            let percent = try peer.number(.gpuPercent)
            let name = try peer.lowerText(.gpuName)
            _ = try peer.integer(.selfplayJobs)
            if try peer.integer(.trainingJobs) > 0 { continue }
            let key = PyString("_gpu_idle_since_\(peer.shownID)")
            guard percent < GPUHeadroom.minimum else {
                attributes.clear(key)
                continue
            }
            let since = attributes.number(key)
            if since == 0 {
                attributes.set(key, now)
            } else if now - since > 120 {
                let count = GPUHeadroom.jobs(percent: percent, name: name, most: 4)
                found.append(
                    LeaderGPUScaling(
                        nodeID: peer.nodeID, count: count,
                        line: "[P2P] Auto-scale: \(peer.shownID) at \(PyNumber.fixed(percent, 0))% GPU, "
                            + "starting \(count) diverse/hybrid selfplay job(s)"))
            }
        }
        return Array(found.prefix(3))
    }

    /// The board of the next job on this peer, and the body that asks for it.
    package func nextBody(_ attributes: inout SchedulingAttributes) -> (config: SelfplayConfig, body: PyDict) {
        let turn = attributes.count(PyString("_diverse_config_counter_\(nodeID.pyStr)"))
        let count = SelfplayChoice.diverse.count
        let (board, players) = SelfplayChoice.diverse[((turn % count) + count) % count]
        return (
            SelfplayConfig(board, players, "mixed"),
            [
                "board_type": .string(board), "num_players": .int(players), "num_games": 200, "engine_mode": "mixed",
                "auto_scaled": true, "job_type": "hybrid_selfplay",
            ]
        )
    }

    /// After so many starts.
    package static func started(_ attributes: inout SchedulingAttributes, now: Double) {
        attributes.set(lastRun, now)
    }
}
