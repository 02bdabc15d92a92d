import PythonSemantics

/// The answer to GET /api/cluster/status; contract 06 section 3.13.
package struct ClusterStatusBody: Sendable {
    package var jobs = JobTable()
    /// `training_jobs`: fields of each job by its id.
    package var trainingJobs: PyDict = [:]
    /// `data_manifests`
    package var dataManifests: PyDict = [:]
    /// Whether peers that are retired are shown.
    package var includesRetired = false

    package init() {}

    /// - Parameter uptime: seconds.
    /// - Throws: what a record with a wrong type throws.
    package func value(_ turn: inout NodeTurn, uptime: Double) throws(PyException) -> PyDict {
        let isLeader = try turn.isLeader()
        let effective = try turn.leaderPeer()?.nodeID ?? .none
        let state = turn.leadership
        let peers = try peers(turn)
        let training = try training()
        var own = try turn.selfInfo.toDict()
        if let key = turn.selfInfo.endpointKey {
            own["effective_scheme"] = .string(key.scheme)
            own["effective_host"] = .string(key.host)
            own["effective_port"] = .int(key.port)
        }
        return [
            "success": true, "node_id": .string(turn.nodeID), "role": state.role.value,
            "leader_id": effective.isTruthy ? effective : state.leaderID, "effective_leader_id": effective,
            "last_known_leader_id": state.leaderID, "is_leader": .bool(isLeader),
            "voter_node_ids": .list(state.voterIDs.map { .string($0) }),
            "voter_quorum_size": .int(state.voterQuorumSize), "voters_alive": .int(try turn.votersAlive()),
            "voter_quorum_ok": .bool(try turn.hasVoterQuorum()),
            "voter_config_source": .string(PyString(state.voterSource.rawValue)), "self": .dict(own),
            "uptime_seconds": .float(uptime), "peers": .list(peers), "peer_count": .int(turn.peers.count),
            "jobs": .list(jobs.map(Self.job)), "job_count": .int(jobs.count), "training_jobs": .list(training),
            "training_job_count": .int(training.count), "data_manifests": .dict(dataManifests),
            "timestamp": .float(turn.now),
        ]
    }

    private func peers(_ turn: NodeTurn) throws(PyException) -> [PyValue] {
        var shown: [PyValue] = []
        for entry in turn.peers.entries {
            let peer = entry.record
            if peer[.retired].isTruthy, !includesRetired { continue }
            let status: PyValue = try turn.isAlive(peer) ? "online" : "offline"
            let key = peer.endpointKey
            shown.append(
                .dict([
                    "node_id": entry.keyValue, "host": peer[.host], "port": peer[.port], "scheme": peer[.scheme],
                    "reported_host": peer[.reportedHost], "reported_port": peer[.reportedPort],
                    "effective_scheme": key.map { .string($0.scheme) } ?? .none,
                    "effective_host": key.map { .string($0.host) } ?? .none,
                    "effective_port": key.map { .int($0.port) } ?? .none,
                    "nat_blocked": .bool(peer[.natBlocked].isTruthy), "relay_via": peer[.relayVia],
                    "role": peer.role.value, "version": peer[.version], "status": status,
                    "last_seen": peer[.lastHeartbeat],
                    "capabilities": .list(peer[.capabilities].isTruthy ? try peer[.capabilities].iterated() : []),
                    "current_job": "", "has_gpu": .bool(peer[.hasGPU].isTruthy), "cpu_percent": peer[.cpuPercent],
                    "memory_percent": peer[.memoryPercent], "disk_percent": peer[.diskPercent],
                    "gpu_percent": peer[.gpuPercent], "gpu_memory_percent": peer[.gpuMemoryPercent],
                    "selfplay_jobs": peer[.selfplayJobs], "training_jobs": peer[.trainingJobs],
                ]))
        }
        return shown
    }

    private static func job(_ job: ClusterJob) -> PyValue {
        .dict([
            "job_id": job.jobID, "job_type": job.jobType.value, "status": job.status, "node_id": job.nodeID,
            "board_type": job.boardType, "num_players": job.numPlayers, "engine_mode": job.engineMode,
            "pid": job.pid, "started_at": job.startedAt,
        ])
    }

    private func training() throws(PyException) -> [PyValue] {
        var shown: [PyValue] = []
        for (id, job) in trainingJobs {
            func field(_ name: PyString) -> PyValue { job[name] ?? .none }
            shown.append(
                .dict([
                    "job_id": .string(id), "job_type": field("job_type"), "status": field("status"),
                    "board_type": field("board_type"), "num_players": field("num_players"),
                    "assigned_worker": field("worker_node"), "created_at": field("created_at"),
                    "started_at": field("started_at"), "completed_at": field("completed_at"),
                    "output_model_path": field("output_model_path"), "error_message": field("error_message"),
                ]))
        }
        return shown
    }
}

/// What `data_manifests` shows; contract 06 section 3.13.
package enum ManifestSummary {
    /// - Parameters:
    ///   - cluster: `cluster_data_manifest` as an object, or none.
    ///   - local: `local_data_manifest` as an object, or none.
    /// - Throws: what board types of different kinds throw when they are sorted.
    package static func value(cluster: PyValue, local: PyValue) throws(PyException) -> PyDict {
        var summary = PyDict()
        if let nodes = cluster["node_manifests"]?.asDict, !nodes.isEmpty {
            for (node, manifest) in nodes { summary[node] = try one(manifest) }
        } else if local.isTruthy {
            summary[(local["node_id"] ?? .none).pyString] = try one(local)
        }
        return summary
    }

    /// `by_board_type` of the cluster's manifest without the nodes: `{board}_{players}p` and its `total_games`, in the
    /// order in which they are met. Contract 12 section 2.3.
    ///
    /// - Parameter nodes: `node_manifests`.
    /// - Throws: for a number of games that is none.
    package static func gamesByBoard(_ nodes: PyDict) throws(PyException) -> PyDict {
        var totals = PyDict()
        for (_, manifest) in nodes {
            for file in manifest["files"]?.asList ?? [] where file["file_type"]?.pyEquals("selfplay") == true {
                guard let board = file["board_type"], board.isTruthy, let players = file["num_players"],
                    players.isTruthy
                else { continue }
                let name = PyString("\(board.pyStr)_\(players.pyStr)p")
                let count = file["game_count"] ?? 0
                let sum = try PyNumber.add(
                    totals[name]?["total_games"] ?? 0, count.isTruthy ? PyNumber.int(count) : 0)
                totals[name] = .dict(["total_games": sum])
            }
        }
        return totals
    }

    private static func one(_ manifest: PyValue) throws(PyException) -> PyValue {
        var seen: Set<PyKey> = []
        var boards: [PyValue] = []
        for file in manifest["files"]?.asList ?? [] {
            guard let board = file["board_type"], board.isTruthy else { continue }
            if seen.insert(try PyKey(board)).inserted { boards.append(board) }
        }
        return .dict([
            "game_count": manifest["selfplay_games"] ?? .none, "board_types": .list(try PyNumber.sorted(boards)),
            "last_updated": manifest["collected_at"] ?? .none,
        ])
    }
}
