import Cutover
import Foundation
import HTTPService
import P2PModel
import P2PServices
import PythonSemantics

/// The job routes of `p2p.scheduling` (contract 06 section 3).
struct JobRoutes {
    let runtime: NodeRuntime
    /// Starts what is training, which is not native here.
    let proxy: WorkerProxy?

    /// Handlers by method and path.
    var handlers: [String: RouteHandler] {
        commands.merging(listing) { $1 }
    }

    private var commands: [String: RouteHandler] {
        let runtime = runtime
        return [
            "POST /start_job": { request in
                try await runtime.reply { () throws(PyException) in
                    let job = await runtime.startLocalJob(try JobRequest(body: try await request.json()))
                    guard let job else { return NodeReply(500, ["success": false, "error": "Failed to start job"]) }
                    return NodeReply(200, ["success": true, "job": .dict(job.toDict())])
                }
            },
            "POST /stop_job": { request in
                try await runtime.reply { () throws(PyException) in try runtime.stopJob(try await request.json()) }
            },
            "POST /job/kill": { request in
                try await runtime.reply { () throws(PyException) in
                    try await runtime.killJobs(try await request.json())
                }
            },
            "POST /cleanup": { _ in
                runtime.say(.cleanupRequested)
                let percent = runtime.diskPercent()
                runtime.background.start { await runtime.cleanupLocalDisk() }
                return try .json(
                    .dict([
                        "success": true, "disk_percent_before": .float(percent), "message": "Cleanup initiated",
                    ]))
            },
            "POST /restart_stuck_jobs": { _ in
                runtime.say(.restartRequested)
                runtime.background.start { await runtime.restartLocalStuckJobs() }
                return try .json(.dict(["success": true, "message": "Stuck job restart initiated"]))
            },
            "POST /reduce_selfplay": { request in
                try await Self.caught(400) { () throws(PyException) in
                    try await runtime.reduceSelfplay(try await request.json())
                }
            },
        ]
    }

    private var listing: [String: RouteHandler] {
        let (runtime, proxy) = (runtime, proxy)
        return [
            "GET /autoscale/metrics": { _ in try await runtime.autoscaleMetrics() },
            "GET /autoscale/recommendations": { _ in try await runtime.autoscaleRecommendations() },
            "GET /api/jobs": { request in
                try await Self.answered(500) { () throws(PyException) in
                    if try await !runtime.checkedIsLeader(), request.query("local") != "1" {
                        let answer = try await runtime.proxyToLeader(request)
                        if ![502, 503].contains(answer.status) { return answer }
                    }
                    return try .json(NodeReply(200, try runtime.listJobs(request)))
                }
            },
            "POST /api/jobs/submit": { request in
                guard try await runtime.checkedIsLeader() else {
                    if request.query("local") != "1" { return try await runtime.proxyToLeader(request) }
                    return try .json(
                        .dict([
                            "success": false, "error": "Not the leader. Please submit to leader node.",
                            "leader_id": runtime.store.snapshot.leadership.leaderID,
                        ]), status: 400)
                }
                let bytes: [UInt8]
                do throws(PyException) { bytes = try await request.readBody() } catch { return try Self.refusal(error) }
                return try await Self.answered(500) { () throws(PyException) in
                    let body = try PyJSON.decodeBody(bytes, charset: request.charset)
                    if let reply = try await runtime.submitJob(body) { return try .json(reply) }
                    return try await Self.forward(request, bytes, to: proxy)
                }
            },
            "GET /api/jobs/{job_id}": { request in
                let id = PyString(request.pathParameters["job_id"] ?? "")
                guard let job = runtime.store.snapshot.jobListing(nodeID: runtime.configuration.nodeID).one(id) else {
                    return try .json(.notFound(job: id))
                }
                return try .json(.dict(["success": true, "job": .dict(job)]))
            },
            "POST /api/jobs/{job_id}/cancel": { request in
                guard try await runtime.checkedIsLeader() else {
                    if request.query("local") != "1" { return try await runtime.proxyToLeader(request) }
                    return try .json(.dict(["success": false, "error": "Not the leader"]), status: 400)
                }
                return try .json(await runtime.cancelJob(PyString(request.pathParameters["job_id"] ?? "")))
            },
        ]
    }

    /// Training is the worker's: it gets the request as it came, with the body that was read to see what it is.
    private static func forward(
        _ request: ServiceRequest, _ body: [UInt8], to proxy: WorkerProxy?
    ) async throws(PyException) -> ServiceResponse {
        let dropped: Set<String> = ["content-encoding", "transfer-encoding", "content-length"]
        var headers = request.headers.pairs.filter { !dropped.contains($0.name.lowercased()) }
            .map { ($0.name, $0.value) }
        headers.append(("Content-Length", String(body.count)))
        let whole = ServiceRequest(
            method: request.method, target: request.rawTarget, headers: headers, body: body,
            remoteAddress: request.remoteAddress)
        do {
            guard let proxy else { return try WorkerProxy.notImplemented(request) }
            return try await proxy.forward(whole)
        } catch let error as PyException {
            throw error
        } catch {
            throw PyException(type: "ConnectionError", message: String(describing: error))
        }
    }

