import P2PModel
import P2PServices
import PythonSemantics
import ServiceLifecycle

/// The 30-second round that keeps a node a member: heartbeats, dead peers, voters, lease, save.
/// Contract 03 section 4.6; the order of the steps is contract, an exception ends the rest of the round.
package struct HeartbeatLoop: Service {
    private let runtime: NodeRuntime

    package init(runtime: NodeRuntime) { self.runtime = runtime }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do throws(PyException) {
                    if try await round() == .again { continue }
                } catch {
                    runtime.console.print("[P2P] Heartbeat error: \(error.message)")
                }
                Systemd.notify("WATCHDOG=1", environment: runtime.configuration.environment)
                do { try await runtime.effects.clock.sleep(seconds: 30) } catch { return }
            }
        }
    }

    /// When the next round begins.
    package enum Next: Sendable, Equatable {
        case afterPause
        /// The leader stepped down because of its health: at once.
        case again
    }

    /// One round. An exception ends it where it occurs.
    package func round() async throws(PyException) -> Next {
        for address in runtime.configuration.knownPeers { try await greetKnownPeer(address) }
        try await greetDiscoveredPeers()
        try await runtime.turn { turn throws(PyException) in try turn.checkDeadPeers() }
        try await handlePartition()
        _ = try await runtime.turn { turn throws(PyException) in try turn.restoreVoters() }
        let leads = try await runtime.turn { turn throws(PyException) -> Bool in
            guard turn.leadership.role == .leader else { return false }
            _ = try turn.manageDynamicVoters()
            return true
        }
        if leads {
            let healthy = try await runtime.turn { turn throws(PyException) in try turn.checkLeaderHealth() }
            if !healthy {
                try await runtime.turn { turn throws(PyException) in turn.stepDownForHealth() }
                return .again
            }
            try await runtime.renewLease()
        }
        await runtime.save()
        return .afterPause
    }

    private func greetKnownPeer(_ text: String) async throws(PyException) {
        guard let address = try? PeerAddress(parsing: PyString(text)) else { return }
        guard
            let reply = try await runtime.exchangeHeartbeat(
                scheme: address.scheme, host: address.host, port: address.port, timeout: 10)
        else { return }
        try await runtime.turn { turn throws(PyException) in try turn.heartbeatFromKnownPeer(reply) }
    }

    private func greetDiscoveredPeers() async throws(PyException) {
        let peers = try await runtime.turn { turn throws(PyException) in try turn.peersToGreet() }
        for peer in peers {
            if Task.isCancelled { return }
            let reply = try await firstAnswer(peer)
            try await runtime.turn { turn throws(PyException) in
                if let reply {
                    try turn.heartbeatFromDiscoveredPeer(reply)
                } else {
                    try turn.heartbeatFailed(try PyKey(peer.nodeID))
                }
            }
        }
    }

    /// The peer's own address, then the one it reported when that differs.
    private func firstAnswer(_ peer: NodeInfo) async throws(PyException) -> NodeInfo? {
        let scheme = peer[.scheme].isTruthy ? PyString(peer[.scheme].pyStr) : "http"
        var places: [(PyValue, PyValue)] = [(peer[.host], peer[.port])]
        let reported = (peer[.reportedHost], peer[.reportedPort])
        if reported.0.isTruthy, reported.1.isTruthy,
            !(reported.0.pyEquals(peer[.host]) && reported.1.pyEquals(peer[.port]))
        {
            places.append(reported)
        }
        for (host, port) in places {
            guard case .int(let number)? = try? PyNumber.int(port) else { continue }
            if let reply = try await runtime.exchangeHeartbeat(
                scheme: scheme, host: PyString(host.pyStr), port: number, timeout: 10)
            {
                return reply
            }
        }
        return nil
    }

    private func handlePartition() async throws(PyException) {
        let line = try await runtime.turn { turn throws(PyException) -> String? in
            guard let found = try turn.detectPartition() else { return nil }
            if try !turn.hasVoterQuorum() { _ = try turn.enablePartitionVoters() }
            return found
        }
        if let line { runtime.console.print(line) }
    }
}
