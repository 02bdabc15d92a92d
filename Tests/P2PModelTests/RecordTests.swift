import P2PModel
import PythonSemantics
import Testing

/// Contract 02 sections 1, 4-15 and 10.
struct RecordTests {
    @Test(arguments: [
        (RecordKind.distributedCMAESState, "5", "AttributeError: 'int' object has no attribute 'setdefault'"),
        (
            .trainingJob, "[]",
            "TypeError: __main__.TrainingJob() argument after ** must be a mapping, not list"
        ),
        (.nodeDataManifest, "[]", "AttributeError: 'list' object has no attribute 'get'"),
        (.clusterSyncPlan, "\"s\"", "AttributeError: 'str' object has no attribute 'copy'"),
        (
            .distributedTournamentState, #"{"zz": 1, "yy": 2}"#,
            "TypeError: DistributedTournamentState.__init__() got an unexpected keyword argument 'zz'"
        ),
        (
            .trainingJob, #"{"job_id": 1}"#,
            "TypeError: TrainingJob.__init__() missing 3 required positional arguments: 'job_type', 'board_type', and 'num_players'"
        ),
        (
            .nodeDataManifest, #"{"node_id": "a", "collected_at": 1, "files": [{"path": "p", "new": 1}]}"#,
            "TypeError: DataFileInfo.__init__() got an unexpected keyword argument 'new'"
        ),
    ])
    func strictErrors(_ kind: RecordKind, _ input: String, _ message: String) throws {
        let value = try json(PyString(input))
        #expect(failure { () throws(PyException) in _ = try Record(kind, fromDict: value, now: 0) } == message)
    }

    @Test func fieldsKeepTheirOrderAndTypes() throws {
        let job = try Record(
            .trainingJob,
            fromDict: json(#"{"num_players": "2", "job_id": 7, "job_type": "nnue", "board_type": null}"#), now: 12.5)
        #expect(
            try text(job.toDict())
                == #"{"job_id": 7, "job_type": "nnue", "board_type": null, "num_players": "2", "status": "pending", "worker_node": "", "created_at": 12.5, "started_at": 0.0, "completed_at": 0.0, "epochs": 100, "batch_size": 4096, "learning_rate": 0.001, "data_paths": [], "data_games_count": 0, "output_model_path": "", "error_message": "", "final_loss": 0.0, "final_accuracy": 0.0, "checkpoint_path": "", "checkpoint_epoch": 0, "checkpoint_loss": 0.0, "checkpoint_updated_at": 0.0, "resume_from_checkpoint": false}"#
        )
    }

    @Test func nestedManifestsAreParsed() throws {
        let manifest = try Record(
            .clusterDataManifest,
            fromDict: json(
                #"{"collected_at": 1, "unique_files": ["a", "b", "a"], "node_manifests": {"x": {"node_id": "x", "collected_at": 2, "files": [{"path": "p", "size_bytes": 1, "modified_time": 2}, "kept"]}}}"#
            ), now: 0)
        #expect(manifest["unique_files"] == ["a", "b"])
        #expect(manifest["node_manifests"]?["x"]?["files"]?[0]?["file_hash"] == "")
        #expect(manifest["node_manifests"]?["x"]?["files"]?[1] == "kept")
    }

    @Test func clusterJob() throws {
        let job = try ClusterJob(fromDict: json(#"{"job_id": "j", "node_id": "n"}"#))
        #expect(
            try text(job.toDict())
                == #"{"job_id": "j", "job_type": "selfplay", "node_id": "n", "board_type": "square8", "num_players": 2, "engine_mode": "descent-only", "pid": 0, "started_at": 0.0, "status": "running", "coordinator_node": "", "worker_port": 8766, "config_json": ""}"#
        )
        for (input, message) in [
            ("{}", "TypeError: ClusterJob.__init__() missing 2 required positional arguments: 'job_id' and 'node_id'"),
            (#"{"job_type": "x"}"#, "ValueError: 'x' is not a valid JobType"),
        ] {
            let value = try json(PyString(input))
            #expect(failure { () throws(PyException) in _ = try ClusterJob(fromDict: value) } == message)
        }
    }

    @Test(arguments: [
        (0, 0.0, [2000, 1000, 1000, 500], "1800.0"), (2, 2500, [1400, 700, 700, 350], "720.0"),
        (3, 9000, [1000, 500, 500, 250], "450.0"), (5, 10, [700, 350, 350, 175], "1800.0"),
    ])
    func trainingThresholds(_ gpus: Int, _ rate: Double, _ games: [Int], _ cooldown: String) {
        var thresholds = TrainingThresholds()
        thresholds.update(gpuNodes: gpus, gamesPerHour: rate)
        #expect(
            [
                thresholds.effectiveMinGames(), thresholds.effectiveMinGames(jobType: "cmaes"),
                thresholds.effectiveIncrementalGames(), thresholds.effectiveIncrementalGames(jobType: "x"),
            ] == games)
        #expect(thresholds.effectiveCooldown().pyRepr == cooldown)
    }

    @Test func clampedCooldownsAreInts() {
        var thresholds = TrainingThresholds()
        thresholds.cooldown = 100
        #expect(thresholds.effectiveCooldown().pyRepr == "300")
        thresholds.cooldown = 9000
        #expect(thresholds.effectiveCooldown().pyRepr == "7200")
    }

    @Test func tablesKeepOrderKeysAndVersions() throws {
        var table = PeerTable()
        try table.store(1, peer("a"))
        try table.store("b", peer("b"))
        try table.store(true, peer("c"))
        #expect(table.entries.map(\.keyValue) == [1, "b"])
        #expect(try table.get(1.0)?.nodeID == "c")
        let before = table.version
        table.modify(key("b")) { $0[.retired] = true }
        #expect(table.changes(since: before).map(\.keyValue) == ["b"])
        table.remove(try PyKey(1))
        #expect(table.entries.map(\.keyValue) == ["b"])
        #expect(table[key("b")]?.nodeID == "b")
        #expect(table.tombstones[try PyKey(1)] == table.version)
        #expect(failure { () throws(PyException) in _ = try table.get([1]) } == "TypeError: unhashable type: 'list'")
    }
}
