import Synchronization

/// What contained code wanted to do to the world and was refused.
package final class EffectLedger: Sendable {
    private let entries = Mutex<[String]>([])
    private static let limit = 32

    package init() {}

    /// Notes a refusal; of very many only the first are kept.
    package func refuse(_ what: String) {
        entries.withLock { entries in if entries.count < Self.limit { entries.append(what) } }
    }

    /// What was refused since the last call, in order.
    package func take() -> [String] {
        entries.withLock { entries in
            defer { entries = [] }
            return entries
        }
    }
}
