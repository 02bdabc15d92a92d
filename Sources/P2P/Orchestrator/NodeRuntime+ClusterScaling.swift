import Effects
import P2PModel
import P2PServices
import PythonSemantics

// The leader's steps of the job round (contract 06 sections 4.13 to 4.15 and 4.17).

extension NodeRuntime {
    /// `_manage_cluster_jobs`.
    package func manageClusterJobs() async throws(PyException) {
        console.print("[P2P] Leader: Managing cluster jobs...")
        let peers = try alivePeers()
        _ = try await refreshedSelf()
        let pressure = ClusterPressure(
            constants: configuration.constants, ownID: .string(configuration.nodeID))
        for node in peers + [nil] {
            let node = node ?? store.snapshot.selfInfo
            try await decideTarget { target, conditions, now, wanted throws(PyException) in
                try pressure.relief(node, &target, conditions, now: now, &wanted)
            }
        }
        for node in peers + [nil] {
            let now = effects.clock.now()
            let wanted = try decideScheduling { state, attributes throws(PyException) in
                try pressure.idleGPU(node ?? state.selfInfo, &attributes, now: now)
            }
            try await perform(wanted)
        }
        for node in peers + [nil] {
            let node = node ?? store.snapshot.selfInfo
            try await decideTarget { target, conditions, now, wanted throws(PyException) in
                wanted += pressure.runaway(node, &target, conditions, now: now)
            }
        }
        try await startClusterJobs(peers.compactMap { $0 })
    }

    /// The peers heard of lately, in table order; optional, so that the node itself can stand beside them as nil.
    private func alivePeers() throws(PyException) -> [NodeInfo?] {
        let now = effects.clock.now()
        let constants = configuration.constants
        var alive: [NodeInfo?] = []
        for peer in store.snapshot.peers where try peer.isAlive(now: now, constants: constants) { alive.append(peer) }
        return alive
    }

    private func startClusterJobs(_ peers: [NodeInfo]) async throws(PyException) {
        let (nodes, line) = try ClusterStarts.order(
            peers + [store.snapshot.selfInfo], now: effects.clock.now(), constants: configuration.constants)
        if let line { console.print(line) }
        let ownID = PyValue.string(configuration.nodeID)
        for listed in nodes {
            let isOwn = listed.nodeID.pyEquals(ownID)
            func current() -> NodeInfo { isOwn ? store.snapshot.selfInfo : listed }
            let node = current()
            let starts = try await decideTarget { target, conditions, now, wanted throws(PyException) in
                try NodeStarts(node, &target, conditions, now: now, &wanted)
            }
            guard var starts else { continue }
            for number in 0..<max(0, starts.count) {
                let node = current()
                var wanted: [SchedulingDirective] = []
                let result: Result<JobType, PyException>
                do throws(PyException) { result = .success(try starts.next(node, &wanted)) } catch {
                    result = .failure(error)
                }
                try await perform(wanted)
                let type = try result.get()
                let config = try nextClusterConfig(node, number)
                try track(config)
                try await perform([isOwn ? .startLocal(type, config) : .requestJob(node, type, config)])
            }
        }
    }

    /// What the improvement cycles want next; boards in turn without them.
    private func nextClusterConfig(_ node: NodeInfo, _ number: Int) throws(PyException) -> SelfplayConfig {
        guard let cycles = improvement.withLock({ $0 }) else {
            let turns = try SelfplayChoice.roundRobin(for: node)
            return turns[number % turns.count]
        }
        let identifiers = effects.identifiers
        return try CycleChoice(games: gamesByCycle(cycles)).next(for: node) {
            identifiers.fraction(label: CycleChoice.label)
        }
    }

    /// The number of games by cycle. While a worker counts them, its database says how many there are.
    private func gamesByCycle(_ known: ImprovementCycles) -> [PyString: PyValue] {
        var cycles = known
        if legacy.isServed {
            let database = ImprovementDatabase(path: configuration.improvementPath, databases: effects.databases)
            cycles = (try? database.peek(exists: effects.files.exists(database.path))) ?? known
        }
        return Dictionary(cycles.cycles.map { ($0, $1["total_games"] ?? 0) }) { $1 }
    }

