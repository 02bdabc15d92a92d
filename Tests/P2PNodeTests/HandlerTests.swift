import Effects
import HTTPService
import P2PModel
import P2PServices
import PythonSemantics
import TestSupport
import Testing

@testable import P2PNode

/// The slice's routes through the application, in process.
@Suite struct ObservabilityRouteTests {
    /// A node in the state of recorded scenario 01 at the time of a request: it leads since `seen` seconds.
    private func recordedNode(now: Double, start: Double, diskFree: UInt64) async throws -> NodeFixture {
        let node = try await NodeFixture(now: start) { fake in
            fake.probes.change {
                $0.fileSystems["/srv/ringrift"] = FileSystemUsage(blocks: 1_000_000, free: diskFree, available: 0)
            }
        }
        node.fake.clock.set(now)
        return node
    }

    /// /health of a real legacy, byte for byte: 14:22:02.443398 UTC, 8.2 s after the start.
    @Test func healthAsRecorded() async throws {
        let recorded = try #require(try Recordings.exchanges("01-empty-node").first { $0.target == "/health" })
        let value = try json(recorded.answer)
        let now = 1795357322.443398
        let node = try await recordedNode(
            now: now, start: now - (try #require(value["uptime_seconds"]?.asDouble)), diskFree: 930_000)
        let seen = now - (try #require(value["leader_last_seen_seconds"]?.asDouble))
        node.change { state in
            state.role = .leader
            state.leaderID = "alpha"
            state.lastLeaderSeen = seen
        }
        let answer = try await node.ask("GET", "/health")
        #expect(answer.status == recorded.status)
        // The disk is another one, and its figure cannot be chosen to the last digit.
        var expected = try #require(value.asDict)
        expected["disk_percent"] = 7.0
        // The recorder's clock ran on by some microseconds within the request: the timestamp is read later than the rest.
        expected["uptime_seconds"] = try json(answer.text)["uptime_seconds"]
        expected["leader_last_seen_seconds"] = try json(answer.text)["leader_last_seen_seconds"]
        #expect(answer.text == String(decoding: try PyJSON.dumps(.dict(expected)), as: UTF8.self))
        #expect(abs(try #require(expected["uptime_seconds"]?.asDouble) - 8.20585036277771) < 0.001)
        #expect(abs(try #require(expected["leader_last_seen_seconds"]?.asDouble) - 6.572850465774536) < 0.001)
    }

    /// /status of a real legacy: the same text once times are made equal.
    @Test func statusAsRecorded() async throws {
        let recorded = try #require(
            try Recordings.exchanges("01-empty-node").first { $0.target == "/status" && $0.method == "GET" })
        var expected = try #require(try json(recorded.answer).asDict)
        let now = try #require(expected["self"]?["last_heartbeat"]?.asDouble)
        let reset = try #require(expected["diversity_metrics"]?["last_reset"]?.asDouble)
        let node = try await recordedNode(now: now, start: reset, diskFree: 930_000)
        node.change { state in
            state.role = .leader
            state.leaderID = "alpha"
            state.leaseExpires = .float(now + 170)
        }
        let answer = try await node.ask("GET", "/status")
        #expect(answer.status == 200)
        expected["self"]?["disk_percent"] = 7.0
        // A share of the disk: 0.4 * 26 + 0.3 * 25 and nothing of the GPU, as the recording itself shows.
        #expect(expected["self"]?["load_score"] == 17.9)
        expected["improvement_cycle_manager"]?["last_update"] = .float(reset)
        expected["diversity_metrics"]?["uptime_seconds"] = .float(now - reset)
        #expect(answer.text == String(decoding: try PyJSON.dumps(.dict(expected)), as: UTF8.self))
    }

    @Test func healthOfAnUnhealthyNode() async throws {
        let node = try await NodeFixture { fake in
            fake.probes.change { $0.proc["meminfo"] = "MemTotal: 100 kB\nMemAvailable: 1 kB\n" }
        }
        let answer = try await node.ask("GET", "/health")
        #expect(answer.status == 200)
        let value = try json(answer.text)
        #expect(value["healthy"] == false)
        #expect(value["leader_id"] == .some(.none))
        #expect(value["leader_last_seen_seconds"] == .some(.none))
    }

    /// A stored value of a wrong type: /health goes on, /status is a plain 500 (recorded in scenario 03).
    @Test func aPoisonedPeer() async throws {
        let node = try await NodeFixture("beta")
        let body = #"{"node_id": "poison", "host": "10.0.0.1", "port": 8770, "cpu_percent": "abc"}"#
        #expect(try await node.ask("POST", "/heartbeat", body).status == 200)
        #expect(
            try await node.ask("GET", "/status")
                == (500, "500 Internal Server Error\n\nServer got itself in trouble"))
        #expect(try await node.ask("GET", "/health").status == 200)
    }

    @Test func dashboard() async throws {
        let path = NodeFixture.tree + "/scripts/dashboard_assets/dashboard.html"
        let node = try await NodeFixture(environment: ["RINGRIFT_BUILD_VERSION": " main@abc "])
        #expect(
            try await node.ask("GET", "/dashboard")
                == (
                    200,
                    "<!doctype html><html><body style='font-family:monospace'><h3>Dashboard asset unavailable</h3>"
                        + "<pre>[Errno 2] No such file or directory: '\(path)'</pre><pre>Expected: \(path)</pre></body></html>"
                ))
        node.fake.files.put(path, "<html>é</html>")
        let response = try await node.application().respond(to: ServiceRequest(method: "GET", target: "/dashboard"))
        #expect(
            response.headers.map { "\($0.name): \($0.value)" } == [
                "Cache-Control: no-store, max-age=0", "Pragma: no-cache", "Expires: 0", "X-RingRift-Node-Id: alpha",
                "X-RingRift-Build-Version: main@abc", "Content-Type: text/html; charset=utf-8",
            ])
        #expect(try await node.ask("GET", "/dashboard") == (200, "<html>é</html>"))
    }

    /// Methods and paths as recorded in scenarios 01 and 12.
    @Test(arguments: [
        ("GET", "/", 302, "302: Found"), ("POST", "/status", 405, "405: Method Not Allowed"),
        ("GET", "/heartbeat", 405, "405: Method Not Allowed"), ("OPTIONS", "/status", 405, "405: Method Not Allowed"),
        ("PUT", "/coordinator", 405, "405: Method Not Allowed"), ("GET", "/nope", 404, "404: Not Found"),
        ("GET", "/health/", 404, "404: Not Found"), ("POST", "/Heartbeat", 404, "404: Not Found"),
    ])
    func routing(_ method: String, _ path: String, _ status: Int, _ text: String) async throws {
        #expect(try await NodeFixture().ask(method, path) == (status, text))
    }
}

