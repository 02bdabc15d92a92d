import PythonSemantics

/// The answer to GET /health (contract 06 section 3.12): always 200, even when unhealthy.
package enum HealthBody {
    /// - Parameters:
    ///   - uptime: seconds since the node started.
    ///   - timestamp: UTC ISO text without zone, with microseconds.
    ///   - clusterUtilization: what the resource optimizer says; nil leaves the key out.
    package static func reply(
        _ turn: NodeTurn, uptime: Double, timestamp: PyString, clusterUtilization: PyValue?
    ) -> NodeReply {
        do throws(PyException) {
            return NodeReply(200, try body(turn, uptime, timestamp, clusterUtilization))
        } catch {
            return NodeReply(500, ["error": .string(PyString(error.message)), "healthy": false])
        }
    }

    private static func body(
        _ turn: NodeTurn, _ uptime: Double, _ timestamp: PyString, _ clusterUtilization: PyValue?
    ) throws(PyException) -> PyDict {
        let info = turn.selfInfo
        let state = turn.leadership
        var active = 0
        for peer in turn.peers {
            let age = try PyNumber.sub(.float(turn.now), peer[.lastHeartbeat])
            if try PyNumber.isLess(age, 120) { active += 1 }
        }
        let seen: PyValue = state.leaderID.isTruthy ? .float(turn.now - state.lastLeaderSeen) : .none
        var body: PyDict = [
            "healthy": .bool(try info.isHealthy(now: turn.now, constants: turn.constants)),
            "node_id": .string(turn.nodeID), "role": state.role.value, "disk_percent": info[.diskPercent],
            "memory_percent": info[.memoryPercent], "cpu_percent": info[.cpuPercent],
            "selfplay_jobs": info[.selfplayJobs], "training_jobs": info[.trainingJobs],
            "leader_id": state.leaderID, "leader_last_seen_seconds": seen, "active_peers": .int(active),
            "total_peers": .int(turn.peers.count), "uptime_seconds": .float(uptime),
            "timestamp": .string(timestamp),
        ]
        if let clusterUtilization { body["cluster_utilization"] = clusterUtilization }
        return body
    }
}
