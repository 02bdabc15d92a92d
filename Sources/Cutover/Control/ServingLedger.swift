import Foundation
import HTTPService
import Synchronization

/// Who has answered how many requests of each subsystem, since when its mode is in force, and whether a change is being
/// carried out. Two atomic additions a request.
package final class ServingLedger: Sendable {
    /// Answers of one side.
    package struct Answers: Sendable, Equatable, Codable {
        package var answered: Int
        /// Of them those with a status of 500 or more, and handlers that threw.
        package var failed: Int

        package init(answered: Int = 0, failed: Int = 0) {
            self.answered = answered
            self.failed = failed
        }
    }

    private final class Counter: Sendable {
        let answered = Atomic(0)
        let failed = Atomic(0)
    }

    private struct State {
        var since: [Subsystem: Double] = [:]
        var changes = 0
    }

    package let drill = DrillLedger()
    private let counters: [Subsystem: [ServingSide: Counter]]
    private let state = Mutex(State())
    private let now: @Sendable () -> Double

    /// - Parameter now: unix seconds.
    package init(now: @escaping @Sendable () -> Double) {
        self.now = now
        counters = Dictionary(
            uniqueKeysWithValues: Subsystem.allCases.map { subsystem in
                (subsystem, Dictionary(uniqueKeysWithValues: ServingSide.allCases.map { ($0, Counter()) }))
            })
    }

    /// The handler, with its answers counted for a side. A marked request (``DrillMark``) is told who answers it.
    package func counted(
        _ subsystem: Subsystem, _ side: ServingSide, _ handler: @escaping RouteHandler
    ) -> RouteHandler {
        guard let counter = counters[subsystem]?[side] else { return handler }
        let (drill, now) = (drill, now)
        return { request in
            let mark = request.header(DrillMark.header).flatMap { DrillMark($0) }
            let accepted = mark == nil ? 0 : now()
            if let mark { drill.accept(mark, side, at: accepted) }
            counter.answered.add(1, ordering: .relaxed)
            do {
                var response = try await handler(request)
                if response.status >= 500 { counter.failed.add(1, ordering: .relaxed) }
                if mark != nil {
                    response.headers.append((DrillMark.sideHeader, side.rawValue))
                    response.headers.append((DrillMark.acceptedHeader, String(format: "%.6f", accepted)))
                }
                return response
            } catch {
                counter.failed.add(1, ordering: .relaxed)
                throw error
            }
        }
    }

    package func answers(_ subsystem: Subsystem, _ side: ServingSide) -> Answers {
        guard let counter = counters[subsystem]?[side] else { return Answers() }
        return Answers(
            answered: counter.answered.load(ordering: .relaxed), failed: counter.failed.load(ordering: .relaxed))
    }

    /// Carrying out a change begins: from here until ``end()`` some of it may not be done yet.
    package func begin() { state.withLock { $0.changes += 1 } }

    package func end() { state.withLock { $0.changes -= 1 } }

    package var isChanging: Bool { state.withLock { $0.changes > 0 } }

    /// From now on these are in another mode.
    package func note(_ changed: [Subsystem]) {
        let time = now()
        state.withLock { state in
            for subsystem in changed { state.since[subsystem] = time }
        }
    }

    /// Unix seconds; nil: the mode is the one of the start.
    package func since(_ subsystem: Subsystem) -> Double? { state.withLock { $0.since[subsystem] } }
}
