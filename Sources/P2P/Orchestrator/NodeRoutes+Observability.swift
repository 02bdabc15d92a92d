import HTTPService
import P2PModel
import P2PServices
import PythonSemantics

extension NodeRoutes {
    /// The read routes of p2p.observability.
    func observability() -> [String: RouteHandler] {
        let runtime = runtime
        let prometheus = prometheus
        return [
            "GET /": { _ in .found("/dashboard") },
            "GET /dashboard": { _ in runtime.dashboard() },
            "GET /health": { _ in try await runtime.health() },
            "GET /status": { _ in try await runtime.status() },
            "GET /metrics": { request in
                MetricsFormat.isText(request) ? try await prometheus(request) : try await runtime.metrics(request)
            },
            "GET /metrics/prometheus": prometheus,
            "GET /api/cluster/status": { request in try await runtime.clusterStatus(request) },
            "GET /nodes/table": { _ in try await runtime.nodesTable() },
            "GET /victory/table": { request in try await runtime.victoryTable(request) },
            "GET /games/analytics": { request in try await runtime.gamesAnalytics(request) },
            "GET /data/quality": { _ in try await runtime.dataQuality { .dict($0.report) } },
            "GET /data/quality/table": { _ in try await runtime.dataQuality { .list($0.table()) } },
            "GET /data/quality/issues": { _ in try await runtime.dataQuality { .list($0.issues) } },
            "GET /trends/summary": { request in try await runtime.trendsSummary(request) },
            "GET /trends/history": { request in try await runtime.trendsHistory(request) },
            "GET /trends/table": { request in try await runtime.trendsTable(request) },
        ]
    }

    /// Native, unless the Elo database has still to be brought to its present form: that is p2p.tournament's to do, and
    /// once it is done the page needs no worker.
    private var prometheus: RouteHandler {
        let (runtime, proxy) = (runtime, proxy)
        return { request in
            if let proxy, runtime.legacy.isServed, await runtime.needsPreparedRatings() {
                return try await proxy.forward(request)
            }
            return try await runtime.prometheus()
        }
    }
}

/// Which form of GET /metrics is wanted; contract 12 section 3.1.
enum MetricsFormat {
    /// Prometheus text; JSON otherwise.
    static func isText(_ request: ServiceRequest) -> Bool {
        let accepted = PyString(request.header("Accept") ?? "")
        return PyString(request.query("format", default: "")).lowercased() == "prometheus"
            || accepted.contains("text/plain") || accepted.contains("openmetrics") || accepted.isEmpty
    }
}
