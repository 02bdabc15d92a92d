import Effects
import P2PServices
import PythonSemantics
import TestSupport
import Testing

@testable import P2PModel
@testable import P2PNode

/// Whole steps of the job round on a node, against the real legacy: lines, requests, stamps and counters. Local starts
/// end at the spawn gate, whose limit is 0.
@Suite struct ScalingRoundTests {
    private static let configuration = """
        resource_targets:
          cpu_min: 60
          cpu_target: 70
          cpu_max: 80
          cpu_critical: 90
          gpu_min: 60
          gpu_target: 75
          gpu_max: 85
          gpu_critical: 95
          memory_max: 75
          memory_critical: 85
          jobs_per_core: 0.5
          max_jobs_per_node: 48
          tier_overrides:
            HIGH_END: {cpu_target: 75, gpu_target: 80, max_jobs_per_node: 64}
            MID_TIER: {cpu_target: 70, gpu_target: 75, max_jobs_per_node: 32}
            LOW_TIER: {cpu_target: 65, max_jobs_per_node: 16}
            CPU_ONLY: {gpu_min: 0, gpu_target: 0, gpu_max: 0, max_jobs_per_node: 24}
        """

    @Test func everyNode() async throws { try await play("local") }

    @Test func leader() async throws { try await play("leader") }

