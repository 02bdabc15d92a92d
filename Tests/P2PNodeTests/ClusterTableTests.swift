import Effects
import HTTPService
import P2PModel
import PythonSemantics
import TestSupport
import Testing

@testable import P2PNode

/// GET /nodes/table and GET /api/cluster/status: contract 12 section 3.7, 06 section 3.13, 01 section 3.9.
@Suite struct ClusterTableTests {
    /// Peers and what the table says of them, the texts of recorded scenario 03.
    @Test func nodes() async throws {
        let node = try await NodeFixture("m")
        try node.addPeer("zeta") {
            $0[.cpuPercent] = 12.5
            $0[.memoryPercent] = 22
            $0[.hasGPU] = true
            $0[.gpuPercent] = 71.25
            $0[.selfplayJobs] = 3
            $0.setRole(.leader)
        }
        try node.addPeer("a") { $0[.lastHeartbeat] = 0.0 }
        let row = #""Role": "Worker", "Status": "Online", "CPU": "#
        let rows = [
            #"{"Node": "a", "Role": "Worker", "Status": "Offline", "CPU": 0, "Memory": 0, "GPU": 0, "GPUMem": 0, "#
                + #""Jobs": 0, "HasGPU": "No"}"#,
            #"{"Node": "m", \#(row)26.0, "Memory": 25.0, "GPU": 0, "GPUMem": 0, "Jobs": 0, "HasGPU": "No"}"#,
            #"{"Node": "zeta", \#(row)12.5, "Memory": 22, "GPU": 71.2, "GPUMem": 0, "Jobs": 3, "HasGPU": "Yes"}"#,
        ]
        #expect(try await node.ask("GET", "/health").status == 200)
        #expect(try await node.ask("GET", "/nodes/table") == (200, "[" + rows.joined(separator: ", ") + "]"))
        node.change { $0.role = .leader }
        let leading = try json(try await node.ask("GET", "/nodes/table").text)
        #expect(leading.asList?.map { $0["Node"]?.pyStr ?? "" } == ["m", "a", "zeta"])
        #expect(leading.asList?.first?["Role"] == "Leader")
    }

    @Test func aRecordThatCannotBeShown() async throws {
        let node = try await NodeFixture("m")
        try node.addPeer("bad") { $0[.cpuPercent] = "much" }
        #expect(
            try await node.ask("GET", "/nodes/table")
                == (200, #"[{"error": "type str doesn't define __round__ method"}]"#))
        #expect(
            try await node.ask("GET", "/metrics/prometheus")
                == (
                    200,
                    #"{"success": false, "error": "unsupported operand type(s) for /: 'str' and 'float'"}"#
                ))
    }

