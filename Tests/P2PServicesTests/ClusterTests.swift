import P2PModel
import PythonSemantics
import TestSupport
import Testing

@testable import P2PServices

/// Contract 07 sections 4.2 and 4.5. Columns: cpu, gpu, memory, gpu memory, has_gpu.
@Suite struct ClusterUtilizationTests {
    @Test(
        arguments: [
            ([], 0.0, 0.0, 0, "below"),
            ([[26.0, 0.0, 25.0, 0.0, 0]], 26, 0, 0, "below"),
            // Zeros do not count.
            ([[50.0, 0.0, 0.0, 0.0, 0], [0.0, 0.0, 0.0, 0.0, 0], [90.0, 0.0, 0.0, 0.0, 0]], 70, 0, 0, "optimal"),
            ([[60.0, 0.0, 0.0, 0.0, 0]], 60, 0, 0, "optimal"), ([[80.0, 0.0, 0.0, 0.0, 0]], 80, 0, 0, "optimal"),
            ([[80.5, 0.0, 0.0, 0.0, 0]], 80.5, 0, 0, "above"),
            // GPU figures count on GPU nodes only; an idle GPU is a node without a figure.
            ([[70.0, 99.0, 0.0, 99.0, 0]], 70, 0, 0, "optimal"),
            ([[70.0, 0.0, 0.0, 0.0, 1]], 70, 0, 1, "below"),
            ([[70.0, 90.0, 0.0, 0.0, 1]], 70, 90, 1, "above"),
            // Too little of one wins over too much of the other.
            ([[10.0, 90.0, 0.0, 0.0, 1]], 10, 90, 1, "below"),
            ([[70.0, 70.0, 0.0, 81.0, 1]], 70, 70, 1, "gpu_memory_warning"),
            ([[70.0, 70.0, 0.0, 80.0, 1]], 70, 70, 1, "optimal"),
            ([[10.0, 70.0, 0.0, 81.0, 1]], 10, 70, 1, "below"),
            ([[10.0, 70.0, 0.0, 90.5, 1]], 10, 70, 1, "gpu_memory_critical"),
            ([[70.0, 60.0, 0.0, 85.0, 1], [70.0, 80.0, 0.0, 95.0, 1]], 70, 70, 2, "gpu_memory_critical"),
        ] as [([[PyValue]], Double, Double, Int, String)])
    func averagesAndStatus(_ rows: [[PyValue]], _ cpu: Double, _ gpu: Double, _ gpuNodes: Int, _ status: String) {
        let cluster = ClusterUtilization(rows: rows, rate: 1000)
        #expect(cluster.cpu == cpu)
        #expect(cluster.gpu == gpu)
        #expect(cluster.gpuNodes == gpuNodes)
        #expect(cluster.status(minimum: 60, maximum: 80) == status)
    }

    @Test func healthObject() throws {
        var targets = ResourceTargets()
        targets.cpuMinimum = 60
        targets.cpuMaximum = 80
        let cluster = ClusterUtilization(rows: [[26.0, 0.0, 25.0, 0.0, 0]], rate: 1000)
        #expect(
            try text(cluster.healthValue(targets: targets))
                == #"{"cpu_util": 26.0, "gpu_util": 0.0, "selfplay_rate": 1000, "target_range": "60-80%", "status": "below"}"#
        )
        #expect(ClusterUtilization(rows: [], rate: 250).selfplayRate == 250)
        #expect(ClusterUtilization(rows: [], rate: nil).selfplayRate == 1000)
    }
}

/// Contract 07 section 3.1 and 01 section 12.2.
@Suite struct ResourceTargetsTests {
    private static let path = "/srv/ai-service/config/unified_loop.yaml"

