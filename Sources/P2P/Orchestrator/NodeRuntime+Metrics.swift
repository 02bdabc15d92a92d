import HTTPService
import P2PModel
import P2PServices
import PythonSemantics

extension NodeRuntime {
    private var history: MetricsHistory {
        MetricsHistory(path: configuration.statePath, databases: effects.databases)
    }

    /// GET /metrics as JSON; contract 12 section 3.1. Failures have status 200.
    func metrics(_ request: ServiceRequest) async throws -> ServiceResponse {
        do throws(PyException) {
            let hours = try PyNumber.float(PyString(request.query("hours", default: "24")))
            let players = try Self.number(request.query("num_players"))
            guard let metric = request.query("type"), !metric.isEmpty else {
                var body: PyDict = ["success": true]
                body.update(await summary(hours: hours))
                return try .json(.dict(body))
            }
            var question = MetricsHistory.Question(metric: PyString(metric), hours: hours)
            question.board = request.query("board_type").map { .string(PyString($0)) } ?? .none
            question.players = players
            let values = await values(question)
            return try .json(
                .dict([
                    "success": true, "metric_type": .string(question.metric), "period_hours": .float(hours),
                    "count": .int(values.count), "history": .list(values),
                ]))
        } catch {
            return try .json(.dict(["success": false, "error": .string(PyString(error.message))]))
        }
    }

    /// GET /trends/summary; contract 12 section 3.12.
    func trendsSummary(_ request: ServiceRequest) async throws -> ServiceResponse {
        do throws(PyException) {
            let hours = try PyNumber.float(PyString(request.query("hours", default: "24")))
            return try .json(.dict(await summary(hours: hours)))
        } catch {
            return try .json(error.body, status: 500)
        }
    }

    /// GET /trends/history; contract 12 section 3.12.
    func trendsHistory(_ request: ServiceRequest) async throws -> ServiceResponse {
        guard let metric = request.query("metric"), !metric.isEmpty else {
            return try .json(.dict(["error": "Missing required parameter: metric"]), status: 400)
        }
        do throws(PyException) {
            let hours = try PyNumber.float(PyString(request.query("hours", default: "24")))
            var question = MetricsHistory.Question(metric: PyString(metric), hours: hours)
            question.board = request.query("board").map { .string(PyString($0)) } ?? .none
            question.players = try Self.number(request.query("players"))
            question.limit = try PyNumber.int(PyString(request.query("limit", default: "1000")))
            let values = await values(question)
            return try .json(
                .dict([
                    "metric": .string(question.metric), "period_hours": .float(hours), "count": .int(values.count),
                    "data": .list(values),
                ]))
        } catch {
            return try .json(error.body, status: 500)
        }
    }

    /// GET /trends/table; contract 12 section 3.12. Failures have status 200.
    func trendsTable(_ request: ServiceRequest) async throws -> ServiceResponse {
        guard let metric = request.query("metric"), !metric.isEmpty else {
            return try .json(.list([.dict(["error": "Missing metric parameter"])]))
        }
        do throws(PyException) {
            let hours = try PyNumber.float(PyString(request.query("hours", default: "168")))
            let question = MetricsHistory.Question(metric: PyString(metric), hours: hours, limit: 500)
            return try .json(.list(try TrendsTable.rows(await values(question), metric: question.metric)))
        } catch {
            return try .json(.list([error.body]))
        }
    }

    /// GET /metrics/prometheus; contract 12 sections 3.2 and 4.1.
    func prometheus() async throws -> ServiceResponse {
        do throws(PyException) {
            let state = store.snapshot
            let now = effects.clock.now()
            let cluster = try await turn { turn throws(PyException) in
                var page = PrometheusPage()
                try page.addCluster(turn, jobs: state.jobs)
                return page
            }
            let given = PrometheusReport.Given(
                diversity: try diversity(state, now: now), boards: try Self.boards(state),
                iterations: try iterations(), nodes: state.peers.count + 1)
            let report = prometheusReport
            let outcome = await reading.run { () -> (Result<PrometheusPage, PyException>, [PrometheusReport.Line]) in
                var page = cluster
                var console: [PrometheusReport.Line] = []
                do throws(PyException) {
                    try report.add(to: &page, given, now: now, console: &console)
                    return (.success(page), console)
                } catch {
                    return (.failure(error), console)
                }
            }
            outcome.1.forEach(show)
            var page = try outcome.0.get()
            page.addExchange(await exchangeFigures(state), uptime: now - startTime)
            return .data(try page.text(), contentType: "text/plain; charset=utf-8")
        } catch {
            return try .json(.dict(["success": false, "error": .string(PyString(error.message))]))
        }
    }

