import Effects
import P2PModel
import P2PServices
import PythonSemantics
import TestSupport
import Testing

@testable import P2PNode

@Suite struct NodeStoreTests {
    private func store() throws -> (NodeStore, DecisionContext) {
        let info = NodeInfo(nodeID: "n5", host: "h", port: 1)
        let state = NodeState(
            selfInfo: info, leadership: LeadershipState(now: 0), diversity: DiversityMetrics(now: 0))
        let context = DecisionContext(
            nodeID: "n5", constants: try P2PConstants(environment: [:]), now: 100, votersFromEnvironment: false)
        return (NodeStore(state), context)
    }

    @Test func aDecisionSeesAndChangesTheState() throws {
        let (store, context) = try store()
        let (result, effects) = store.decide(context) { turn throws(PyException) -> Double in
            turn.leadership.leaderID = "boss"
            turn.lastInboundHeartbeat = 7
            turn.selfInfo[.gpuName] = "H100"
            try turn.peers.store("p", NodeInfo(nodeID: "p", host: "x", port: 2))
            return turn.now
        }
        #expect(try result.get() == 100)
        #expect(effects.isEmpty)
        let state = store.snapshot
        #expect(state.leadership.leaderID == "boss")
        #expect(state.lastInboundHeartbeat == 7)
        #expect(state.selfInfo[.gpuName] == "H100")
        #expect(state.peers.count == 1)
    }

    /// Python's assignments before an exception stay, and so do ours, with what was asked for until then.
    @Test func changesStayWhenADecisionThrows() throws {
        let (store, context) = try store()
        let (result, effects) = store.decide(context) { turn throws(PyException) -> Int in
            turn.leadership.role = .leader
            try turn.peers.store("p", NodeInfo(nodeID: "p", host: "x", port: 2))
            turn.perform(.save)
            throw PyException.valueError("no")
        }
        #expect(throws: PyException.valueError("no")) { try result.get() }
        #expect(effects == [.save])
        #expect(store.snapshot.leadership.role == .leader)
        #expect(store.snapshot.peers.count == 1)
    }

    @Test func effectsKeepTheirOrder() throws {
        let (store, context) = try store()
        let (_, effects) = store.decide(context) { turn throws(PyException) in
            turn.log(.healthCritical)
            turn.perform(.save)
            turn.log(.steppingDownForHealth)
            turn.perform(.startElection)
        }
        #expect(effects == [.print(.healthCritical), .save, .print(.steppingDownForHealth), .startElection])
    }

    @Test func turnsPerformInThatOrder() async throws {
        let node = try await NodeFixture()
        node.console.forget()
        let before = node.fake.databases.transactions.count
        node.fake.databases.fail(
            node.runtime.configuration.statePath,
            with: PyException(type: "OperationalError", message: "database is locked", module: "sqlite3"))
        try await node.runtime.turn { turn throws(PyException) in
            turn.log(.healthCritical)
            turn.perform(.save)
            turn.log(.steppingDownForHealth)
        }
        #expect(node.fake.databases.transactions.count == before + 1)
        #expect(
            node.console.lines == [
                "[P2P] Leader health critically degraded for 60s, stepping down",
                "[P2P] Failed to save state: database is locked", "[P2P] Stepping down due to degraded health",
            ])
    }
}

/// Contract 01 section 6 and the files a real legacy left.
@Suite struct StateDatabaseTests {
    private let fake = FakeEffects { Issue.record("\($0)") }
    private let path = "/srv/nu_state.db"
    private var database: StateDatabase { StateDatabase(path: path, databases: fake.databases) }

    private func run(_ sql: String, _ values: [PyValue] = []) throws -> SQLRows {
        try fake.databases.transaction(path, [SQLStatement(sql, values)])[0]
    }

    @Test func schemaAsRecorded() throws {
        try database.createSchema()
        try database.createSchema()
        let recorded = try #require(
            try Recordings.state("01-empty-node")["dbs"]?["logs/p2p_orchestrator/alpha_state.db"])
        var schema: [String: String] = [:]
        for row in try run("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL") {
            schema[row[0].pyStr] = normalisedSQL(row[1].pyStr)
        }
        let expected = try #require(recorded["schema"]?.asDict)
        #expect(schema.count == expected.count)
        for (name, sql) in expected { #expect(schema[name.description] == normalisedSQL(sql.pyStr), "\(name)") }
        #expect(try run("PRAGMA user_version") == [[0]])
        #expect(try run("PRAGMA journal_mode") == [["delete"]])
    }

