import P2PModel
import PythonSemantics
import Testing

/// State rows (contract 01 sections 6.2, 6.3), /status, /health and webhooks.
struct StateTests {
    private func rows(_ change: (inout LeadershipState) -> Void) throws -> [String] {
        var state = LeadershipState(now: 0)
        change(&state)
        return try StateRows.rows(state).map { "\($0.key)=\($0.value?.description ?? "NULL")" }
    }

    @Test func freshStateHasTheRowsOfTheRecording() throws {
        #expect(
            try rows { _ in } == [
                "leader_id=NULL", "leader_lease_id=", "leader_lease_expires=0.0", "last_lease_renewal=0.0",
                "role=follower", "voter_node_ids=[]", "voter_config_source=none", "voter_grant_leader_id=",
                "voter_grant_lease_id=", "voter_grant_expires=0.0",
            ])
    }

    @Test(
        arguments: [
            (.int(5), "5.0"), (.bool(true), "1.0"), (.none, "0.0"), ("12", "12.0"), (.list([]), "0.0"),
            (.float(.infinity), "inf"), (.float(4_102_444_800.5), "4102444800.5"),
        ] as [(PyValue, String)])
    func leaseExpiryIsSavedAsAFloat(_ value: PyValue, _ text: String) throws {
        #expect(try rows { $0.leaseExpires = value }[2] == "leader_lease_expires=" + text)
    }

    @Test func unsavableValues() {
        for (change, message) in [
            ({ $0.leaseExpires = "abc" }, "ValueError: could not convert string to float: 'abc'"),
            ({ $0.leaderID = [1] }, "ProgrammingError: Error binding parameter 2: type 'list' is not supported"),
            ({ $0.leaseID = ["a": 1] }, "ProgrammingError: Error binding parameter 2: type 'dict' is not supported"),
        ] as [((inout LeadershipState) -> Void, String)] {
            var state = LeadershipState(now: 0)
            change(&state)
            let broken = state
            #expect(failure { () throws(PyException) in _ = try StateRows.rows(broken) } == message)
        }
    }

    @Test func loadingIgnoresWhatItCannotRead() throws {
        var turn = try turn()
        turn.loadStateRows([
            "leader_id": "n5", "leader_lease_expires": " 5 ", "last_lease_renewal": "zz", "role": "boss",
            "voter_grant_expires": "abc", "voter_node_ids": #"["b"," a ","",5,null]"#, "leader_lease_id": nil,
        ])
        #expect(turn.leadership.leaseExpires == 5.0)
        #expect(turn.leadership.voterIDs == ["5", "None", "a", "b"])
        #expect(turn.leadership.role == .follower)
        #expect(turn.lines == ["[P2P] Updated voter set (state): voters=4, quorum=3 (5, None, a, b)"])
        turn.resumeLeadership()
        #expect(turn.leadership.role == .leader)
    }

    @Test func leaderWithoutIDBecomesFollower() throws {
        var turn = try turn()
        turn.loadStateRows(["role": "leader", "leader_lease_expires": "99", "last_lease_renewal": "5"])
        #expect(turn.leadership.role == .follower)
        #expect(turn.leadership.leaseExpires == 0.0)
        #expect(turn.lines == ["[P2P] Loaded role=leader but leader_id is empty; stepping down to follower"])
    }

    @Test func peerRows() throws {
        var turn = try turn()
        turn.loadPeerRow(nodeID: "p1", infoJSON: #"{"node_id": "zzz", "host": "h", "port": 1}"#)
        turn.loadPeerRow(nodeID: "n5", infoJSON: "bad")
        turn.loadPeerRow(nodeID: "p2", infoJSON: "bad")
        turn.loadPeerRow(nodeID: "p4", infoJSON: nil)
        #expect(turn.peers[key("p1")]?.nodeID == "zzz")
        #expect(
            turn.lines == [
                "[P2P] Failed to load peer p2: Expecting value: line 1 column 1 (char 0)",
                "[P2P] Failed to load peer p4: the JSON object must be str, bytes or bytearray, not NoneType",
            ])
    }

    @Test func statusTextAndValueAgree() throws {
        let turn = try turn([peer("n7", role: .leader), peer("n1")], voters: ["n1", "n5"])
        let status = StatusBody()
        let value = try status.value(turn, effectiveLeader: "n7")
        var bytes: [UInt8] = []
        try status.appendJSON(turn, effectiveLeader: "n7", to: &bytes)
        #expect(String(decoding: bytes, as: UTF8.self) == (try text(value)))
        #expect(
            value.keys == [
                "node_id", "role", "leader_id", "effective_leader_id", "leaders_reported", "leaders_eligible",
                "voter_node_ids", "voter_quorum_size", "voters_alive", "voter_quorum_ok", "self", "peers",
                "local_jobs", "alive_peers", "improvement_cycle_manager", "diversity_metrics", "gossip_metrics",
                "p2p_sync_metrics", "distributed_training", "cluster_elo", "node_recovery", "leader_consensus",
                "peer_reputation", "sync_intervals", "tournament_scheduling", "data_dedup",
            ])
        #expect(value["leaders_reported"] == ["n7"])
        #expect(value["leaders_eligible"] == [])
        #expect(value["peers"]?["n1"]?["leader_eligible"] == true)
        #expect(value["peers"]?["n1"]?.asDict?.count == 39)
        #expect(value["alive_peers"] == 2)
    }

    @Test func poisonedPeerBreaksStatusButNotHealth() throws {
        var poison = peer("n7")
        poison[.cpuPercent] = "abc"
        let turn = try turn([poison]) { $0.leaderID = "n7" }
        #expect(
            failure { () throws(PyException) in _ = try StatusBody().value(turn, effectiveLeader: .none) }
                == "TypeError: can't multiply sequence by non-int of type 'float'")
        let reply = HealthBody.reply(turn, uptime: 12.5, timestamp: "T", clusterUtilization: nil)
        #expect(
            try text(reply.body)
                == #"{"healthy": true, "node_id": "n5", "role": "follower", "disk_percent": 0.0, "memory_percent": 0.0, "cpu_percent": 0.0, "selfplay_jobs": 0, "training_jobs": 0, "leader_id": "n7", "leader_last_seen_seconds": 50.0, "active_peers": 1, "total_peers": 1, "uptime_seconds": 12.5, "timestamp": "T"}"#
        )
    }

    @Test func webhookBodies() throws {
        let alert = Alert(title: "T", message: "m", level: .warning, fields: ["k": 1.5], nodeID: "n")
        #expect(
            try text(alert.slackBody(now: 12.9))
                == ##"{"attachments": [{"color": "#ff9800", "title": "[WARNING] T", "text": "m", "fields": [{"title": "k", "value": "1.5", "short": true}], "footer": "RingRift AI | n", "ts": 12}]}"##
        )
        #expect(
            try text(Alert(title: "T", message: "m", level: AlertLevel("odd")).discordBody(timestamp: "t"))
                == #"{"embeds": [{"title": "[ODD] T", "description": "m", "color": 8421504, "fields": [], "footer": {"text": "RingRift AI"}, "timestamp": "t"}]}"#
        )
    }

    @Test func alertsAreGated() {
        var gate = AlertGate(slackURL: "http://s", discordURL: "", level: "WARNING")
        let alert = Alert(title: "T", message: "m")
        let answer5 = gate.admit(alert, now: 0)
        #expect(answer5)
        let answer6 = gate.admit(alert, now: 299)
        #expect(!answer6)
        let answer7 = gate.admit(alert, now: 300)
        #expect(answer7)
        let answer8 = gate.admit(Alert(title: "T2", message: "m", level: .info), now: 0)
        #expect(!answer8)
        var silent = AlertGate(slackURL: "", discordURL: "")
        let answer9 = silent.admit(alert, now: 0)
        #expect(!answer9)
    }
}