    private func load(
        _ yaml: String?, environment: [String: String] = [:], elsewhere: [String: String] = [:]
    ) -> (targets: ResourceTargets, complaint: String?) {
        let fake = world()
        if let yaml { fake.files.put(Self.path, yaml) }
        for (path, text) in elsewhere { fake.files.put(path, text) }
        return ResourceTargets.load(tree: "/srv/ai-service", files: fake.files, environment: environment)
    }

    @Test func withoutAFile() {
        let (targets, complaint) = load(nil)
        #expect(targets.rangeText == "60.0-80.0%")
        #expect([targets.minimum, targets.maximum] == [60, 80])
        #expect(targets.pid == nil)
        #expect(complaint == nil)
    }

    @Test(arguments: [
        ("resource_targets:\n  cpu_min: 60\n  cpu_max: 80\n", "60-80%"),
        ("resource_targets:\n  cpu_min: 55.5\n", "55.5-80.0%"), ("resource_targets: {}\n", "60.0-80.0%"),
        ("other: 1\n", "60.0-80.0%"),
    ])
    func numbersKeepTheirType(_ yaml: String, _ expected: String) {
        let (targets, complaint) = load(yaml)
        #expect(targets.rangeText == expected)
        #expect(complaint == nil)
    }

    @Test func gains() {
        let shipped = "resource_targets:\n  pid:\n    kp: 0.3\n    ki: 0.05\n    kd: 0.1\n"
        #expect(
            load(shipped).targets.pid == ResourceTargets.PIDSource(path: Self.path, kp: 0.3, ki: 0.05, kd: 0.1))
        let partial = load(
            "resource_targets:\n  pid:\n    ki: 1\n", environment: ["RINGRIFT_PID_KP": "0.7", "RINGRIFT_PID_KI": "9"])
        #expect(partial.targets.pid == ResourceTargets.PIDSource(path: Self.path, kp: 0.7, ki: 1, kd: 0.1))
        let system = load("resource_targets: {}\n", elsewhere: ["/etc/ringrift/unified_loop.yaml": shipped])
        #expect(system.targets.pid?.path == "/etc/ringrift/unified_loop.yaml")
    }

    @Test func unreadable() {
        let (targets, complaint) = load("resource_targets: [1\n")
        #expect(targets.rangeText == "60.0-80.0%")
        #expect(complaint?.hasPrefix("[ResourceTargets] Config load error: ") == true)
    }
}