    private func state(_ id: PyString) -> NodeState {
        NodeState(
            selfInfo: NodeInfo(nodeID: .string(id), host: "h", port: 1), leadership: LeadershipState(now: 50),
            diversity: DiversityMetrics(now: 50))
    }

    private func load(_ id: PyString = "nu", environmentVoters: Bool = false) throws -> (NodeState, [String]) {
        var state = state(id)
        let loader = StateLoader(nodeID: id, constants: try P2PConstants(environment: [:]), now: 50)
        let lines = loader.load(database, into: &state, votersFromEnvironment: environmentVoters)
        return (state, lines)
    }

    private func seed() throws {
        for statement in try Recordings.seed("slice-restart", "logs/p2p_orchestrator/nu_state.db") {
            _ = try run(statement)
        }
    }

    /// The file of the recorded restart: its lines, peers, jobs and leadership.
    @Test func loadAsRecorded() throws {
        try seed()
        let (state, lines) = try load()
        let recorded = try Recordings.log("slice-restart").filter {
            $0.hasPrefix("[P2P] Failed to load peer") || $0.hasPrefix("[P2P] Loaded")
        }
        #expect(lines.filter { !$0.contains("Updated voter set") } == recorded)
        // Under the name of the row, in its order; own and broken rows left out.
        #expect(state.peers.entries.map(\.keyValue) == ["p-live", "p-old", "p-renamed", "p-extra"])
        #expect(state.peers[key("p-renamed")]?.nodeID == "inner-name")
        #expect(state.peers[key("p-extra")]?[.cpuPercent] == 33)
        // Running jobs only, fields that have no column with their defaults.
        #expect(state.jobs.entries.map(\.keyValue) == ["old-dead", "old-alive", "old-train"])
        let job = try #require(state.jobs[key("old-alive")])
        #expect(job.jobType == .hybridSelfplay)
        #expect([job.boardType, job.numPlayers, job.pid, job.startedAt] == ["hexagonal", 3, 1, 1700000001.5])
        #expect(job.workerPort == 8766)
        // The persisted leader is this node: it leads, whatever its stored role.
        #expect(state.leadership.leaderID == "nu")
        #expect(state.leadership.role == .leader)
        #expect(state.leadership.leaseID == "nu_1_abc")
    }

