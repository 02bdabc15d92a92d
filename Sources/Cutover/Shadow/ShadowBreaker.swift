/// Keeps a candidate that fails from being asked: opens after failures in a row, lets one sample through after a pause.
package struct ShadowBreaker: Sendable, Equatable {
    package enum State: Sendable, Equatable {
        case closed(failures: Int)
        /// Until so many seconds.
        case open(until: Double)
        /// One sample is on its way; its outcome decides.
        case probing
    }

    package private(set) var state = State.closed(failures: 0)
    private let threshold: Int
    private let pause: Double

    /// - Parameters:
    ///   - threshold: failures in a row.
    ///   - pause: seconds.
    package init(threshold: Int, pause: Double) {
        self.threshold = threshold
        self.pause = pause
    }

    /// Whether a sample may go now; one that may has to be reported by one of the other calls.
    package mutating func admits(now: Double) -> Bool {
        switch state {
        case .closed: return true
        case .probing: return false
        case .open(let until):
            guard now >= until else { return false }
            state = .probing
            return true
        }
    }

    /// Whether samples that wait are not asked any more.
    package var isOpen: Bool { if case .open = state { true } else { false } }

    package mutating func succeeded() { state = .closed(failures: 0) }

    package mutating func failed(now: Double) {
        switch state {
        case .closed(let failures) where failures + 1 < threshold: state = .closed(failures: failures + 1)
        case .closed, .probing: state = .open(until: now + pause)
        case .open: break
        }
    }

    /// The sample did not come to the candidate.
    package mutating func abandoned(now: Double) {
        if state == .probing { state = .open(until: now) }
    }
}
