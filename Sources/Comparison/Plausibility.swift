import PythonSemantics

/// What is learned of a leaf on which the references differ, and whether a candidate's value fits it.
///
/// The classes, by what the references show: `time` (in the run's own window), `duration since a fixed time`, `process
/// id`, `number` (same sign, near the observed ones), `id` (same form), `text` (same words around tokens that fit),
/// `vocabulary` (a text that occurs in a reference's answer), `bool`.
struct Plausibility: Sendable {
    /// nil: the logs have no clock, so a time must only be one.
    var clocks: ClockPair?
    /// The share of the disk in use, as each run shows it most.
    var disk: DiskShares?

    struct Verdict: Equatable {
        /// Names the class, for reports and for what the self-test missed.
        var noise: String
        /// nil: it fits; else what was expected.
        var problem: String?
    }

    // MARK: Numbers

    /// - Parameters:
    ///   - name: the leaf's own key.
    ///   - references: with their index among all references, for their clocks.
    func number(_ value: Double, references: [(index: Int, value: Double)], name: String) -> Verdict {
        let seen = references.map(\.value)
        guard let low = seen.min(), let high = seen.max() else { return Verdict(noise: "number") }
        if !value.isFinite {
            return Verdict(noise: "number", problem: seen.allSatisfy(\.isFinite) ? "a finite number" : nil)
        }
        if name == "pid" || name.hasSuffix("_pid") {
            let fits = value >= 1 && value <= 4_194_304
            return Verdict(noise: "process id", problem: fits ? nil : "a process id, like \(Self.list(seen))")
        }
        if name.hasSuffix("disk_percent"), let disk, let verdict = disk.verdict(value, references: references) {
            return verdict
        }
        if name.hasSuffix("percent"), low >= 0, high <= 100 {
            // A share of the machine's disk or memory, which is another one elsewhere.
            let fits = value >= 0 && value <= 100
            return Verdict(noise: "percentage", problem: fits ? nil : "0 to 100, like \(Self.list(seen))")
        }
        for unit in [1.0, 1000.0] where low > 1e9 * unit && high < 4e9 * unit {
            let scaled = references.map { (index: $0.index, value: $0.value / unit) }
            // Samples of a whole minute are as coarse as that.
            let minutes = unit == 1 && seen.allSatisfy { $0.truncatingRemainder(dividingBy: 60) == 0 }
            return time(value / unit, references: scaled, resolution: minutes ? 60 : unit == 1 ? 1 : 0.001)
        }
        if let clocks, seen.count > 2 {
            let offsets = references.map { $0.value - clocks.references[$0.index].now }
            if let first = offsets.min(), let last = offsets.max(), last - first < 30, high - low > 300 {
                return offset(value - clocks.candidate.now, offsets, "duration since a fixed time", slack: 30)
            }
        }
        let spread = high - low
        var least = low - max(3 * spread, abs(low) * 0.75, 10)
        var most = high + max(3 * spread, abs(high), 10)
        if low >= 0 { least = max(least, 0) }
        if high <= 0 { most = min(most, 0) }
        let fits = value >= least && value <= most || isAge(value, references: references)
        return Verdict(
            noise: "number",
            problem: fits ? nil : "a number from \(Self.short(least)) to \(Self.short(most)), like \(Self.list(seen))")
    }

    /// Whether the references show seconds since something that each run does at the same moment of its life (its start,
    /// an election), and the candidate did it then, too: on a busy machine the question comes later, not the event.
    private func isAge(_ value: Double, references: [(index: Int, value: Double)]) -> Bool {
        guard let clocks, !clocks.candidate.whole, value >= 0, references.count > 1 else { return false }
        let moments = references.map { clocks.references[$0.index].elapsed - $0.value }
        guard let first = moments.min(), let last = moments.max(), first > -5, last - first < 3 else { return false }
        let moment = clocks.candidate.elapsed - value
        let slack = 2 + 2 * (last - first) + clocks.delay
        return moment > first - slack && moment < last + slack
    }

    /// A point in time, in seconds since 1970.
    func time(_ value: Double, references: [(index: Int, value: Double)], resolution: Double) -> Verdict {
        guard let clocks else {
            let fits = value > 1e9 && value < 4e9
            return Verdict(noise: "time", problem: fits ? nil : "a time in seconds since 1970")
        }
        let elapsed = max(clocks.candidate.elapsed, clocks.references.map(\.elapsed).max() ?? 0)
        let early = references.map { $0.value - clocks.references[$0.index].start }
        // Before what is of the answer: a start may lie a whole number of ten seconds before it by chance.
        if let verdict = atStart(value - clocks.candidate.start, early, elapsed: elapsed) { return verdict }
        if let verdict = whileAnswering(value, references: references, clocks) { return verdict }
        let offsets = references.map { $0.value - clocks.references[$0.index].now }
        // What is computed when the question comes is always as far from then, however slow the run.
        let spread = (offsets.max() ?? 0) - (offsets.min() ?? 0)
        // Two runs may agree on that by chance.
        let steady =
            references.count > 2 && !clocks.candidate.whole && spread < 0.25
            && (early.max() ?? 0) - (early.min() ?? 0) > 2 * spread
        var verdict = offset(
            value - clocks.candidate.now, offsets, "time",
            slack: resolution + (steady ? 3 : 10 + elapsed / 2) + clocks.delay,
            above: offsets.allSatisfy { $0 <= 2 + resolution } ? 5 + resolution : nil)
        if verdict.problem == nil {
            verdict = offset(
                value - clocks.candidate.start, early, "time", slack: 10 + resolution + elapsed + clocks.delay)
        }
        return verdict
    }

