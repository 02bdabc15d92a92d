import Effects
import P2PServices
import PythonSemantics
import TestSupport
import Testing

@testable import P2PModel
@testable import P2PNode

/// Decisions about numbers of jobs, against the real legacy.
@Suite struct ScalingDecisionTests {
    private static func constants() throws -> P2PConstants { try P2PConstants(environment: [:]) }

    /// The targets of the shipped configuration.
    private static func shipped() throws -> UtilizationTargets {
        try UtilizationTargets(section: [
            "memory_max": 75, "memory_critical": 85, "cpu_min": 60, "cpu_target": 70, "cpu_max": 80, "cpu_critical": 90,
            "gpu_min": 60, "gpu_target": 75, "gpu_max": 85, "gpu_critical": 95, "jobs_per_core": 0.5,
            "max_jobs_per_node": 48,
            "tier_overrides": [
                "HIGH_END": ["cpu_target": 75, "gpu_target": 80, "max_jobs_per_node": 64],
                "MID_TIER": ["cpu_target": 70, "gpu_target": 75, "max_jobs_per_node": 32],
                "LOW_TIER": ["cpu_target": 65, "max_jobs_per_node": 16],
                "CPU_ONLY": ["gpu_min": 0, "gpu_target": 0, "gpu_max": 0, "max_jobs_per_node": 24],
            ],
        ])
    }

    @Test func targets() throws {
        for entry in try ScalingFixture.cases("targets") {
            var target = SelfplayTarget(
                hosts: HostTargetManager(.success(try Self.shipped())), constants: try Self.constants())
            for step in try #require(entry["steps"]?.asList) {
                var conditions = ProductionConditions()
                conditions.isVerbose = entry["verbose"] == true
                conditions.queue = ScalingFixture.queue(step["queue"])
                var directives: [SchedulingDirective] = []
                let node = try ScalingFixture.node(try #require(step["node"]))
                let jobs = try target.jobs(
                    for: node, conditions, now: try ScalingFixture.number(step["now"]), &directives)
                #expect(.int(jobs) == step["target"], "\(step)")
                #expect(directives.compactMap(\.line) == (try ScalingFixture.lines(step["lines"])), "\(step)")
            }
        }
    }

