import Effects
import P2PModel
import P2PServices
import PythonSemantics
import TestSupport
import Testing

@testable import P2PNode

/// Contract 03 sections 4.6 and 4.13, 01 section 5.
@Suite struct HeartbeatRoundTests {
    private func answer(_ id: PyString, _ more: PyDict = [:]) -> ScriptedPeers.Answer {
        var body: PyDict = ["node_id": .string(id), "host": "1.1.1.1", "port": 1]
        for (key, value) in more { body[key] = value }
        return .json(.dict(body))
    }

    @Test func configuredPeersFirstThenDiscoveredOnes() async throws {
        let node = try await NodeFixture("m", peers: ["10.0.0.1", "", "10.0.0.2:9000", "a:b:c"])
        try node.addPeer("b")
        try node.addPeer("a")
        try node.addPeer("blocked") { $0[.natBlocked] = true }
        node.fake.peers.answer("POST http://10.0.0.1:8770/heartbeat", answer("k1"))
        node.fake.peers.answer("POST http://10.0.0.2:9000/heartbeat", .timeout)
        node.fake.peers.answer("POST http://b.lan:8770/heartbeat", .refused)
        node.fake.peers.answer("POST http://a.lan:8770/heartbeat", answer("a"))
        // What has just been found is greeted in the same round.
        node.change {
            $0.leaderID = "m"; $0.role = .follower
        }
        #expect(try await HeartbeatLoop(runtime: node.runtime).round() == .afterPause)
        #expect(
            node.fake.peers.names.filter { $0.hasSuffix("/heartbeat") } == [
                "POST http://10.0.0.1:8770/heartbeat", "POST http://10.0.0.2:9000/heartbeat",
                "POST http://b.lan:8770/heartbeat", "POST http://a.lan:8770/heartbeat",
                "POST http://10.0.0.1:8770/heartbeat",
            ])
        #expect(node.fake.peers.calls.allSatisfy { $0.request.timeout == 10 })
        let peers = node.runtime.store.snapshot.peers
        #expect(peers[key("b")]?[.consecutiveFailures] == 1)
        #expect(peers[key("b")]?[.lastFailureTime] == .float(node.fake.clock.now()))
        #expect(peers[key("a")]?[.host] == "a.lan")
        #expect(peers[key("k1")]?[.host] == "10.0.0.1")
        #expect(peers[key("k1")]?[.reportedHost] == "1.1.1.1")
        #expect(peers.count == 4)
        // The round ends with a save.
        let saved = try node.fake.databases.transaction(
            node.runtime.configuration.statePath, [SQLStatement("SELECT COUNT(*) FROM peers")])[0]
        #expect(saved == [[4]])
    }

    @Test func theReportedAddressIsTriedSecond() async throws {
        let node = try await NodeFixture("m")
        try node.addPeer("b") {
            $0[.reportedHost] = "10.9.9.9"
            $0[.reportedPort] = 9001
        }
        node.fake.peers.answer("POST http://b.lan:8770/heartbeat", .refused)
        node.fake.peers.answer("POST http://10.9.9.9:9001/heartbeat", answer("b"))
        _ = try await HeartbeatLoop(runtime: node.runtime).round()
        let peer = try #require(node.runtime.store.snapshot.peers[key("b")])
        #expect([peer[.host], peer[.port], peer[.consecutiveFailures]] == ["10.9.9.9", 9001, 0])
    }

    /// A body: the own record, then the voters.
    @Test func whatIsSent() async throws {
        let node = try await NodeFixture(
            "v1", peers: ["h:1"], token: "t", environment: ["RINGRIFT_P2P_VOTERS": "v2,v1"])
        node.fake.peers.answer("POST http://h:1/heartbeat", .refused)
        _ = try await HeartbeatLoop(runtime: node.runtime).round()
        let call = try #require(node.fake.peers.calls.first)
        #expect(call.request.headers["Authorization"] == "Bearer t")
        let keys = try #require(call.json.asDict).keys
        #expect(keys.count == 40)
        #expect(keys.first == "node_id")
        #expect(keys.suffix(4) == ["is_cuda_gpu_node", "voter_node_ids", "voter_quorum_size", "voter_config_source"])
        #expect([call.json["cpu_percent"], call.json["memory_percent"]] == [26.0, 25.0])
    }

    @Test func aConfiguredLeaderIsFollowed() async throws {
        let node = try await NodeFixture("m", peers: ["h:1"])
        node.fake.peers.answer("POST http://h:1/heartbeat", answer("z", ["role": "leader"]))
        node.console.forget()
        _ = try await HeartbeatLoop(runtime: node.runtime).round()
        #expect(node.console.lines == ["[P2P] Following configured leader from heartbeat: z"])
        #expect(node.leadership.leaderID == "z")
        #expect(node.leadership.leaseExpires == 1_800_000_180.25)
        _ = try await HeartbeatLoop(runtime: node.runtime).round()
        #expect(node.console.lines.count == 1)
    }

    /// The recorded order of a leader's bad round: dead peers, partition, health, lease.
    @Test func aLeaderLosesItsPeers() async throws {
        let node = try await NodeFixture("m")
        for id in ["a", "b"] as [PyString] {
            try node.addPeer(id)
            node.fake.peers.answer("POST http://\(id).lan:8770/heartbeat", .refused)
            node.fake.peers.answer("POST http://\(id).lan:8770/coordinator", .refused)
        }
        await node.runtime.runElection()
        node.runtime.store.update { $0.lastInboundHeartbeat = 1_800_000_080 }
        node.console.forget()
        let loop = HeartbeatLoop(runtime: node.runtime)
        node.fake.clock.advance(by: 95)
        #expect(try await loop.round() == .afterPause)
        #expect(
            node.console.lines == [
                "[P2P] Peer a is dead (no heartbeat for 90s)", "[P2P] Peer b is dead (no heartbeat for 90s)",
                "[P2P] Network partition detected: 2/2 peers unreachable (100%)",
                "[P2P] Leader health degraded: 0.0% response rate (min: 60%)",
            ])
        node.console.forget()
        node.fake.clock.advance(by: 60.5)
        #expect(try await loop.round() == .again)
        #expect(
            node.console.lines.suffix(2) == [
                "[P2P] Leader health critically degraded for 60s, stepping down",
                "[P2P] Stepping down due to degraded health",
            ])
        #expect(node.leadership.role == .follower && node.leadership.leaderID == .none)
        // The next round calls an election.
        #expect(try await loop.round() == .afterPause)
    }

    /// A stored lease that is no number breaks the round where the peers are reviewed (contract 01 section 10, 3).
    @Test func aPoisonedLease() async throws {
        let node = try await NodeFixture("m")
        let body = #"{"leader_id": "z", "lease_expires": "abc"}"#
        #expect(try await node.ask("POST", "/coordinator", body).status == 200)
        #expect(node.console.lines.last == "[P2P] Failed to save state: could not convert string to float: 'abc'")
        let error = await #expect(throws: PyException.self) {
            _ = try await HeartbeatLoop(runtime: node.runtime).round()
        }
        #expect(error?.message == #"can only concatenate str (not "int") to str"#)
    }

    // MARK: Voters

    @Test func votersGreetEachOther() async throws {
        let node = try await NodeFixture("v1", environment: ["RINGRIFT_P2P_VOTERS": "v1,v2,v3,v4"])
        try node.addPeer("v2") { $0[.natBlocked] = true }
        try node.addPeer("v3")
        node.fake.peers.answer("POST http://v2.lan:8770/heartbeat", answer("v2", ["role": "leader"]))
        node.fake.peers.answer("POST http://v3.lan:8770/heartbeat", .refused)
        node.console.forget()
        let loop = VoterHeartbeatLoop(runtime: node.runtime)
        var lastMesh = 0.0
        try await loop.round(&lastMesh)
        #expect(
            node.fake.peers.names == ["POST http://v2.lan:8770/heartbeat", "POST http://v3.lan:8770/heartbeat"])
        #expect(node.fake.peers.calls.allSatisfy { $0.request.timeout == 5 })
        #expect(
            node.console.lines == [
                "[P2P] Discovered leader from voter heartbeat: v2",
                "[P2P] Voter v2 NAT-blocked status cleared (heartbeat succeeded)",
                "[P2P] Voter mesh incomplete, missing: ['v4']",
            ])
        let peers = node.runtime.store.snapshot.peers
        #expect(peers[key("v3")]?[.consecutiveFailures] == 1)
        #expect(peers[key("v3")]?[.lastFailureTime] == 0.0)
        #expect(node.leadership.leaderID == "v2")
        // The mesh is looked at every 30 seconds.
        node.console.forget()
        node.fake.clock.advance(by: 10)
        try await loop.round(&lastMesh)
        #expect(node.console.lines.isEmpty)
    }
}
