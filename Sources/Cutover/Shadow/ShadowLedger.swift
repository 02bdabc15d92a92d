import Synchronization

/// Admits samples and counts what becomes of every answer of a subsystem on `shadow`. The serving side calls it once or
/// twice a request; nothing waits here.
package final class ShadowLedger: Sendable {
    private struct State {
        var routes: [String: RouteEvidence] = [:]
        var sampler: ShadowSampler
        var breaker: ShadowBreaker
    }

    private let state: Mutex<State>
    private let limits: ShadowLimits

    package init(limits: ShadowLimits) {
        self.limits = limits
        state = Mutex(
            State(
                sampler: ShadowSampler(rate: limits.rate, routeRate: limits.routeRate),
                breaker: ShadowBreaker(threshold: limits.failures, pause: limits.pause)))
    }

    /// Counts an answer that is not compared whatever the limits say.
    package func skip(_ subsystem: Subsystem, _ route: String, _ reason: NotCompared) {
        change(subsystem, route) { evidence, _ in
            evidence.served += 1
            evidence.add(.notCompared(reason), at: 0)
        }
    }

    /// An answer of the serving side.
    /// - Parameters:
    ///   - milliseconds: what it took.
    ///   - bytes: length of its body.
    ///   - now: seconds of a clock that does not go back.
    /// - Returns: whether it is compared; then ``finish(_:_:_:candidate:now:time:)`` has to follow.
    package func admit(
        _ subsystem: Subsystem, _ route: String, milliseconds: Double, bytes: Int, now: Double
    ) -> Bool {
        change(subsystem, route) { evidence, state in
            evidence.served += 1
            evidence.old.add(milliseconds)
            var reason: NotCompared?
            if bytes > limits.maximumBody {
                reason = .tooBig
            } else if !state.sampler.admits(route, now: now) {
                reason = .sampledOut
            } else if !state.breaker.admits(now: now) {
                reason = .breakerOpen
            }
            if let reason { evidence.add(.notCompared(reason), at: 0) }
            return reason == nil
        }
    }

    /// Whether a sample that waited is not to be asked any more.
    package var isBroken: Bool { state.withLock { $0.breaker.isOpen } }

    /// What became of an admitted sample.
    /// - Parameters:
    ///   - milliseconds: what the candidate took, where it answered.
    ///   - now: as in ``admit(_:_:milliseconds:bytes:now:)``.
    ///   - time: unix seconds.
    package func finish(
        _ subsystem: Subsystem, _ route: String, _ outcome: ShadowOutcome, milliseconds: Double? = nil, now: Double,
        time: Double
    ) {
        change(subsystem, route) { evidence, state in
            evidence.add(outcome, at: time)
            if let milliseconds { evidence.new.add(milliseconds) }
            switch outcome {
            case .equal, .race, .mismatch, .notCompared(.effectUnknown), .notCompared(.notNative):
                state.breaker.succeeded()
            case .notCompared(.timedOut), .notCompared(.candidateDown): state.breaker.failed(now: now)
            case .notCompared: state.breaker.abandoned(now: now)
            }
        }
    }

    /// Of all routes that were asked for.
    package var routes: [RouteEvidence] { state.withLock { Array($0.routes.values) } }

    package var breaker: ShadowBreaker.State { state.withLock { $0.breaker.state } }

    /// Of one subsystem.
    package func evidence(_ subsystem: Subsystem, bounds: ShadowBounds = ShadowBounds()) -> SubsystemEvidence {
        SubsystemEvidence(subsystem, routes, bounds: bounds)
    }

    private func change<T: Sendable>(
        _ subsystem: Subsystem, _ route: String, _ body: (inout RouteEvidence, inout State) -> T
    ) -> T {
        state.withLock { state in
            var evidence = state.routes[route] ?? RouteEvidence(subsystem, route)
            // The only reference, so that the windows are not copied.
            state.routes[route] = nil
            let result = body(&evidence, &state)
            state.routes[route] = evidence
            return result
        }
    }
}