    @Test func saveThenLoad() throws {
        try database.createSchema()
        var state = state("nu")
        for (index, id) in (["b", "a", "ü", "nu"] as [PyString]).enumerated() {
            var info = NodeInfo(nodeID: .string(id), host: .string(id + ".lan"), port: .int(8770 + index))
            info[.lastHeartbeat] = .float(Double(index) + 0.5)
            info[.gpuName] = "\"quoted\" é"
            try state.peers.store(.string(id), info)
        }
        var job = ClusterJob(jobID: "j", jobType: .training, nodeID: "nu")
        job.pid = 77
        job.startedAt = 12.5
        try state.jobs.store("j", job)
        var stopped = job
        stopped.jobID = "stopped"
        stopped.status = "stopped"
        try state.jobs.store("stopped", stopped)
        state.leadership.leaderID = "b"
        state.leadership.role = .follower
        state.leadership.leaseID = "b_1_x"
        state.leadership.leaseExpires = 1795357495.870514
        state.leadership.lastLeaseRenewal = 1795357315.8705316
        state.leadership.voterIDs = ["c", "a", "c"]
        state.leadership.voterSource = .config
        state.leadership.grant = VoterGrant(leaderID: "b", leaseID: "b_1_x", expires: 9.5)
        // What the file held before: the own row goes, a purged peer's stays.
        for id in ["nu", "purged"] {
            _ = try run(
                "INSERT INTO peers VALUES (?, 'h', 1, 1.0, ?)",
                [.string(PyString(id)), .string(PyString(#"{"node_id": "\#(id)", "host": "h", "port": 1}"#))])
        }
        try database.save(
            StateDatabase.Image(
                nodeID: "nu", peers: state.peers, jobs: state.jobs, stateRows: try StateRows.rows(state.leadership)))
        #expect(
            try run("SELECT key, value FROM state ORDER BY rowid") == [
                ["leader_id", "b"], ["leader_lease_id", "b_1_x"], ["leader_lease_expires", "1795357495.870514"],
                ["last_lease_renewal", "1795357315.8705316"], ["role", "follower"],
                ["voter_node_ids", #"["a", "c"]"#], ["voter_config_source", "config"],
                ["voter_grant_leader_id", "b"], ["voter_grant_lease_id", "b_1_x"], ["voter_grant_expires", "9.5"],
            ])
        #expect(
            try run("SELECT node_id, host, port, last_heartbeat FROM peers WHERE node_id = 'ü'")
                == [["ü", "ü.lan", 8772, 2.5]])
        #expect(try run("SELECT status, job_type FROM jobs") == [["running", "training"], ["stopped", "training"]])
        let (loaded, lines) = try load()
        #expect(
            lines == [
                "[P2P] Updated voter set (state): voters=2, quorum=2 (a, c)", "[P2P] Loaded state: 4 peers, 1 jobs",
            ])
        #expect(loaded.peers.entries.map(\.keyValue) == ["purged", "b", "a", "ü"])
        #expect(try loaded.peers[key("ü")]?.toDict() == state.peers[key("ü")]?.toDict())
        #expect(loaded.jobs[key("j")] == job)
        #expect(loaded.leadership.leaderID == "b")
        #expect(loaded.leadership.leaseExpires == 1795357495.870514)
        #expect(loaded.leadership.grant == state.leadership.grant)
        #expect(loaded.leadership.voterIDs == ["a", "c"])
    }

    /// Peers and earlier jobs stay, leader state does not.
    @Test func anUnknownJobTypeEndsTheLoad() throws {
        try database.createSchema()
        _ = try run("INSERT INTO peers VALUES ('p', 'h', 1, 1.0, '{\"node_id\": \"p\", \"host\": \"h\", \"port\": 1}')")
        for (id, type) in [("first", "selfplay"), ("odd", "juggling"), ("last", "selfplay")] {
            _ = try run("INSERT INTO jobs (job_id, job_type, status) VALUES ('\(id)', '\(type)', 'running')")
        }
        _ = try run("INSERT INTO state VALUES ('leader_id', 'p')")
        let (state, lines) = try load()
        #expect(lines == ["[P2P] Failed to load state: 'juggling' is not a valid JobType"])
        #expect(state.peers.count == 1)
        #expect(state.jobs.entries.map(\.keyValue) == ["first"])
        #expect(state.leadership.leaderID == .none)
    }

    /// Rows of `state`; role, leader, lease, renewal, line before the last.
    @Test func leadershipRows() throws {
        struct Case {
            var rows: [(String, PyValue)]
            var role: NodeRole
            var leader: PyValue
            var lease: PyValue
            var line: String?
        }
        let cases = [
            Case(rows: [], role: .follower, leader: .none, lease: "", line: nil),
            Case(
                rows: [("role", "leader"), ("leader_lease_id", "L"), ("leader_id", .none)], role: .follower,
                leader: .none, lease: "",
                line: "[P2P] Loaded role=leader but leader_id is empty; stepping down to follower"),
            // Resumed inside and outside its lease, also from another role.
            Case(
                rows: [("role", "follower"), ("leader_id", "nu"), ("leader_lease_id", "L")], role: .leader,
                leader: "nu", lease: "L", line: nil),
            // A leader that follows somebody is left to the next look.
            Case(
                rows: [("role", "leader"), ("leader_id", "other")], role: .leader, leader: "other", lease: "", line: nil
            ),
            Case(rows: [("role", "candidate")], role: .candidate, leader: .none, lease: "", line: nil),
            Case(
                rows: [("role", "king"), ("leader_lease_expires", "soon"), ("leader_id", "")], role: .follower,
                leader: .none, lease: "", line: nil),
        ]
        for item in cases {
            fake.databases.fail(path, with: nil)
            _ = try run("DROP TABLE IF EXISTS state")
            try database.createSchema()
            for (key, value) in item.rows {
                _ = try run("INSERT INTO state VALUES (?, ?)", [.string(PyString(key)), value])
            }
            let (state, lines) = try load()
            #expect(state.leadership.role == item.role, "\(item.rows)")
            #expect(state.leadership.leaderID == item.leader, "\(item.rows)")
            #expect(state.leadership.leaseID == item.lease, "\(item.rows)")
            #expect(state.leadership.leaseExpires == 0.0)
            #expect(lines == (item.line.map { [$0] } ?? []) + ["[P2P] Loaded state: 0 peers, 0 jobs"])
        }
    }

    @Test(arguments: [
        ("[\" b\", 5, \"a\", \"\"]", ["5", "a", "b"] as [PyString]), ("b, a,,", ["a", "b"]), ("{}", []), ("[]", []),
    ])
    func voters(_ text: String, _ expected: [PyString]) throws {
        try database.createSchema()
        _ = try run("INSERT INTO state VALUES ('voter_node_ids', ?)", [.string(PyString(text))])
        #expect(try load().0.leadership.voterIDs == expected)
        // The environment decides alone.
        #expect(try load(environmentVoters: true).0.leadership.voterIDs == [])
    }

    /// A save that fails leaves the file as it was (the texts are SQLite's and Python's).
    @Test func aSaveIsAllOrNothing() throws {
        try database.createSchema()
        var state = state("nu")
        try state.peers.store("a", NodeInfo(nodeID: "a", host: "h", port: 1))
        var bad = NodeInfo(nodeID: "b", host: ["list"], port: 1)
        bad[.lastHeartbeat] = 1.0
        try state.peers.store("b", bad)
        let image = StateDatabase.Image(
            nodeID: "nu", peers: state.peers, jobs: state.jobs, stateRows: try StateRows.rows(state.leadership))
        #expect(
            failure { () throws(PyException) in try database.save(image) }
                == "sqlite3.ProgrammingError: Error binding parameter 2: type 'list' is not supported")
        #expect(try run("SELECT COUNT(*) FROM peers") == [[0]])
    }

    @Test func aMissingTable() throws {
        #expect(try load().1 == ["[P2P] Failed to load state: no such table: peers"])
    }
}

/// Contract 01 sections 2.6, 4.2 and DESIGN section 4.
@Suite struct NodeConfigurationTests {
    @Test func tree() {
        let files = MemoryFiles()
        for path in ["/r/ai-service", "/w/scripts"] { files.putDirectory(path) }
        func find(_ option: String?, _ environment: [String: String], _ directory: String) -> String? {
            NodeConfiguration.tree(
                ringriftPath: option, environment: environment, currentDirectory: directory, files: files)
        }
        #expect(find("/r", ["RINGRIFT_AI_SERVICE": "/named"], "/w") == "/named")
        #expect(find("/r", ["RINGRIFT_AI_SERVICE": ""], "/w") == "/r/ai-service")
        #expect(find("/none", [:], "/w") == "/w")
        #expect(find(nil, [:], "/w") == "/w")
        #expect(find(nil, [:], "/elsewhere") == nil)
    }

