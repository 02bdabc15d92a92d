import Effects
import P2PModel
import P2PServices
import PythonSemantics
import TestSupport
import Testing

@testable import P2PNode

/// Contract 01 section 2.6: the constructor's lines and what it leaves behind.
@Suite struct NodeAssemblyTests {
    /// Lines of parts that are not native yet.
    private static let elsewhere = ["MonitoringManager", "EloSyncManager", "HybridTransport"]

    private func recordedStart(_ scenario: String) throws -> [String] {
        try Recordings.log(scenario).prefix { !$0.hasPrefix("[P2P] HTTP server started") }
            .filter { line in !Self.elsewhere.contains { line.contains($0) } }
    }

    @Test func linesAsRecorded() async throws {
        let node = try await NodeFixture()
        #expect(node.console.lines == (try recordedStart("01-empty-node")))
    }

    /// On the files of the recorded restart.
    @Test func linesOfARestartAsRecorded() async throws {
        let node = try await NodeFixture("nu") { fake in
            for name in ["nu_state.db", "nu_improvement.db"] {
                let file = "logs/p2p_orchestrator/" + name
                for statement in try Recordings.seed("slice-restart", PyString(file)) {
                    _ = try fake.databases.transaction(NodeFixture.tree + "/" + file, [SQLStatement(statement)])
                }
            }
        }
        let expected = try recordedStart("slice-restart")
        #expect(
            node.console.lines.filter { !$0.contains("Updated voter set") }
                == expected.filter { !$0.contains("Updated voter set") })
        #expect(node.leadership.role == .leader)
    }

    @Test func everyOptionShows() async throws {
        let node = try await NodeFixture(
            "v1", peers: ["h:1", ""], token: "secret",
            environment: ["RINGRIFT_P2P_VOTERS": " v2, v1 ,,v2", "RINGRIFT_P2P_SPAWN_RATE_LIMIT": "9"])
        #expect(
            node.console.lines == [
                "[P2P] Voter quorum enabled: voters=2, quorum=2 (v1, v2)", "[P2P] ImprovementCycleManager initialized",
                "[P2P] Safeguards: rate_limit=9/min, load_max=2.0x, agent_mode=False",
                "[P2P] Loaded state: 0 peers, 0 jobs",
                "[P2P] Initialized node v1 on 127.0.0.1:8770 (advertise 127.0.0.1:8770)",
                "[P2P] RingRift path: /srv/ringrift", "[P2P] Version: unknown", "[P2P] Known peers: ['h:1', '']",
                "[P2P] Auth: enabled via RINGRIFT_CLUSTER_AUTH_TOKEN",
            ])
        #expect(node.leadership.voterSource == .env)
    }

    /// `config/distributed_hosts.yaml` under the RingRift path; YAML 1.1 booleans and Python's `int()` decide.
    @Test func votersOfTheConfiguration() async throws {
        let path = "/srv/ringrift/ai-service/config/distributed_hosts.yaml"
        let node = try await NodeFixture { fake in
            fake.files.put(
                path,
                "hosts:\n  b: {p2p_voter: true}\n  a: {p2p_voter: on}\n  c: {p2p_voter: 1.7}\n  d: {p2p_voter: ' YES '}\n"
                    + "  e: {p2p_voter: 2}\n  f: {p2p_voter: 'on'}\n  g: true\n  5: {p2p_voter: 1}\n")
        }
        #expect(node.leadership.voterIDs == ["5", "a", "b", "c", "d"])
        #expect(node.leadership.voterQuorumSize == 3)
        #expect(node.console.lines.first == "[P2P] Voter quorum enabled: voters=5, quorum=3 (5, a, b, c, d)")
    }

    @Test(arguments: [
        ("hosts: [a]\n", "AttributeError: 'list' object has no attribute 'items'"),
        ("[1]\n", "AttributeError: 'list' object has no attribute 'get'"),
    ])
    func badHostFilesEndTheStart(_ yaml: String, _ expected: String) async throws {
        let error = await #expect(throws: P2PStartupFailure.self) {
            _ = try await NodeFixture { fake in
                fake.files.put("/srv/ringrift/ai-service/config/distributed_hosts.yaml", yaml)
            }
        }
        #expect(error?.finalLine == expected)
    }

    @Test func aStateFileThatCannotBeMadeEndsTheStart() async throws {
        let error = await #expect(throws: P2PStartupFailure.self) {
            _ = try await NodeFixture { fake in
                fake.databases.fail(
                    NodeFixture.tree + "/logs/p2p_orchestrator/alpha_state.db",
                    with: PyException(
                        type: "OperationalError", message: "unable to open database file", module: "sqlite3"))
            }
        }
        #expect(error?.message == "unable to open database file")
    }

    /// The improvement manager may fail; the node goes on without it.
    @Test func anImprovementFileThatCannotBeMade() async throws {
        let node = try await NodeFixture { fake in
            fake.databases.fail(
                NodeFixture.tree + "/logs/p2p_orchestrator/alpha_improvement.db",
                with: PyException(type: "OperationalError", message: "database is locked", module: "sqlite3"))
        }
        #expect(node.console.lines.first == "[P2P] Failed to initialize ImprovementCycleManager: database is locked")
        let status = try json(try await node.ask("GET", "/status").text)
        #expect(status["improvement_cycle_manager"] == .some(.none))
    }

    @Test func selfDescription() async throws {
        let node = try await NodeFixture { fake in
            fake.processes.answer(
                ["nvidia-smi", "--query-gpu=name", "--format=csv,noheader"],
                .exited(status: 0, output: "NVIDIA GH200\n", errorOutput: ""))
            fake.processes.answer(
                [
                    "nvidia-smi", "--query-gpu=utilization.gpu,memory.used,memory.total",
                    "--format=csv,noheader,nounits",
                ],
                .exited(status: 0, output: "50, 1, 4\n", errorOutput: ""))
            fake.processes.answer(
                ["tailscale", "ip", "-4"], .exited(status: 0, output: "100.64.0.9\n", errorOutput: ""))
            fake.probes.change { $0.proc["meminfo"] = "MemTotal: 100663296 kB\nMemAvailable: 75497472 kB\n" }
        }
        let info = node.runtime.store.snapshot.selfInfo
        #expect(
            [info[.hasGPU], info[.gpuName], info[.memoryGB], info[.cpuCount], info[.reportedHost], info[.reportedPort]]
                == [true, "NVIDIA GH200", 96, 2, "100.64.0.9", 8770])
        #expect(info[.capabilities] == ["selfplay", "training", "cmaes", "large_boards"])
        let status = try json(try await node.ask("GET", "/status").text)
        #expect([status["self"]?["gpu_percent"], status["self"]?["gpu_memory_percent"]] == [50.0, 25.0])
    }

    /// Tracked jobs whose process is gone leave the memory; their rows stay.
    @Test func finishedJobs() async throws {
        let node = try await NodeFixture()
        node.runtime.store.update { state in
            for (id, pid) in [("gone", 7), ("alive", 8)] {
                var job = ClusterJob(jobID: .string(PyString(id)), jobType: .selfplay, nodeID: "alpha")
                job.pid = .int(pid)
                try? state.jobs.store(job.jobID, job)
            }
        }
        node.fake.processes.putProcess(8)
        await ResourceLoop.sample(node.runtime)
        #expect(node.runtime.store.snapshot.jobs.entries.map(\.keyValue) == ["alive"])
        #expect(node.runtime.resources.current().selfplayJobs == 1)
    }
}
