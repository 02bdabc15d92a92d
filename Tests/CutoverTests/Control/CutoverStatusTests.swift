import Foundation
import Testing

@testable import Cutover

@Suite struct CutoverStatusTests {
    @Test func theSameAfterJSON() throws {
        let control = try ControlFixture("RINGRIFT_IMPL_P2P_LEADERSHIP=shadow\nRINGRIFT_IMPL=typo\n")
        let figures = ComparisonFigures(
            samples: 1_240, mismatches: 2, races: 3, notCompared: [.init(reason: "sampled out", count: 7)],
            old: .init(p50: 18, p99: 41), new: .init(p50: 1.25, p99: 9), isReady: false, reason: "2 mismatches")
        let status = control.status(figures: [.p2pLeadership: figures])
        let json = try status.json()
        #expect(try CutoverStatus(json: json) == status)
        let text = String(decoding: json, as: UTF8.self)
        for part in [
            #""not_compared":[{"count":7,"reason":"sampled out"}]"#, #""p50":1.25"#, #""native_routes":4"#,
            #""standby":{"kind":"warm","pid":42,"state":"ready"}"#, #""is_rolled_back":false"#,
            #""subsystem":"p2p.leadership""#, #""mode":"shadow""#,
        ] { #expect(text.contains(part), "\(part)") }
        #expect(status.subsystems.map(\.subsystem) == Subsystem.allCases)
    }

    /// No samples is never "ready".
    @Test func nothingComparedIsNotYet() throws {
        let status = try ControlFixture("RINGRIFT_IMPL=legacy\n").status()
        for row in status.subsystems {
            #expect(!row.comparison.isReady)
            #expect(row.comparison.verdict == "not yet: no samples")
            #expect(row.comparison.samples == nil)
        }
    }

    /// Flags, what serves, is everything in force.
    @Test(
        arguments: [
            ("", [:], true), ("RINGRIFT_IMPL_P2P=legacy\n", ["RINGRIFT_IMPL_P2P": "legacy"], true),
            ("RINGRIFT_IMPL_P2P=legacy\n", [:], false),
            ("RINGRIFT_IMPL_P2P_TRAINING=live\n", ["RINGRIFT_IMPL_P2P_TRAINING": "live"], true),
            // Another program's subsystems are not this node's to serve.
            ("RINGRIFT_IMPL_LOOP=legacy\n", [:], true),
        ] as [(String, [String: String], Bool)])
    func isInForce(_ text: String, _ serving: [String: String], _ expected: Bool) throws {
        let control = try ControlFixture("# a file\n" + text)
        #expect(control.status(serving: serving).isInForce == expected)
        control.ledger.begin()
        #expect(!control.status(serving: serving).isInForce)
        control.ledger.end()
        #expect(control.status(serving: serving).isInForce == expected)
    }

    /// What serves decides the source that is shown; the wanted mode's own is only shown once it serves.
    @Test func sourceOfWhatServes() throws {
        let control = try ControlFixture("RINGRIFT_IMPL_P2P_TRAINING=legacy\n")
        let waiting = try #require(control.status(serving: ["RINGRIFT_IMPL_P2P": "swift"]).row(.p2pTraining))
        #expect(waiting.mode == .swift && waiting.wanted == .legacy && waiting.source == "RINGRIFT_IMPL_P2P")
        let there = try #require(control.status().row(.p2pTraining))
        #expect(there.mode == .legacy && there.source == "flags.env: RINGRIFT_IMPL_P2P_TRAINING")
    }

    @Test func whoDecidedAndSinceWhen() throws {
        let control = try ControlFixture()
        let edit = FlagEdit(
            .demote(.p2pTraining, to: .shadow), time: ControlFixture.now - 90_000, who: "breaker",
            reason: "3 mismatches")
        try control.store.apply(edit)
        let row = try #require(control.status().row(.p2pTraining))
        #expect(row.decision == .init(time: ControlFixture.now - 90_000, who: "breaker", reason: "3 mismatches"))
        // Decided before the node's start, in force since.
        #expect(row.since == ControlFixture.now - 90_000)
        #expect(control.status().row(.p2pNetwork)?.since == ControlFixture.now - 7_980)
        control.ledger.note([.p2pTraining])
        #expect(control.status().row(.p2pTraining)?.since == ControlFixture.now - 60)
        #expect(control.status().row(.loopLoop)?.since == nil)
    }

    @Test(
        arguments: [
            ("default", "default", nil), ("RINGRIFT_IMPL", "env all", nil), ("RINGRIFT_IMPL_P2P", "env program", nil),
            ("RINGRIFT_IMPL_IMPROVEMENT_CHECKPOINTING", "env", nil), ("RINGRIFT_ROLLBACK", "env rollback", nil),
            ("flags.env: RINGRIFT_IMPL", "file all", "RINGRIFT_IMPL"),
            ("flags.env: RINGRIFT_IMPL_LOOP", "file program", "RINGRIFT_IMPL_LOOP"),
            ("flags.env: RINGRIFT_IMPL_LOOP_LOOP", "file", "RINGRIFT_IMPL_LOOP_LOOP"),
            ("flags.env: RINGRIFT_ROLLBACK", "file rollback", "RINGRIFT_ROLLBACK"),
            ("flags.env: unreadable", "file unreadable", nil),
        ] as [(String, String, String?)])
    func sources(_ source: String, _ short: String, _ variable: String?) {
        #expect(FlagSource(source).short == short)
        #expect(short.count <= 15)
        #expect(FlagSource(source).fileVariable == variable)
    }

    /// Every state of a worker, as status and terminal show it.
    @Test(
        arguments: [
            ("off", nil, "absent", "off: there is no worker; a rollback needs a restart"),
            ("cold", .idle, "idle", "cold: the worker starts when it is needed"),
            ("warm", .starting, "starting", "warm: the worker is starting"),
            ("warm", .ready(pid: 7), "ready", "warm: the worker is ready (pid 7)"),
            (
                "warm", .waiting(reason: "signal 9", seconds: 0.5), "waiting",
                "warm: the worker ended (signal 9); it starts again within 0.5 s"
            ),
            ("wait", .stopped, "stopped", "wait: the node is stopping"),
        ] as [(String, LegacyWorker.State?, String, String)])
    func standby(_ kind: String, _ state: LegacyWorker.State?, _ name: String, _ text: String) {
        let standby = CutoverStatus.Standby(kind: kind, state)
        #expect(standby.state.rawValue == name)
        #expect(StatusText.standby(standby) == text)
    }
}