    @Test(
        arguments: [
            ("/given", [], "/given"), (nil, [], "/srv"), ("", [], "/srv"),
            (nil, ["/root/ringrift/ai-service", "/home/ubuntu/ringrift/ai-service"], "/home/ubuntu/ringrift"),
            (nil, ["/h/ringrift/ai-service", "/h/Development/RingRift/ai-service"], "/h/Development/RingRift"),
            (nil, ["/root/ringrift/ai-service"], "/root/ringrift"),
        ] as [(String?, [String], String)])
    func ringriftPath(_ option: String?, _ directories: [String], _ expected: String) {
        let files = MemoryFiles()
        for path in directories { files.putDirectory(path) }
        #expect(
            NodeConfiguration.ringriftPath(
                option: option, tree: "/srv/ai-service", environment: ["HOME": "/h"], files: files) == expected)
    }

    @Test(
        arguments: [
            (nil, [:], 8770), (0, ["RINGRIFT_ADVERTISE_PORT": "1"], 0), (5, [:], 5),
            (nil, ["RINGRIFT_ADVERTISE_PORT": " 9000 ", "VAST_TCP_PORT_8770": "1"], 9000),
            (nil, ["RINGRIFT_ADVERTISE_PORT": "x", "VAST_TCP_PORT_8770": "9001"], 9001),
            (nil, ["RINGRIFT_ADVERTISE_PORT": "", "VAST_TCP_PORT_8770": "9001"], 9001),
            (nil, ["VAST_TCP_PORT_8771": "9001"], 8770), (nil, ["VAST_TCP_PORT_8770": "1.5"], 8770),
            (nil, ["RINGRIFT_ADVERTISE_PORT": "1_0"], 10),
        ] as [(Int?, [String: String], Int)])
    func advertisePort(_ option: Int?, _ environment: [String: String], _ expected: Int) {
        #expect(
            NodeConfiguration.advertisePort(option: option, port: 8770, environment: environment) == expected)
    }

    @Test(
        arguments: [
            (nil, [:], "", nil), (" o ", ["RINGRIFT_CLUSTER_AUTH_TOKEN": "e"], "o", nil),
            (" ", ["RINGRIFT_CLUSTER_AUTH_TOKEN": " e "], "e", nil),
            (nil, ["RINGRIFT_CLUSTER_AUTH_TOKEN_FILE": "/token"], "f", nil),
            (nil, ["RINGRIFT_CLUSTER_AUTH_TOKEN": "e", "RINGRIFT_CLUSTER_AUTH_TOKEN_FILE": "/none"], "e", nil),
            (
                nil, ["RINGRIFT_CLUSTER_AUTH_TOKEN_FILE": " /none "], "",
                "[P2P] Auth: failed to read RINGRIFT_CLUSTER_AUTH_TOKEN_FILE=/none: "
                    + "[Errno 2] No such file or directory: '/none'"
            ),
        ] as [(String?, [String: String], String, String?)])
    func token(_ option: String?, _ environment: [String: String], _ token: String, _ complaint: String?) {
        let files = MemoryFiles()
        files.put("/token", "  f\n")
        #expect(
            NodeConfiguration.token(option: option, environment: environment, files: files) == (token, complaint))
    }

    @Test(
        arguments: [
            ("abc1234\n", "main\n", [:], "main@abc1234"), ("abc1234\n", nil, [:], "abc1234"),
            (nil, "main\n", [:], "unknown"),
            (nil, nil, [:], "unknown"), ("abc1234\n", "main\n", ["RINGRIFT_BUILD_VERSION": " v1 "], "v1"),
            ("abc1234\n", "main\n", ["RINGRIFT_BUILD_VERSION": "  "], "main@abc1234"),
        ] as [(String?, String?, [String: String], String)])
    func version(_ commit: String?, _ branch: String?, _ environment: [String: String], _ expected: String) async {
        let processes = FakeProcesses { Issue.record("\($0)") }
        let git = ["git", "-c", "safe.directory=/r", "rev-parse"]
        func outcome(_ text: String?) -> ProcessOutcome {
            text.map { .exited(status: 0, output: $0, errorOutput: "") }
                ?? .exited(status: 128, output: "", errorOutput: "fatal: not a git repository")
        }
        processes.answer(git + ["--short", "HEAD"], outcome(commit))
        processes.answer(git + ["--abbrev-ref", "HEAD"], outcome(branch))
        let version = await NodeConfiguration.buildVersion(
            ringriftPath: "/r", environment: environment, processes: processes)
        #expect(version == expected)
        #expect(processes.requests.allSatisfy { $0.directory == "/r" && $0.timeout == 3 })
    }

    @Test(arguments: [
        (ProcessOutcome.exited(status: 0, output: "100.64.0.1\nfd7a::1\n", errorOutput: ""), "100.64.0.1"),
        (.exited(status: 0, output: "\n", errorOutput: ""), ""), (.exited(status: 1, output: "x", errorOutput: ""), ""),
        (.timedOut, ""),
    ])
    func tailscale(_ outcome: ProcessOutcome, _ expected: String) async {
        let processes = FakeProcesses { Issue.record("\($0)") }
        processes.answer(["tailscale", "ip", "-4"], outcome)
        #expect(await NodeConfiguration.tailscaleAddress(processes: processes) == expected)
    }
}

/// `datetime.fromtimestamp(t, timezone.utc).replace(tzinfo=None).isoformat()` of Python 3.11.
@Suite struct UTCTimestampTests {
    @Test(arguments: [
        (0.0, "1970-01-01T00:00:00"), (1795357322.443398, "2026-11-22T14:22:02.443398"),
        (1_800_000_000.25, "2027-01-15T08:00:00.250000"), (951_782_400, "2000-02-29T00:00:00"),
        (1_700_000_000.000001, "2023-11-14T22:13:20.000001"), (1_700_000_000.9999996, "2023-11-14T22:13:21"),
        (4_102_444_799.999, "2099-12-31T23:59:59.999000"),
    ])
    func text(_ seconds: Double, _ expected: String) { #expect(UTCTimestamp.text(seconds) == expected) }
}
