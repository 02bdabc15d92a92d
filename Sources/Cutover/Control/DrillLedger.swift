import Synchronization

/// What the front has seen of the last drill: every request by its number, so that a lost or doubled one shows.
package final class DrillLedger: Sendable {
    package struct Count: Sendable, Equatable, Codable {
        package var run: String
        /// Different requests that were taken up.
        package var accepted = 0
        /// Taken up once more.
        package var doubled = 0
        package var swift = 0
        package var legacy = 0
        /// When the last one was taken up; unix seconds.
        package var last = 0.0
    }

    private struct State {
        var count: Count?
        /// A bit a number.
        var seen: [UInt64] = []
    }

    private let state = Mutex(State())

    package init() {}

    /// The last drill; nil: there was none.
    package var count: Count? { state.withLock { $0.count } }

    func accept(_ mark: DrillMark, _ side: ServingSide, at time: Double) {
        state.withLock { state in
            if state.count?.run != mark.run { state = State(count: Count(run: mark.run)) }
            let (word, bit) = (mark.number / 64, UInt64(1) << UInt64(mark.number % 64))
            while state.seen.count <= word { state.seen.append(0) }
            if state.seen[word] & bit == 0 {
                state.count?.accepted += 1
            } else {
                state.count?.doubled += 1
            }
            state.seen[word] |= bit
            switch side {
            case .swift: state.count?.swift += 1
            case .legacy: state.count?.legacy += 1
            }
            state.count?.last = time
        }
    }
}
