import Effects
import HTTPService
import P2PModel
import P2PServices
import PythonSemantics
import TestSupport
import Testing

@testable import P2PNode

/// GET /metrics/prometheus: contract 12 section 4.1.
@Suite struct PrometheusRouteTests {
    private func recorded(_ scenario: String) throws -> [String] {
        let exchange = try #require(
            try Recordings.exchanges(scenario).first { $0.target == "/metrics/prometheus" && $0.status == 200 })
        return lines(exchange.answer)
    }

    private func lines(_ text: String) -> [String] {
        text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    /// The whole page of an empty node, line by line, but for the disk and the uptime.
    @Test func anEmptyNode() async throws {
        let node = try await NodeFixture()
        node.change { state in
            state.role = .leader
            state.leaderID = "alpha"
            state.leaseExpires = 1_900_000_000.0
        }
        _ = try await node.ask("GET", "/health")
        node.fake.clock.set(1_800_000_008.25)
        let page = lines(try await node.ask("GET", "/metrics/prometheus").text)
        let expected = try recorded("01-empty-node")
        #expect(page.count == expected.count)
        for (given, wanted) in zip(page, expected)
        where !wanted.hasPrefix("ringrift_disk_percent{") && !wanted.hasPrefix("ringrift_orchestrator_uptime_seconds ")
        {
            #expect(given == wanted)
        }
        #expect(page.contains("ringrift_disk_percent{node=\"alpha\",role=\"leader\"} 7.0"))
        #expect(page.contains("ringrift_orchestrator_uptime_seconds 8"))
    }

    private func samples(_ page: [String], _ prefixes: [String]) -> [String] {
        page.filter { line in prefixes.contains { line.hasPrefix("ringrift_" + $0) } }.sorted()
    }

    /// Ratings, training, hold-out games, efficiency, models and rollbacks of recorded scenario 07.
    @Test func trainingAsRecorded() async throws {
        let now = 1_800_000_000.25
        let node = try await NodeFixture("iota", now: now) { fake in
            try SeededTree.put("07-training", into: fake, now: now)
            let elo = NodeFixture.tree + "/data/unified_elo.db"
            // Ratings of the recording are of its own time.
            _ = try fake.databases.transaction(
                elo,
                [
                    SQLStatement(
                        "UPDATE rating_history SET timestamp = timestamp - CAST(strftime('%s','now') AS REAL) + \(now)")
                ])
        }
        let prefixes = [
            "best_elo", "elo_games_played", "eval_", "elo_uncertainty", "training_loss", "training_epoch", "holdout_",
            "overfit_gap", "gpu_hours_total", "elo_per_gpu_hour", "training_cost_usd", "model_", "rollback_candidates",
        ]
        let page = lines(try await node.ask("GET", "/metrics/prometheus").text)
        #expect(samples(page, prefixes) == samples(try recorded("07-training"), prefixes))
        #expect(
            node.console.records.filter { $0.contains("EloDatabase") }
                == Array(
                    repeating: "INFO EloDatabase initialized at \(NodeFixture.tree)/data/unified_elo.db", count: 2))
    }

    /// Games, search statistics, data quality, freshness and scaling of recorded scenario 11.
    @Test func gamesAsRecorded() async throws {
        let now = 1_800_000_000.25
        let environment = [
            "RINGRIFT_AUTOSCALE_SCALE_UP_GPH": "3", "RINGRIFT_AUTOSCALE_SCALE_DOWN_GPH": "4",
            "RINGRIFT_AUTOSCALE_MIN_WORKERS": "0", "RINGRIFT_AUTOSCALE_TARGET_FRESHNESS_HOURS": "0.5",
        ]
        let node = try await NodeFixture("xi", environment: environment, now: now - 125) { fake in
            try SeededTree.put("11-analytics-after-grace", into: fake, now: now - 125) { path in
                path.hasPrefix("data/selfplay/") ? [path] : []
            }
        }
        node.fake.clock.set(now)
        let prefixes = [
            "data_freshness_hours", "data_staleness_hours", "victory_type_total", "game_length_avg",
            "opening_diversity", "mcts_", "data_quality_", "autoscale_suggested_workers",
        ]
        let page = lines(try await node.ask("GET", "/metrics/prometheus").text)
        #expect(samples(page, prefixes) == samples(try recorded("11-analytics-after-grace"), prefixes))
    }

    /// A number that is none takes its part away, and only that.
    @Test func limitsThatAreNoNumbers() async throws {
        let node = try await NodeFixture(environment: ["RINGRIFT_AUTOSCALE_MIN_WORKERS": "two"])
        let page = lines(try await node.ask("GET", "/metrics/prometheus").text)
        #expect(!page.contains { $0.hasPrefix("ringrift_autoscale_suggested_workers ") })
        #expect(page.contains("# TYPE ringrift_autoscale_suggested_workers gauge"))
        #expect(page.contains("ringrift_sync_interval_data 450"))
    }

    /// What a worker carries of other subsystems is shown.
    @Test func carriedFigures() async throws {
        let node = try await NodeFixture()
        let carried: PyDict = [
            "_gossip_metrics": ["message_sent": 3, "message_received": 4, "state_updates": 5],
            "_gossip_compression_stats": ["total_original_bytes": 3000, "total_compressed_bytes": 1000],
            "_adaptive_intervals": ["data": 100, "model": 240.0],
            "_tournament_proposals": ["a": ["status": "proposed"], "b": ["status": "approved"]],
            "distributed_tournament_state": ["t": ["$record": "DistributedTournamentState", "status": "running"]],
            "diversity_metrics": [
                "tournament_runs": 2, "promotions": 1, "rollbacks": 0,
                "gpu_validation_stats": ["total_generated": 9, "total_validated": 8, "total_failed": 1],
            ],
        ]
        node.runtime.store.update { state in state.carried.update(carried) }
        let page = lines(try await node.ask("GET", "/metrics/prometheus").text)
        for line in [
            "gossip_messages_sent 3", "gossip_messages_received 4", "gossip_state_updates 5",
            "gossip_compression_ratio 0.667", "gossip_bytes_saved_kb 1.95", "sync_interval_data 150",
            "sync_interval_model 300", "tournament_proposals_pending 1", "tournament_active 1",
            "tournament_runs_total 2", "promotions_total 1", "gpu_games_validated_total 8", "gpu_games_failed_total 1",
            "leader_agreement 0",
        ] { #expect(page.contains("ringrift_" + line), "\(line)") }
        node.runtime.store.update { state in state.carried["_tournament_proposals"] = ["a": "x"] }
        let broken = lines(try await node.ask("GET", "/metrics/prometheus").text)
        #expect(!broken.contains { $0.hasPrefix("ringrift_tournament_active ") })
    }

    /// The Elo database is p2p.tournament's until it has its present form.
    @Test func preparationOfRatings() async throws {
        let node = try await NodeFixture { fake in
            try SeededTree.put("07-training", into: fake, now: 1_800_000_000.25)
        }
        #expect(await node.runtime.needsPreparedRatings())
        let bare = try await NodeFixture()
        #expect(await !bare.runtime.needsPreparedRatings())
    }
}