    /// Whether the Elo database has to be opened by the legacy before it can be read as it reads it.
    func needsPreparedRatings() async -> Bool {
        let report = prometheusReport
        return await reading.run { report.needsPreparedRatings }
    }

    private var prometheusReport: PrometheusReport {
        PrometheusReport(
            reports: reports, tree: configuration.tree, history: history, environment: configuration.environment)
    }

    private func show(_ line: PrometheusReport.Line) {
        switch line {
        case .printed(let text): console.print(text)
        case .logged(let text): console.log(.info, text)
        }
    }

    private func values(_ question: MetricsHistory.Question) async -> [PyValue] {
        let (history, now) = (history, effects.clock.now())
        let outcome = await reading.run { history.values(question, now: now) }
        if let complaint = outcome.complaint { console.print(complaint) }
        return outcome.value
    }

    private func summary(hours: Double) async -> PyDict {
        let (history, now) = (history, effects.clock.now())
        let outcome = await reading.run { history.summary(hours: hours, now: now) }
        if let complaint = outcome.complaint { console.print(complaint) }
        return outcome.value
    }

    /// None for a parameter that is missing or empty.
    private static func number(_ text: String?) throws(PyException) -> PyValue {
        guard let text, !text.isEmpty else { return .none }
        return try PyNumber.int(PyString(text))
    }

    /// The legacy's counters while it keeps them.
    private func diversity(_ state: NodeState, now: Double) throws(PyException) -> PyDict {
        if let carried = state.carried["diversity_metrics"] { return CarriedValue.plain(carried).asDict ?? [:] }
        return try state.diversity.value(now: now).asDict ?? [:]
    }

    private static func boards(_ state: NodeState) throws(PyException) -> PyDict? {
        guard case .dict(let manifest)? = state.carried["cluster_data_manifest"] else { return nil }
        return try ManifestSummary.gamesByBoard(CarriedValue.map(manifest["node_manifests"]))
    }

    private func iterations() throws(PyException) -> PyValue? {
        guard let cycles = improvement.withLock({ $0?.cycles }) else { return nil }
        var counts: [PyValue] = []
        for (_, cycle) in cycles { counts.append(try cycle.get("current_iteration", 0)) }
        return try PyNumber.sum(counts)
    }

    private func exchangeFigures(_ state: NodeState) async -> ExchangeFigures {
        func plain(_ name: PyString) -> PyValue? { state.carried[name].map(CarriedValue.plain) }
        var figures = ExchangeFigures()
        figures.gossip = plain("_gossip_metrics") ?? [:]
        figures.compression = plain("_gossip_compression_stats") ?? [:]
        figures.intervals = plain("_adaptive_intervals")
        figures.trainingJobs = CarriedValue.map(state.carried["training_jobs"])
        figures.proposals = CarriedValue.map(state.carried["_tournament_proposals"])
        figures.tournaments = CarriedValue.map(state.carried["distributed_tournament_state"])
        let gossip = plain("_gossip_peer_states")?.asDict ?? [:]
        figures.leaderAgreement = try? await turn { turn throws(PyException) in
            let consensus = try turn.leaderConsensus(gossip: gossip)
            turn.alertOnLowConsensus(consensus)
            return consensus["leader_agreement"] ?? 0
        }
        return figures
    }
}

extension PyException {
    /// `{"error": text}`
    var body: PyValue { .dict(["error": .string(PyString(message))]) }
}