/// What PyYAML 6's safe_load makes of the same text (run with the reference interpreter).
@Suite struct YAMLValueTests {
    @Test(
        arguments: [
            (
                "a: on\nb: off\nc: yes\nd: No\ne: y\nf: n\ng: TRUE\nh: tRue\n",
                ["a": true, "b": false, "c": true, "d": false, "e": "y", "f": "n", "g": true, "h": "tRue"]
            ),
            (
                "a: 1\nb: -5\nc: +7\nd: 010\ne: 0x1F\nf: 0b101\ng: 1_000\nh: 0o17\ni: 08\nj: 190:20:30\nk: 1__0\n",
                [
                    "a": 1, "b": -5, "c": 7, "d": 8, "e": 31, "f": 5, "g": 1000, "h": "0o17", "i": "08", "j": 685230,
                    "k": 10,
                ]
            ),
            (
                "a: 1.5\nb: 1e3\nc: 1.0e3\nd: 1.0e+3\ne: .5\nf: 5.\ng: .inf\nh: -.INF\ni: .nan\nj: 1_0.5\n"
                    + "k: 190:20:30.15\nl: -0.0\nm: 1.e+3\nn: +.5\no: 6.8523015e+5\n",
                [
                    "a": 1.5, "b": "1e3", "c": "1.0e3", "d": 1000.0, "e": 0.5, "f": 5.0, "g": .float(.infinity),
                    "h": .float(-.infinity), "i": .float(.nan), "j": 10.5, "k": 685230.15, "l": -0.0, "m": 1000.0,
                    "n": "+.5", "o": 685230.15,
                ]
            ),
            (
                "a: ~\nb: null\nc: NULL\nd:\ne: 'null'\nf: \"1\"\ng: nUll\nh: 'it''s'\ni: \"a\\nb\"\nj: text # c\n",
                [
                    "a": .none, "b": .none, "c": .none, "d": .none, "e": "null", "f": "1", "g": "nUll", "h": "it's",
                    "i": "a\nb", "j": "text",
                ]
            ),
            (
                "a: !!str 5\nb: !!int '7'\nc: !!float 3\nd: !!bool 'no'\n", ["a": "5", "b": 7, "c": 3.0, "d": false]
            ),
            ("a: |\n  l1\n  l2\nb: >\n  f1\n  f2\n", ["a": "l1\nl2\n", "b": "f1 f2\n"]),
            ("[1, 'a', [true, {x: y}]]", [1, "a", [true, ["x": "y"]]]),
            ("base: &b {x: 1, y: 2}\nd:\n  <<: *b\n  y: 3\n", ["base": ["x": 1, "y": 2], "d": ["x": 1, "y": 3]]),
            ("a: &x [1]\nb: *x\n", ["a": [1], "b": [1]]),
            // Keys that are no strings become their text (a dict of ours has no other keys).
            ("on: 1\n010: 2\n'on': 3\n1.50: 4\n~: 5\n", ["True": 1, "8": 2, "on": 3, "1.5": 4, "None": 5]),
            ("", .none), ("# only comment\n", .none), ("just text", "just text"),
        ] as [(String, PyValue)])
    func scalars(_ yaml: String, _ expected: PyValue) throws { #expect(try YAMLValue.load(yaml) == expected) }

    @Test func aNumberBeyond64Bits() throws {
        let digits = "123456789012345678901234567890"
        #expect(try YAMLValue.load(digits) == json(PyString(digits)))
    }

    @Test(arguments: ["a: [1", "a: b: c", "\ta: 1", "a: *nope", "a: {", "- a\nb: 1"])
    func errors(_ yaml: String) { #expect(throws: (any Error).self) { try YAMLValue.load(yaml) } }
}

/// Contract 03 sections 4.6 and 4.10.
@Suite struct PeerRoundsTests {
    @Test func whoIsGreeted() throws {
        let turn = try turn([
            peer("fine"), peer("blocked") { $0[.natBlocked] = true }, peer("n5"),
            peer("twin-a") { $0[.host] = "10.0.0.9" }, peer("twin-b") { $0[.host] = "10.0.0.9" },
            peer("two failures") { $0[.consecutiveFailures] = 2 },
            peer("failing") {
                $0[.consecutiveFailures] = 3
                $0[.lastFailureTime] = .float(testNow - 300)
            },
            peer("failing, due") {
                $0[.consecutiveFailures] = 3
                $0[.lastFailureTime] = .float(testNow - 300.25)
            },
            peer("retired") {
                $0[.retired] = true
                $0[.lastFailureTime] = .float(testNow - 3600)
            },
            peer("retired, due") {
                $0[.retired] = true
                $0[.lastFailureTime] = .float(testNow - 3600.25)
            },
        ])
        #expect(
            try turn.peersToGreet().map(\.nodeID) == ["fine", "two failures", "failing, due", "retired, due"])
    }

    private func silent(_ id: PyString, _ seconds: Double) -> NodeInfo {
        peer(id) { $0[.lastHeartbeat] = .float(testNow - seconds) }
    }

    @Test func partition() throws {
        let dead = silent("dead", 91)
        let failing = peer("failing") { $0[.consecutiveFailures] = 3 }
        let cases: [([NodeInfo], String?)] = [
            ([], nil), ([dead], nil), ([peer("a"), dead], nil),
            ([dead, failing], "[P2P] Network partition detected: 2/2 peers unreachable (100%)"),
            ([peer("a"), dead, failing], "[P2P] Network partition detected: 2/3 peers unreachable (67%)"),
            ([peer("a"), peer("b"), dead, failing], nil),
            // The node's own entry does not count.
            ([peer("n5"), dead], nil),
            // More than the timeout, not the timeout.
            ([silent("x", 90), silent("y", 90)], nil),
            (
                [silent("x", 90.25), silent("y", 90.25)],
                "[P2P] Network partition detected: 2/2 peers unreachable (100%)"
            ),
            // NAT-blocked and retired peers count.
            (
                [peer("a"), silent("x", 100), silent("y", 100)].map { info in
                    var info = info
                    info[.retired] = true
                    return info
                }, "[P2P] Network partition detected: 2/3 peers unreachable (67%)"
            ),
        ]
        for (peers, expected) in cases {
            #expect(try turn(peers).detectPartition() == expected, "\(peers.map(\.nodeID))")
        }
    }
}

/// Contract 06 section 2.5 and 03 section 3.2.
@Suite struct StatusPartsTests {
    @Test func diversity() throws {
        var metrics = DiversityMetrics(now: testNow - 8)
        let idle = #""asymmetric_ratio": 0.0, "engine_mode_distribution": {}}"#
        #expect(
            try text(metrics.value(now: testNow))
                == #"{"games_by_engine_mode": {}, "games_by_board_config": {}, "games_by_difficulty": {}, "#
                + #""asymmetric_games": 0, "symmetric_games": 0, "training_triggers": 0, "cmaes_triggers": 0, "#
                + #""promotions": 0, "rollbacks": 0, "last_reset": 1799999992.25, "uptime_seconds": 8.0, "# + idle)
        metrics.asymmetricGames = 1
        metrics.symmetricGames = 3
        metrics.gamesByEngineMode = ["a": 1, "b": 3]
        let value = try metrics.value(now: testNow)
        #expect(value["asymmetric_ratio"] == 0.25)
        #expect(value["engine_mode_distribution"] == ["a": 0.25, "b": 0.75])
    }

