import Effects
import Foundation
import P2PModel
import P2PServices
import PythonSemantics
import TestSupport
import Testing

@testable import P2PNode

/// The job routes against the recording of the legacy (scenario 06).
@Suite struct JobRouteTests {
    private static func leader(
        environment: [String: String] = [:], change: (FakeEffects) throws -> Void = { _ in }
    ) async throws -> NodeFixture {
        let node = try await NodeFixture("theta", environment: environment) { fake in
            fake.processes.withhold("pgrep", "pkill")
            fake.probes.change { $0.fileSystems["/"] = FileSystemUsage(blocks: 1000, free: 930, available: 900) }
            try change(fake)
        }
        node.change { state in
            state.role = .leader
            state.leaderID = "theta"
        }
        return node
    }

    /// What differs from run to run is taken out: process ids, times, drawn ids.
    private static func plain(_ text: String) throws -> String {
        func clean(_ value: PyValue) -> PyValue {
            switch value {
            case .list(let items): return .list(items.map(clean))
            case .dict(let dict):
                var result = PyDict()
                for (name, item) in dict {
                    result[name] = ["pid", "started_at", "created_at"].contains(name) ? 0 : clean(item)
                }
                return .dict(result)
            default: return value
            }
        }
        return try PyJSON.dumpsText(clean(try json(text))).description.replacing(/\b[0-9a-f]{8}\b/, with: "ID")
    }

    @Test func asRecorded() async throws {
        let node = try await Self.leader(environment: [
            "RINGRIFT_P2P_SPAWN_RATE_LIMIT": "9", "RINGRIFT_P2P_LOAD_AVG_MAX_MULT": "50",
        ])
        node.fake.processes.answer(
            ["pgrep", "-f", "--", "zzz-no-process"], .exited(status: 1, output: "", errorOutput: ""))
        node.fake.processes.answer(
            ["pkill", "-9", "-f", "--", "zzz-no-process"], .exited(status: 1, output: "", errorOutput: ""))
        node.console.forget()
        var saved = ""
        var played = 0
        for step in try Recordings.exchanges("06-jobs") {
            guard let number = Int(step.id.prefix(3)), number <= 48, number != 18, !(26...29).contains(number),
                number != 34
            else { continue }
            let target = step.target.replacing("${sj}", with: saved).replacing(/\b[0-9a-f]{8}\b/, with: saved)
            let answer = try await node.ask(step.method, target, String(decoding: step.body, as: UTF8.self))
            #expect(answer.status == step.status, "\(step.id)")
            #expect(try Self.plain(answer.text) == Self.plain(step.answer), "\(step.id)")
            if number == 30 { saved = try json(answer.text)["job_id"]?.pyStr ?? "" }
            if number == 42 { node.fake.processes.end(1006) }
            node.fake.clock.set(node.fake.clock.now() + 0.02)
            played += 1
        }
        #expect(played == 42)
        try checkLines(node)
        try checkChildren(node)
        // 003 stopped twice, j-npz killed twice, j-hyb cancelled twice, the submitted job cancelled once.
        #expect(node.fake.processes.signals.map(\.number) == [15, 15, 9, 9, 15, 15, 15])
    }

    /// The lines of the recording between the first start and the second kill.
    private func checkLines(_ node: NodeFixture) throws {
        func plain(_ line: String) -> String {
            line.replacing(/\((PID|pid) \d+\)/, with: "(PID)").replacing(/\b[0-9a-f]{8}\b/, with: "ID")
        }
        let own = ["Started ", "BLOCKED ", "Failed to start job", "DATA_EXPORT", "Killed job"]
        let expected = try Recordings.log("06-jobs").map(plain).filter { line in
            line.hasPrefix("[P2P] ") && own.contains(where: line.contains) && !line.contains("Started GPU")
        }
        #expect(node.console.lines.map(plain) == expected)
    }

