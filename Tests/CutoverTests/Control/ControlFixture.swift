import Foundation
import HTTPService
import Synchronization

@testable import Cutover

/// A node's status out of a real flags file and a ledger, without a node.
struct ControlFixture {
    static let now = 1_800_000_000.0
    let scratch: FlagScratch
    let store: FlagStore
    let ledger = ServingLedger(now: { ControlFixture.now - 60 })

    init(_ text: String? = nil, environment: [String: String] = [:]) throws {
        scratch = try FlagScratch()
        if let text { try scratch.write(text) }
        store = scratch.store(environment)
    }

    /// - Parameter serving: what is in force; nil: what the flags say.
    func status(
        serving: [String: String]? = nil, standby: CutoverStatus.Standby = .init(kind: "warm", .ready(pid: 42)),
        figures: [Subsystem: ComparisonFigures] = [:], isDouble: Bool = false
    ) -> CutoverStatus {
        let table = serving.map { FlagTable(environment: $0) } ?? store.table
        let node = CutoverStatus.Node(
            id: "alpha", pid: 4711, tree: scratch.tree, started: Self.now - 7_980, legacy: "/srv/legacy",
            isDouble: isDouble)
        let routes: [Subsystem: (native: Int, all: Int)] = [.p2pLeadership: (4, 4), .p2pObservability: (16, 17)]
        return CutoverStatus(
            flags: store,
            serving: .init(
                node: node, standby: standby, table: table, ledger: ledger, routes: routes,
                evidence: Figures(of: figures)), now: Self.now)
    }
}

private struct Figures: ComparisonEvidence {
    let of: [Subsystem: ComparisonFigures]
    func figures(_ subsystem: Subsystem) -> ComparisonFigures { of[subsystem] ?? ComparisonFigures() }
}
