import Comparison

/// Answers to requests that are not judged yet, by case. The oldest are given up.
struct OpenRounds: Sendable {
    private var cases: [(key: String, rounds: AnswerRounds)] = []
    private static let limit = 32

    mutating func take(_ key: String) -> AnswerRounds? {
        guard let index = cases.firstIndex(where: { $0.key == key }) else { return nil }
        return cases.remove(at: index).rounds
    }

    mutating func put(_ key: String, _ rounds: AnswerRounds) {
        _ = take(key)
        cases.append((key, rounds))
        if cases.count > Self.limit { cases.removeFirst() }
    }
}

/// Places of a route's answers that are known to vary; a sample that differs there only is not asked again, but for one
/// in eight.
struct KnownNoise: Sendable {
    private var paths: [String: Set<ValuePath>] = [:]
    private var asked: [String: [ValuePath]] = [:]
    private var trusted: [String: Int] = [:]
    private static let limit = 500

    /// Whether all of these are known; else they are remembered until ``learn(_:_:)`` of the same case.
    mutating func covers(_ route: String, _ key: String, _ differences: [Difference]) -> Bool {
        let known = paths[route] ?? []
        let isKnown = differences.allSatisfy { known.contains($0.path) && [.value, .text, .bytes].contains($0.kind) }
        if isKnown {
            trusted[route, default: 0] += 1
            if !(trusted[route] ?? 0).isMultiple(of: 8) { return true }
        }
        if asked.count >= Self.limit { asked = [:] }
        asked[key] = differences.map(\.path)
        return false
    }

    /// What was asked of the case turned out to vary.
    mutating func learn(_ route: String, _ key: String) {
        var known = paths[route] ?? []
        for path in asked.removeValue(forKey: key) ?? [] where known.count < Self.limit { known.insert(path) }
        paths[route] = known
    }
}