    /// A time at which the program started, in every reference and here: how long ago that is depends on how fast it
    /// starts. Nil: no such time, or not seen late enough in the run to tell.
    private func atStart(_ own: Double, _ seen: [Double], elapsed: Double) -> Verdict? {
        guard elapsed > 6, seen.allSatisfy({ abs($0) < 3 }), abs(own) < 3 else { return nil }
        return Verdict(noise: "time")
    }

    /// A time that was taken while the step was answered, in every reference: between the coming of the request and its
    /// line in the access log, or a whole number of ten seconds from there (the end of a lease, the begin of a day's
    /// window). Nil: it is no such time.
    private func whileAnswering(
        _ value: Double, references: [(index: Int, value: Double)], _ clocks: ClockPair
    ) -> Verdict? {
        guard let answering = clocks.candidate.answering, references.count > 1,
            references.contains(where: { $0.value != $0.value.rounded() })
        else { return nil }
        let first = references[0].value - clocks.references[references[0].index].now
        let distance = (first / 10).rounded() * 10
        let taken = references.allSatisfy { reference in
            let moment = clocks.references[reference.index]
            let offset = reference.value - moment.now - distance
            return offset <= 0.002 && offset >= -0.01 - (moment.answering ?? 0)
        }
        if !taken { return nil }
        // The line may be written, and the answer reach the client, a while after the time was taken.
        let (least, most) = (distance - 1 - answering, distance + 0.4)
        let offset = value - clocks.candidate.now
        let fits = offset >= least && offset <= most
        // In two runs something that happens by the clock may lie there by chance (a lease renewed ten seconds before, a
        // round of heartbeats that ends just then).
        if !fits, references.count == 2 { return nil }
        return Verdict(
            noise: "time of the answer",
            problem: fits
                ? nil
                : "a time \(Self.short(least)) to \(Self.short(most)) s from this answer, not \(Self.short(offset)) s")
    }

    /// - Parameter above: an upper bound whatever the references show (nothing comes from the future).
    private func offset(
        _ value: Double, _ seen: [Double], _ noise: String, slack: Double, above: Double? = nil
    ) -> Verdict {
        guard let low = seen.min(), let high = seen.max() else { return Verdict(noise: noise) }
        let least = low - 3 * (high - low) - slack
        let most = min(high + 3 * (high - low) + slack, above ?? .infinity)
        if value >= least && value <= most { return Verdict(noise: noise) }
        return Verdict(
            noise: noise,
            problem: "a time \(Self.short(least)) to \(Self.short(most)) s from this moment of the run, not"
                + " \(Self.short(value)) s")
    }

    /// The length of a body that is not shown: within one in fifty of those seen.
    func length(_ value: Int, references: [Double]) -> Verdict {
        guard let low = references.min(), let high = references.max() else { return Verdict(noise: "length") }
        let slack = max(16, high / 50, high - low)
        let fits = Double(value) >= low - slack && Double(value) <= high + slack
        return Verdict(noise: "length", problem: fits ? nil : "a length like \(Self.list(references))")
    }

    // MARK: Tokens

