import Effects
import Foundation
import HTTPService
import P2PServices
import PythonSemantics
import TestSupport
import Testing

@testable import P2PNode

/// GET /metrics as JSON and GET /trends/…: contract 12 sections 3.1 and 3.12.
@Suite struct MetricsRouteTests {
    /// Recorded scenario 13: its rows, at the time at which the recording's node was asked.
    private func recordedNode(seededAt: Int) async throws -> NodeFixture {
        try await NodeFixture("nu", now: Double(seededAt) + 8) { fake in
            let path = NodeFixture.tree + "/logs/p2p_orchestrator/nu_state.db"
            let statements = try Recordings.seed(
                "13-restart-observability", "logs/p2p_orchestrator/nu_state.db")
            _ = try fake.databases.transaction(
                path,
                statements.map {
                    SQLStatement($0.replacing("CAST(strftime('%s','now') AS REAL)", with: "\(seededAt).0"))
                })
        }
    }

    @Test func asRecorded() async throws {
        // Its newest value is 10.5 s older than the rows.
        let seededAt = 1_795_357_684
        let node = try await recordedNode(seededAt: seededAt)
        var asked = 0
        for exchange in try Recordings.exchanges("13-restart-observability")
        where exchange.target.hasPrefix("/trends/") || exchange.target.hasPrefix("/metrics?")
            || (exchange.target == "/metrics" && !exchange.headers.isEmpty)
        {
            let recorded = try json(exchange.answer)
            if let since = recorded["since"]?.asDouble, let hours = recorded["period_hours"]?.asDouble {
                node.fake.clock.set(since + hours * 3600)
            }
            let answer = try await node.ask(
                exchange.method, exchange.target, headers: exchange.headers.map { ($0.name, $0.value) })
            #expect(answer.status == exchange.status, "\(exchange.target)")
            // Times of day are local, and the recorder was in Greenwich's zone.
            if exchange.target.hasPrefix("/trends/table"), TimeZone.current.secondsFromGMT() != 0 { continue }
            #expect(answer.text == exchange.answer, "\(exchange.target)")
            asked += 1
        }
        #expect(asked >= 20)
        #expect(
            node.console.lines.filter { $0.hasPrefix("[P2P] Failed to get metrics") }
                == Array(
                    repeating:
                        "[P2P] Failed to get metrics history: Expecting property name enclosed in double quotes: "
                        + "line 1 column 2 (char 1)", count: 2))
    }

    /// Bad parameters and an empty node, as recorded in scenario 01.
    @Test func parametersAsRecorded() async throws {
        let node = try await NodeFixture()
        var asked = 0
        for exchange in try Recordings.exchanges("01-empty-node")
        where exchange.target.hasPrefix("/trends/") || exchange.target.hasPrefix("/metrics?") {
            guard let recorded = try? json(exchange.answer), recorded["since"] == nil else { continue }
            let answer = try await node.ask(
                exchange.method, exchange.target, headers: exchange.headers.map { ($0.name, $0.value) })
            #expect(answer == (exchange.status, exchange.answer), "\(exchange.target)")
            asked += 1
        }
        #expect(asked >= 12)
    }

    /// Accept, query, whether the answer is Prometheus text.
    @Test(
        arguments: [
            (nil, "", true), ("", "", true), ("*/*", "", false), ("application/json", "", false),
            ("application/json", "?format=prometheus", true), ("application/json", "?format=PROMETHEUS", true),
            ("application/json", "?format=json", false), ("text/plain", "?format=json", true),
            ("TEXT/PLAIN", "", false),
            ("application/openmetrics-text; version=1.0.0", "", true), ("text/html", "", false),
            ("application/json, text/plain;q=0.5", "", true),
        ] as [(String?, String, Bool)])
    func form(_ accept: String?, _ query: String, _ isText: Bool) async throws {
        let node = try await NodeFixture()
        let answer = try await node.ask(
            "GET", "/metrics" + query, headers: accept.map { [("Accept", $0)] } ?? [])
        #expect(answer.text.hasPrefix("# HELP ringrift_cluster_peers_total") == isText)
        #expect(answer.text.hasPrefix("{\"success\": true, \"period_hours\": 24.0") == !isText)
    }

    @Test func aDatabaseThatFails() async throws {
        let node = try await NodeFixture()
        node.fake.databases.fail(
            node.runtime.configuration.statePath, with: PyException(type: "OperationalError", message: "disk I/O error")
        )
        let headers = [("Accept", "*/*")]
        #expect(try await node.ask("GET", "/metrics", headers: headers) == (200, #"{"success": true}"#))
        #expect(try await node.ask("GET", "/trends/summary") == (200, "{}"))
        #expect(
            try await node.ask("GET", "/trends/history?metric=x")
                == (200, #"{"metric": "x", "period_hours": 24.0, "count": 0, "data": []}"#))
        #expect(
            node.console.lines.suffix(3) == [
                "[P2P] Failed to get metrics summary: disk I/O error",
                "[P2P] Failed to get metrics summary: disk I/O error",
                "[P2P] Failed to get metrics history: disk I/O error",
            ])
    }
}
