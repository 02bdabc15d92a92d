/// Judges answers of a running node: what the serving side and the other one said to the same request, asked in turn.
///
/// A difference counts only when it repeats. What the serving side says differently each time it is asked is noise of a
/// class that is learned from its answers (``Plausibility``).
package struct AnswerRounds: Sendable {
    /// An answer and when it came, unix seconds.
    package struct Timed: Sendable, Equatable {
        package var answer: AnswerObservation
        package var now: Double

        package init(_ answer: AnswerObservation, now: Double) {
            self.answer = answer
            self.now = now
        }
    }

    package enum Verdict: Sendable, Equatable {
        case equal
        /// They differ; whether that counts is seen when both are asked again.
        case open([Difference])
        /// They no longer differ, where the serving side always said the same.
        case race
        /// Differences that repeated, as last seen.
        case mismatch([Difference])
    }

    /// `GET /status`.
    package let route: String
    private let rules: RuleBook
    /// When the node started, unix seconds.
    private let start: Double
    private var rounds: [(old: Timed, new: Timed)] = []

    package init(route: String, rules: [Rule], start: Double) {
        self.route = route
        self.rules = RuleBook(rules)
        self.start = start
    }

    package var count: Int { rounds.count }

    /// Adds one answer of each side, the serving one asked first.
    package mutating func add(old: Timed, new: Timed) { rounds.append((old, new)) }

    /// - Parameter isLast: they are not asked again.
    package func verdict(isLast: Bool) -> Verdict {
        guard let first = rounds.first else { return .equal }
        let found = differences(first.new, [first.old])
        if found.isEmpty { return .equal }
        if rounds.count == 1 { return isLast ? .mismatch(found) : .open(found) }
        var varying: [ValuePath] = []
        var repeated = found
        for round in rounds.dropFirst() {
            varying += differences(round.old, [first.old]).map(\.path)
            let again = differences(round.new, [round.old])
            repeated = again.filter { one in repeated.contains { Self.overlap($0.path, one.path) } }
        }
        func varies(_ path: ValuePath) -> Bool { varying.contains { Self.overlap($0, path) } }
        let steady = repeated.filter { !varies($0.path) }
        let odd = implausible(where: varies)
        let all = steady + odd
        if !all.isEmpty { return isLast ? .mismatch(all) : .open(all) }
        return found.contains { !varies($0.path) } ? .race : .equal
    }

    /// Leaves that vary and that the new side never gets right.
    private func implausible(where varies: (ValuePath) -> Bool) -> [Difference] {
        let references = rounds.map(\.old)
        var left: [Difference]?
        for round in rounds {
            let odd = differences(round.new, references).filter { varies($0.path) }
            left =
                left.map { before in odd.filter { one in before.contains { Self.overlap($0.path, one.path) } } } ?? odd
        }
        return left ?? []
    }

    /// One lies within the other, or they are the same.
    private static func overlap(_ one: ValuePath, _ other: ValuePath) -> Bool {
        one.segments.starts(with: other.segments) || other.segments.starts(with: one.segments)
    }

    private func differences(_ candidate: Timed, _ references: [Timed]) -> [Difference] {
        var comparer = Comparer(scope: ComparisonScope(scenario: "shadow", route: route), rules: rules)
        comparer.clocks = ClockPair(
            candidate: RunMoment(now: candidate.now, start: start),
            references: references.map { RunMoment(now: $0.now, start: start) })
        comparer.compare(
            answer: PreparedAnswer(candidate.answer), references: references.map { PreparedAnswer($0.answer) },
            headers: Self.headers)
        return comparer.take().differences
    }

    /// What the server adds to every answer says nothing of a handler.
    private static let headers = HeaderComparison([
        HeaderComparison.Entry(
            names: ["Date", "Server", "Connection", "Keep-Alive", "Transfer-Encoding", "Content-Length"],
            manner: .never,
            reason: "of the server, not of the handler")
    ])
}
