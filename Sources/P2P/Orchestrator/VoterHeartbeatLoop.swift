import P2PModel
import P2PServices
import PythonSemantics
import ServiceLifecycle

/// Heartbeats between voters every 10 seconds; contract 03 section 4.13. It runs only on a node that is a voter at start.
package struct VoterHeartbeatLoop: Service {
    private let runtime: NodeRuntime

    package init(runtime: NodeRuntime) { self.runtime = runtime }

    package func run() async throws {
        await cancelWhenGracefulShutdown { await runtime.loops.host(Self.name) { await rounds() } }
    }

    private static let name = "voter_heartbeat"

    private func rounds() async {
        // The legacy starts it after the discovery loop, which holds all others up for a second.
        await runtime.legacy.waitForRelease()
        guard runtime.store.snapshot.leadership.voterIDs.contains(runtime.configuration.nodeID) else { return }
        runtime.console.print("[P2P] Starting voter heartbeat loop (interval=10s)")
        var lastMesh = 0.0
        repeat {
            do throws(PyException) {
                try await round(&lastMesh)
            } catch {
                runtime.console.print("[P2P] Voter heartbeat error: \(error.message)")
            }
        } while await runtime.loops.pause(Self.name, seconds: 10)
    }

    /// One round.
    /// - Parameter lastMesh: when missing voters were last reported, unix seconds.
    package func round(_ lastMesh: inout Double) async throws(PyException) {
        let own = runtime.configuration.nodeID
        for voter in runtime.store.snapshot.leadership.voterIDs where voter != own {
            guard let peer = runtime.store.snapshot.peers[PyKey(text: voter)] else {
                _ = try await runtime.legacy.run(.discoverVoter, [.string(voter)])
                continue
            }
            let reply = try await greet(peer)
            try await runtime.turn { turn throws(PyException) in
                if let reply {
                    try turn.heartbeatFromVoter(voter, reply)
                } else {
                    try turn.voterHeartbeatFailed(voter)
                }
            }
        }
        let now = runtime.effects.clock.now()
        guard now - lastMesh > 30 else { return }
        lastMesh = now
        let state = runtime.store.snapshot
        let missing = state.leadership.voterIDs.filter { $0 != own && state.peers[PyKey(text: $0)] == nil }
        if !missing.isEmpty {
            let list = PyValue.list(missing.map { .string($0) }).pyRepr
            runtime.console.print("[P2P] Voter mesh incomplete, missing: \(list)")
        }
        for voter in missing { _ = try await runtime.legacy.run(.discoverVoter, [.string(voter)]) }
    }

    private func greet(_ peer: NodeInfo) async throws(PyException) -> NodeInfo? {
        let scheme = peer[.scheme].isTruthy ? PyString(peer[.scheme].pyStr) : "http"
        let mesh = try await runtime.legacy.run(.tailscaleAddress, [peer.nodeID])?.asString ?? ""
        // The mesh address first, where there is one: it is reached from every provider.
        let first = mesh.isEmpty ? peer[.host] : .string(mesh)
        for (host, port, isReported) in [
            (first, peer[.port], false), (peer[.reportedHost], peer[.reportedPort], true),
        ] {
            if isReported,
                !host.isTruthy || !port.isTruthy || (host.pyEquals(peer[.host]) && port.pyEquals(peer[.port]))
            {
                continue
            }
            guard case .int(let number)? = try? PyNumber.int(port) else { continue }
            guard
                let reply = try await runtime.exchangeHeartbeat(
                    scheme: scheme, host: PyString(host.pyStr), port: number, timeout: 5)
            else { continue }
            if isReported {
                runtime.console.print(
                    "[P2P] Reached voter \(peer.nodeID.pyStr) via reported endpoint (\(host.pyStr):\(port.pyStr))")
            }
            return reply
        }
        return nil
    }
}