    /// Command line, directory and environment of every child, against what the stubbed programs noted.
    private func checkChildren(_ node: NodeFixture) throws {
        func plain(_ arguments: [String]) -> String {
            var arguments = arguments.map { $0.replacing(/\/[0-9a-f]{8}(\/|$)/, with: { "/ID\($0.output.1)" }) }
            if let seed = arguments.firstIndex(of: "--seed") { arguments[seed + 1] = "SEED" }
            return arguments.joined(separator: " ")
        }
        let given = ["PYTHONPATH", "RINGRIFT_SKIP_SHADOW_CONTRACTS", "RINGRIFT_JOB_ORIGIN", "CUDA_VISIBLE_DEVICES"]
        let path = Recordings.project + "/parity/recordings/a/06-jobs.spawned.jsonl"
        var expected: [String] = []
        for line in try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n") {
            let record = try json(String(line))
            let arguments = record["argv"]?.asList?.map(\.pyStr) ?? []
            let isJob = arguments.first?.hasSuffix(".py") == true && !arguments[0].hasSuffix("disk_monitor.py")
            guard isJob, !arguments.contains(where: { $0.contains("selfplay-theta-") }) else { continue }
            let environment = given.compactMap { name in record["env"]?[PyString(name)].map { "\(name)=\($0.pyStr)" } }
            expected.append("\(record["cwd"]?.pyStr ?? "") \(environment) \(plain(arguments))")
        }
        let actual = node.fake.processes.children.map { child in
            #expect(child.arguments.first == "python3")
            let environment = given.compactMap { name in child.environment[name].map { "\(name)=\($0)" } }
            return "\(child.directory) \(environment) \(plain(child.arguments.dropFirst().map(\.pyStr)))"
        }
        #expect(actual.count == 12)
        #expect(actual.sorted() == expected.sorted())
    }

    /// Contract 06 sections 3.1 to 3.6: texts for bodies that are no object, and values that are no keys.
    @Test(arguments: [
        ("/start_job", "", 400, #"{"error": "Expecting value: line 1 column 1 (char 0)"}"#),
        ("/start_job", "[]", 400, #"{"error": "'list' object has no attribute 'get'"}"#),
        ("/start_job", #"{"job_type": "foo"}"#, 400, #"{"error": "'foo' is not a valid JobType"}"#),
        ("/start_job", #"{"job_type": null}"#, 400, #"{"error": "None is not a valid JobType"}"#),
        ("/stop_job", "{}", 404, #"{"success": false, "error": "Job not found"}"#),
        ("/stop_job", #"{"job_id": []}"#, 400, #"{"error": "unhashable type: 'list'"}"#),
        ("/job/kill", #"{"job_type": ["a"]}"#, 400, #"{"error": "unhashable type: 'list'"}"#),
        ("/job/kill", #"{"job_type": 5, "reason": null}"#, 200, #"{"success": false, "killed": 0, "reason": null}"#),
        ("/reduce_selfplay", "5", 400, #"{"success": false, "error": "'int' object has no attribute 'get'"}"#),
        ("/api/jobs/submit", "[]", 500, #"{"success": false, "error": "'list' object has no attribute 'get'"}"#),
        ("/api/jobs/submit", "{}", 400, #"{"success": false, "error": "job_type is required"}"#),
        (
            "/api/jobs/submit", #"{"job_type": "cpu_selfplay"}"#, 400,
            #"{"success": false, "error": "Unknown job type: cpu_selfplay. Supported: nnue, cmaes, selfplay, "#
                + #"gpu_selfplay, hybrid_selfplay"}"#
        ),
        ("/api/jobs/x/cancel", "", 404, #"{"success": false, "error": "Job x not found"}"#),
    ])
    func refusals(_ target: String, _ body: String, _ status: Int, _ text: String) async throws {
        let node = try await Self.leader()
        let answer = try await node.ask("POST", target, body)
        #expect(answer.status == status)
        #expect(answer.text == text)
    }

    /// Security rows D138, D139 and D140: no path leads out of the tree, no value is an option.
    @Test func pathsAndOptions() async throws {
        let node = try await Self.leader()
        let inside = try await node.ask(
            "POST", "/start_job", #"{"job_id": "../../x", "board_type": "/etc/y", "job_type": "hybrid_selfplay"}"#)
        #expect(try json(inside.text)["job"]?["job_id"] == "../../x")
        let child = try #require(node.fake.processes.children.first)
        #expect(
            child.log
                == "/srv/ringrift/ai-service/data/selfplay/p2p_hybrid/%2Fetc%2Fy_2p/..%2F..%2Fx/hybrid_run.log")
        node.console.forget()
        let bodies = [
            #"{"job_type": "selfplay", "board_type": "--help"}"#,
            #"{"job_type": "data_export", "input_path": "/etc/passwd", "output_path": "data/x/o.npz"}"#,
            #"{"job_type": "data_export", "input_path": "data/a", "output_path": "../../o.npz"}"#,
            #"{"job_type": "data_export", "input_path": "-a", "output_path": "data/o.npz"}"#,
        ]
        for body in bodies {
            let answer = try await node.ask("POST", "/start_job", body)
            #expect(answer.text == #"{"success": false, "error": "Failed to start job"}"#)
        }
        #expect(node.fake.processes.children.count == 1)
        #expect(node.console.lines.allSatisfy { $0.hasPrefix("[P2P] Failed to start job: ") })
        #expect(node.console.lines.count == bodies.count)
    }

    /// Security row D134: an unknown kind is text, and this node is not hit.
    @Test func killingByKind() async throws {
        let node = try await Self.leader()
        let processes = node.fake.processes
        processes.answer(["pgrep", "-f", "--", #"\."#], .exited(status: 0, output: "900\n500\n", errorOutput: ""))
        processes.putProcess(900)
        let answer = try await node.ask("POST", "/job/kill", #"{"job_type": "."}"#)
        #expect(answer.text == #"{"success": true, "killed": 1, "reason": "unknown"}"#)
        #expect(processes.signals == [FakeProcesses.Signal(900, SIGKILL)])
        processes.answer(["pgrep", "-f", "--", "selfplay"], .exited(status: 0, output: "900\n", errorOutput: ""))
        processes.answer(["pkill", "-9", "-f", "selfplay"], .exited(status: 0, output: "", errorOutput: ""))
        let known = try await node.ask("POST", "/job/kill", #"{"job_type": "selfplay", "reason": "sweep"}"#)
        #expect(known.text == #"{"success": true, "killed": 1, "reason": "sweep"}"#)
        #expect(
            node.console.lines.suffix(2) == [
                "[P2P] Killed processes matching 'selfplay': sweep",
                "[P2P] pkill error for run_hybrid_selfplay: [Errno 2] No such file or directory: 'pkill'",
            ])
    }

    /// Contract 06 sections 4.9 and 4.10: the youngest stay; 0 clears everything.
    @Test func reduction() async throws {
        let node = try await Self.leader()
        for id in ["a", "b", "c"] {
            _ = try await node.ask("POST", "/start_job", #"{"job_id": "\#(id)"}"#)
            node.fake.clock.set(node.fake.clock.now() + 1)
        }
        let two = try await node.ask("POST", "/reduce_selfplay", #"{"target": "2", "reason": "x"}"#)
        #expect(
            two.text
                == #"{"success": true, "running_before": 3, "running_after": 2, "stopped": 1, "target": 2, "reason": "x"}"#
        )
        #expect(node.fake.processes.signals == [FakeProcesses.Signal(1001, SIGTERM)])
        let states = node.runtime.store.snapshot.jobs.map { "\($0.jobID.pyStr) \($0.status.pyStr)" }
        #expect(states == ["a stopped", "b running", "c running"])
        node.console.forget()
        let none = try await node.ask("POST", "/reduce_selfplay", "{}")
        #expect(
            none.text
                == #"{"success": true, "running_before": 2, "running_after": 0, "stopped": 2, "target": 0, "#
                + #""reason": "remote_request"}"#)
        #expect(node.runtime.store.snapshot.jobs.isEmpty)
        #expect(
            node.console.lines == [
                "[P2P] Restarting stuck local selfplay jobs...", "[P2P] Killed 3 processes, cleared 3 job records",
            ])
    }

    /// Two requests with one id are one job; starts do not overlap.
    @Test func startsAtTheSameTime() async throws {
        let node = try await Self.leader()
        let runtime = node.runtime
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<20 {
                group.addTask { _ = await runtime.startLocalJob(JobRequest(type: .selfplay, jobID: "one")) }
            }
        }
        #expect(node.fake.processes.children.count == 1)
        #expect(runtime.store.snapshot.spawnTimestamps.count == 1)
    }

    /// What forbids a start, and its lines (contract 06 section 4.5, 07 section 5).
    @Test func refusedStarts() async throws {
        let halted = try await Self.leader { $0.files.put(Safeguards.haltFile, "") }
        halted.console.forget()
        #expect(await halted.runtime.startLocalJob(JobRequest(type: .cpuSelfplay)) == nil)
        #expect(
            halted.console.lines == ["[P2P] SAFEGUARD blocked cpu_selfplay on theta: Emergency halt active"])
        let full = try await Self.leader { fake in
            fake.probes.change { $0.fileSystems["/"] = FileSystemUsage(blocks: 1000, free: 300, available: 250) }
        }
        full.console.forget()
        #expect(await full.runtime.startLocalJob(JobRequest(type: .selfplay)) == nil)
        #expect(full.console.lines == ["[P2P] SAFEGUARD blocked selfplay on theta: Disk critical: 73.7%"])
        let strained = try await Self.leader { fake in
            fake.probes.change { $0.fileSystems["/"] = FileSystemUsage(blocks: 1000, free: 330, available: 320) }
        }
        strained.console.forget()
        #expect(await strained.runtime.startLocalJob(JobRequest(type: .selfplay, jobID: "s")) != nil)
        #expect(strained.fake.clock.sleeps == [1])
        #expect(
            strained.console.lines == [
                "[P2P] SAFEGUARD applying 1.0s backpressure delay", "[P2P] Started selfplay job s (PID 1001)",
            ])
        let throttled = try await Self.leader()
        throttled.console.forget()
        #expect(try throttled.runtime.scheduling.queue.level() == .none)
        _ = try throttled.fake.databases.transaction(
            TrainingQueue.path,
            [SQLStatement("INSERT INTO queue_status VALUES ('training_data', 1, 'stop', 0, 'stable')")])
        #expect(await throttled.runtime.startLocalJob(JobRequest(type: .hybridSelfplay)) == nil)
        #expect(
            throttled.console.lines == [
                "[P2P] BLOCKED spawn (hybrid-selfplay-square8-2p): Backpressure: training queue at STOP level",
                "[P2P] BLOCKED hybrid selfplay spawn: Backpressure: training queue at STOP level",
            ])
    }

    /// The file that is made when it is not there, as the legacy's module makes it (recording 06, state on disk).
    @Test func queueDatabase() async throws {
        let node = try await Self.leader()
        _ = try node.runtime.scheduling.queue.level()
        let rows = try node.fake.databases.transaction(
            TrainingQueue.path,
            [
                SQLStatement("SELECT sql FROM sqlite_master WHERE name = 'backpressure_events'"),
                SQLStatement("PRAGMA journal_mode"),
            ])
        let text = rows[0].first?.first?.pyStr.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        let expected = """
            CREATE TABLE backpressure_events ( event_id INTEGER PRIMARY KEY AUTOINCREMENT, queue_type TEXT NOT NULL, \
            old_level TEXT NOT NULL, new_level TEXT NOT NULL, depth INTEGER NOT NULL, timestamp REAL NOT NULL )
            """
        #expect(text == expected)
        #expect(rows[1].first?.first == "wal")
    }

    /// Contract 06 section 4.18.
    @Test func cleaning() async throws {
        let node = try await Self.leader()
        let logs = "/srv/ringrift/ai-service/logs/"
        node.fake.files.put(logs + "old/a.log", "x")
        node.fake.files.put(logs + "new.log", "x")
        node.fake.files.setModified(logs + "new.log", node.fake.clock.now() - 6 * 86400)
        node.console.forget()
        await node.runtime.cleanupLocalDisk()
        #expect(
            node.console.lines == [
                "[P2P] Running local disk cleanup...", "[P2P] Cleaned old log: \(logs)old/a.log",
            ])
        let monitor = "/srv/ringrift/ai-service/scripts/disk_monitor.py"
        node.fake.files.put(monitor, "")
        let arguments = [
            "python3", monitor, "--threshold", "65", "--ringrift-path", "/srv/ringrift", "--aggressive",
        ]
        node.fake.processes.answer(arguments, .exited(status: 1, output: "", errorOutput: "full"))
        await node.runtime.cleanupLocalDisk()
        node.fake.processes.answer(arguments, .timedOut)
        await node.runtime.cleanupLocalDisk()
        #expect(node.console.lines[3] == "[P2P] Disk monitor cleanup failed: full")
        #expect(
            node.console.lines[5]
                == "[P2P] Disk cleanup error: Command '['python3', '\(monitor)', '--threshold', '65', "
                + "'--ringrift-path', '/srv/ringrift', '--aggressive']' timed out after 300 seconds")
    }

    /// Jobs of subsystems that are carried for the worker (contract 06 sections 3.14, 3.16 and 3.17).
    @Test func trainingAndTournaments() async throws {
        let node = try await Self.leader()
        node.runtime.store.update { state in
            state.carried["training_jobs"] = [
                "t1": [
                    "$record": "TrainingJob", "job_id": "t1", "job_type": "nnue", "status": "queued",
                    "worker_node": "w", "created_at": 5.0, "board_type": "hexagonal", "num_players": 3,
                ]
            ]
            state.carried["ssh_tournament_runs"] = [
                "s1": [
                    "$record": "SSHTournamentRun", "job_id": "s1", "status": "running", "pid": 77, "board": "square8",
                    "started_at": 9.0,
                ]
            ]
        }
        node.fake.processes.putProcess(77)
        let list = try await node.ask("GET", "/api/jobs")
        #expect(
            list.text
                == #"{"success": true, "jobs": [{"job_id": "s1", "job_type": "ssh_tournament", "status": "running", "#
                + #""assigned_to": "theta", "created_at": 9.0, "board_type": "square8", "num_players": 2, "#
                + #""category": "ssh_tournament"}, {"job_id": "t1", "job_type": "nnue", "status": "queued", "#
                + #""assigned_to": "w", "created_at": 5.0, "board_type": "hexagonal", "num_players": 3, "#
                + #""category": "training"}], "total": 2}"#)
        #expect(
            try await node.ask("GET", "/api/jobs?limit=x").text
                == #"{"success": false, "error": "invalid literal for int() with base 10: 'x'"}"#)
        #expect(
            try await node.ask("POST", "/api/jobs/t1/cancel").text
                == #"{"success": true, "message": "Training job t1 cancelled"}"#)
        #expect(
            try await node.ask("POST", "/api/jobs/t1/cancel").text
                == #"{"success": false, "error": "Cannot cancel job in status: cancelled"}"#)
        #expect(
            try await node.ask("POST", "/api/jobs/s1/cancel").text
                == #"{"success": true, "message": "SSH tournament s1 cancelled"}"#)
        #expect(node.fake.processes.signals == [FakeProcesses.Signal(77, SIGTERM)])
        let carried = node.runtime.store.snapshot.carried
        #expect(carried["ssh_tournament_runs"]?["s1"]?["completed_at"] == .float(node.fake.clock.now()))
        #expect(carried["training_jobs"]?["t1"]?["$record"] == "TrainingJob")
    }

    /// A follower without a leader (contract 06 sections 3.15 and 3.17).
    @Test func follower() async throws {
        let node = try await NodeFixture("theta")
        let unknown = #"{"success": false, "error": "leader_unknown", "leader_id": null}"#
        let submitted = try await node.ask("POST", "/api/jobs/submit", "{}")
        #expect(submitted.status == 503)
        #expect(submitted.text == unknown)
        #expect(try await node.ask("POST", "/api/jobs/x/cancel").text == unknown)
        #expect(
            try await node.ask("POST", "/api/jobs/submit?local=1", "{}").text
                == #"{"success": false, "error": "Not the leader. Please submit to leader node.", "leader_id": null}"#)
        #expect(
            try await node.ask("POST", "/api/jobs/x/cancel?local=1").text
                == #"{"success": false, "error": "Not the leader"}"#)
        #expect(try await node.ask("GET", "/api/jobs").text == #"{"success": true, "jobs": [], "total": 0}"#)
    }
}
