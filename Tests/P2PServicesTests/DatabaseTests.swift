import Effects
import PythonSemantics
import TestSupport
import Testing

@testable import P2PServices

/// The files a real legacy left after scenario 01 (an empty node, two processors, no GPU).
@Suite struct ResourceDatabaseTests {
    private let fake = world()
    private let tree = "/srv/ringrift/ai-service"
    private var database: ResourceDatabase { ResourceDatabase(tree: tree, databases: fake.databases) }

    private func recorded(_ file: PyString) throws -> PyValue {
        try #require(try Recordings.state("01-empty-node")["dbs"]?[file])
    }

    /// Schema of a file as the recorder writes it: name to SQL, with `sqlite_sequence`.
    private func schema(_ path: String) throws -> [String: String] {
        let query = SQLStatement("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL")
        let rows = try fake.databases.transaction(path, [query])[0]
        return Dictionary(uniqueKeysWithValues: rows.map { ($0[0].pyStr, normalisedSQL($0[1].pyStr)) })
    }

    private func recordedSchema(_ file: PyString) throws -> [String: String] {
        var result: [String: String] = [:]
        for (name, sql) in try #require(try recorded(file)["schema"]?.asDict) {
            result[name.description] = normalisedSQL(sql.pyStr)
        }
        return result
    }

    /// Rows as objects, in the order of `SELECT *`.
    private func rows(_ table: String) throws -> [PyValue] {
        let names = try fake.databases.transaction(database.path, [SQLStatement("PRAGMA table_info(\(table))")])[0]
        let rows = try fake.databases.transaction(database.path, [SQLStatement("SELECT * FROM \(table)")])[0]
        return rows.map { row in
            .dict(PyDict(zip(names.map { PyString($0[1].pyStr) }, row)))
        }
    }

    @Test func schemaAsRecorded() throws {
        try database.createSchema()
        #expect(database.path == tree + "/data/coordination/resource_state.db")
        #expect(try schema(database.path) == recordedSchema("data/coordination/resource_state.db"))
        try CoordinationDatabase.createSchema(tree: tree, databases: fake.databases)
        #expect(try schema(tree + "/data/coordination.db") == recordedSchema("data/coordination.db"))
    }

    @Test func theRateIsSeededOnce() throws {
        try database.createSchema()
        #expect(
            try .list(rows("selfplay_rate"))
                == recorded("data/coordination/resource_state.db")["rows"]?["selfplay_rate"])
        _ = try fake.databases.transaction(
            database.path, [SQLStatement("UPDATE selfplay_rate SET current_rate = 250")])
        try database.createSchema()
        #expect(try database.clusterUtilization(now: testNow).selfplayRate == 250)
    }

    private func report(now: Double) -> ResourceDatabase.Report {
        var usage = ResourceUsage()
        usage.cpuPercent = 26
        usage.memoryPercent = 25
        usage.diskPercent = 7.215361126329104
        return ResourceDatabase.Report(
            nodeID: "alpha", usage: usage, processors: 2, memoryGB: 48, hasGPU: false, gpuName: "", selfplayJobs: 0,
            trainingJobs: 0, orchestrator: "unknown")
    }

    @Test func rowsAsRecorded() throws {
        try database.createSchema()
        try database.record(report(now: testNow), now: 1795357314.5947597)
        try database.record(report(now: testNow), now: 1795357322.8838131)
        let expected = try #require(try recorded("data/coordination/resource_state.db")["rows"])
        #expect(try .list(rows("node_resources")) == expected["node_resources"])
        let samples = try rows("utilization_metrics")
        #expect(samples.count == 2)
        #expect(samples[0] == expected["utilization_metrics"]?[0])
        #expect(samples[1]["id"] == 2)
        #expect(samples[1]["timestamp"] == 1795357322.8838131)
    }

    @Test func withAGPU() throws {
        try database.createSchema()
        var report = report(now: testNow)
        report.hasGPU = true
        report.gpuName = "NVIDIA H100"
        report.usage.gpuPercent = 66
        report.selfplayJobs = 3
        report.trainingJobs = 2
        try database.record(report, now: testNow)
        let row = try #require(try rows("node_resources").first)
        #expect(
            ["has_gpu", "gpu_count", "gpu_name", "active_jobs", "selfplay_jobs", "training_jobs"].map { row[$0] }
                == [1, 0, "NVIDIA H100", 5, 3, 2])
        #expect(try rows("utilization_metrics").first?["gpu_percent"] == 66.0)
        let cluster = try database.clusterUtilization(now: testNow)
        #expect([cluster.cpu, cluster.gpu] == [26, 66])
        #expect(cluster.gpuNodes == 1)
    }

    /// Rows of the last five minutes only.
    @Test(arguments: [(299.75, 26.0), (300, 0), (301, 0)])
    func oldRowsDoNotCount(_ age: Double, _ expected: Double) throws {
        try database.createSchema()
        try database.record(report(now: testNow), now: testNow - age)
        #expect(try database.clusterUtilization(now: testNow).cpu == expected)
    }
}