    private func play(_ name: PyString) async throws {
        for (number, entry) in try ScalingFixture.cases(name).enumerated() {
            let fake = FakeEffects { Issue.record("\($0)") }
            let console = RecordedConsole()
            let runtime = try await Self.node(entry, fake, console)
            for (round, row) in try #require(entry["rounds"]?.asList).enumerated() {
                try await Self.prepare(row, runtime, fake)
                for step in try #require(row["steps"]?.asList) {
                    console.forget()
                    fake.peers.forgetCalls()
                    let method = try #require(step["step"]?.pyStr)
                    let known = try #require(SchedulingStep(rawValue: method))
                    do throws(PyException) {
                        try await runtime.performScheduling(known)
                    } catch {
                        console.print("[P2P] Job management error: \(error.message)")
                    }
                    let place = "case \(number), round \(round), \(method)"
                    #expect(console.lines == (try ScalingFixture.lines(step["lines"])), "\(place)")
                    let calls: [PyValue] = fake.peers.calls.map { call in
                        [
                            "url": .string(PyString(call.request.url)), "body": call.json,
                            "timeout": .int(Int(call.request.timeout)),
                        ]
                    }
                    #expect(calls == step["calls"]?.asList, "\(place)")
                }
                try Self.check(row, runtime, "case \(number), round \(round)")
            }
        }
    }

    private static func node(
        _ entry: PyValue, _ fake: FakeEffects, _ console: RecordedConsole
    ) async throws -> NodeRuntime {
        NodeFixture.prepare(fake)
        fake.files.put(NodeFixture.tree + "/config/unified_loop.yaml", configuration)
        for pattern in JobProcesses.sweepPatterns + ["train_", "train.py"] {
            fake.processes.answer(["pgrep", "-f", pattern], .exited(status: 1, output: "", errorOutput: ""))
        }
        var effects = fake.effects
        effects.identifiers = LabelledStreams(seed: "scaling")
        let environment = ["RINGRIFT_P2P_SPAWN_RATE_LIMIT": "0"]
        let options = P2POptions(
            nodeID: "alpha", host: "127.0.0.1", port: 8770, advertiseHost: "127.0.0.1", advertisePort: nil, peers: [],
            relayPeers: [], ringriftPath: "/srv/ringrift", authToken: nil, requireAuth: false, storageType: "disk")
        let runtime = try await NodeAssembly(
            options: options, environment: environment, tree: NodeFixture.tree, effects: effects, console: console,
            constants: P2PConstants(environment: environment)
        ).build()
        if entry["cycles"] == false { runtime.improvement.withLock { $0 = nil } }
        let info = try ScalingFixture.node(try #require(entry["self"]))
        let leaderID = entry["leader_id"] ?? .none
        let seen = try ScalingFixture.number(entry["last_leader_seen"])
        let isLeader = entry["leader"] == true
        runtime.store.update { state in
            for field in [.cpuCount, .hasGPU, .gpuName, .memoryGB] as [NodeInfo.Field] {
                state.selfInfo[field] = info[field]
            }
            state.leadership.role = isLeader ? .leader : .follower
            state.leadership.leaderID = leaderID
            state.leadership.lastLeaderSeen = seen
        }
        return runtime
    }

    private static func prepare(_ row: PyValue, _ runtime: NodeRuntime, _ fake: FakeEffects) async throws {
        fake.clock.set(try ScalingFixture.number(row["now"]))
        let machine = try #require(row["machine"])
        let load = try ScalingFixture.number(machine["load"])
        let available = try #require(machine["available"]?.asInt)
        let free = try #require(machine["free"]?.asInt)
        let jobs = try #require(machine["selfplay"]?.asInt)
        fake.probes.change { probes in
            probes.proc["loadavg"] = "\(load) 0.48 0.44 1/150 4242\n"
            probes.proc["meminfo"] = "MemTotal: 50331648 kB\nMemAvailable: \(available) kB\n"
            probes.fileSystems["/srv/ringrift"] = FileSystemUsage(
                blocks: 1000, free: UInt64(free), available: UInt64(free))
            probes.commands = (0..<jobs).map {
                ProcessCommand(pid: Int32(2000 + $0), line: "python run_hybrid_selfplay.py")
            }
        }
        fake.processes.answer(LocalScaling.counting, try outcome(row["pgrep"], "pgrep"))
        fake.processes.answer(LocalScaling.killing, try outcome(row["pkill"], "pkill"))
        let peers = try #require(row["peers"]?.asList).map(ScalingFixture.node)
        try answers(row, peers, fake)
        try setQueue(row["queue"], runtime, fake)
        let training = row["training"] ?? [:]
        runtime.store.update { state in
            state.peers = PeerTable()
            for peer in peers { try? state.peers.store(peer.nodeID, peer) }
            state.carried["training_jobs"] = training
        }
        await ResourceLoop.sample(runtime)
        _ = try await runtime.refreshedSelf()
    }

    private static func outcome(_ value: PyValue?, _ program: String) throws -> ProcessOutcome {
        switch try #require(value?[0]) {
        case "timeout": return .timedOut
        case "missing": return .notStarted("[Errno 2] No such file or directory: '\(program)'")
        case let status:
            return .exited(
                status: Int32(try #require(status.asInt)), output: value?[1]?.pyStr ?? "", errorOutput: "")
        }
    }

    private static func answers(_ row: PyValue, _ peers: [NodeInfo], _ fake: FakeEffects) throws {
        for (path, answer) in try #require(row["answers"]?.asDict) {
            let scripted: ScriptedPeers.Answer =
                switch answer[0] {
                case "timeout": .timeout
                case "refused": .refused
                default:
                    .response(
                        PeerResponse(
                            status: answer[1]?.asInt ?? 0, contentType: answer[2]?.pyStr ?? "",
                            body: Array((answer[3]?.pyStr ?? "").utf8)))
                }
            for peer in peers {
                for (host, port) in [(NodeInfo.Field.host, NodeInfo.Field.port), (.reportedHost, .reportedPort)] {
                    fake.peers.answer("POST http://\(peer[host].pyStr):\(peer[port].pyStr)\(path)", scripted)
                }
            }
        }
    }

    private static func setQueue(_ level: PyValue?, _ runtime: NodeRuntime, _ fake: FakeEffects) throws {
        _ = try? runtime.scheduling.queue.level()
        var statements = [SQLStatement("DELETE FROM queue_status")]
        if case .string? = level, let level {
            statements.append(
                SQLStatement("INSERT INTO queue_status VALUES ('training_data', 0, ?, 0, 'stable')", [level]))
        }
        _ = try fake.databases.transaction(TrainingQueue.path, statements)
    }

    private static func check(_ row: PyValue, _ runtime: NodeRuntime, _ place: String) throws {
        let state = runtime.store.snapshot
        for (name, value) in try #require(row["attributes"]?.asDict) {
            #expect(state.carried[name] == value, "\(place): \(name)")
        }
        #expect((state.carried["gpu_idle_since"] ?? [:]) == row["gpu_idle_since"], "\(place)")
        #expect((state.carried["relay_command_queue"] ?? [:]) == row["relay"], "\(place)")
        let diversity = state.carried["diversity_metrics"]?.asDict ?? state.diversity.attribute
        #expect(.dict(diversity) == row["diversity"], "\(place)")
        for peer in state.peers {
            let active = peer.attachments?["_last_gpu_active_time"]
            #expect(active == row["active"]?[peer.nodeID.pyString], "\(place): \(peer.nodeID)")
        }
    }
}