@Suite struct HeartbeatRouteTests {
    /// Every answer of the recorded scenario 02 to the slice's POST routes.
    @Test func badBodiesAsRecorded() async throws {
        let node = try await NodeFixture()
        let slice: Set = ["/heartbeat", "/election", "/election/lease", "/coordinator"]
        var count = 0
        for exchange in try Recordings.exchanges("02-bad-bodies")
        where slice.contains(exchange.target) && !exchange.id.contains("too large") && exchange.headers.isEmpty {
            let answer = try await node.ask(
                exchange.method, exchange.target, String(decoding: exchange.body, as: UTF8.self))
            #expect(answer == (exchange.status, exchange.answer), "\(exchange.id) \(exchange.target)")
            count += 1
        }
        #expect(count >= 20)
    }

    @Test(arguments: ["/heartbeat", "/election", "/coordinator"])
    func tooLarge(_ path: String) async throws {
        let node = try await NodeFixture()
        let body = "\"" + String(repeating: "x", count: 1_048_574) + "\""
        #expect(try await node.ask("POST", path, body) == (400, #"{"error": "Request Entity Too Large"}"#))
        #expect(
            try await node.ask("POST", "/election/lease", body)
                == (400, #"{"granted": false, "error": "Request Entity Too Large"}"#))
    }

    private let sender = #""host": "1.2.3.4", "port": 9000"#

    /// Where the sender's host comes from: the first header that is there, else the socket.
    @Test(
        arguments: [
            ([], "10.20.0.1"), ([("X-Forwarded-For", " 10.0.0.7 , 10.0.0.8")], "10.0.0.7"),
            ([("X-Real-IP", "10.0.0.8"), ("CF-Connecting-IP", "10.0.0.9")], "10.0.0.8"),
            ([("X-Forwarded-For", ""), ("CF-Connecting-IP", "10.0.0.9")], "10.0.0.9"),
        ] as [([(String, String)], PyValue)])
    func host(_ headers: [(String, String)], _ host: PyValue) async throws {
        let node = try await NodeFixture()
        let answer = try await node.ask("POST", "/heartbeat", #"{"node_id": "p", \#(sender)}"#, headers: headers)
        #expect(answer.status == 200)
        #expect(try json(answer.text)["node_id"] == "alpha")
        let peer = try #require(node.runtime.store.snapshot.peers[key("p")])
        #expect([peer[.host], peer[.port], peer[.reportedHost], peer[.reportedPort]] == [host, 9000, "1.2.3.4", 9000])
        #expect(peer[.lastHeartbeat] == .float(node.fake.clock.now()))
        #expect(node.runtime.store.snapshot.lastInboundHeartbeat == node.fake.clock.now())
    }

    @Test func theOwnIDIsNoPeer() async throws {
        let node = try await NodeFixture()
        #expect(try await node.ask("POST", "/heartbeat", #"{"node_id": "alpha", \#(sender)}"#).status == 200)
        #expect(node.runtime.store.snapshot.peers.isEmpty)
        #expect(node.runtime.store.snapshot.lastInboundHeartbeat == 0)
    }

    /// Voters are learned before the rest is looked at; the answer names ours.
    @Test func voters() async throws {
        let node = try await NodeFixture("beta")
        let answer = try await node.ask(
            "POST", "/heartbeat", #"{"node_id": "v", \#(sender), "voter_node_ids": ["v-2", " beta ", "", "v-2"]}"#)
        let value = try json(answer.text)
        #expect(value["voter_node_ids"] == ["beta", "v-2"])
        #expect(value["voter_quorum_size"] == 2)
        #expect(value["voter_config_source"] == "learned")
        let refused = try await node.ask(
            "POST", "/heartbeat", #"{"node_id": "v-3", \#(sender), "role": "king", "voters": ["only-me"]}"#)
        #expect(refused == (400, #"{"error": "'king' is not a valid NodeRole"}"#))
        #expect(node.leadership.voterIDs == ["only-me"])
        #expect(
            node.console.lines.suffix(2) == [
                "[P2P] Updated voter set (learned): voters=2, quorum=2 (beta, v-2)",
                "[P2P] Updated voter set (learned): voters=1, quorum=1 (only-me)",
            ])
    }
}

/// Contract 01 sections 3.4 to 3.7; bodies and answers of recorded scenario 04 where it has them.
@Suite struct LeadershipRouteTests {
    private static let voters = ["RINGRIFT_P2P_VOTERS": "zeta,epsilon,delta"]

    /// Node `delta` of scenario 04, which sees the other two voters when `quorum`.
    private func delta(quorum: Bool) async throws -> NodeFixture {
        let node = try await NodeFixture("delta", environment: Self.voters)
        if quorum {
            try node.addPeer("epsilon")
            try node.addPeer("zeta")
        }
        node.console.forget()
        return node
    }

    @Test(
        arguments: [
            (false, "aaa" as PyValue, #"{"response": "OK", "node_id": "delta", "eligible": false}"#, false),
            (true, "aaa", #"{"response": "ALIVE", "node_id": "delta", "eligible": true}"#, true),
            (true, "zzz", #"{"response": "OK", "node_id": "delta", "eligible": true}"#, false),
            (true, "delta", #"{"response": "OK", "node_id": "delta", "eligible": true}"#, false),
            // Anything is text: 5 is "5", an object its repr.
            (true, 5, #"{"response": "ALIVE", "node_id": "delta", "eligible": true}"#, true),
            (true, ["a": 1] as PyValue, #"{"response": "OK", "node_id": "delta", "eligible": true}"#, false),
            (true, true, #"{"response": "ALIVE", "node_id": "delta", "eligible": true}"#, true),
        ] as [(Bool, PyValue, String, Bool)])
    func election(_ quorum: Bool, _ candidate: PyValue, _ expected: String, _ starts: Bool) async throws {
        let node = try await delta(quorum: quorum)
        let body = String(decoding: try PyJSON.dumps(["candidate_id": candidate]), as: UTF8.self)
        #expect(try await node.ask("POST", "/election", body) == (200, expected))
        let (_, effects) = node.runtime.store.decide(node.runtime.context()) { turn throws(PyException) in
            turn.handleElection(["candidate_id": candidate])
        }
        #expect(effects == (starts ? [.startElection] : []))
    }

    @Test(arguments: [
        (#"{"leader_id": "epsilon"}"#, 400, #"{"granted": false, "reason": "missing_fields"}"#),
        (#"{"leader_id": " ", "lease_id": "x"}"#, 400, #"{"granted": false, "reason": "missing_fields"}"#),
        (#"{"leader_id": "nobody", "lease_id": "L0"}"#, 403, #"{"granted": false, "reason": "leader_not_voter"}"#),
        (
            #"{"leader_id": "epsilon", "lease_id": "L1", "lease_duration": 10}"#, 200,
            #"{"granted": true, "leader_id": "epsilon", "lease_id": "L1", "lease_expires": 1800000010.25, "#
                + #""lease_ttl_seconds": 10.0, "voter_id": "delta"}"#
        ),
        (
            #"{"candidate_id": "zeta", "lease_id": "L2", "lease_duration": "20"}"#, 200,
            #"{"granted": true, "leader_id": "zeta", "lease_id": "L2", "lease_expires": 1800000020.25, "#
                + #""lease_ttl_seconds": 20.0, "voter_id": "delta"}"#
        ),
        ("[1]", 400, #"{"granted": false, "error": "'list' object has no attribute 'get'"}"#),
        ("", 400, #"{"granted": false, "error": "Expecting value: line 1 column 1 (char 0)"}"#),
    ])
    func lease(_ body: String, _ status: Int, _ expected: String) async throws {
        let node = try await delta(quorum: true)
        #expect(try await node.ask("POST", "/election/lease", body) == (status, expected))
        // A grant is saved before it is answered.
        #expect(try node.savedState()["voter_grant_lease_id"].map { $0 == "" } ?? true == (status != 200))
    }

    /// Seconds asked for, seconds granted.
    @Test(arguments: [
        ("null", 180.0), (#""12.5""#, 180), ("NaN", 180), ("[1]", 180), ("5", 10), ("-3", 10), ("true", 10),
        ("9999", 360), (#""20""#, 20), ("59.9", 59), ("1e400", 180),
    ])
    func leaseDuration(_ text: String, _ seconds: Double) async throws {
        let node = try await delta(quorum: true)
        let body = #"{"leader_id": "delta", "lease_id": "n", "lease_duration": \#(text)}"#
        let answer = try json(try await node.ask("POST", "/election/lease", body).text)
        #expect(answer["lease_ttl_seconds"] == .float(seconds))
    }

    @Test func aGrantHoldsUntilItRunsOut() async throws {
        let node = try await delta(quorum: true)
        let first = #"{"leader_id": "epsilon", "lease_id": "L1", "lease_duration": 10}"#
        let second = #"{"leader_id": "zeta", "lease_id": "Z1"}"#
        #expect(try await node.ask("POST", "/election/lease", first).status == 200)
        #expect(
            try await node.ask("POST", "/election/lease", second)
                == (
                    409,
                    #"{"granted": false, "reason": "lease_already_granted", "current_leader_id": "epsilon", "#
                        + #""current_lease_id": "L1", "lease_expires": 1800000010.25}"#
                ))
        #expect(
            try await node.ask("POST", "/coordinator", second)
                == (
                    409,
                    #"{"accepted": false, "reason": "voter_lease_conflict", "granted_to": "epsilon", "#
                        + #""granted_until": 1800000010.25}"#
                ))
        node.fake.clock.advance(by: 4)
        #expect(
            try await node.ask("GET", "/election/grant")
                == (
                    200,
                    #"{"voter_id": "delta", "now": 1800000004.25, "leader_id": "epsilon", "lease_id": "L1", "#
                        + #""lease_expires": 1800000010.25, "lease_ttl_seconds": 6.0}"#
                ))
        node.fake.clock.advance(by: 7)
        let grant = try json(try await node.ask("GET", "/election/grant").text)
        #expect([grant["leader_id"], grant["lease_ttl_seconds"]] == ["epsilon", 0.0])
        #expect(try await node.ask("POST", "/election/lease", second).status == 200)
    }

    @Test func notAVoter() async throws {
        let node = try await NodeFixture("outsider", environment: Self.voters)
        #expect(
            try await node.ask("POST", "/election/lease", #"{"leader_id": "zeta", "lease_id": "L"}"#)
                == (403, #"{"granted": false, "reason": "not_a_voter"}"#))
    }

    @Test func grantOfAFreshNode() async throws {
        #expect(
            try await NodeFixture().ask("GET", "/election/grant")
                == (
                    200,
                    #"{"voter_id": "alpha", "now": 1800000000.25, "leader_id": "", "lease_id": "", "#
                        + #""lease_expires": 0.0, "lease_ttl_seconds": 0.0}"#
                ))
    }

    @Test(arguments: [
        ("{}", 400, #"{"accepted": false, "reason": "missing_leader_id"}"#),
        (
            #"{"leader_id": "nobody", "voter_node_ids": ["nobody", "delta"]}"#, 403,
            #"{"accepted": false, "reason": "leader_not_voter", "voters": ["delta", "epsilon", "zeta"]}"#
        ),
        (#"{"leader_id": "epsilon", "lease_id": "E2", "lease_expires": 4102444800.5}"#, 200, #"{"accepted": true}"#),
        ("{bad", 400, #"{"error": "Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"}"#),
        ("null", 400, #"{"error": "'NoneType' object has no attribute 'get'"}"#),
    ])
    func coordinator(_ body: String, _ status: Int, _ expected: String) async throws {
        let node = try await delta(quorum: true)
        #expect(try await node.ask("POST", "/coordinator", body) == (status, expected))
        let accepted = status == 200
        #expect(node.console.lines == (accepted ? ["[P2P] Accepting leader announcement: epsilon"] : []))
        #expect(node.leadership.leaderID == (accepted ? "epsilon" : .none))
        #expect(try node.savedState()["leader_id"] == (accepted ? "epsilon" : nil))
    }

    @Test func lowerPriorityAndIneligibleLeaders() async throws {
        let node = try await NodeFixture("m")
        node.console.forget()
        node.change { state in
            state.role = .leader
            state.leaderID = "m"
            state.leaseExpires = 1_800_000_100.0
        }
        #expect(
            try await node.ask("POST", "/coordinator", #"{"leader_id": "a"}"#)
                == (200, #"{"accepted": false, "reason": "lower_priority"}"#))
        try node.addPeer("z") { $0[.natBlocked] = true }
        #expect(
            try await node.ask("POST", "/coordinator", #"{"leader_id": "z"}"#)
                == (200, #"{"accepted": false, "reason": "leader_ineligible"}"#))
        node.fake.clock.advance(by: 100)
        #expect(try await node.ask("POST", "/coordinator", #"{"leader_id": "a"}"#) == (200, #"{"accepted": true}"#))
        #expect(
            node.console.lines == [
                "[P2P] Rejecting leader announcement from lower-priority node: a < m",
                "[P2P] Our lease expired, accepting leader: a", "[P2P] Accepting leader announcement: a",
            ])
    }

    /// The values of a renewal are stored as they come and nothing else happens.
    @Test func renewal() async throws {
        let node = try await NodeFixture("m")
        node.change { state in
            state.leaderID = "z"
            state.leaseID = "old"
            state.leaseExpires = 5.0
        }
        node.console.forget()
        let transactions = node.fake.databases.transactions.count
        let body = #"{"leader_id": "z", "lease_renewal": 1}"#
        #expect(try await node.ask("POST", "/coordinator", body) == (200, #"{"accepted": true}"#))
        #expect(node.leadership.leaseExpires == 0)
        #expect(node.leadership.leaseID == "")
        #expect(node.console.lines.isEmpty)
        #expect(node.fake.databases.transactions.count == transactions)
    }
}