    /// Counts a configuration among the varied ones.
    private func track(_ config: SelfplayConfig) throws(PyException) {
        let line = try decideScheduling { state, attributes throws(PyException) in
            var metrics = attributes.values["diversity_metrics"]?.asDict ?? state.diversity.attribute
            defer { attributes.values["diversity_metrics"] = .dict(metrics) }
            return try config.track(in: &metrics)
        }
        if let line { console.print(line) }
    }

    /// `_check_cluster_balance`, which catches everything.
    package func balanceCluster() async {
        do throws(PyException) {
            let nodes = try alivePeers().compactMap { $0 } + [store.snapshot.selfInfo]
            let ownID = PyValue.string(configuration.nodeID)
            try await decideTarget { target, conditions, now, wanted throws(PyException) in
                try ClusterBalance.check(nodes, ownID: ownID, &target, conditions, now: now, &wanted)
            }
        } catch {
            console.print("[P2P] Cluster balance check error: \(error.message)")
        }
    }

    /// `_check_and_kill_stuck_jobs`.
    package func checkStuckJobs() async throws(PyException) {
        let now = effects.clock.now()
        let constants = configuration.constants
        let lines = try decideScheduling { state, attributes throws(PyException) in
            let training = CarriedValue.plain(attributes.values["training_jobs"] ?? [:]).asDict ?? [:]
            return try StuckJobs.check(
                training: training.map(\.value), &state.peers, now: now, constants: constants)
        }
        for line in lines { console.print(line) }
    }

    /// `_auto_scale_gpu_utilization`: how many jobs were started.
    package func scaleClusterGPUs() async throws(PyException) -> Int {
        let now = effects.clock.now()
        let constants = configuration.constants
        let due = try decideScheduling { state, attributes throws(PyException) in
            try LeaderGPUScaling.starts(state.peers, &attributes, now: now, constants: constants)
        }
        var started = 0
        for peer in due {
            console.print(peer.line)
            for _ in 0..<peer.count {
                do throws(PyException) {
                    if try await startDiverse(peer) { started += 1 }
                } catch {
                    console.print("[P2P] Failed to start diverse selfplay on \(peer.nodeID.pyStr): \(error.message)")
                    break
                }
            }
        }
        if started > 0 {
            try decideScheduling { _, attributes throws(PyException) in
                LeaderGPUScaling.started(&attributes, now: now)
            }
            console.print("[P2P] Auto-scale: started \(started) new diverse/hybrid selfplay job(s)")
        }
        return started
    }

    /// `_schedule_diverse_selfplay_on_node`: whether the peer's answer says something.
    private func startDiverse(_ start: LeaderGPUScaling) async throws(PyException) -> Bool {
        let state = store.snapshot
        let now = effects.clock.now()
        guard let peer = try state.peers.get(start.nodeID),
            try peer.isAlive(now: now, constants: configuration.constants)
        else { return false }
        let (config, body) = try decideScheduling { _, attributes throws(PyException) in
            start.nextBody(&attributes)
        }
        let id = start.nodeID.pyStr
        do throws(PyException) {
            let url = try PeerURLs(selfInfo: state.selfInfo).single(peer, "/selfplay/start")
            let answer = try await command(url, body, timeout: 30)
            guard answer.status == 200 else {
                let text = PyString(String(decoding: answer.body, as: UTF8.self))
                console.print("[P2P] Diverse selfplay start failed on \(id): \(text)")
                return false
            }
            let data = try answer.json(url: url)
            console.print("[P2P] Started diverse selfplay on \(id): \(config.boardType) \(config.numPlayers)p")
            return data.isTruthy
        } catch {
            console.print("[P2P] Failed to schedule diverse selfplay on \(id): \(error.message)")
            return false
        }
    }
}
