/// The unit of cutover: a part of one of the three programs with its routes, loop steps and slice of state.
/// DESIGN section 3; borders in `docs/contract/behaviour/00-borders.md`.
package enum Subsystem: String, Sendable, Hashable, CaseIterable {
    case p2pResource = "p2p.resource"
    case p2pNetwork = "p2p.network"
    case p2pLeadership = "p2p.leadership"
    case p2pDataSync = "p2p.data_sync"
    case p2pScheduling = "p2p.scheduling"
    case p2pSelfplay = "p2p.selfplay"
    case p2pTraining = "p2p.training"
    case p2pTournament = "p2p.tournament"
    case p2pObservability = "p2p.observability"
    case p2pOrchestrator = "p2p.orchestrator"
    case loopConfig = "loop.config"
    case loopDataCollection = "loop.data_collection"
    case loopTraining = "loop.training"
    case loopEvaluation = "loop.evaluation"
    case loopPromotion = "loop.promotion"
    case loopLoop = "loop.loop"
    case improvementSelfplay = "improvement.selfplay"
    case improvementTraining = "improvement.training"
    case improvementEvaluation = "improvement.evaluation"
    case improvementPromotion = "improvement.promotion"
    case improvementCheckpointing = "improvement.checkpointing"
    case improvementLoop = "improvement.loop"

    /// The program it belongs to: the part before the dot.
    package var program: Program {
        Program(rawValue: String(rawValue.prefix { $0 != "." })) ?? .p2p
    }

    /// `RINGRIFT_IMPL_P2P_DATA_SYNC`, …
    package var variable: String {
        "RINGRIFT_IMPL_" + rawValue.uppercased().map { $0 == "." ? "_" : String($0) }.joined()
    }
}

/// One of the three programs.
package enum Program: String, Sendable, Hashable, CaseIterable {
    case p2p, loop, improvement

    package var subsystems: [Subsystem] { Subsystem.allCases.filter { $0.program == self } }
    /// `RINGRIFT_IMPL_P2P`, …
    package var variable: String { "RINGRIFT_IMPL_" + rawValue.uppercased() }
}

/// Which implementation serves a subsystem, in the order of a cutover.
package enum Mode: String, Sendable, Hashable, CaseIterable, Comparable {
    /// The old one serves alone.
    case legacy
    /// The old one serves, the new one runs beside it and is compared.
    case shadow
    /// The new one serves, the old one runs beside it and is compared.
    case live
    /// The new one alone.
    case swift

    package static func < (left: Mode, right: Mode) -> Bool {
        (allCases.firstIndex(of: left) ?? 0) < (allCases.firstIndex(of: right) ?? 0)
    }
}