    /// Whether one token of a text fits what the references have there.
    func token(_ own: TextToken, references: [(index: Int, token: TextToken)]) -> Verdict {
        switch own.kind {
        case .stamp: return stamp(own, references: references)
        case .uuid, .hex:
            let digits = references.allSatisfy { $0.token.text.utf8.allSatisfy { (0x30...0x39).contains($0) } }
            if digits, references.allSatisfy({ $0.token.text.utf8.count == own.text.utf8.count }) {
                guard let value = Double(own.text) else {
                    return Verdict(noise: "number", problem: "a number like \(references[0].token.text)")
                }
                return number(value, references: Self.numbers(references), name: "")
            }
            let lengths = Set(references.map { $0.token.text.utf8.count })
            let dashes = Set(references.map { $0.token.text.contains("-") })
            let fits = lengths.contains(own.text.utf8.count) && dashes.contains(own.text.contains("-"))
            return Verdict(noise: "id", problem: fits ? nil : "an id like \(references[0].token.text)")
        case .number:
            guard let value = Double(own.text) else { return Verdict(noise: "number") }
            if own.isClock, (0...59).contains(value),
                Self.numbers(references).allSatisfy({ (0...59).contains($0.value) })
            {
                return Verdict(noise: "part of a clock time")
            }
            if own.isDuration {
                // Milliseconds depend on the load of the machine: up to a minute, or ten times what was seen.
                let most = max(60_000, 10 * (Self.numbers(references).map(\.value).max() ?? 0))
                let fits = value >= 0 && value <= most
                return Verdict(noise: "duration", problem: fits ? nil : "0 to \(Self.short(most)) ms")
            }
            if own.isProcess { return number(value, references: Self.numbers(references), name: "pid") }
            if own.isSeed {
                // Milliseconds modulo 2^31, or a hash modulo 10000.
                let digits = (references.map(\.token.text.utf8.count).max() ?? 0) > 4 ? 10 : 4
                let fits = own.text.utf8.count <= digits && own.text.utf8.allSatisfy { (0x30...0x39).contains($0) }
                return Verdict(noise: "seed", problem: fits ? nil : "a whole number of \(digits) digits at most")
            }
            let decimals = references.contains { $0.token.text.contains(".") }
            if own.text.contains("."), !decimals {
                return Verdict(noise: "number", problem: "a whole number like \(references[0].token.text)")
            }
            return number(value, references: Self.numbers(references), name: "")
        }
    }

    private static func numbers(_ tokens: [(index: Int, token: TextToken)]) -> [(index: Int, value: Double)] {
        tokens.compactMap { entry in Double(entry.token.text).map { (entry.index, $0) } }
    }

    private func stamp(_ own: TextToken, references: [(index: Int, token: TextToken)]) -> Verdict {
        let like = "a time like \(references.first?.token.text ?? "")"
        guard let mine = TimeStamp(own.text) else { return Verdict(noise: "time", problem: like) }
        if !references.contains(where: { Self.form($0.token.text) == Self.form(own.text) }) {
            return Verdict(noise: "time", problem: like)
        }
        var theirs: [(index: Int, value: Double)] = []
        for entry in references {
            guard let time = TimeStamp(entry.token.text) else { continue }
            theirs.append((entry.index, time.seconds - (time.zone == nil ? zone(entry.index) : 0)))
        }
        return time(
            mine.seconds - (mine.zone == nil ? clocks?.candidate.zone ?? 0 : 0), references: theirs,
            resolution: mine.resolution)
    }

    /// How a time is written, without its fraction (Python leaves that of a whole second out).
    private static func form(_ text: String) -> String {
        var form = ""
        var fraction = false
        for character in text {
            if character == "." || character == "," {
                fraction = true
            } else if character.isNumber {
                if !fraction { form.append("0") }
            } else {
                fraction = false
                form.append(character.isLetter && character != "T" && character != "Z" ? "a" : character)
            }
        }
        return form
    }

    private func zone(_ reference: Int) -> Double {
        guard let clocks, clocks.references.indices.contains(reference) else { return 0 }
        return clocks.references[reference].zone
    }

    /// Whether values on which all references agree may agree only because the runs took place at the same time: a date
    /// on the same day, a second in the same second.
    ///
    /// - Parameter alone: only one of several references shows the value, so that nothing can be said of agreement.
    func agreesByTime(_ value: Double, resolution: Double, alone: Bool) -> Bool {
        guard let clocks, !clocks.exactTimes, let first = clocks.references.map(\.now).min(),
            let last = clocks.references.map(\.now).max(), clocks.references.count > 1
        else { return false }
        let near = value > first - 86_400 * 2 && value < last + 86_400 * 2
        return near && (alone || last - first <= max(2, resolution * 1.5))
    }

    static func short(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e15 ? String(Int(value)) : String((value * 1000).rounded() / 1000)
    }

    private static func list(_ values: [Double]) -> String {
        values.prefix(4).map(short).joined(separator: ", ")
    }
}

/// The share of the disk in use is the machine's: another one elsewhere, nearly the same within a run.
struct DiskShares: Sendable {
    var candidate: Double
    var references: [Double]

    func verdict(_ value: Double, references seen: [(index: Int, value: Double)]) -> Plausibility.Verdict? {
        let apart = seen.map { abs($0.value - references[$0.index]) }.max() ?? 0
        // A seeded share has nothing to do with the disk.
        if apart > 2 { return nil }
        let fits = abs(value - candidate) <= 0.5 + 3 * apart
        return Plausibility.Verdict(
            noise: "share of the disk",
            problem: fits ? nil : "near \(Plausibility.short(candidate)), as elsewhere in this run")
    }
}

/// The clocks of the runs that are compared, at the moment of one step.
struct ClockPair: Sendable, Equatable {
    var candidate: RunMoment
    var references: [RunMoment]
    /// Both sides run on the same virtual clock: a time is a value like any other.
    var exactTimes = false
    /// Seconds that the candidate took longer to start than any reference: so much slower the machine was at least, and
    /// so much later its loops came to what the references show.
    var delay = 0.0
}

extension RunMoment {
    var elapsed: Double { max(0, now - start) }
}
