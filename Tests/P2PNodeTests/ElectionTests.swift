import Effects
import P2PModel
import P2PServices
import PythonSemantics
import TestSupport
import Testing

@testable import P2PNode

/// Contract 01 sections 4.9 to 4.15 with other nodes as a script.
@Suite(.timeLimit(.minutes(1))) struct ElectionTests {
    private static let lease = FakeIdentifiers.uuidHex(label: "leader_lease", count: 1).prefix(8)
    private static let voters = ["RINGRIFT_P2P_VOTERS": "v1,v2,v3"]

    private func refused(_ node: NodeFixture, _ names: String...) {
        for name in names { node.fake.peers.answer(name, .refused) }
    }

    private func granted(_ ttl: PyValue = 179.5) -> ScriptedPeers.Answer {
        .json(["granted": true, "lease_ttl_seconds": ttl])
    }

    @Test func aLoneNodeLeads() async throws {
        let node = try await NodeFixture()
        node.console.forget()
        await node.runtime.runElection()
        #expect(
            node.console.lines == ["[P2P] Starting election, my ID: alpha", "[P2P] I am now the leader: alpha"])
        let state = node.leadership
        #expect(state.role == .leader && !state.electionInProgress)
        #expect(state.leaderID == "alpha")
        #expect(state.leaseID == .string(PyString("alpha_1800000000_\(Self.lease)")))
        #expect(state.leaseExpires == 1_800_000_180.25)
        #expect([state.lastLeaseRenewal, state.lastLeaderSeen] == [1_800_000_000.25, 1_800_000_000.25])
        #expect(node.fake.peers.calls.isEmpty)
        let saved = try node.savedState()
        #expect(saved["role"] == "leader" && saved["leader_id"] == "alpha")
        #expect(saved["leader_lease_expires"] == "1800000180.25")
    }

    /// Lower nodes are not asked, but told; dead ones are told too.
    @Test func theHighestNodeAnnouncesItself() async throws {
        let node = try await NodeFixture("m")
        try node.addPeer("a")
        try node.addPeer("z") { $0[.lastHeartbeat] = 5.0 }
        refused(node, "POST http://a.lan:8770/coordinator", "POST http://z.lan:8770/coordinator")
        await node.runtime.runElection()
        #expect(node.leadership.role == .leader)
        #expect(node.fake.peers.names == ["POST http://a.lan:8770/coordinator", "POST http://z.lan:8770/coordinator"])
        let call = try #require(node.fake.peers.calls.first)
        #expect(call.request.timeout == 5)
        #expect(
            String(decoding: call.request.body ?? [], as: UTF8.self)
                == #"{"leader_id": "m", "lease_id": "m_1800000000_\#(Self.lease)", "lease_expires": 1800000180.25, "voter_node_ids": []}"#
        )
    }

    /// What a higher node may say: only a JSON 200 with ALIVE counts.
    @Test(arguments: [
        (ScriptedPeers.Answer.json(["response": "ALIVE", "node_id": "z", "eligible": true]), false),
        (.json(["response": "OK"]), true), (.json(["response": "alive"]), true), (.json(["ALIVE"]), true),
        (.refused, true), (.timeout, true),
        (
            .response(
                PeerResponse(status: 500, contentType: "application/json", body: Array(#"{"response": "ALIVE"}"#.utf8))),
            true
        ),
        (
            .response(
                PeerResponse(status: 200, contentType: "text/plain", body: Array(#"{"response": "ALIVE"}"#.utf8))), true
        ),
    ])
    func aHigherNode(_ answer: ScriptedPeers.Answer, _ leads: Bool) async throws {
        let node = try await NodeFixture("m")
        try node.addPeer("z")
        node.console.forget()
        node.fake.peers.answer("POST http://z.lan:8770/election", answer)
        node.fake.peers.answer("POST http://z.lan:8770/coordinator", .refused)
        await node.runtime.runElection()
        #expect(node.leadership.role == (leads ? .leader : .follower))
        #expect(node.leadership.leaderID == (leads ? "m" : .none))
        #expect(!node.leadership.electionInProgress)
        #expect(node.fake.peers.calls.first?.json == ["candidate_id": "m"])
        // It waits twice the election's timeout for the other one to announce itself.
        #expect(node.fake.clock.sleeps == (leads ? [] : [20]))
        #expect(
            node.console.lines
                == ["[P2P] Starting election, my ID: m"]
                + [leads ? "[P2P] I am now the leader: m" : "[P2P] Higher node z responded"])
    }

    /// During the wait the election stays open, and the announced leader is adopted after it.
    @Test func theHigherNodeTakesOver() async throws {
        let node = try await NodeFixture("m")
        try node.addPeer("z")
        node.console.forget()
        node.fake.clock.sleepMovesTime = false
        node.fake.peers.answer("POST http://z.lan:8770/election", .json(["response": "ALIVE"]))
        async let election: Void = node.runtime.runElection()
        await node.fake.clock.waitForSleeps(1)
        #expect(node.leadership.electionInProgress)
        #expect(node.leadership.role == .candidate)
        await node.runtime.runElection()
        try node.addPeer("z") { $0.setRole(.leader) }
        node.fake.clock.advance(by: 20)
        await election
        #expect(node.leadership.leaderID == "z")
        #expect(node.leadership.role == .follower)
        #expect(
            node.console.lines == [
                "[P2P] Starting election, my ID: m", "[P2P] Higher node z responded",
                "[P2P] Adopted existing leader from peers: z",
            ])
    }

    /// Who does not even begin.
    @Test func noElection() async throws {
        let outsider = try await NodeFixture("a", environment: Self.voters)
        let alone = try await NodeFixture("v1", environment: Self.voters)
        let following = try await NodeFixture("a")
        try following.addPeer("z") { $0.setRole(.leader) }
        following.change { state in
            state.leaderID = "z"
            state.leaseExpires = 1_800_000_100.0
        }
        let behindNAT = try await NodeFixture("a", peers: ["h:1"])
        behindNAT.fake.clock.advance(by: 180)
        for node in [outsider, alone, following, behindNAT] {
            node.console.forget()
            await node.runtime.runElection()
            #expect(node.console.lines.isEmpty)
            #expect(node.fake.peers.calls.isEmpty)
            #expect(node.leadership.role == .follower)
        }
    }

    // MARK: Voters

    private func voter(_ quorum: Int = 2) async throws -> NodeFixture {
        let node = try await NodeFixture(
            "v3", environment: Self.voters.merging(["RINGRIFT_VOTER_MIN_QUORUM": "\(quorum)"]) { $1 })
        try node.addPeer("v1")
        try node.addPeer("v2")
        refused(node, "POST http://v1.lan:8770/coordinator", "POST http://v2.lan:8770/coordinator")
        node.console.forget()
        return node
    }

    /// Itself first, then the voters in order, until the quorum is there.
    @Test(arguments: [(2, ["v1"]), (3, ["v1", "v2"])])
    func aLeaseFromVoters(_ quorum: Int, _ asked: [String]) async throws {
        let node = try await voter(quorum)
        for id in asked { node.fake.peers.answer("POST http://\(id).lan:8770/election/lease", granted()) }
        await node.runtime.runElection()
        #expect(node.leadership.role == .leader)
        // The shortest of what the voters lent, counted from the start.
        #expect(node.leadership.leaseExpires == 1_800_000_179.75)
        let leases = node.fake.peers.calls.filter { $0.name.hasSuffix("/lease") }
        #expect(leases.map(\.name) == asked.map { "POST http://\($0).lan:8770/election/lease" })
        #expect(
            leases.first?.json
                == [
                    "leader_id": "v3", "lease_id": .string(PyString("v3_1800000000_\(Self.lease)")),
                    "lease_duration": 180,
                ])
        #expect(node.leadership.grant.leaderID == "v3")
    }

    /// What a voter may answer; time that it lends, nil: no lease at all.
    @Test(arguments: [
        (ScriptedPeers.Answer.json(["granted": true, "lease_ttl_seconds": 60.5]), 60.5 as Double?),
        (.json(["granted": true, "ttl_seconds": "50"]), 50), (.json(["granted": true]), 180),
        (.json(["granted": true, "lease_ttl_seconds": 1]), 10),
        (.json(["granted": true, "lease_ttl_seconds": -1]), 180),
        (.json(["granted": true, "lease_ttl_seconds": 999]), 180),
        (.json(["granted": true, "lease_ttl_seconds": "x"]), 180),
        (.json(["granted": false, "reason": "lease_already_granted"]), nil), (.refused, nil), (.timeout, nil),
        (.json([]), nil),
        (
            .response(
                PeerResponse(status: 403, contentType: "application/json", body: Array(#"{"granted": true}"#.utf8))),
            nil
        ),
    ])
    func voterAnswers(_ answer: ScriptedPeers.Answer, _ seconds: Double?) async throws {
        let node = try await voter(3)
        node.fake.peers.answer("POST http://v1.lan:8770/election/lease", granted(180))
        node.fake.peers.answer("POST http://v2.lan:8770/election/lease", answer)
        await node.runtime.runElection()
        if let seconds {
            #expect(node.leadership.role == .leader)
            #expect(node.leadership.leaseExpires == .float(1_800_000_000.25 + seconds))
        } else {
            #expect(node.leadership.role == .follower)
            #expect(node.leadership.leaderID == .none)
            // The failed attempt erases the own grant.
            #expect(node.leadership.grant == VoterGrant())
            #expect(
                node.console.lines == [
                    "[P2P] Starting election, my ID: v3",
                    "[P2P] Failed to obtain voter lease quorum; refusing leadership: v3",
                ])
        }
    }

    // MARK: Renewal

    /// A leader with a lease of `age` seconds.
    private func leader(_ node: NodeFixture, age: Double) {
        let now = node.fake.clock.now()
        let id = node.runtime.configuration.nodeID
        node.change { state in
            state.role = .leader
            state.leaderID = .string(id)
            state.leaseID = "kept"
            state.leaseExpires = .float(now - age + 180)
            state.lastLeaseRenewal = now - age
        }
    }

    @Test func renewal() async throws {
        let node = try await voter(2)
        node.fake.peers.answer("POST http://v1.lan:8770/election/lease", granted(100))
        leader(node, age: 14.75)
        try await node.runtime.renewLease()
        #expect(node.fake.peers.calls.isEmpty)
        leader(node, age: 15)
        try node.addPeer("dead") { $0[.lastHeartbeat] = 5.0 }
        try await node.runtime.renewLease()
        #expect(
            node.fake.peers.names == [
                "POST http://v1.lan:8770/election/lease", "POST http://v1.lan:8770/coordinator",
                "POST http://v2.lan:8770/coordinator",
            ])
        #expect(
            node.fake.peers.calls.last?.json == [
                "leader_id": "v3", "lease_id": "kept", "lease_expires": 1_800_000_100.25, "lease_renewal": true,
                "voter_node_ids": ["v1", "v2", "v3"],
            ])
        #expect(node.leadership.leaseExpires == 1_800_000_100.25)
        #expect(node.leadership.lastLeaseRenewal == 1_800_000_000.25)
    }

    @Test func renewalWithoutQuorum() async throws {
        let node = try await voter(3)
        leader(node, age: 20)
        node.fake.clock.advance(by: 100)
        try await node.runtime.renewLease()
        #expect(node.console.lines == ["[P2P] Lost voter quorum; stepping down: v3"])
        #expect(node.leadership.role == .follower)
        #expect(node.fake.peers.calls.isEmpty)
    }

    /// What the arbiter says when the voters do not answer; leader after it, lines.
    @Test(arguments: [
        (
            ScriptedPeers.Answer.json(["leader_id": "v3"]), "v3" as PyValue,
            [
                "[P2P] Arbiter http://arbiter:80/ reports leader: v3",
                "[P2P] Arbiter confirms us as leader despite quorum failure; continuing with provisional lease",
            ]
        ),
        (
            .json(["leader_id": "v1", "lease_ttl_seconds": 0]), "v1",
            [
                "[P2P] Arbiter http://arbiter:80/ reports leader: v1",
                "[P2P] Arbiter reports different leader (v1); stepping down",
            ]
        ),
        (
            .refused, .none,
            ["[P2P] Failed to renew voter lease quorum and arbiter unreachable; stepping down: v3"]
        ),
        (
            .json(["leader_id": ""]), .none,
            ["[P2P] Failed to renew voter lease quorum and arbiter unreachable; stepping down: v3"]
        ),
    ])
    func arbiter(_ answer: ScriptedPeers.Answer, _ leaderID: PyValue, _ lines: [String]) async throws {
        let node = try await NodeFixture(
            "v3", peers: ["10.0.0.1:8770"],
            environment: Self.voters.merging(["RINGRIFT_ARBITER_URL": "http://arbiter:80/"]) { $1 })
        try node.addPeer("v1")
        try node.addPeer("v2")
        for id in ["v1", "v2"] {
            refused(node, "POST http://\(id).lan:8770/coordinator", "POST http://\(id).lan:8770/election/lease")
        }
        node.fake.peers.answer("GET http://arbiter:80/election/grant", answer)
        node.console.forget()
        leader(node, age: 20)
        try await node.runtime.renewLease()
        #expect(node.console.lines == ["[P2P] Voter lease quorum failed; checking arbiter..."] + lines)
        #expect(node.leadership.leaderID == leaderID)
        #expect(node.leadership.role == (leaderID == "v3" ? .leader : .follower))
        if leaderID == "v3" { #expect(node.leadership.leaseExpires == 1_800_000_090.25) }
    }

    // MARK: Two leaders

    @Test func splitBrainWithoutVoters() async throws {
        let node = try await NodeFixture("m")
        node.console.forget()
        leader(node, age: 0)
        #expect(try await node.runtime.resolveSplitBrain() == false)
        try node.addPeer("a") { $0.setRole(.leader) }
        refused(node, "POST http://a.lan:8770/coordinator")
        #expect(try await node.runtime.resolveSplitBrain() == false)
        #expect(node.console.lines == ["[P2P] SPLIT-BRAIN detected! Asserting leadership over: ['a']"])
        #expect(node.fake.peers.calls.first?.json["lease_renewal"] == nil)
        node.console.forget()
        try node.addPeer("z") { $0.setRole(.leader) }
        #expect(try await node.runtime.resolveSplitBrain())
        #expect(node.leadership.leaderID == "z" && node.leadership.role == .follower)
        #expect(
            node.console.lines == [
                "[P2P] SPLIT-BRAIN detected! Found leaders: ['a', 'z']",
                "[P2P] Stepping down in favor of higher-priority leader: z",
            ])
    }

    /// The voters' grants decide when the leader asks them.
    @Test func votersGrantToSomebodyElse() async throws {
        let node = try await voter(2)
        leader(node, age: 0)
        for id in ["v1", "v2"] {
            node.fake.peers.answer(
                "GET http://\(id).lan:8770/election/grant", .json(["leader_id": "v1", "lease_ttl_seconds": 50]))
        }
        #expect(try await node.runtime.resolveSplitBrain())
        #expect(node.console.lines == ["[P2P] VOTER ACK CHECK: Voters grant to v1, not us; stepping down"])
        #expect(node.leadership.leaderID == "v1")
    }

    /// An election that a handler starts runs in the background and ends with the node.
    @Test func electionsRunInTheBackground() async throws {
        let node = try await NodeFixture("m")
        var lines = node.console.arriving.makeAsyncIterator()
        await withTaskGroup(of: Void.self) { group in
            group.addTask { try? await node.runtime.background.run() }
            let answer = try? await node.ask("POST", "/election", #"{"candidate_id": "a"}"#)
            #expect(answer?.status == 200)
            while let line = await lines.next(), line != "[P2P] I am now the leader: m" {}
            group.cancelAll()
        }
        #expect(node.leadership.role == .leader)
    }
}
