import Synchronization

/// Whether the heartbeat loop has paused for the first time: for a peer's answer, or because its first round is over.
///
/// It is the first of the legacy's tasks, and all other loops begin when it first lets them. A connection that is refused at
/// once is no pause there.
package final class FirstPause: Sendable {
    private struct State {
        var happened = false
        var waitsSince: ContinuousClock.Instant?
    }

    private let state = Mutex(State())
    private static let atOnce = Duration.milliseconds(250)

    package init() {}

    package func note() { state.withLock { $0.happened = true } }

    /// The loop asks a peer.
    package func beginWaiting() { state.withLock { $0.waitsSince = .now } }

    /// The peer has answered, or has not.
    /// - Returns: whether that was a pause.
    package func endWaiting(answered: Bool) -> Bool {
        state.withLock { state in
            defer { state.waitsSince = nil }
            guard answered || Self.isPause(state.waitsSince) else { return false }
            state.happened = true
            return true
        }
    }

    /// Waits for it, two seconds at most.
    package func wait() async {
        for _ in 0..<200 where !state.withLock({ $0.happened || Self.isPause($0.waitsSince) }) {
            try? await Task.sleep(for: .milliseconds(10))
        }
    }

    private static func isPause(_ since: ContinuousClock.Instant?) -> Bool {
        guard let since else { return false }
        return ContinuousClock.now - since > atOnce
    }
}
