import PythonSemantics

/// Jobs as the `/api/jobs` routes show them (contract 06 sections 3.14 and 3.16).
package struct JobListing: Sendable {
    package var local: JobTable
    /// `training_jobs` and `ssh_tournament_runs`: id → fields of the record.
    package var training: PyDict
    package var tournaments: PyDict
    package var nodeID: PyString

    package init(local: JobTable, training: PyDict, tournaments: PyDict, nodeID: PyString) {
        self.local = local
        self.training = training
        self.tournaments = tournaments
        self.nodeID = nodeID
    }

    /// GET /api/jobs.
    ///
    /// - Parameters:
    ///   - type: what `type` of the query says, nil or "" for all; likewise `status`.
    ///   - limit: `int(limit)` of the query.
    /// - Throws: `TypeError` when times cannot be compared.
    package func all(type: String?, status: String?, limit: PyValue) throws(PyException) -> PyDict {
        var jobs: [(time: PyValue, item: PyDict)] = []
        func isWanted(_ value: PyValue, _ wanted: String?) -> Bool {
            guard let wanted, !wanted.isEmpty else { return true }
            return value.equals(PyString(wanted))
        }
        func add(_ item: PyDict) { jobs.append((item["created_at"] ?? 0, item)) }
        for job in local where isWanted(job.jobType.value, type) && isWanted(job.status, status) {
            add([
                "job_id": job.jobID, "job_type": job.jobType.value, "status": job.status, "assigned_to": job.nodeID,
                "created_at": job.startedAt, "board_type": job.boardType, "num_players": job.numPlayers,
                "category": "local",
            ])
        }
        for (id, value) in training {
            guard case .dict(let job) = value, isWanted(job["job_type"] ?? .none, type),
                isWanted(job["status"] ?? .none, status)
            else { continue }
            add([
                "job_id": .string(id), "job_type": job["job_type"] ?? .none, "status": job["status"] ?? .none,
                "assigned_to": job["worker_node"] ?? .none, "created_at": job["created_at"] ?? .none,
                "board_type": job["board_type"] ?? .none, "num_players": job["num_players"] ?? .none,
                "category": "training",
            ])
        }
        for (_, value) in tournaments {
            guard case .dict(let run) = value, isWanted("ssh_tournament", type),
                isWanted(run["status"] ?? .none, status)
            else { continue }
            add([
                "job_id": run["job_id"] ?? .none, "job_type": "ssh_tournament", "status": run["status"] ?? .none,
                "assigned_to": .string(nodeID), "created_at": run["started_at"] ?? .none,
                "board_type": run["board"] ?? .none, "num_players": 2, "category": "ssh_tournament",
            ])
        }
        let shown = Self.slice(try Self.newestFirst(jobs), limit)
        return [
            "success": true, "jobs": .list(shown.map { .dict($0) }), "total": .int(shown.count),
        ]
    }

    /// GET /api/jobs/{job_id}; nil when there is none.
    package func one(_ id: PyString) -> PyDict? {
        if let job = local[PyKey(text: id)] {
            return [
                "job_id": .string(id), "job_type": job.jobType.value, "status": job.status,
                "assigned_to": job.nodeID, "created_at": job.startedAt, "board_type": job.boardType,
                "num_players": job.numPlayers, "engine_mode": job.engineMode, "pid": job.pid, "category": "local",
            ]
        }
        if case .dict(let run)? = tournaments[id] {
            var shown: PyDict = [
                "job_id": run["job_id"] ?? .none, "job_type": "ssh_tournament", "status": run["status"] ?? .none,
                "assigned_to": .string(nodeID), "created_at": run["started_at"] ?? .none,
                "run_id": run["run_id"] ?? .none, "tiers": run["tiers"] ?? .none,
                "board_type": run["board"] ?? .none,
            ]
            let more: [PyString] = [
                "games_per_matchup", "output_root", "manifest_path", "checkpoint_path", "report_path", "log_path",
            ]
            for name in more { shown[name] = run[name] ?? PyValue.none }
            shown["category"] = "ssh_tournament"
            return shown
        }
        guard case .dict(let job)? = training[id] else { return nil }
        return [
            "job_id": .string(id), "job_type": job["job_type"] ?? .none, "status": job["status"] ?? .none,
            "board_type": job["board_type"] ?? .none, "num_players": job["num_players"] ?? .none,
            "assigned_worker": job["worker_node"] ?? .none, "created_at": job["created_at"] ?? .none,
            "started_at": job["started_at"] ?? .none, "completed_at": job["completed_at"] ?? .none,
            "output_model_path": job["output_model_path"] ?? .none, "error_message": job["error_message"] ?? .none,
            "category": "training",
        ]
    }

    /// `sort(key=…, reverse=True)`: stable, by insertion, because Python's comparison may fail.
    private static func newestFirst(_ jobs: [(time: PyValue, item: PyDict)]) throws(PyException) -> [PyDict] {
        var sorted: [(time: PyValue, item: PyDict)] = []
        for job in jobs {
            var lower = 0
            var upper = sorted.count
            while lower < upper {
                let middle = (lower + upper) / 2
                if try PyNumber.isLess(sorted[middle].time, job.time) { upper = middle } else { lower = middle + 1 }
            }
            sorted.insert(job, at: lower)
        }
        return sorted.map(\.item)
    }

    /// `jobs[:limit]`.
    private static func slice(_ jobs: [PyDict], _ limit: PyValue) -> [PyDict] {
        guard let end = (try? PyNumber.clampedInt(limit)) else { return jobs }
        return Array(jobs.prefix(end < 0 ? max(0, jobs.count + max(end, -jobs.count)) : end))
    }
}
