import Comparison
import Foundation
import Glibc

/// Moves the virtual clock of a sandbox: from one moment somebody waits for to the next, and only while everything is
/// still. Used by the thread that plays the scenario.
final class VirtualTime {
    private let server: VirtualClockServer
    let stillness = MachineStillness()

    /// Real seconds until something must have come to rest.
    private static let restBound = 120.0
    /// Real seconds in which work that waits for something real may hold the clock.
    private static let busyBound = 3.0

    init(path: String, start: Double) throws { server = try VirtualClockServer(path: path, start: start) }

    var now: Double { server.now }
    /// Whether anybody but these processes follows the clock.
    func isFollowed(except helpers: Set<pid_t>) -> Bool { !server.followers.subtracting(helpers).isEmpty }

    /// Lets everything run that is due now.
    /// - Returns: the earliest moment somebody waits for.
    @discardableResult
    func settle() throws -> Double? {
        var busySince: ContinuousClock.Instant?
        while true {
            try rest()
            switch try server.turn() {
            case .woke: busySince = nil
            case .idle(busy: false, let next): return next
            case .idle(busy: true, let next):
                let since = busySince ?? ContinuousClock.now
                busySince = since
                if ContinuousClock.now - since > .seconds(Self.busyBound) { return next }
            }
        }
    }

    /// Moves the clock by this many seconds.
    func advance(_ seconds: Double) throws {
        let end = now + seconds
        while let next = try settle(), next <= end { server.now = next }
        server.now = end
        try settle()
    }

    /// Runs `work` on a thread of its own while the clock stands still; it moves on, from moment to moment, only when
    /// everything waits for it.
    func during<T: Sendable>(_ work: @escaping @Sendable () -> T) throws -> T {
        try settle()
        let result = Outcome<T>()
        let thread = Thread { result.set(work()) }
        thread.stackSize = 8 << 20
        thread.start()
        while true {
            if let value = result.get() { return value }
            try moveOn(after: 0.03) { result.get() != nil }
        }
    }

    /// Moves the clock to the next moment when everything has been still for a while, as long as `done` says no.
    /// - Parameter after: real seconds of stillness that count as waiting for the clock.
    func moveOn(after: Double, done: () -> Bool) throws {
        let since = ContinuousClock.now
        var next: Double?
        repeat {
            guard stillness.wait(seconds: Self.restBound, unless: done) else {
                if done() { return }
                throw ParityError("the node does not come to rest within \(Int(Self.restBound)) s")
            }
            if done() { return }
            switch try server.turn() {
            case .woke: return
            case .idle(let busy, let moment):
                next = moment
                if busy, ContinuousClock.now - since < .seconds(Self.busyBound) { continue }
            }
            usleep(2_000)
        } while ContinuousClock.now - since < .seconds(after)
        if let next, !done() { server.now = max(next, now) }
    }

    private func rest() throws {
        stillness.residents.formUnion(server.followers)
        if !stillness.wait(seconds: Self.restBound) {
            throw ParityError("the node does not come to rest within \(Int(Self.restBound)) s")
        }
    }

    /// `@unchecked Sendable`: `value` is guarded by `lock`.
    private final class Outcome<T: Sendable>: @unchecked Sendable {
        private let lock = NSLock()
        private var value: T?
        func set(_ value: T) { lock.withLock { self.value = value } }
        func get() -> T? { lock.withLock { value } }
    }
}