    @Test func distributedTraining() throws {
        #expect(
            try text(DistributedTraining.summary(jobs: JobTable(), nodeID: "n5"))
                == #"{"active_configs": [], "total_training_jobs": 0, "configs_by_node_count": {}}"#)
        var jobs = JobTable()
        for (index, (type, board)) in [
            (JobType.training, "square8" as PyValue), (.cmaes, "hexagonal"), (.selfplay, "square19"), (.training, ""),
        ].enumerated() {
            var job = ClusterJob(jobID: .int(index), jobType: type, nodeID: "n5")
            job.boardType = board
            try jobs.store(job.jobID, job)
        }
        let summary = DistributedTraining.summary(jobs: jobs, nodeID: "n5")
        #expect(summary["active_configs"] == ["square8_2p", "hexagonal_2p"])
        #expect(summary["total_training_jobs"] == 2)
        #expect(summary["configs_by_node_count"] == ["square8_2p": 1, "hexagonal_2p": 1])
    }

    /// What a real legacy says on a node that has done nothing yet.
    @Test func countersOfAnIdleNode() throws {
        let recorded = try #require(
            try Recordings.exchanges("01-empty-node").first { $0.target == "/status" && $0.status == 200 })
        let status = try json(PyString(recorded.answer))
        var body = StatusBody()
        SubsystemCounters().fill(&body)
        let parts: [(PyString, PyValue)] = [
            ("gossip_metrics", body.gossipMetrics), ("p2p_sync_metrics", body.p2pSyncMetrics),
            ("cluster_elo", body.clusterElo), ("node_recovery", body.nodeRecovery),
            ("peer_reputation", body.peerReputation), ("sync_intervals", body.syncIntervals),
            ("tournament_scheduling", body.tournamentScheduling), ("data_dedup", body.dataDedup),
        ]
        for (key, value) in parts {
            let expected = try #require(status[key])
            #expect(try text(value) == text(expected), "\(key)")
        }
    }
}
