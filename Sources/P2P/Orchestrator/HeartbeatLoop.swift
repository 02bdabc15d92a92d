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
        await cancelWhenGracefulShutdown { await runtime.loops.host(Self.name) { await rounds() } }
    }

    private static let name = "heartbeat"

    private func rounds() async {
        repeat {
            do throws(PyException) {
                while try await round() == .again, !Task.isCancelled, runtime.loops.goesOn(Self.name) {}
            } catch {
                runtime.console.print("[P2P] Heartbeat error: \(error.message)")
            }
            runtime.firstPause.note()
            await runtime.legacy.tell()
            Systemd.notify("WATCHDOG=1", environment: runtime.configuration.environment)
        } while await runtime.loops.pause(Self.name, seconds: 30)
    }

    /// When the next round begins.
    package enum Next: Sendable, Equatable {
        case afterPause
        /// The leader stepped down because of its health: at once.
        case again
    }

    /// One round. An exception ends it where it occurs.
    package func round() async throws(PyException) -> Next {
        for address in runtime.knownPeers { try await greetKnownPeer(address) }
        try await greetDiscoveredPeers()
        _ = try await legacy(.bootstrap)
        try await pollRelay()
        try await runtime.turn { turn throws(PyException) in try turn.checkDeadPeers() }
        try await handlePartition()
        try await runtime.restoreVoters()
        let leads = runtime.store.snapshot.leadership.role == .leader
        if leads {
            try await runtime.manageDynamicVoters()
            if try await !runtime.checkLeaderHealth() {
                try await runtime.turn { turn throws(PyException) in turn.stepDownForHealth() }
                return .again
            }
            // The renewal asks others: what begins meanwhile sees the round so far, and not the new lease.
            await runtime.legacy.tell()
            runtime.firstPause.note()
            await runtime.legacy.waitForRelease()
            try await runtime.renewLeaderLease()
        }
        try await switchMonitoring(mayStart: leads)
        // The round's own look at the machine; the report after it always fails in the legacy.
        try await runtime.turn(refreshingSelf: true) { turn throws(PyException) in }
        await runtime.save()
        return .afterPause
    }

    private func greetKnownPeer(_ text: String) async throws(PyException) {
        guard let address = try? PeerAddress(parsing: PyString(text)) else { return }
        if address.scheme == "https" || runtime.configuration.relayPeers.contains(text) {
            let isWebPort = address.port == 80 || address.port == 443
            let base = "\(address.scheme)://\(address.host)" + (isWebPort ? "" : ":\(address.port)")
            if try await relayHeartbeat(base) { return }
        }
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

    /// A step of this round that is the worker's.
    private func legacy(_ step: LegacyStep, _ arguments: [PyValue] = []) async throws(PyException) -> PyValue? {
        try await runtime.legacy.run(step, arguments)
    }

    /// True when the relay has answered; its answer is in the store then.
    private func relayHeartbeat(_ url: String) async throws(PyException) -> Bool {
        guard let result = try await legacy(.relayHeartbeat, [.string(PyString(url))]) else { return false }
        return result["success"]?.isTruthy ?? false
    }

    /// A node behind NAT asks a relay for peers and commands every 15 seconds (contract 03 section 4.6).
    private func pollRelay() async throws(PyException) {
        let now = runtime.effects.clock.now()
        let state = runtime.store.snapshot
        guard runtime.legacy.isServed, state.selfInfo[.natBlocked].isTruthy,
            now - (state.carried["last_relay_heartbeat"]?.asDouble ?? 0) >= 15
        else { return }
        var urls: [String] = []
        let own = runtime.configuration.nodeID
        let leader = try await runtime.turn { turn throws(PyException) in try turn.leaderPeer() }
        if let leader, !leader.nodeID.pyEquals(.string(own)) {
            urls.append("\(leader[.scheme].pyStr)://\(leader[.host].pyStr):\(leader[.port].pyStr)")
        }
        for text in runtime.knownPeers {
            guard let address = try? PeerAddress(parsing: PyString(text)) else { continue }
            urls.append("\(address.scheme)://\(address.host):\(address.port)")
        }
        var seen: Set<String> = []
        for url in urls where seen.insert(url).inserted {
            if try await relayHeartbeat(url) {
                runtime.store.update { $0.carried["last_relay_heartbeat"] = .float(now) }
                return
            }
        }
    }

    /// The peer's own address, then the one it reported when that differs, then its Tailscale address.
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
        guard let address = try await legacy(.tailscaleAddress, [peer.nodeID])?.asString, !address.isEmpty,
            !peer[.host].pyEquals(.string(address)), case .int(let number)? = try? PyNumber.int(peer[.port]),
            let reply = try await runtime.exchangeHeartbeat(scheme: scheme, host: address, port: number, timeout: 10)
        else { return nil }
        runtime.console.print("[P2P] Reached \(peer.nodeID.pyStr) via Tailscale (\(address))")
        return reply
    }

    /// Asked for only where there is something to do. An election that this round has begun comes after the round.
    private func switchMonitoring(mayStart: Bool) async throws(PyException) {
        let state = runtime.store.snapshot
        let runs = state.carried["_monitoring_was_leader"]?.isTruthy ?? false
        let leads = state.leadership.role == .leader
        if runs, !leads { _ = try await legacy(.stopMonitoring) }
        if !runs, leads, mayStart { _ = try await legacy(.startMonitoring) }
    }

    private func handlePartition() async throws(PyException) {
        guard let line = try await runtime.turn({ turn throws(PyException) in try turn.detectPartition() }) else {
            try await endTailscalePriority()
            return
        }
        runtime.console.print(line)
        _ = try await legacy(.enableTailscalePriority)
        let hasQuorum = try await runtime.turn { turn throws(PyException) in try turn.hasVoterQuorum() }
        if !hasQuorum { try await runtime.enablePartitionVoters() }
        let now = runtime.effects.clock.now()
        let last = runtime.store.snapshot.carried["_last_partition_ip_refresh"]?.asDouble ?? 0
        guard runtime.legacy.isServed, now - last > 60 else { return }
        runtime.store.update { $0.carried["_last_partition_ip_refresh"] = .float(now) }
        let legacy = runtime.legacy
        runtime.background.start { _ = try? await legacy.run(.refreshAddresses, []) }
    }

    /// The priority ends when its time is over and a peer is alive.
    private func endTailscalePriority() async throws(PyException) {
        let state = runtime.store.snapshot
        guard state.carried["_tailscale_priority"]?.isTruthy ?? false,
            runtime.effects.clock.now() > (state.carried["_tailscale_priority_until"]?.asDouble ?? 0)
        else { return }
        let own = runtime.configuration.nodeID
        let someoneLives = try await runtime.turn { turn throws(PyException) -> Bool in
            for peer in turn.peers where try turn.isAlive(peer) && !peer.nodeID.pyEquals(.string(own)) { return true }
            return false
        }
        if someoneLives { _ = try await legacy(.disableTailscalePriority) }
    }
}
