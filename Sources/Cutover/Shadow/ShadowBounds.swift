/// What a subsystem on `shadow` has to show before it may go on.
package struct ShadowBounds: Sendable, Equatable {
    package var samples = 100
    /// Of each of its routes that was served.
    package var routeSamples = 3
    /// Seconds between the first and the last sample.
    package var window = 600.0
    package var mismatches = 0
    /// Share of the samples that came to the candidate and brought no answer.
    package var failures = 0.01
    /// Share of the samples that were races.
    package var races = 0.1
    /// The candidate's p99 (processor time) over the serving side's.
    package var latency = 2.0
    /// Milliseconds of p99 that are never too slow.
    package var fast = 20.0

    package init() {}
}

/// Whether the evidence is enough.
package enum ShadowVerdict: Sendable, Equatable, CustomStringConvertible {
    case ready
    case notYet(String)

    package var description: String {
        switch self {
        case .ready: "ready"
        case .notYet(let why): "not yet: " + why
        }
    }
}

extension ShadowBounds {
    /// No data is "not yet", never "ready".
    package func verdict(_ evidence: SubsystemEvidence) -> ShadowVerdict {
        if evidence.mismatches > mismatches { return .notYet("\(Self.count(evidence.mismatches, "mismatch", "es"))") }
        guard evidence.samples > 0, let first = evidence.first, let last = evidence.last else {
            return .notYet("nothing was compared")
        }
        if evidence.samples < samples { return .notYet("\(evidence.samples) of \(samples) samples") }
        for route in evidence.routes where route.comparable > 0 && route.samples < routeSamples {
            return .notYet("\(route.route): \(route.samples) of \(routeSamples) samples")
        }
        if last - first < window { return .notYet("samples of \(Int(last - first)) s, \(Int(window)) s are wanted") }
        let failed = [NotCompared.timedOut, .candidateDown].reduce(0) { $0 + (evidence.notCompared[$1] ?? 0) }
        if Double(failed) > failures * Double(evidence.samples + failed) {
            return .notYet("the candidate failed \(Self.count(failed, "time", "s"))")
        }
        if Double(evidence.races) > races * Double(evidence.samples) {
            return .notYet("\(evidence.races) of \(evidence.samples) samples were races")
        }
        guard let old = evidence.old.p99, let new = evidence.new.p99 else { return .notYet("no times") }
        if new > fast, new > latency * old {
            return .notYet("p99 of \(Int(new)) ms, the legacy's is \(Int(old)) ms")
        }
        return .ready
    }

    private static func count(_ number: Int, _ word: String, _ plural: String) -> String {
        "\(number) \(word)" + (number == 1 ? "" : plural)
    }
}
