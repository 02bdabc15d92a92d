import Effects
import Foundation
import P2PModel
import P2PServices
import PythonSemantics

// Stopping jobs and cleaning up after them (contract 06 sections 4.3, 4.9, 4.10 and 4.18).

extension NodeRuntime {
    /// `_count_local_jobs`: drops tracked jobs whose process is gone.
    ///
    /// Asks `pgrep` like the legacy and does not read `/proc` itself: a process that was told to end a moment ago gets
    /// the same time to do so.
    package func countLocalJobs() async -> (selfplay: Int, training: Int) {
        let tracked = forgetFinishedJobs()
        let selfplay = await scheduling.processes.find(JobCount.selfplayPatterns)
        let training = await scheduling.processes.find(JobCount.trainingPatterns)
        return (tracked.selfplay.union(selfplay).count, tracked.training.union(training).count)
    }

    /// `_reduce_local_selfplay_jobs`: the legacy's result.
    package func reduceLocalSelfplay(to wanted: Int, reason: PyValue) async throws(PyException) -> PyDict {
        let target = max(0, wanted)
        let before = await countLocalJobs().selfplay
        if target == 0 {
            await restartLocalStuckJobs()
            let after = await countLocalJobs().selfplay
            return JobReduction.result(before: before, after: after, target: 0, reason: reason)
        }
        let jobs = store.snapshot.jobs
        if before <= target, JobReduction.running(jobs).count <= target {
            return JobReduction.result(before: before, after: before, target: target, reason: reason)
        }
        var stopped = 0
        var told: [Int32] = []
        for entry in try JobReduction.excess(jobs, target: target) where terminate(entry) {
            stopped += 1
            if let pid = (try? PyNumber.int(entry.record.pid))?.asInt { told += Int32(exactly: pid).map { [$0] } ?? [] }
        }
        await letEnd(told)
        let left = await countLocalJobs().selfplay
        if left > target { stopped += await terminateUntracked(left - target) }
        resources.distrust()
        if stopped > 0 { await save() }
        let after = await countLocalJobs().selfplay
        return JobReduction.result(before: before, after: after, target: target, reason: reason)
    }

    /// Gives processes that were told to end up to 200 milliseconds to do so. The legacy needs no such wait: its next look
    /// forks a large process first. Seen as still there they would count as self-play that nobody tracks, and another job
    /// would be ended for them.
    private func letEnd(_ pids: [Int32]) async {
        for _ in 0..<20 where pids.contains(where: { $0 > 0 && effects.probes.isAlive(pid: $0) }) {
            do { try await effects.clock.sleep(seconds: 0.01) } catch { return }
        }
    }

    /// SIGTERM to a tracked job that has a process; whether that went well.
    private func terminate(_ entry: OrderedTable<ClusterJob>.Entry) -> Bool {
        do throws(PyException) {
            let pid = entry.record.pid
            if pid.isTruthy { try scheduling.processes.signal(try PyNumber.int(pid), SIGTERM) }
            store.update { state in state.jobs.modify(entry.key) { $0.status = "stopped" } }
            return true
        } catch {
            return false
        }
    }

    /// SIGTERM to self-play that nobody tracks, highest process id first, until so many took it.
    private func terminateUntracked(_ wanted: Int) async -> Int {
        var count = 0
        for pid in await scheduling.processes.find().sorted(by: >) where count < wanted {
            if (try? effects.processes.signal(pid, SIGTERM)) != nil { count += 1 }
        }
        return count
    }

    /// `_restart_local_stuck_jobs`: ends all self-play and forgets it; nothing is started here.
    package func restartLocalStuckJobs() async {
        say(.restarting)
        let cleared = JobReduction.cleared(store.snapshot.jobs)
        var pids = await scheduling.processes.find()
        for entry in cleared where entry.record.pid.isTruthy {
            guard let number = try? PyNumber.int(entry.record.pid).asInt, let pid = Int32(exactly: number) else {
                continue
            }
            pids.insert(pid)
        }
        if let own = effects.processes.ownProcesses().first { pids.remove(own) }
        var killed = 0
        for pid in pids.sorted() where (try? effects.processes.signal(pid, SIGKILL)) != nil { killed += 1 }
        store.update { state in
            for entry in cleared { state.jobs.remove(entry.key) }
        }
        resources.distrust()
        say(.restarted(killed: killed, cleared: cleared.count))
    }

    /// `_cleanup_local_disk`.
    package func cleanupLocalDisk() async {
        let cleanup = DiskCleanup(
            ringriftPath: PyString(configuration.ringriftPath),
            interpreter: SchedulingServices.interpreter(
                tree: configuration.tree, environment: configuration.environment, files: effects.files),
            constants: configuration.constants)
        await cleanup.run(effects, diskPercent: diskPercent, say: say)
    }

    /// The file system of the checkout now, 0 to 100.
    func diskPercent() -> Double {
        ResourceUsage.sample(effects.probes, path: configuration.ringriftPath, gpuQuery: nil).diskPercent
    }

    /// POST /stop_job: SIGTERM, and the state is not saved.
    func stopJob(_ body: PyValue) throws(PyException) -> NodeReply {
        guard case .dict(let data) = body else { throw .noAttribute("get", on: body) }
        let key = try PyKey(data["job_id"] ?? .none)
        guard let job = store.snapshot.jobs[key] else {
            return NodeReply(404, ["success": false, "error": "Job not found"])
        }
        if (try? scheduling.processes.signal(job.pid, SIGTERM)) != nil {
            store.update { state in state.jobs.modify(key) { $0.status = "stopped" } }
            resources.distrust()
        }
        return NodeReply(200, ["success": true])
    }

    /// POST /job/kill: SIGKILL to one job, or to what looks like a kind of job.
    func killJobs(_ body: PyValue) async throws(PyException) -> NodeReply {
        guard case .dict(let data) = body else { throw .noAttribute("get", on: body) }
        let id = data["job_id"] ?? .none
        let type = data["job_type"] ?? .none
        let reason = data["reason"] ?? "unknown"
        var killed = 0
        if id.isTruthy {
            let key = try PyKey(id)
            if let job = store.snapshot.jobs[key] {
                do throws(PyException) {
                    try scheduling.processes.signal(job.pid, SIGKILL)
                    store.update { state in state.jobs.modify(key) { $0.status = "killed" } }
                    killed += 1
                    say(.killed(id, pid: job.pid, reason: reason))
                } catch {
                    say(.killFailed(id, error.message))
                }
            }
        }
        if type.isTruthy, killed == 0 {
            _ = try PyKey(type)
            let known = Self.killPatterns.first { type.equals($0.type) }?.patterns
            for pattern in known ?? [type] {
                do throws(PyException) {
                    guard try await scheduling.processes.killMatching(pattern, isKnown: known != nil) else { continue }
                    killed += 1
                    say(.killedMatching(pattern, reason: reason))
                } catch {
                    say(.patternFailed(pattern, error.message))
                }
            }
        }
        resources.distrust()
        return NodeReply(200, ["success": .bool(killed > 0), "killed": .int(killed), "reason": reason])
    }

    private static let killPatterns: [(type: PyString, patterns: [PyValue])] = [
        ("training", ["train_nnue", "train.*model"]), ("selfplay", ["selfplay", "run_hybrid_selfplay"]),
    ]
}
