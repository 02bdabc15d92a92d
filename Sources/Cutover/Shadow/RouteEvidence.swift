/// What is known of one route on `shadow`.
package struct RouteEvidence: Sendable, Equatable {
    package var subsystem: Subsystem
    /// `GET /status`.
    package var route: String
    /// Answers of the serving side.
    package var served = 0
    /// Compared answers.
    package var samples = 0
    package var races = 0
    package var mismatches = 0
    package var notCompared: [NotCompared: Int] = [:]
    /// Milliseconds of the serving side, of all its answers.
    package var old = LatencyWindow()
    /// Milliseconds of processor time of the candidate's handler: at idle priority, time by the clock says nothing of it.
    package var new = LatencyWindow()
    /// Unix seconds.
    package var first: Double?
    package var last: Double?

    package init(_ subsystem: Subsystem, _ route: String) {
        self.subsystem = subsystem
        self.route = route
    }

    /// Every served answer ends in one of these.
    package mutating func add(_ outcome: ShadowOutcome, at time: Double) {
        switch outcome {
        case .notCompared(let reason):
            notCompared[reason, default: 0] += 1
            return
        case .equal: break
        case .race: races += 1
        case .mismatch: mismatches += 1
        }
        samples += 1
        first = first ?? time
        last = time
    }

    /// Answers whose sample is still under way.
    package var pending: Int { served - samples - notCompared.values.reduce(0, +) }
}
