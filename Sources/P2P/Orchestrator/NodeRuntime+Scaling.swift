import Effects
import P2PModel
import P2PServices
import PythonSemantics

// The shell around the decisions on the number of jobs (contract 06 section 4.7 and on).

extension NodeRuntime {
    /// Runs a decision on the state and the stamps of scheduling, in one critical section.
    func decideScheduling<T: Sendable>(
        _ decision: (inout NodeState, inout SchedulingAttributes) throws(PyException) -> T
    ) throws(PyException) -> T {
        let result = store.update { state -> Result<T, PyException> in
            var attributes = SchedulingAttributes(state.carried)
            // The copy owns the only reference now, so that changes do not copy the table.
            state.carried = PyDict()
            defer { state.carried = attributes.values }
            do throws(PyException) { return .success(try decision(&state, &attributes)) } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    /// Runs a decision about numbers of jobs and performs what it asks for, also before its exception.
    func decideTarget<T: Sendable>(
        _ decision: (
            inout SelfplayTarget, ProductionConditions, Double, inout [SchedulingDirective]
        ) throws(PyException) -> T
    ) async throws(PyException) -> T {
        let conditions = productionConditions()
        let now = effects.clock.now()
        let constants = configuration.constants
        var wanted: [SchedulingDirective] = []
        let result = hostTargets.withLock { hosts -> Result<T, PyException> in
            var target = SelfplayTarget(hosts: hosts, constants: constants)
            defer { hosts = target.hosts }
            do throws(PyException) { return .success(try decision(&target, conditions, now, &wanted)) } catch {
                return .failure(error)
            }
        }
        try await perform(wanted)
        return try result.get()
    }

    private func productionConditions() -> ProductionConditions {
        var conditions = ProductionConditions()
        conditions.isEmergencyActive = scheduling.safeguards.isEmergencyActive
        conditions.isVerbose = !(configuration.environment["RINGRIFT_P2P_VERBOSE"] ?? "").trimmedASCII.isEmpty
        // Without it the queue's file is not made.
        guard !conditions.isEmergencyActive else { return conditions }
        do throws(PyException) {
            let level = try scheduling.queue.level()
            conditions.queue = level == .stop ? .stopped : level.isThrottled ? .throttled(level.factor) : .open
        } catch {
            conditions.queue = .unreadable(error)
        }
        return conditions
    }

    /// In order.
    ///
    /// - Throws: what the legacy does not catch; the rest is not performed then.
    func perform(_ wanted: [SchedulingDirective]) async throws(PyException) {
        for directive in wanted {
            switch directive {
            case .print(let line): console.print(line)
            case .pruneUtilization: pruneUtilization()
            case .cleanUpDisk: await cleanupLocalDisk()
            case .reduceLocal(let target, let reason):
                _ = try await reduceLocalSelfplay(to: target, reason: .string(PyString(reason)))
            case .restartLocal: await restartLocalStuckJobs()
            case .startLocal(let type, let config): _ = await startLocalJob(JobRequest(type, config))
            case .requestCleanup(let node): await requestCleanup(node)
            case .requestReduction(let node, let target, let reason):
                try await requestReduction(node, to: target, reason: reason)
            case .requestRestart(let node): await requestRestart(node)
            case .requestJob(let node, let type, let config): await requestJob(node, type, config)
            case .recordMetric(let type, let value, let metadata): recordMetric(type, value, metadata)
            }
        }
    }

    private func pruneUtilization() {
        let statement = SQLStatement(
            "DELETE FROM utilization_history WHERE recorded_at < ?", [.float(effects.clock.now() - 86400)])
        do throws(PyException) {
            _ = try effects.databases.transaction(configuration.tree + "/data/coordination.db", [statement])
        } catch {
            console.print("[ResourceTargets] DB flush error: \(error.message)")
        }
    }

    private func recordMetric(_ type: PyString, _ value: Int, _ metadata: PyDict) {
        do throws(PyException) {
            let text = try PyJSON.dumpsText(.dict(metadata))
            _ = try effects.databases.transaction(
                configuration.statePath,
                [
                    SQLStatement(
                        """
                        INSERT INTO metrics_history (timestamp, metric_type, board_type, num_players, value, metadata) \
                        VALUES (?, ?, ?, ?, ?, ?)
                        """,
                        [.float(effects.clock.now()), .string(type), .none, .none, .int(value), .string(text)])
                ])
        } catch {
            console.print("[P2P] Failed to record metric: \(error.message)")
        }
    }

    /// This node's record after a look at the machine.
    func refreshedSelf() async throws(PyException) -> NodeInfo {
        try await turn(refreshingSelf: true) { turn throws(PyException) in turn.selfInfo }
    }
}

extension JobRequest {
    init(_ type: JobType, _ config: SelfplayConfig) {
        self.init(
            type: type, boardType: .string(config.boardType), numPlayers: .int(config.numPlayers),
            engineMode: .string(config.engineMode))
    }
}
