import HTTPService
import P2PServices
import PythonSemantics
import TestSupport
import Testing

@testable import P2PNode

/// Reports on games: contract 12 sections 3.8 to 3.10.
@Suite struct GameReportTests {
    private static let scenario = "11-analytics-after-grace"
    private let now = 1_800_000_000.25

    /// Recorded scenario 11, after the grace of 120 s.
    private func recordedNode() async throws -> NodeFixture {
        let start = now - 125
        let node = try await NodeFixture("xi", now: start) { fake in
            try SeededTree.put(Self.scenario, into: fake, now: now)
        }
        node.fake.clock.set(now)
        return node
    }

    /// Rows in any order: the legacy's is that of the directory. Objects have no order in a comparison.
    private func sorted(_ value: PyValue) throws -> PyValue {
        guard case .list(let rows) = value else { return value }
        return .list(try rows.sorted { try text($0) < text($1) })
    }

    private func text(_ value: PyValue) throws -> String { String(decoding: try PyJSON.dumps(value), as: UTF8.self) }

    @Test func asRecorded() async throws {
        let node = try await recordedNode()
        var asked = 0
        for exchange in try Recordings.exchanges(Self.scenario)
        where ["/games/", "/victory/", "/data/quality"].contains(where: exchange.target.hasPrefix) {
            let answer = try await node.ask(exchange.method, exchange.target)
            #expect(answer.status == exchange.status)
            var recorded = try json(exchange.answer)
            var given = try json(answer.text)
            // Files of 18 s and of 618 s lie in one hour or in two.
            for name in recorded["configs"]?.asDict?.keys ?? [] where exchange.target.hasPrefix("/games/") {
                recorded = recorded.without(name, "throughput_per_hour")
                given = given.without(name, "throughput_per_hour")
            }
            if exchange.target == "/data/quality" {
                recorded = .list(recorded["issues"]?.asList ?? [])
                given = .list(given["issues"]?.asList ?? [])
            }
            #expect(try sorted(given) == sorted(recorded), "\(exchange.target)")
            asked += 1
        }
        #expect(asked >= 14)
    }

    /// Nothing is read while the node is young, and nothing is kept.
    @Test func aYoungNode() async throws {
        let node = try await recordedNode()
        node.fake.clock.set(now - 125 + 119.9)
        #expect(
            try await node.ask("GET", "/games/analytics?hours=x")
                == (200, #"{"configs": {}, "message": "Startup in progress"}"#))
        #expect(try await node.ask("GET", "/victory/table").text == "[]")
        #expect(try await node.ask("GET", "/data/quality").text == #"{"configs": {}, "issues": [], "summary": {}}"#)
        node.fake.clock.set(now)
        #expect(try await node.ask("GET", "/victory/table").text != "[]")
        #expect(try await node.ask("GET", "/data/quality/issues").text != "[]")
    }

    /// Tables are kept for five minutes, GET /games/analytics is not.
    @Test func lifetime() async throws {
        let node = try await recordedNode()
        let before = try await node.ask("GET", "/victory/table").text
        let quality = try await node.ask("GET", "/data/quality").text
        let total = try json(try await node.ask("GET", "/games/analytics").text)["total_games"]?.asInt ?? 0
        node.fake.files.put(
            NodeFixture.tree + "/data/selfplay/new.jsonl",
            Array(#"{"board_type": "new", "victory_type": "lps", "length": 5}"#.utf8), modified: now)
        #expect(try await node.ask("GET", "/victory/table").text == before)
        #expect(try json(try await node.ask("GET", "/games/analytics").text)["total_games"] == .int(total + 1))
        node.fake.clock.set(now + 299.9)
        #expect(try await node.ask("GET", "/victory/table").text == before)
        #expect(try await node.ask("GET", "/data/quality").text == quality)
        node.fake.clock.set(now + 300)
        let after = try await node.ask("GET", "/victory/table").text
        #expect(
            after.contains(
                #"{"Config": "new_0p", "Total": 1, "Territory": 0, "LPS": 1, "Elimination": 0, "RingElim": 0, "#
                    + #""Stalemate": 0, "Territory%": 0.0, "LPS%": 100.0, "Elimination%": 0.0, "RingElim%": 0.0, "#
                    + #""Stalemate%": 0.0}"#))
        #expect(try await node.ask("GET", "/data/quality").text != quality)
    }
}

extension PyValue {
    /// An answer with `configs` without one value of one of them.
    fileprivate func without(_ name: PyString, _ key: PyString) -> PyValue {
        guard var body = asDict, var all = body["configs"]?.asDict, var one = all[name]?.asDict else { return self }
        one.removeValue(forKey: key)
        all[name] = .dict(one)
        body["configs"] = .dict(all)
        return .dict(body)
    }
}
