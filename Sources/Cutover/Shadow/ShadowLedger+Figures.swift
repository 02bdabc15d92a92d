/// What the shadow shows in `/cutover/status`, on the page and to `ringrift cutover status`.
extension ShadowLedger: ComparisonEvidence {
    package func figures(_ subsystem: Subsystem) -> ComparisonFigures { ComparisonFigures(evidence(subsystem)) }
}

extension ComparisonFigures {
    /// - Returns: the empty figures where no answer was ever looked at.
    package init(_ evidence: SubsystemEvidence) {
        guard evidence.served > 0 else {
            self.init()
            return
        }
        let reasons = NotCompared.allCases.compactMap { reason in
            evidence.notCompared[reason].map { Uncompared(reason: reason.rawValue, count: $0) }
        }
        let (isReady, reason) =
            switch evidence.verdict {
            case .ready: (true, "")
            case .notYet(let why): (false, why)
            }
        self.init(
            samples: evidence.samples, mismatches: evidence.mismatches, races: evidence.races, notCompared: reasons,
            old: Latency(p50: evidence.old.p50, p99: evidence.old.p99),
            new: Latency(p50: evidence.new.p50, p99: evidence.new.p99), isReady: isReady, reason: reason)
    }
}