/// Contract 09.
@Suite struct ImprovementDatabaseTests {
    private let fake = world()
    private let path = "/srv/alpha_improvement.db"
    private var database: ImprovementDatabase { ImprovementDatabase(path: path, databases: fake.databases) }

    private func run(_ sql: String, _ values: [PyValue] = []) throws -> SQLRows {
        try fake.databases.transaction(path, [SQLStatement(sql, values)])[0]
    }

    private func blob() throws -> String { try run("SELECT value FROM state WHERE key = 'manager_state'")[0][0].pyStr }

    private func recorded(_ scenario: String, _ file: PyString) throws -> PyValue {
        try #require(try Recordings.state(scenario)["dbs"]?[file])
    }

    @Test func firstStartAsRecorded() throws {
        let recorded = try recorded("01-empty-node", "logs/p2p_orchestrator/alpha_improvement.db")
        let (cycles, lines) = try database.open(now: 1795357314.2958107)
        #expect(lines.isEmpty)
        #expect(try blob() == recorded["rows"]?["state"]?[0]?["value"]?.pyStr)
        #expect(cycles.agents.count == 10)
        // Schema, each table and index.
        var schema: [String: String] = [:]
        for row in try run("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL") {
            schema[row[0].pyStr] = normalisedSQL(row[1].pyStr)
        }
        let expected = try #require(recorded["schema"]?.asDict)
        #expect(schema.count == expected.count)
        for (name, sql) in expected { #expect(schema[name.description] == normalisedSQL(sql.pyStr)) }
        // Rows, apart from the time of the second reading of the clock.
        let names = try run("PRAGMA table_info(cycle_states)").map { PyString($0[1].pyStr) }
        let rows = try run("SELECT * FROM cycle_states").map { PyDict(zip(names, $0)) }
        let recordedRows = try #require(recorded["rows"]?["cycle_states"]?.asList)
        #expect(rows.count == 9 && recordedRows.count == 9)
        for (row, given) in zip(rows, recordedRows) {
            var given = try #require(given.asDict)
            given["last_update"] = 1795357314.2958107
            #expect(PyValue.dict(row) == .dict(given))
        }
    }

    /// A file prepared by hand, on which a real legacy started: what it wrote back. The blob's cycle is replaced by the
    /// table's row, the agent of the blob stays.
    @Test func restartAsRecorded() throws {
        let file: PyString = "logs/p2p_orchestrator/nu_improvement.db"
        let expected = try #require(recorded("slice-restart", file)["rows"]?["state"]?[0]?["value"]?.asString)
        for statement in try Recordings.seed("slice-restart", file) { _ = try run(statement) }
        let (_, lines) = try database.open(now: try #require(json(expected)["last_update"]?.asDouble))
        #expect(lines == ["[ImprovementManager] Loaded 2 cycles from DB table"])
        #expect(try blob() == expected.description)
    }

    @Test func zeroTimesComeBackAsIntegers() throws {
        _ = try database.open(now: 1)
        #expect(try blob().contains(#""last_training_time": 0.0, "last_cmaes_time": 0.0"#))
        let (_, lines) = try database.open(now: 2)
        #expect(lines == ["[ImprovementManager] Loaded 9 cycles from DB table"])
        #expect(try blob().contains(#""last_training_time": 0, "last_cmaes_time": 0,"#))
        #expect(try !blob().contains(#""last_training_time": 0.0"#))
    }

    @Test func whatTheTableDoesNotHoldIsForgotten() throws {
        _ = try database.open(now: 1)
        let changed = try blob()
            .replacing("\"total_games_scheduled\": 0", with: "\"total_games_scheduled\": 7")
            .replacing("\"consecutive_failures\": 0", with: "\"consecutive_failures\": 4")
        _ = try run("UPDATE state SET value = ?", [.string(PyString(changed))])
        _ = try run("UPDATE cycle_states SET total_games = 12, pending_training = 1 WHERE cycle_id = 'square8_2p'")
        let (cycles, _) = try database.open(now: 2)
        #expect(cycles.totalGamesScheduled == 7)
        let cycle = try #require(cycles.cycles["square8_2p"])
        #expect(cycle["total_games"] == 12)
        #expect(cycle["pending_training"] == true)
        #expect(cycle["consecutive_failures"] == 0)
    }

    @Test(arguments: [
        ("{bad", "Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"),
        ("[]", "'list' object has no attribute 'get'"),
        (
            #"{"cycles": {"x": {"board_type": "b", "num_players": 2, "colour": 1}}}"#,
            "CycleState.__init__() got an unexpected keyword argument 'colour'"
        ),
        (
            #"{"agents": {"x": {"agent_id": "x", "ai_type": "y", "difficulty": 1, "mood": 1}}}"#,
            "AgentVariation.__init__() got an unexpected keyword argument 'mood'"
        ),
    ])
    func aBadBlob(_ text: String, _ error: String) throws {
        _ = try database.open(now: 1)
        _ = try run("UPDATE state SET value = ?", [.string(PyString(text))])
        let (cycles, lines) = try database.open(now: 2)
        #expect(
            lines == [
                "[ImprovementManager] Error loading state from JSON blob: \(error)",
                "[ImprovementManager] Loaded 9 cycles from DB table",
            ])
        #expect(cycles.cycles.count >= 9)
    }

    /// Everything a cycle can hold is taken from the blob of a node whose table is empty.
    @Test func aBlobWithoutTable() throws {
        _ = try database.open(now: 1)
        _ = try run("DELETE FROM cycle_states")
        let changed = try blob().replacing("\"best_model_path\": null", with: "\"best_model_path\": \"m.pt\"")
        _ = try run("UPDATE state SET value = ?", [.string(PyString(changed))])
        let (cycles, lines) = try database.open(now: 2)
        #expect(lines.isEmpty)
        #expect(cycles.cycles["square8_2p"]?["best_model_path"] == "m.pt")
    }

    @Test func aFileThatCannotBeWritten() {
        fake.databases.fail(
            path, with: PyException(type: "OperationalError", message: "database is locked", module: "sqlite3"))
        #expect(
            failure { () throws(PyException) in try database.open(now: 1) }
                == "sqlite3.OperationalError: database is locked")
    }
}

