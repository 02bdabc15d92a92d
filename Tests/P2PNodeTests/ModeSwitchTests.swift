import Cutover
import Foundation
import HTTPService
import Synchronization
import TestSupport
import Testing

@testable import P2PNode

/// What the flags say is what serves.
@Suite struct ModeSwitchTests {
    private static func table(_ modes: [String: String]) -> FlagTable {
        FlagTable(
            environment: Dictionary(uniqueKeysWithValues: modes.map { ("RINGRIFT_IMPL_P2P_" + $0.key, $0.value) }))
    }

    private final class Notes: Sendable {
        private let lines = Mutex<[String]>([])
        var all: [String] { lines.withLock { $0 } }
        func add(_ line: String) { lines.withLock { $0.append(line) } }
    }

    private func modeSwitch(_ node: NodeFixture, _ notes: Notes) -> ModeSwitch {
        let flags = FlagStore(
            environment: ["RINGRIFT_IMPL_FILE": "/nonexistent/flags.env"], tree: "/nonexistent", now: { 0 },
            onEvent: { _ in })
        return ModeSwitch(runtime: node.runtime, flags: flags, worker: nil, exchange: nil) { notes.add($0) }
    }

    /// A native route is the worker's while its subsystem is on legacy: without one it is refused, never answered in Swift.
    @Test(arguments: [
        ("GET", "/health", "OBSERVABILITY"), ("GET", "/status", "OBSERVABILITY"),
        ("GET", "/election/grant", "LEADERSHIP"), ("POST", "/heartbeat", "NETWORK"),
    ])
    func routesFollowTheModes(_ method: String, _ path: String, _ subsystem: String) async throws {
        let node = try await NodeFixture()
        for (mode, isNative) in [("legacy", false), ("swift", true), ("shadow", false), ("live", true)] {
            node.runtime.modes.replace(Self.table([subsystem: mode]))
            let answer = try await node.ask(method, path)
            #expect((answer.status != 501) == isNative, "\(mode)")
            // The routes of others stay where they are.
            node.runtime.modes.replace(Self.table(["DATA_SYNC": mode]))
            #expect(try await node.ask(method, path).status != 501)
        }
    }

    /// Where there is no legacy, asking for it at run time is an alarm, and the node goes on.
    @Test func aLegacyThatIsNotThere() async throws {
        let node = try await NodeFixture()
        let notes = Notes()
        await modeSwitch(node, notes).apply(Self.table(["OBSERVABILITY": "legacy"]))
        #expect(notes.all == ["alarm: the flags ask for the legacy, and there is none: swift goes on serving"])
        #expect(try await node.ask("GET", "/health").status == 200)
    }

    @Test func aChangeThatNeedsNoLegacy() async throws {
        let node = try await NodeFixture()
        let notes = Notes()
        let wanted = modeSwitch(node, notes)
        await wanted.apply(Self.table([:]))
        #expect(notes.all == [])
        await wanted.apply(Self.table(["LEADERSHIP": "live"]))
        #expect(
            notes.all == [
                "alarm: p2p.leadership=live: swift serves it, nothing is compared in this version",
                "in force: p2p.leadership=live",
            ])
        #expect(node.runtime.loops.goesOn("heartbeat"))
    }
}
