import Effects
import Foundation
import P2PModel
import P2PServices
import PythonSemantics

// Starting jobs: the shell around `JobPlan` (contract 06 sections 4.5, 4.6 and 7).

extension NodeRuntime {
    /// `_start_local_job`. Nil when it is refused or fails; the reason is on the console.
    package func startLocalJob(_ request: JobRequest) async -> ClusterJob? {
        await scheduling.starts.run {
            do throws(PyException) {
                return try await start(request)
            } catch {
                say(.startFailed(error.message))
                return nil
            }
        }
    }

    func say(_ line: JobLine) { console.print(line.text) }

    private func start(_ request: JobRequest) async throws(PyException) -> ClusterJob? {
        if let reason = scheduling.safeguards.blockReason() {
            say(.safeguardBlocked(request.type, node: configuration.nodeID, reason: reason))
            return nil
        }
        let delay = scheduling.safeguards.delay()
        if delay > 0 {
            say(.safeguardDelay(delay))
            do { try await effects.clock.sleep(seconds: delay) } catch { return nil }
        }
        let jobID: PyString
        if request.jobID.isTruthy {
            jobID = request.jobID.pyString
            if let job = store.snapshot.jobs[PyKey(text: jobID)], job.status.equals("running") { return job }
        } else {
            jobID = PyString(String(effects.identifiers.uuidHex(label: Self.site("_start_local_job")).prefix(8)))
        }
        guard isComplete(request) else { return nil }
        let ringrift = PyString(configuration.ringriftPath)
        let setting = JobPlan.Setting(
            ringriftPath: ringrift,
            python: SchedulingServices.jobPython(ringriftPath: ringrift, files: effects.files),
            now: effects.clock.now())
        guard let plan = try JobPlan(request, jobID: jobID, setting: setting) else { return nil }
        if let export = request.export, request.type == .dataExport {
            try ExportBounds.check(export, tree: setting.ringriftPath + "/ai-service", resolve: effects.files.resolve)
        }
        return try await perform(plan, for: request, jobID: jobID)
    }

    /// The label of a draw in a method of the legacy node.
    static func site(_ method: String) -> String { "scripts.p2p_orchestrator.P2POrchestrator.\(method)" }

    /// An export needs to know from where to where.
    private func isComplete(_ request: JobRequest) -> Bool {
        guard request.type == .dataExport else { return true }
        guard let export = request.export else {
            say(.exportWithoutParameters)
            return false
        }
        if export.inputPath.isTruthy, export.outputPath.isTruthy { return true }
        say(.exportWithoutPaths)
        return false
    }

    private func perform(
        _ plan: JobPlan, for request: JobRequest, jobID: PyString
    ) async throws(PyException) -> ClusterJob? {
        try effects.files.createDirectory(try plan.outputDirectory.fileSystemText())
        var environment = plan.environment
        if plan.wantsGPU, configuration.environment["CUDA_VISIBLE_DEVICES"] == nil {
            environment["CUDA_VISIBLE_DEVICES"] = await chooseGPU(for: request.type)
        }
        if let gate = plan.gate, let why = try spawnRefusal(gate.reason) {
            say(.blocked(label: gate.label, why: why))
            return nil
        }
        let pid = try effects.processes.start(
            ChildRequest(
                plan.arguments, directory: plan.directory, environment: environment, log: plan.log,
                appendsToLog: plan.appendsToLog))
        let now = effects.clock.now()
        resources.distrust()
        if plan.gate != nil { store.update { $0.spawnTimestamps.append(now) } }
        if request.type == .gpuSelfplay {
            // As in the legacy, which loses the job here: the process runs on, nobody tracks it (defect D123).
            throw PyException(type: "NameError", message: "name 'gpu_engine_mode' is not defined")
        }
        var job = ClusterJob(
            jobID: .string(jobID), jobType: request.type, nodeID: .string(configuration.nodeID))
        job.boardType = request.boardType
        job.numPlayers = request.numPlayers
        job.engineMode = plan.engineMode
        job.pid = .int(Int(pid))
        job.startedAt = .float(now)
        let record = job
        store.update { $0.jobs[PyKey(text: jobID)] = record }
        if let export = request.export, request.type == .dataExport {
            say(.startedExport(jobID, pid: pid, export))
        } else {
            say(.started(request.type, jobID, pid: pid))
        }
        await save()
        return job
    }

    private func chooseGPU(for type: JobType) async -> PyString {
        effects.processes.collect()
        let query = ProcessRequest(["nvidia-smi", "--query-gpu=name", "--format=csv,noheader"], timeout: 5)
        var names: String?
        if case .exited(0, let output, _) = await effects.processes.run(query) { names = output }
        let running = store.snapshot.jobs.count { $0.jobType == type && $0.status.equals("running") }
        return GPUChoice.device(names: names, running: running)
    }

    /// `_can_spawn_process`: why nothing may start now, told on the console; nil: something may.
    ///
    /// - Throws: what reading the queue of training data raises.
    private func spawnRefusal(_ reason: String) throws(PyException) -> String? {
        guard let why = try whyNotSpawn(reason) else { return nil }
        say(.spawnBlocked(reason: reason, why: why))
        return why
    }

    private func whyNotSpawn(_ reason: String) throws(PyException) -> String? {
        let gate = scheduling.gate
        let load = gate.loadRefusal(
            loadAverage: effects.probes.procFile("loadavg"), processors: effects.probes.processorCount())
        if let load { return load }
        let now = effects.clock.now()
        if let rate = store.update({ gate.rateRefusal(&$0.spawnTimestamps, now: now) }) { return rate }
        guard reason.lowercased().contains("selfplay") else { return nil }
        let identifiers = effects.identifiers
        return SpawnGate.queueRefusal(try scheduling.queue.level()) {
            identifiers.fraction(label: Self.site("_can_spawn_process"))
        }
    }
}