    /// What a node without a leader says of itself.
    @Test func aFollowerAlone() async throws {
        let recorded = try #require(
            try Recordings.exchanges("04-leadership").first { $0.target == "/api/cluster/status" })
        let node = try await NodeFixture("m")
        try node.addPeer("old") { $0[.retired] = true }
        try node.addPeer("p") { $0[.capabilities] = ["selfplay"] }
        let status = try json(try await node.ask("GET", "/api/cluster/status").text)
        #expect(status.asDict?.keys == (try json(recorded.answer)).asDict?.keys)
        #expect(status["is_leader"] == false && status["leader_id"] == PyValue.none && status["success"] == true)
        #expect(status["peer_count"] == 2)
        #expect(
            status["peers"] == [
                [
                    "node_id": "p", "host": "p.lan", "port": 8770, "scheme": "http", "reported_host": "",
                    "reported_port": 0, "effective_scheme": "http", "effective_host": "p.lan", "effective_port": 8770,
                    "nat_blocked": false, "relay_via": "", "role": "follower", "version": "1.0.0", "status": "online",
                    "last_seen": .float(node.fake.clock.now() - 1), "capabilities": ["selfplay"], "current_job": "",
                    "has_gpu": false, "cpu_percent": 0.0, "memory_percent": 0.0, "disk_percent": 0.0,
                    "gpu_percent": 0.0, "gpu_memory_percent": 0.0, "selfplay_jobs": 0, "training_jobs": 0,
                ]
            ])
        let all = try json(try await node.ask("GET", "/api/cluster/status?include_retired=1").text)
        #expect(all["peers"]?.asList?.count == 2)
        let odd = try json(try await node.ask("GET", "/api/cluster/status?include_retired=yes").text)
        #expect(odd["peers"]?.asList?.count == 1)
    }

    /// Manifests and training jobs as a worker carries them.
    @Test func carriedParts() async throws {
        let node = try await NodeFixture("m")
        let file = try json(
            #"{"$record": "DataFileInfo", "path": "x", "file_type": "selfplay", "board_type": "square8", "num_players": 2, "game_count": 7}"#
        )
        let manifest = PyValue.dict([
            "$record": "NodeDataManifest", "node_id": "m", "collected_at": 5.5, "files": [file, file],
            "selfplay_games": 14,
        ])
        let training = try json(
            #"{"j": {"$record": "TrainingJob", "job_id": "j", "job_type": "nnue", "status": "running", "worker_node": "w"}}"#
        )
        node.runtime.store.update { state in
            state.carried["local_data_manifest"] = manifest
            state.carried["training_jobs"] = training
        }
        let summary: PyValue = ["m": ["game_count": 14, "board_types": ["square8"], "last_updated": 5.5]]
        let status = try json(try await node.ask("GET", "/api/cluster/status").text)
        #expect(status["data_manifests"] == summary)
        #expect(status["training_job_count"] == 1)
        #expect(status["training_jobs"]?[0]?["assigned_worker"] == "w")
        node.runtime.store.update { state in
            state.carried["cluster_data_manifest"] = .dict([
                "$record": "ClusterDataManifest", "node_manifests": .dict(["other": manifest]),
            ])
        }
        let cluster = try json(try await node.ask("GET", "/api/cluster/status").text)
        #expect(cluster["data_manifests"]?.asDict?.keys == ["other"])
        let page = try await node.ask("GET", "/metrics/prometheus").text
        #expect(
            page.contains(
                "# HELP ringrift_games_total Total games per board configuration\n"
                    + "# TYPE ringrift_games_total gauge\n"
                    + "ringrift_games_total{board_type=\"square8\",num_players=\"2\"} 14\n"))
        #expect(page.contains("ringrift_sync_interval_data 150\nringrift_sync_interval_model 90\n"))
        node.runtime.store.update { state in
            state.carried["cluster_data_manifest"] = .dict(["$record": "ClusterDataManifest", "node_manifests": [:]])
        }
        // Without games the header's lines go to the top, the second one first.
        #expect(
            try await node.ask("GET", "/metrics/prometheus").text.hasPrefix(
                "# TYPE ringrift_games_total gauge\n# HELP ringrift_games_total Total games per board configuration\n"))
    }

    /// A follower of `boss`, at `http://boss.lan:8770`.
    private func follower() async throws -> NodeFixture {
        let node = try await NodeFixture("m")
        try node.addPeer("boss") { $0.setRole(.leader) }
        node.change { state in
            state.leaderID = "boss"
            state.leaseExpires = 1_900_000_000.0
        }
        return node
    }

    @Test func theLeadersAnswer() async throws {
        let node = try await follower()
        node.fake.peers.answer(
            "GET http://boss.lan:8770/api/cluster/status?x=/",
            .response(PeerResponse(status: 418, contentType: "text/html", body: Array("<p>".utf8))))
        let request = ServiceRequest(
            method: "GET", target: "/api/cluster/status?x=%2F",
            headers: [("X-RingRift-Auth", "t"), ("Authorization", "Bearer t"), ("Accept", "x"), ("Content-Type", "y")])
        let response = try await node.application().respond(to: request)
        #expect(response.status == 418)
        #expect(
            response.headers.map { "\($0.name): \($0.value)" } == [
                "Content-Type: text/html", "X-RingRift-Proxied-By: m",
                "X-RingRift-Proxied-To: http://boss.lan:8770/api/cluster/status?x=%2F",
            ])
        let sent = try #require(node.fake.peers.calls.first?.request)
        #expect(
            sent.headers == ["X-RingRift-Auth": "t", "Authorization": "Bearer t", "Content-Type": "y"])
        #expect(sent.timeout == 10 && sent.body == nil)
        let local = try json(try await node.ask("GET", "/api/cluster/status?local=1").text)
        #expect(local["node_id"] == "m" && local["effective_leader_id"] == "boss")
        #expect(node.fake.peers.calls.count == 1)
    }

    /// A leader that is not there or not ready: the follower answers itself.
    @Test(arguments: [
        ScriptedPeers.Answer.refused, .timeout, .response(PeerResponse(status: 503, contentType: "", body: [])),
        .response(PeerResponse(status: 502, contentType: "", body: [])),
    ])
    func aLeaderThatDoesNotAnswer(_ answer: ScriptedPeers.Answer) async throws {
        let node = try await follower()
        node.fake.peers.answer("GET http://boss.lan:8770/api/cluster/status", answer)
        let status = try json(try await node.ask("GET", "/api/cluster/status").text)
        #expect(status["node_id"] == "m" && status["leader_id"] == "boss")
    }

    @Test func proxyErrors() async throws {
        let node = try await follower()
        node.fake.peers.answer("GET http://boss.lan:8770/api/cluster/status", .refused)
        let request = ServiceRequest(method: "GET", target: "/api/cluster/status")
        let failed = try await node.runtime.proxyToLeader(request)
        #expect(failed.status == 502)
        #expect(
            failed.text
                == #"{"success": false, "error": "leader_proxy_failed", "message": "Cannot connect to host boss.lan:8770 ssl:default [Connect call failed ('boss.lan', 8770)]", "leader_id": "boss", "attempted_urls": ["http://boss.lan:8770/api/cluster/status"]}"#
        )
        node.change { $0.leaseExpires = 0.0 }
        try node.addPeer("boss")
        let unknown = try await node.runtime.proxyToLeader(request)
        #expect(unknown.status == 503)
        #expect(unknown.text == #"{"success": false, "error": "leader_unknown", "leader_id": "boss"}"#)
    }

    /// What yarl 1.x makes of a target.
    @Test(arguments: [
        ("/a?a=%2F%3F%2B%26%3d%20b+c&x=%41", "/a?a=/?%2B%26%3D%20b+c&x=A"), ("/a?é=1&y=%zz", "/a?%C3%A9=1&y=%25zz"),
        ("/a?q=\"<>", "/a?q=%22%3C%3E"), ("/a?z=a|b{}^`", "/a?z=a%7Cb%7B%7D%5E%60"), ("/a/b", "/a/b"),
    ])
    func requoting(_ target: String, _ expected: String) {
        #expect(RequotedURL.text("http://h:1" + target) == "http://h:1" + expected)
    }
}

extension ServiceResponse {
    fileprivate var text: String {
        guard case .bytes(let bytes) = body else { return "" }
        return String(decoding: bytes, as: UTF8.self)
    }
}
