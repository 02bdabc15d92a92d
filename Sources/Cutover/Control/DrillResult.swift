/// What a drill has measured. Times are unix seconds where they are moments, milliseconds where they are lengths.
package struct DrillResult: Sendable, Equatable, Codable {
    /// One request of the drill.
    package struct Sample: Sendable, Equatable {
        package var number: Int
        package var path: String
        package var sent: Double
        package var done: Double
        /// 0: no whole answer came.
        package var status: Int
        /// Nil: the answer does not say.
        package var side: ServingSide?
        package var accepted: Double?
        /// Why there was no answer.
        package var problem: String?

        package init(
            number: Int, path: String, sent: Double, done: Double, status: Int, side: ServingSide?, accepted: Double?,
            problem: String? = nil
        ) {
            self.number = number
            self.path = path
            self.sent = sent
            self.done = done
            self.status = status
            self.side = side
            self.accepted = accepted
            self.problem = problem
        }

        var isGood: Bool { (1..<500).contains(status) && side != nil && accepted != nil }
    }

    package struct Moments: Sendable, Equatable, Codable {
        /// The rollback came to the flags file.
        package var flip: Double
        /// The node's own time of the switch; nil: it never came.
        package var inForce: Double?
        /// The old flags came back.
        package var restore: Double
        /// The node served as before; nil: not within the time it was given.
        package var restored: Double?

        package init(flip: Double, inForce: Double?, restore: Double, restored: Double?) {
            self.flip = flip
            self.inForce = inForce
            self.restore = restore
            self.restored = restored
        }
    }

    package struct SideFigures: Sendable, Equatable, Codable {
        package var answers: Int
        package var milliseconds: ComparisonFigures.Latency
    }

    package var run: String
    package var subsystems: [Subsystem]
    package var paths: [String]
    package var moments: Moments
    /// So long after the flip Swift may take up requests; nil: there was no ready worker, and no promise.
    package var promise: Double?
    package var requests: Int
    package var swift: SideFigures
    package var legacy: SideFigures
    /// From the flip to the last request that Swift took up before the flags were restored; nil: none after the flip.
    package var lastSwift: Double?
    /// From the flip to the first request that the legacy took up; nil: none.
    package var firstLegacy: Double?
    /// Taken up before the flip and ended after it.
    package var crossing: Int
    package var failed: Int
    /// Sent, and never taken up by the front.
    package var lost: Int
    /// Taken up more than once.
    package var doubled: Int
    /// A few of the failed ones, a line each.
    package var examples: [String]
    /// What was not as it shall be; empty: all was.
    package var problems: [String]

    package var isWithinPromise: Bool { problems.isEmpty }

    /// - Parameters:
    ///   - samples: every request sent.
    ///   - count: what the front has counted; nil: it knows of none.
    package init(
        run: String, subsystems: [Subsystem], paths: [String], moments: Moments, promise: Double?, samples: [Sample],
        count: DrillLedger.Count?
    ) {
        self.run = run
        self.subsystems = subsystems
        self.paths = paths
        self.moments = moments
        self.promise = promise
        requests = samples.count
        let good = samples.filter(\.isGood)
        swift = Self.figures(good, .swift)
        legacy = Self.figures(good, .legacy)
        // What was taken up in between shall be the legacy's.
        let after = good.filter { sample in
            sample.accepted.map { $0 > moments.flip && $0 < moments.restore } ?? false
        }
        func latest(_ side: ServingSide) -> [Double] {
            after.filter { $0.side == side }.compactMap { $0.accepted.map { ($0 - moments.flip) * 1000 } }
        }
        lastSwift = latest(.swift).max()
        firstLegacy = latest(.legacy).min()
        crossing =
            good.filter { ($0.accepted ?? .infinity) <= moments.flip && $0.done > moments.flip && $0.side == .swift }
            .count
        let bad = samples.filter { !$0.isGood }
        failed = bad.count
        lost = max(0, samples.count - (count?.run == run ? count?.accepted ?? 0 : 0))
        doubled = count?.run == run ? count?.doubled ?? 0 : 0
        examples = bad.prefix(3).map { sample in
            let what =
                sample.problem ?? (sample.status == 0 ? "no answer" : "\(sample.status)")
                + (sample.status != 0 && sample.side == nil ? ", does not say who answered" : "")
            return "GET \(sample.path) at \(Int((sample.sent - moments.flip) * 1000)) ms: \(what)"
        }
        problems = []
        problems = found
    }

    private var found: [String] {
        var found: [String] = []
        if let lastSwift, let promise, lastSwift > promise {
            found.append("swift took up a request \(Int(lastSwift.rounded(.up))) ms after the flip")
        }
        if firstLegacy == nil { found.append("the legacy took up no request") }
        if moments.inForce == nil { found.append("the node did not say that the rollback was in force") }
        if moments.restored == nil { found.append("the node did not say that the old flags were in force again") }
        if failed > 0 { found.append("\(failed) failed") }
        if lost > 0 { found.append("\(lost) lost") }
        if doubled > 0 { found.append("\(doubled) doubled") }
        return found
    }

    private static func figures(_ samples: [Sample], _ side: ServingSide) -> SideFigures {
        let times = samples.filter { $0.side == side }.map { ($0.done - $0.sent) * 1000 }.sorted()
        func quantile(_ part: Double) -> Double? {
            times.isEmpty ? nil : times[min(times.count - 1, Int((Double(times.count) * part).rounded(.up)) - 1)]
        }
        return SideFigures(answers: times.count, milliseconds: .init(p50: quantile(0.5), p99: quantile(0.99)))
    }

    /// At most 80 columns.
    package func lines() -> [String] {
        func line(_ what: String, _ figure: String) -> String {
            "  " + what + String(repeating: " ", count: max(1, 36 - what.count)) + figure
        }
        func after(_ milliseconds: Double?, _ none: String) -> String {
            milliseconds.map { "\(Int($0.rounded(.up))) ms after the flip" } ?? none
        }
        let limit = promise.map { " (promise: \(Int($0)) ms)" } ?? " (nothing promised)"
        var lines = [
            line("last request that swift took up", after(lastSwift, "none after the flip") + limit),
            line("first request that legacy took up", after(firstLegacy, "none")),
            line(
                "the node's own time of the switch", after(moments.inForce.map { ($0 - moments.flip) * 1000 }, "none")),
            line("taken up before, ended after", "\(crossing), by swift as begun"),
            line("requests", "\(requests): swift \(swift.answers), legacy \(legacy.answers)"),
            line("failed, lost, doubled", "\(failed), \(lost), \(doubled)"),
            line(
                "p50/p99 in ms",
                "swift \(FigureText.latency(swift.milliseconds)), legacy \(FigureText.latency(legacy.milliseconds))"),
            line(
                "flags as before",
                moments.restored.map {
                    "\(Int((($0 - moments.restore) * 1000).rounded(.up))) ms after they were restored"
                }
                    ?? "not seen in time"),
        ]
        lines += examples.flatMap { StatusText.wrapped("  " + FlagAlarm.printable($0), "    ") }
        let verdict =
            problems.isEmpty
            ? (promise == nil ? "ok: nothing failed, lost or doubled" : "ok: within the promise")
            : "MISSED: " + problems.joined(separator: "; ")
        return lines + StatusText.wrapped(verdict, "  ")
    }

    package func json() throws -> [UInt8] { Array(try CutoverStatus.encoder(pretty: true).encode(self)) }
}