    @Test func targetsByHardware() throws {
        let broken = PyException.typeError(#"can only concatenate str (not "float") to str"#)
        for entry in try ScalingFixture.cases("fallback") {
            var target = SelfplayTarget(hosts: HostTargetManager(.failure(broken)), constants: try Self.constants())
            var directives: [SchedulingDirective] = []
            let node = try ScalingFixture.node(try #require(entry["node"]))
            let jobs = try target.jobs(for: node, ProductionConditions(), now: 5, &directives)
            #expect(.int(jobs) == entry["target"], "\(entry)")
            #expect(directives.compactMap(\.line) == (try ScalingFixture.lines(entry["lines"])), "\(entry)")
        }
    }

    @Test func emergencyStopsEverything() throws {
        var target = SelfplayTarget(hosts: HostTargetManager(), constants: try Self.constants())
        var conditions = ProductionConditions()
        conditions.isEmergencyActive = true
        conditions.queue = .stopped
        var directives: [SchedulingDirective] = []
        let node = NodeInfo(nodeID: "a", host: "h", port: 1)
        #expect(try target.jobs(for: node, conditions, now: 5, &directives) == 0)
        #expect(directives.isEmpty)
    }

    @Test func limits() throws {
        for entry in try ScalingFixture.cases("limits") {
            var target = SelfplayTarget(hosts: HostTargetManager(), constants: try Self.constants())
            var directives: [SchedulingDirective] = []
            let node = try ScalingFixture.node(try #require(entry["node"]))
            let limits = try target.limits(for: node, ProductionConditions(), now: 5, &directives)
            #expect(
                [.int(limits.gpuJobs), .int(limits.cpuOnlyJobs), .int(limits.total)] == entry["limits"]?.asList,
                "\(entry)")
            #expect(.bool(try SelfplayTarget.takesProcessorJobs(node)) == entry["processors"], "\(entry)")
        }
    }

    /// Golden values of contract 07 section 4.7 that the generated nodes do not have.
    @Test(
        arguments: [
            ("GH200", 64, 480, 51, 0), ("H100", 26, 200, 13, 2), ("A100", 30, 200, 12, 3),
            ("RTX 5090", 512, 1000, 12, 128),
            ("RTX 4060 TI", 48, 96, 8, 14), ("RTX 3070", 128, 128, 4, 32), ("TESLA T4", 8, 15, 1, 2), (nil, 4, 8, 1, 0),
            (nil, 256, 512, 128, 25), (nil, 0, 0, 8, 0), (nil, 2, 23, 1, 0),
        ] as [(PyString?, Int, Int, Int, Int)])
    func goldenLimits(name: PyString?, cores: Int, memory: Int, gpu: Int, processors: Int) {
        let limits = SelfplayLimits(gpuName: name, cores: cores, memory: memory)
        #expect(limits == SelfplayLimits(gpuJobs: gpu, cpuOnlyJobs: processors))
    }

    @Test func boardsByChance() throws {
        for entry in try ScalingFixture.cases("picks") {
            let streams = LabelledStreams(seed: "scaling")
            let now = try ScalingFixture.number(entry["now"])
            let models = SelfplayChoice.models(gossip: try #require(entry["gossip"]?.asDict), now: now)
            let node = try ScalingFixture.node(try #require(entry["node"]))
            var picks: [PyValue] = []
            var failure: String?
            do throws(PyException) {
                for _ in 0..<6 {
                    let candidates = try SelfplayChoice(models: models).candidates(for: node)
                    let config = SelfplayChoice.pick(candidates) { streams.fraction(label: SelfplayChoice.label) }
                    picks.append(Self.value(config))
                }
            } catch {
                failure = error.message
            }
            if let expected = entry["picks"]?["exception"] {
                #expect(failure == expected.pyStr, "\(entry)")
            } else {
                #expect(picks == entry["picks"]?.asList, "\(entry)")
            }
        }
    }

    private static func value(_ config: SelfplayConfig?) -> PyValue {
        guard let config else { return .none }
        return [
            "board_type": .string(config.boardType), "num_players": .int(config.numPlayers),
            "engine_mode": .string(config.engineMode),
        ]
    }

    @Test func boardsOfTheCycles() throws {
        for entry in try ScalingFixture.cases("cycles") {
            let streams = LabelledStreams(seed: "scaling")
            let games = try #require(entry["games"]?.asDict)
            let choice = CycleChoice(games: Dictionary(uniqueKeysWithValues: games.map { ($0, $1) }))
            let node = try ScalingFixture.node(try #require(entry["node"]))
            var metrics: PyDict = [
                "games_by_engine_mode": [:], "games_by_board_config": [:], "games_by_difficulty": [:],
                "asymmetric_games": 0, "symmetric_games": 0,
            ]
            var lines: [String] = []
            for expected in try #require(entry["configs"]?.asList) {
                let config = try choice.next(for: node) { streams.fraction(label: CycleChoice.label) }
                #expect(Self.value(config)["board_type"] == expected["board_type"], "\(entry)")
                #expect(.int(config.numPlayers) == expected["num_players"], "\(entry)")
                #expect(.string(config.engineMode) == expected["engine_mode"], "\(entry)")
                #expect(.bool(config.uneven != nil) == expected["asymmetric"], "\(entry)")
                if let line = try config.track(in: &metrics) { lines.append(line) }
            }
            #expect(.dict(metrics) == entry["metrics"], "\(entry)")
            #expect(lines == (try ScalingFixture.lines(entry["lines"])), "\(entry)")
        }
    }

    @Test func balance() throws {
        for entry in try ScalingFixture.cases("balance") {
            var target = SelfplayTarget(
                hosts: HostTargetManager(.success(try Self.shipped())), constants: try Self.constants())
            var directives: [SchedulingDirective] = []
            let nodes = try #require(entry["nodes"]?.asList).map(ScalingFixture.node)
            try ClusterBalance.check(
                nodes, ownID: "alpha", &target, ProductionConditions(), now: try ScalingFixture.number(entry["now"]),
                &directives)
            #expect(directives.compactMap(\.line) == (try ScalingFixture.lines(entry["lines"])), "\(entry)")
            var calls: [PyValue] = []
            var metrics: [PyValue] = []
            for directive in directives {
                switch directive {
                case .reduceLocal(let jobs, let reason):
                    calls.append(["local", .int(jobs), .string(PyString(reason))])
                case .requestReduction(let node, let jobs, let reason):
                    calls.append([node.nodeID, .int(jobs), .string(PyString(reason))])
                case .recordMetric(let type, let value, let metadata):
                    metrics.append([.string(type), .int(value), .dict(metadata)])
                default: break
                }
            }
            #expect(calls == entry["calls"]?.asList, "\(entry)")
            #expect(metrics == entry["metrics"]?.asList, "\(entry)")
        }
    }

    @Test func autoscale() throws {
        for entry in try ScalingFixture.cases("autoscale") {
            var environment: [String: String] = [:]
            for (name, value) in try #require(entry["environment"]?.asDict) {
                environment[name.description] = value.pyStr
            }
            var peers = PeerTable()
            for peer in try #require(entry["peers"]?.asList) {
                let node = try ScalingFixture.node(peer)
                try peers.store(node.nodeID, node)
            }
            var jobs = JobTable()
            for job in try #require(entry["jobs"]?.asList) {
                try jobs.store(job["job_id"] ?? .none, try ClusterJob(fromDict: job))
            }
            let efficiency = entry["efficiency"] ?? .none
            let inputs = Autoscale.Inputs(
                peers: peers, selfInfo: try ScalingFixture.node(try #require(entry["self"])), jobs: jobs,
                throughputs: try #require(entry["throughputs"]?.asList), newestData: entry["newest"]?.asDouble,
                efficiency: efficiency.isNone ? 0 : efficiency, now: try ScalingFixture.number(entry["now"]))
            let metrics: PyValue
            let table: PyValue
            do throws(PyException) {
                let answer = Autoscale(inputs, try Autoscale.Thresholds(environment: environment))
                (metrics, table) = (.dict(answer.metrics), .list(answer.table))
            } catch {
                let body: PyValue = ["error": .string(PyString(error.message))]
                (metrics, table) = (body, [body])
            }
            #expect(try PyJSON.dumpsText(metrics) == entry["metrics"]?.asString, "\(entry)")
            #expect(try PyJSON.dumpsText(table) == entry["recommendations"]?.asString, "\(entry)")
        }
    }

    @Test func unusableConfigurations() {
        #expect(
            failure { () throws(PyException) in try UtilizationTargets(section: PyValue.none) }
                == "AttributeError: 'NoneType' object has no attribute 'get'")
        #expect(
            failure { () throws(PyException) in try UtilizationTargets(section: ["tier_overrides": [1]]) }
                == "AttributeError: 'list' object has no attribute 'items'")
        #expect(
            failure { () throws(PyException) in
                try HostTargets(host: "n", base: UtilizationTargets(section: ["cpu_target": "x"]), factor: 1)
            }
                == #"TypeError: can only concatenate str (not "float") to str"#)
    }
}
