import Effects
import P2PModel
import P2PServices
import PythonSemantics

// The steps of the job round that every node does for itself (contract 06 section 4.16).

extension NodeRuntime {
    /// `_check_local_stuck_jobs`: how often it killed.
    package func checkLocalStuckJobs() async throws(PyException) -> Int {
        let now = effects.clock.now()
        let found = try decideScheduling { state, attributes throws(PyException) in
            try LocalScaling.stuckJobs(state.selfInfo, &attributes, now: now)
        }
        var killed = 0
        switch found {
        case .notDue: return 0
        case .fine: break
        case .kill(let line):
            console.print(line)
            if await killGPUSelfplay(now) { killed = 1 }
        }
        await noteOrphans(now)
        if killed > 0 { console.print("[P2P] LOCAL self-healing: terminated \(killed) stuck process(es)") }
        return killed
    }

    private func killGPUSelfplay(_ now: Double) async -> Bool {
        effects.processes.collect()
        var failure: String
        switch await effects.processes.run(ProcessRequest(LocalScaling.killing, timeout: 10)) {
        case .exited(0, _, _):
            console.print("[P2P] LOCAL: Killed stuck GPU selfplay processes")
            resources.distrust()
            try? decideScheduling { state, attributes throws(PyException) in
                LocalScaling.killed(&state.jobs, &attributes, now: now)
            }
            return true
        case .exited: return false
        case .notStarted(let reason): failure = reason
        case .timedOut: failure = JobProcesses.timeout(LocalScaling.killing, seconds: 10).message
        }
        console.print("[P2P] LOCAL: Failed to kill stuck processes: \(failure)")
        return false
    }

    private func noteOrphans(_ now: Double) async {
        effects.processes.collect()
        guard
            case .exited(let status, let output, _) = await effects.processes.run(
                ProcessRequest(LocalScaling.counting, timeout: 5))
        else { return }
        let text = PyString(output).strip()
        guard let count = status == 0 ? try? PyNumber.clampedInt(text.isEmpty ? 0 : .string(text)) : 0 else { return }
        let line = try? decideScheduling { state, attributes throws(PyException) in
            LocalScaling.orphans(processes: count, tracked: state.jobs.count, &attributes, now: now)
        }
        if let line = line ?? nil { console.print(line) }
    }

    /// `_local_resource_cleanup`.
    package func cleanUpLocalResources() async throws(PyException) {
        let now = effects.clock.now()
        let isDue = try decideScheduling { _, attributes throws(PyException) in
            attributes.isDue("_last_local_resource_check", every: 300, now: now)
        }
        guard isDue else { return }
        try await perform(LocalScaling.cleanup(try await refreshedSelf(), configuration.constants))
    }

    /// `_manage_local_jobs_decentralized`: how many jobs were started or are to go.
    package func manageLocalJobs() async throws(PyException) -> Int {
        let now = effects.clock.now()
        let isDue = try decideScheduling { state, attributes throws(PyException) in
            let leadership = state.leadership
            return attributes.isDue("_last_local_job_manage", every: 60, now: now)
                && LocalScaling.managesItself(
                    role: leadership.role, leaderID: leadership.leaderID,
                    lastLeaderSeen: leadership.lastLeaderSeen, now: now)
        }
        guard isDue else { return 0 }
        let node = try await refreshedSelf()
        let plan = try await decideTarget { target, conditions, now, _ throws(PyException) in
            try LocalScaling.jobPlan(node, &target, conditions, now: now)
        }
        var changes = 0
        switch plan {
        case .hold(let directives):
            try await perform(directives)
            return 0
        case .keep(let directives): try await perform(directives)
        case .reduce(let directives, let excess):
            try await perform(directives)
            changes = excess
        case .start(let directives, let count):
            try await perform(directives)
            changes = await start(count, engineMode: nil, failure: "[P2P] LOCAL: Failed to start selfplay")
        }
        if changes > 0 { console.print("[P2P] LOCAL job management: \(changes) change(s)") }
        return changes
    }

    /// `_local_gpu_auto_scale`: how many jobs were started.
    package func scaleLocalGPU() async throws(PyException) -> Int {
        let now = effects.clock.now()
        let due = try decideScheduling { state, attributes throws(PyException) in
            let hasLeader = state.leadership.leaderID.isTruthy || state.leadership.role == .leader
            return try LocalScaling.gpuStarts(state.selfInfo, hasLeader: hasLeader, &attributes, now: now)
        }
        guard let due else { return 0 }
        console.print(due.line)
        let started = await start(
            due.count, engineMode: "mixed", failure: "[P2P] LOCAL: Failed to start diverse selfplay")
        try decideScheduling { _, attributes throws(PyException) in LocalScaling.gpuScaled(&attributes, now: now) }
        if started > 0 { console.print("[P2P] LOCAL GPU auto-scale: started \(started) job(s)") }
        return started
    }

    /// Starts so many hybrid jobs on boards chosen by chance.
    /// - Parameters:
    ///   - engineMode: nil: the board's.
    ///   - failure: the line about a choice that failed, which ends the starts.
    /// - Returns: how many ran.
    private func start(_ count: Int, engineMode: PyString?, failure: String) async -> Int {
        var started = 0
        for _ in 0..<count {
            do throws(PyException) {
                guard var config = try chooseSelfplay() else { continue }
                if let engineMode { config.engineMode = engineMode }
                if await startLocalJob(JobRequest(.hybridSelfplay, config)) != nil { started += 1 }
            } catch {
                console.print("\(failure): \(error.message)")
                break
            }
        }
        return started
    }

    /// `_pick_weighted_selfplay_config` for this node.
    private func chooseSelfplay() throws(PyException) -> SelfplayConfig? {
        let now = effects.clock.now()
        let (node, gossip) = store.update { state in
            // The legacy's look at its ratings begins to count here; they have nothing to say (contract 06 section 10.4).
            state.carried.setDefault("_elo_startup_time", .float(now))
            return (state.selfInfo, state.carried["_gossip_peer_states"])
        }
        let models = SelfplayChoice.models(gossip: CarriedValue.plain(gossip ?? [:]).asDict ?? [:], now: now)
        let identifiers = effects.identifiers
        return SelfplayChoice.pick(try SelfplayChoice(models: models).candidates(for: node)) {
            identifiers.fraction(label: SelfplayChoice.label)
        }
    }
}