/// Contract 09 sections 2.5 and 3.1.
@Suite struct ImprovementStatusTests {
    private typealias Thresholds = ImprovementCycles.Thresholds

    @Test func thresholds() throws {
        let shipped: PyValue = ["training": ["trigger_threshold_games": 300, "min_interval_seconds": 1200]]
        let cases: [(PyValue?, [String: String], Double, Double)] = [
            (nil, [:], 500, 1200), ([:], [:], 500, 1200), (shipped, [:], 300, 1200),
            (["training": ["min_interval_seconds": 60]], [:], 500, 60),
            (shipped, ["RINGRIFT_TRAINING_THRESHOLD": "7"], 7, 1200),
            (shipped, ["RINGRIFT_TRAINING_THRESHOLD": "7", "RINGRIFT_MIN_GAMES_FOR_TRAINING": "9"], 9, 1200),
        ]
        for (configuration, environment, games, cooldown) in cases {
            let thresholds = try Thresholds(configuration: configuration, environment: environment)
            #expect(thresholds.trainingGames == games && thresholds.trainingCooldown == cooldown)
            #expect(thresholds.cmaesInterval == 21600 && thresholds.cmaesGames == 10000)
        }
        #expect(
            failure { () throws(PyException) in
                try Thresholds(configuration: nil, environment: ["RINGRIFT_TRAINING_THRESHOLD": "abc"])
            } == "ValueError: invalid literal for int() with base 10: 'abc'")
    }

    @Test func whatIsReady() throws {
        var cycles = ImprovementCycles()
        cycles.complete()
        func set(_ id: PyString, _ fields: PyDict) {
            var cycle = cycles.cycles[id]?.asDict ?? [:]
            for (key, value) in fields { cycle[key] = value }
            cycles.cycles[id] = .dict(cycle)
        }
        set("square8_2p", ["games_since_last_training": 300, "total_games": 10000])
        set("square8_3p", ["games_since_last_training": 299, "total_games": 9999])
        set("square8_4p", ["games_since_last_training": 300, "last_training_time": .float(testNow - 1199)])
        set("square19_2p", ["games_since_last_training": 300, "pending_training": true])
        set("square19_3p", ["games_since_last_training": 300, "pending_evaluation": true])
        set("square19_4p", ["total_games": 10000, "last_cmaes_time": .float(testNow - 21599)])
        set("hexagonal_2p", ["games_since_last_training": 300, "last_training_time": .float(testNow - 1200)])
        var thresholds = Thresholds()
        thresholds.trainingGames = 300
        let status = cycles.status(thresholds: thresholds, now: testNow)
        #expect(status["training_ready"] == [["hexagonal", 2], ["square8", 2]])
        #expect(status["cmaes_ready"] == [["square8", 2]])
        #expect(status["agents_count"] == 10)
    }
}
