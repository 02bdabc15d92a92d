import PythonSemantics

/// A request whose two answers differ, and all that was said to it so far.
struct ShadowCase: Sendable {
    let first: ShadowSample
    /// How often both sides have been asked.
    var round = 0
    /// What the candidate was asked the first time.
    var asked: PyDict = [:]
    var old: [PyValue] = []
    var new: [PyValue] = []

    init(first: ShadowSample) { self.first = first }
}

/// Cases that wait for a client to make the request again. The oldest is given up when there are too many.
struct ShadowCases: Sendable {
    private var cases: [ShadowCase] = []
    private let limit: Int

    init(limit: Int = 16) { self.limit = limit }

    /// The open case of such a request, which is no longer kept here.
    mutating func take(_ key: String) -> ShadowCase? {
        guard let index = cases.firstIndex(where: { $0.first.key == key }) else { return nil }
        return cases.remove(at: index)
    }

    mutating func put(_ one: ShadowCase) {
        cases.append(one)
        if cases.count > limit { cases.removeFirst() }
    }
}
