import P2PModel
import PythonSemantics

extension NodeTurn {
    /// `_update_self_info` from a sample; contract 06 section 4.4.
    ///
    /// - Parameters:
    ///   - hasKnownPeers: whether `--peers` named any.
    ///   - startTime: unix seconds of the node's start.
    package mutating func refreshSelfInfo(
        from sample: ResourceMonitor.Sample, hasKnownPeers: Bool, startTime: Double
    ) {
        selfInfo[.cpuPercent] = .float(sample.usage.cpuPercent)
        selfInfo[.memoryPercent] = .float(sample.usage.memoryPercent)
        selfInfo[.diskPercent] = .float(sample.usage.diskPercent)
        selfInfo[.gpuPercent] = .float(sample.usage.gpuPercent)
        selfInfo[.gpuMemoryPercent] = .float(sample.usage.gpuMemoryPercent)
        selfInfo[.selfplayJobs] = .int(sample.selfplayJobs)
        selfInfo[.trainingJobs] = .int(sample.trainingJobs)
        selfInfo.setRole(leadership.role)
        selfInfo[.lastHeartbeat] = .float(now)
        let lastInbound = lastInboundHeartbeat == 0 ? startTime : lastInboundHeartbeat
        let blocked = (hasKnownPeers || !peers.isEmpty) && now - lastInbound >= Self.inboundStaleSeconds
        selfInfo[.natBlocked] = .bool(blocked)
        if !blocked {
            selfInfo[.relayVia] = ""
        } else if leadership.leaderID.isTruthy, !leadership.leaderID.pyEquals(.string(nodeID)) {
            selfInfo[.relayVia] = leadership.leaderID
        }
    }

    /// NAT_INBOUND_HEARTBEAT_STALE_SECONDS.
    private static var inboundStaleSeconds: Double { 180 }
}
