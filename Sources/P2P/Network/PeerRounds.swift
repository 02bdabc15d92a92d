import P2PModel
import PythonSemantics

// What a heartbeat round looks at before it talks to anybody (contract 03 sections 4.6 and 4.10).

extension NodeTurn {
    /// The discovered peers to greet in this round, in table order: not behind NAT, no endpoint shared with another
    /// node, and due for a retry.
    package func peersToGreet() throws(PyException) -> [NodeInfo] {
        let conflicts = try conflictKeys()
        var result: [NodeInfo] = []
        for peer in peers {
            if peer[.natBlocked].isTruthy || peer.nodeID.pyEquals(.string(nodeID)) { continue }
            if let key = peer.endpointKey, conflicts.contains(key) { continue }
            if try peer.shouldRetry(now: now, constants: constants) { result.append(peer) }
        }
        return result
    }

    /// The line about a partition when more than half of at least two other peers cannot be reached, else nil.
    package func detectPartition() throws(PyException) -> String? {
        var total = 0
        var unreachable = 0
        for peer in peers where !peer.nodeID.pyEquals(.string(nodeID)) {
            total += 1
            let failing = try PyNumber.float(peer[.consecutiveFailures]) >= 3
            // Strictly more than the timeout, where `is_alive` asks for strictly less (contract 03 section 4.10).
            let silence = try PyNumber.sub(.float(now), peer[.lastHeartbeat])
            let silent = try PyNumber.compare(silence, .greater, .int(Int(P2PConstants.peerTimeout)))
            if failing || silent { unreachable += 1 }
        }
        guard total >= 2 else { return nil }
        let ratio = Double(unreachable) / Double(total)
        guard ratio > 0.5 else { return nil }
        return "[P2P] Network partition detected: \(unreachable)/\(total) peers unreachable "
            + "(\(PyNumber.percent(ratio, 0)))"
    }
}
