import HTTPService
import P2PModel
import PythonSemantics

extension NodeRuntime {
    /// GET /api/cluster/status; contract 06 section 3.13. What a leader says of it counts more than what a follower knows.
    func clusterStatus(_ request: ServiceRequest) async throws -> ServiceResponse {
        do throws(PyException) {
            let isLeader = try await turn { turn throws(PyException) in try turn.isLeader() }
            if !isLeader, request.query("local") != "1" {
                let proxied = try await proxyToLeader(request)
                if proxied.status != 502, proxied.status != 503 { return proxied }
            }
            // A machine that cannot be looked at does not keep the rest from being shown.
            try? await turn(refreshingSelf: true) { turn throws(PyException) in }
            let state = store.snapshot
            var parts = ClusterStatusBody()
            parts.jobs = state.jobs
            parts.includesRetired = request.query("include_retired") == "1"
            parts.trainingJobs = CarriedValue.map(state.carried["training_jobs"])
            var cluster = state.carried["cluster_data_manifest"]?.asDict ?? [:]
            cluster["node_manifests"] = .dict(CarriedValue.map(cluster["node_manifests"]))
            parts.dataManifests = try ManifestSummary.value(
                cluster: .dict(cluster), local: state.carried["local_data_manifest"] ?? .none)
            let body = parts
            let start = startTime
            let value = try await turn { turn throws(PyException) in
                try body.value(&turn, uptime: turn.now - start)
            }
            return try .json(.dict(value))
        } catch {
            return try .json(
                .dict(["success": false, "error": .string(PyString(error.message))]), status: 500)
        }
    }

    /// GET /nodes/table; contract 12 section 3.7. Failures have status 200.
    func nodesTable() async throws -> ServiceResponse {
        let selfplay = store.snapshot.jobs.runningSelfplay
        do throws(PyException) {
            let rows = try await turn { turn throws(PyException) in
                try NodesTable.rows(turn, selfplayJobs: selfplay)
            }
            return try .json(.list(rows))
        } catch {
            return try .json(.list([error.body]))
        }
    }
}
