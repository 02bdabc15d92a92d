import P2PModel
import PythonSemantics
import Testing

/// The answers of the recordings (membership, leadership) and of contract 01 sections 3.4-3.7, 03 section 3.1.
struct HandlerTests {
    private let voters: [PyString] = ["n1", "n5", "n7"]

    @Test func electionWithoutQuorumIsOK() throws {
        var turn = try turn(voters: voters)
        let reply = turn.handleElection(["candidate_id": "aaa"])
        #expect(try text(reply.body) == #"{"response": "OK", "node_id": "n5", "eligible": false}"#)
        #expect(turn.effects.isEmpty)
    }

    @Test func lowerCandidateStartsAnElection() throws {
        var turn = try turn([peer("n1"), peer("n7")], voters: voters)
        #expect(
            try text(turn.handleElection(["candidate_id": "aaa"]).body)
                == #"{"response": "ALIVE", "node_id": "n5", "eligible": true}"#)
        #expect(turn.effects == [.startElection])
        #expect(turn.handleElection(["candidate_id": ["a": 1]]).body["response"] == "OK")
        #expect(turn.handleElection([:]) == NodeReply(400, ["error": "missing_candidate_id"]))
        #expect(
            turn.handleElection([]) == NodeReply(400, ["error": "'list' object has no attribute 'get'"]))
    }

    @Test(arguments: [
        ("\"12.5\"", 180.0), ("null", 180), ("5", 10), ("9999", 360), ("true", 10), ("-3", 10), ("\"20\"", 20),
        ("[1]", 180), ("59.9", 59), ("NaN", 180), ("Infinity", 180),
    ])
    func leaseDurations(_ given: String, _ seconds: Double) throws {
        var turn = try turn(voters: voters)
        let outcome = turn.handleLease([
            "leader_id": "n1", "lease_id": " L ", "lease_duration": try json(PyString(given)),
        ])
        #expect(turn.leadership.grant == VoterGrant(leaderID: "n1", leaseID: "L", expires: testNow + seconds))
        #expect(turn.effects == [.save])
        let reply = outcome.reply(now: testNow + 1)
        #expect(reply.status == 200)
        #expect(
            reply.body.keys == ["granted", "leader_id", "lease_id", "lease_expires", "lease_ttl_seconds", "voter_id"])
        #expect(reply.body["lease_ttl_seconds"] == .float(seconds - 1))
    }

    @Test func leaseRefusals() throws {
        var turn = try turn(voters: voters) {
            $0.grant = VoterGrant(leaderID: "n1", leaseID: "L1", expires: testNow + 5)
        }
        #expect(
            turn.handleLease(["candidate_id": "n7", "lease_id": "L2"]).reply(now: testNow)
                == NodeReply(
                    409,
                    [
                        "granted": false, "reason": "lease_already_granted", "current_leader_id": "n1",
                        "current_lease_id": "L1", "lease_expires": .float(testNow + 5),
                    ]))
        for (body, status, reason) in [
            (["leader_id": "nobody", "lease_id": "L0"] as PyValue, 403, "leader_not_voter" as PyValue),
            (["leader_id": "n1"], 400, "missing_fields"),
        ] {
            #expect(
                turn.handleLease(body).reply(now: 0) == NodeReply(status, ["granted": false, "reason": reason]))
        }
        #expect(turn.effects.isEmpty)
        turn.leadership.voterIDs = ["n1"]
        #expect(turn.handleLease(["leader_id": "n1", "lease_id": "x"]).reply(now: 0).body["reason"] == "not_a_voter")
    }

    @Test func coordinatorAcceptsAndRenews() throws {
        var turn = try turn { $0.role = .candidate }
        #expect(
            turn.handleCoordinator(["leader_id": "zz", "lease_id": 5, "lease_expires": "abc"]).body == [
                "accepted": true
            ])
        #expect(turn.leadership.leaderID == "zz")
        #expect(turn.leadership.leaseID == 5)
        #expect(turn.leadership.leaseExpires == "abc")
        #expect(turn.leadership.role == .follower)
        #expect(turn.lines == ["[P2P] Accepting leader announcement: zz"])
        #expect(turn.saves == 1)
        #expect(turn.handleCoordinator(["leader_id": "zz", "lease_renewal": 1]).body == ["accepted": true])
        #expect(turn.leadership.leaseExpires == 0)
        #expect(turn.leadership.leaseID == "")
        #expect(turn.saves == 1)
    }

    /// Security repair D072: the legacy would lead from here on.
    @Test func coordinatorThatNamesTheReceiverChangesNothing() throws {
        for body: PyValue in [
            ["leader_id": "n5", "lease_id": "L", "lease_expires": 4_102_444_800.5],
            ["leader_id": "n5", "lease_renewal": true, "lease_id": "R", "lease_expires": 4_102_444_900],
            ["leader_id": "n5", "voter_node_ids": ["n5", "n9"]],
        ] {
            var turn = try turn([peer("n7")]) { $0.leaderID = "n7" }
            let before = turn.leadership
            #expect(turn.handleCoordinator(body) == NodeReply(200, ["accepted": true]))
            #expect(turn.leadership == before)
            #expect(turn.effects.isEmpty)
        }
    }

    @Test func coordinatorRefusals() throws {
        var turn = try turn([peer("n7")]) {
            $0.role = .leader
            $0.leaderID = "n5"
            $0.leaseExpires = .float(testNow + 10)
        }
        #expect(turn.handleCoordinator([:]) == NodeReply(400, ["accepted": false, "reason": "missing_leader_id"]))
        #expect(
            turn.handleCoordinator(["leader_id": "n1"])
                == NodeReply(200, ["accepted": false, "reason": "lower_priority"]))
        #expect(turn.lines == ["[P2P] Rejecting leader announcement from lower-priority node: n1 < n5"])
        turn.peers.modify(key("n7")) { $0[.natBlocked] = true }
        #expect(turn.handleCoordinator(["leader_id": "n7"]).body["reason"] == "leader_ineligible")
        #expect(
            turn.handleCoordinator(["leader_id": "nobody", "voters": "n5, n1"])
                == NodeReply(
                    403, ["accepted": false, "reason": "leader_not_voter", "voters": ["n1", "n5"]]))
        #expect(turn.leadership.voterSource == .learned)
        turn.leadership.grant = VoterGrant(leaderID: "n5", leaseID: "x", expires: testNow + 9)
        #expect(
            turn.handleCoordinator(["leader_id": "n1"])
                == NodeReply(
                    409,
                    [
                        "accepted": false, "reason": "voter_lease_conflict", "granted_to": "n5",
                        "granted_until": .float(testNow + 9),
                    ]))
    }

    @Test func heartbeatMergesWithWhatWeKnow() throws {
        var known = peer("n1")
        known[.consecutiveFailures] = 4
        known[.lastFailureTime] = 99.5
        known[.natBlocked] = true
        known[.natBlockedSince] = 1000.5
        known[.lastNATProbe] = 3.0
        known[.relayVia] = "n5"
        known[.retired] = true
        known[.retiredAt] = 1234.5
        var turn = try turn([known]) { $0.leaderID = "n7" }
        let reply = turn.handleHeartbeat(
            ["node_id": "n1", "host": "claimed", "port": 9, "role": "leader"], remoteHost: "10.0.0.7")
        #expect(reply.status == 200)
        #expect(reply.body.count == 37)
        let stored = try #require(turn.peers[key("n1")])
        let expected: [(NodeInfo.Field, PyValue)] = [
            (.host, "10.0.0.7"), (.port, 9), (.reportedHost, "claimed"), (.reportedPort, 9), (.role, "follower"),
            (.consecutiveFailures, 4), (.lastFailureTime, 99.5), (.natBlocked, true), (.natBlockedSince, 1000.5),
            (.lastNATProbe, 3.0), (.relayVia, "n5"), (.retired, true), (.retiredAt, 1234.5),
            (.lastHeartbeat, .float(testNow)),
        ]
        for (field, value) in expected { #expect(stored[field] == value, "\(field)") }
        #expect(turn.lastInboundHeartbeat == testNow)
    }

    @Test func refusedHeartbeatStillTeachesVoters() throws {
        var turn = try turn()
        let reply = turn.handleHeartbeat(
            ["node_id": "v-3", "host": "x", "port": 1, "role": "king", "voters": ["only-me"]], remoteHost: "")
        #expect(reply == NodeReply(400, ["error": "'king' is not a valid NodeRole"]))
        #expect(turn.lines == ["[P2P] Updated voter set (learned): voters=1, quorum=1 (only-me)"])
        let next = turn.handleHeartbeat(["node_id": "n5", "host": "x", "port": 1], remoteHost: "")
        #expect(next.body["voter_node_ids"] == ["only-me"])
        #expect(next.body["voter_config_source"] == "learned")
        #expect(turn.peers.isEmpty)
        #expect(turn.lastInboundHeartbeat == 0)
    }

    @Test func unhashableNodeID() throws {
        var turn = try turn()
        #expect(
            turn.handleHeartbeat(["node_id": [1], "host": "x", "port": 1], remoteHost: "")
                == NodeReply(400, ["error": "unhashable type: 'list'"]))
    }

    @Test func forwardedHosts() {
        let cases: [(PyString?, PyString?, PyString?, PyString)] = [
            ("10.20.0.6, 172.16.0.1", nil, nil, "10.20.0.6"), (nil, "10.20.0.7", "10.20.9.9", "10.20.0.7"),
            ("", nil, "10.20.0.8", "10.20.0.8"), (nil, nil, nil, "127.0.0.1"),
        ]
        for (forwarded, real, cloudflare, expected) in cases {
            let host = ForwardedHost.host(
                xForwardedFor: forwarded, xRealIP: real, cfConnectingIP: cloudflare, remote: "127.0.0.1")
            #expect(host == expected)
        }
    }
}