    private static func refusal(_ error: PyException, status: Int = 500) throws -> ServiceResponse {
        try .json(.dict(["success": false, "error": .string(PyString(error.message))]), status: status)
    }

    /// A handler whose exceptions become `{"success": false, "error": text}`.
    private static func answered(
        _ status: Int, _ body: () async throws(PyException) -> ServiceResponse
    ) async throws -> ServiceResponse {
        do throws(PyException) { return try await body() } catch { return try refusal(error, status: status) }
    }

    private static func caught(
        _ status: Int, _ body: () async throws(PyException) -> NodeReply
    ) async throws -> ServiceResponse {
        try await answered(status) { () throws(PyException) in try .json(try await body()) }
    }
}

extension NodeReply {
    fileprivate static func notFound(job id: PyString) -> NodeReply {
        NodeReply(404, ["success": false, "error": .string("Job " + id + " not found")])
    }
}

extension NodeRuntime {
    /// POST /reduce_selfplay.
    fileprivate func reduceSelfplay(_ body: PyValue) async throws(PyException) -> NodeReply {
        guard case .dict(let data) = body else { throw .noAttribute("get", on: body) }
        let wanted = data["target_selfplay_jobs"] ?? data["target"] ?? 0
        let given = data["reason"] ?? .none
        let reason: PyValue = .string(given.isTruthy ? given.pyString : "remote_request")
        let target = (try? PyNumber.int(wanted)).flatMap { try? PyNumber.clampedInt($0) } ?? 0
        let result = try await reduceLocalSelfplay(to: target, reason: reason)
        return NodeReply(200, PyDict([("success", true)]).merging(result))
    }

    /// GET /api/jobs, answered here.
    fileprivate func listJobs(_ request: ServiceRequest) throws(PyException) -> PyDict {
        let limit = try PyNumber.int(.string(PyString(request.query("limit", default: "100"))))
        return try store.snapshot.jobListing(nodeID: configuration.nodeID)
            .all(type: request.query("type"), status: request.query("status"), limit: limit)
    }

    /// POST /api/jobs/submit on the leader; nil for training, which is dispatched elsewhere.
    fileprivate func submitJob(_ body: PyValue) async throws(PyException) -> NodeReply? {
        guard case .dict(let data) = body else { throw .noAttribute("get", on: body) }
        let type = data["job_type"] ?? .none
        guard type.isTruthy else { return NodeReply(400, ["success": false, "error": "job_type is required"]) }
        if type.equals("nnue") || type.equals("cmaes") { return nil }
        let known: [JobType] = [.selfplay, .gpuSelfplay, .hybridSelfplay]
        guard let wanted = known.first(where: { type.equals(PyString($0.rawValue)) }) else {
            let text =
                "Unknown job type: \(type.pyStr). Supported: nnue, cmaes, selfplay, gpu_selfplay, hybrid_selfplay"
            return NodeReply(400, ["success": false, "error": .string(PyString(text))])
        }
        let request = JobRequest(
            type: wanted, boardType: data["board_type"] ?? "square8",
            numPlayers: try PyNumber.int(data["num_players"] ?? 2), engineMode: data["engine_mode"] ?? "heuristic-only")
        guard let job = await startLocalJob(request) else {
            return NodeReply(500, ["success": false, "error": "Failed to start local job"])
        }
        return NodeReply(
            200,
            [
                "success": true, "job_id": job.jobID, "job_type": job.jobType.value, "status": job.status,
                "message": .string("Job " + job.jobID.pyString + " started"),
            ])
    }

    /// POST /api/jobs/{job_id}/cancel on the leader.
    fileprivate func cancelJob(_ id: PyString) async -> NodeReply {
        let key = PyKey(text: id)
        let state = store.snapshot
        if let job = state.jobs[key] {
            _ = try? scheduling.processes.signal(job.pid, SIGTERM)
            store.update { state in state.jobs.modify(key) { $0.status = "stopped" } }
            resources.distrust()
            await save()
            return NodeReply(200, ["success": true, "message": .string("Job " + id + " stopped")])
        }
        let listing = state.jobListing(nodeID: configuration.nodeID)
        if case .dict(let run)? = listing.tournaments[id] {
            let now = effects.clock.now()
            store.update {
                $0.setCarried("ssh_tournament_runs", id, ["status": "cancelled", "completed_at": .float(now)])
            }
            // The worker watches its child: it must know that this end is no failure before it sees it.
            await legacy.tell()
            if let pid = run["pid"], pid.isTruthy { _ = try? scheduling.processes.signal(pid, SIGTERM) }
            return NodeReply(200, ["success": true, "message": .string("SSH tournament " + id + " cancelled")])
        }
        guard case .dict(let job)? = listing.training[id] else { return .notFound(job: id) }
        let status = job["status"] ?? .none
        guard status.equals("pending") || status.equals("queued") else {
            return NodeReply(
                400, ["success": false, "error": .string("Cannot cancel job in status: " + status.pyString)])
        }
        store.update { $0.setCarried("training_jobs", id, ["status": "cancelled"]) }
        return NodeReply(200, ["success": true, "message": .string("Training job " + id + " cancelled")])
    }
}
