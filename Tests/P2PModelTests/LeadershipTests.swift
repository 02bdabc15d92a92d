import P2PModel
import PythonSemantics
import Testing

/// Contract 01 sections 4.1-4.15.
struct LeadershipTests {
    @Test func expiredLeaseStepsDown() throws {
        var turn = try turn {
            $0.role = .leader
            $0.leaderID = "n5"
            $0.leaseID = "L"
            $0.leaseExpires = .float(testNow)
            $0.lastLeaseRenewal = 7
            $0.grant = VoterGrant(leaderID: "n5", leaseID: "L", expires: 9)
        }
        #expect(try !turn.isLeader())
        #expect(turn.lines == ["[P2P] Leadership lease expired, stepping down"])
        #expect(turn.leadership.leaderID == .none)
        #expect(turn.leadership.leaseExpires == 0.0)
        #expect(turn.leadership.grant == VoterGrant())
        #expect(turn.saves == 1)
        #expect(turn.electionsStarted == 1)
    }

    @Test func leaseZeroIsValidForTheLeaderOnly() throws {
        var turn = try turn {
            $0.role = .leader
            $0.leaderID = "n5"
        }
        #expect(try turn.isLeader())
        #expect(try !turn.isLeaderLeaseValid())
        turn.leadership.leaderID = "n7"
        turn.leadership.leaseExpires = .float(testNow - 179)
        #expect(try turn.isLeaderLeaseValid())
        #expect(try !turn.isLeader())
        #expect(
            turn.lines == ["[P2P] Inconsistent leadership state (role=leader but leader_id!=self); stepping down"])
        #expect(turn.leadership.leaderID == "n7")
        #expect(turn.electionsStarted == 0)
        turn.leadership.leaseExpires = "abc"
        let copy = turn
        #expect(
            failure { () throws(PyException) in _ = try copy.isLeaderLeaseValid() }
                == "TypeError: can only concatenate str (not \"int\") to str")
    }

    @Test func votersComeFromEverywhere() throws {
        #expect(VoterList.fromEnvironment(" ") == nil)
        #expect(VoterList.fromEnvironment("b, a,,b") == ["a", "b"])
        let document: PyValue = [
            "hosts": [
                "z": ["p2p_voter": true], "y": ["p2p_voter": 1.7], "x": ["p2p_voter": " YES "], "w": ["p2p_voter": 2],
                "v": ["p2p_voter": "no"], "u": 5,
            ]
        ]
        #expect(try VoterList.fromHosts(document) == ["x", "y", "z"])
        #expect(
            failure { () throws(PyException) in _ = try VoterList.fromHosts(["hosts": [1]]) }
                == "AttributeError: 'list' object has no attribute 'items'")
        var turn = try turn(fromEnvironment: true)
        let answer1 = turn.adoptVoters(["a"], source: .learned)
        #expect(!answer1)
        #expect(turn.effects.isEmpty)
    }

    @Test func quorumCountsTheAliveOnes() throws {
        var silent = peer("n7")
        silent[.lastHeartbeat] = .float(testNow - 90)
        #expect(try !turn([peer("n1"), silent], voters: ["n1", "n5", "n7"]).hasVoterQuorum())
        #expect(try turn([peer("n1"), peer("n2"), silent], voters: ["n1", "n2", "n5", "n7"]).hasVoterQuorum())
        #expect(try turn().hasVoterQuorum())
    }

    @Test func twinsAtOneEndpointCannotLead() throws {
        let turn = try turn([peer("n7", host: "h"), peer("n8", host: "h"), peer("n9", host: "other")])
        let conflicts = try turn.conflictKeys()
        #expect(try turn.peers.map { try turn.isLeaderEligible($0, conflicts) } == [false, false, true])
    }

    @Test func deadPeersAreRetiredAndPurged() throws {
        var old = peer("n1")
        old[.lastHeartbeat] = .float(testNow - 3600)
        var dead = peer("n2")
        dead[.lastHeartbeat] = .float(testNow - 95)
        var gone = peer("n3")
        gone[.lastHeartbeat] = .float(testNow - 30000)
        gone[.retired] = true
        gone[.retiredAt] = .float(testNow - 21600)
        var back = peer("n4")
        back[.retired] = true
        var turn = try turn([old, dead, gone, back]) {
            $0.leaderID = "n2"
            $0.leaseExpires = .float(testNow + 9)
        }
        try turn.checkDeadPeers()
        #expect(
            turn.lines == [
                "[P2P] Retiring peer n1 (offline for 3600s)", "[P2P] Peer n2 is dead (no heartbeat for 90s)",
                "[P2P] Auto-purged stale peer: n3 (retired for >21600s)", "[P2P] Leader n2 is dead, starting election",
            ])
        #expect(turn.peers.entries.map(\.keyValue) == ["n1", "n2", "n4"])
        #expect(turn.peers[key("n4")]?[.retired] == false)
        #expect(turn.electionsStarted == 2)
        #expect(turn.saves == 0)
    }

    @Test func electionAsksHigherNodesOnly() throws {
        var turn = try turn([peer("n1"), peer("n7"), peer("n6")])
        let questions = try #require(try turn.beginElection())
        #expect(questions.map(\.nodeID) == ["n7", "n6"])
        #expect(questions.map(\.post.url) == ["http://n7.lan:8770/election", "http://n6.lan:8770/election"])
        #expect(questions[0].post.body == ["candidate_id": "n5"])
        #expect(turn.leadership.role == .candidate)
        #expect(try turn.beginElection() == nil)
        let answer2 = turn.electionAnswered(by: "n7", ["response": "OK"])
        #expect(!answer2)
        #expect(try turn.concludeElection(gotResponse: false) == .becomeLeader)
        let answer3 = turn.electionAnswered(by: "n7", ["response": "ALIVE"])
        #expect(answer3)
        #expect(try turn.concludeElection(gotResponse: true) == .wait(seconds: 20))
        turn.endElection()
        #expect(turn.leadership.role == .follower)
        #expect(turn.lines == ["[P2P] Starting election, my ID: n5", "[P2P] Higher node n7 responded"])
    }

    @Test func takingOffice() throws {
        var turn = try turn([peer("n1")], voters: ["n1", "n5"])
        let lease = try #require(try turn.prepareLeadership(hex: "abcdef01"))
        #expect(lease == "n5_1800000000_abcdef01")
        var round = try turn.beginLeaseRound(leaseID: lease, duration: 180)
        #expect(turn.leadership.grant == VoterGrant(leaderID: "n5", leaseID: lease, expires: testNow + 180))
        #expect(round.voters.map(\.nodeID) == ["n1"])
        #expect(round.expiry == nil)
        try round.record(["granted": false])
        #expect(!round.isComplete)
        try round.record(["granted": true, "lease_ttl_seconds": 100.5])
        #expect(round.isComplete)
        #expect(round.expiry == testNow + 100.5)
        #expect(try turn.takeLeadership(leaseID: lease, expiry: round.expiry))
        #expect(turn.posts.map(\.url) == ["http://n1.lan:8770/coordinator"])
        #expect(
            try text(turn.posts[0].body)
                == #"{"leader_id": "n5", "lease_id": "n5_1800000000_abcdef01", "lease_expires": 1800000100.75, "voter_node_ids": ["n1", "n5"]}"#
        )
        #expect(turn.effects.suffix(2) == [.save, .startMonitoring])
        #expect(try !turn.takeLeadership(leaseID: lease, expiry: nil))
        #expect(turn.lines.last == "[P2P] Failed to obtain voter lease quorum; refusing leadership: n5")
        #expect(turn.leadership.leaderID == .none)
    }

    @Test func renewalAsksTheArbiter() throws {
        var turn = try leading()
        #expect(try turn.beginRenewal(hex: "x") == .acquire(leaseID: "L"))
        let answer4 = turn.renewalNeedsArbiter(expiry: nil)
        #expect(answer4)
        #expect(turn.arbiterAnswered("n5") == testNow + 90)
        try turn.finishRenewal(leaseID: "L", expiry: testNow + 90)
        #expect(turn.posts.map(\.timeout) == [3, 3])
        #expect(
            turn.posts[0].body.keys == ["leader_id", "lease_id", "lease_expires", "lease_renewal", "voter_node_ids"])
        #expect(try turn.beginRenewal(hex: "x") == .none)
        turn = try leading()
        #expect(turn.arbiterAnswered("n7") == nil)
        #expect(turn.leadership.leaderID == "n7")
        #expect(turn.lines == ["[P2P] Arbiter reports different leader (n7); stepping down"])
        turn = try leading()
        turn.peers.remove(key("n7"))
        #expect(try turn.beginRenewal(hex: "x") == .none)
        #expect(turn.lines == ["[P2P] Lost voter quorum; stepping down: n5"])
    }

    @Test func splitBrain() throws {
        var turn = try turn([peer("n1", role: .leader), peer("n7", role: .leader)]) {
            $0.role = .leader
            $0.leaderID = "n5"
        }
        #expect(try turn.beginSplitBrainCheck() == .decide)
        #expect(try turn.resolveSplitBrain(holder: nil))
        #expect(
            turn.lines == [
                "[P2P] SPLIT-BRAIN detected! Found leaders: ['n1', 'n7']",
                "[P2P] Stepping down in favor of higher-priority leader: n7",
            ])
        turn = try leader([peer("n1", role: .leader)])
        #expect(try !turn.resolveSplitBrain(holder: nil))
        #expect(turn.lines == ["[P2P] SPLIT-BRAIN detected! Asserting leadership over: ['n1']"])
        #expect(turn.posts.map(\.timeout) == [5])
    }

    private func leading() throws -> NodeTurn {
        try turn([peer("n1"), peer("n7")], voters: ["n1", "n5", "n7"]) {
            $0.role = .leader
            $0.leaderID = "n5"
            $0.leaseID = "L"
            $0.lastLeaseRenewal = testNow - 15
        }
    }

    private func leader(_ peers: [NodeInfo]) throws -> NodeTurn { try turn(peers) { $0.role = .leader } }

    @Test func leaderHealth() throws {
        var silent = peer("n7")
        silent[.lastHeartbeat] = 0.0
        var turn = try turn([peer("n1"), silent]) { $0.role = .leader }
        #expect(try turn.checkLeaderHealth())
        #expect(turn.lines == ["[P2P] Leader health degraded: 50.0% response rate (min: 60%)"])
        turn.leadership.leaderDegradedSince = testNow - 60.5
        #expect(try !turn.checkLeaderHealth())
        turn.stepDownForHealth()
        #expect(
            turn.lines.suffix(2) == [
                "[P2P] Leader health critically degraded for 60s, stepping down",
                "[P2P] Stepping down due to degraded health",
            ])
    }

    @Test func partitionVotersAndBack() throws {
        var turn = try turn([peer("n7")], voters: ["n1", "n2", "n5"])
        #expect(try turn.enablePartitionVoters())
        #expect(turn.leadership.voterIDs == ["n5", "n7"])
        #expect(turn.leadership.originalVoters == ["n1", "n2", "n5"])
        #expect(try !turn.restoreVoters())
        turn.peers[key("n1")] = peer("n1")
        #expect(try turn.restoreVoters())
        #expect(turn.leadership.voterIDs == ["n1", "n2", "n5"])
        #expect(
            turn.lines == [
                "[P2P] PARTITION: Enabling local election with 2 nodes: n5, n7 (quorum=2)",
                "[P2P] Partition healed: restored original voters n1, n2, n5",
            ])
    }

    @Test func hintAndConsensus() throws {
        let turn = try turn([peer("n7"), peer("n1")]) { $0.leaderID = "n7" }
        #expect(
            try text(turn.leaderHint())
                == #"{"current_leader": "n7", "lease_expires": 0.0, "preferred_successor": "n5", "my_priority": 2}"#)
        let gossip: PyDict = [
            "n1": ["timestamp": .float(testNow - 120), "leader_hint": ["current_leader": "n7"]],
            "n2": ["timestamp": .float(testNow - 121), "leader_hint": ["current_leader": "n7"]],
        ]
        #expect(
            try text(turn.leaderConsensus(gossip: gossip))
                == #"{"consensus_leader": "n7", "leader_agreement": 2, "consensus_successor": "n5", "successor_agreement": 1, "total_voters": 3}"#
        )
    }
}
