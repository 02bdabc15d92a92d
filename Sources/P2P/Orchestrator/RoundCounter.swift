import Synchronization

/// How many rounds of a loop are over.
package final class RoundCounter: Sendable {
    private let rounds = Atomic<Int>(0)

    package init() {}

    package var count: Int { rounds.load(ordering: .acquiring) }

    package func add() { rounds.add(1, ordering: .releasing) }
}
