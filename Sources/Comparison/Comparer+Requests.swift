import PythonSemantics

extension Comparer {
    /// A line of the access log says when the request began, in whole seconds: not after the line itself, and no longer
    /// before it than the answer took.
    mutating func compareRequestTimes(_ log: [ObservedLine], references: [[ObservedLine]]) {
        guard let clocks, !clocks.exactTimes, clocks.references.count == references.count else { return }
        // How long the node's own requests and those of helpers take, nobody has measured: as long as ever seen.
        var seen: [String: Double] = [:]
        for (lines, moment) in zip(references, clocks.references) {
            for line in lines {
                guard let age = line.requestAge(zone: moment.zone) else { continue }
                seen[line.template] = max(seen[line.template] ?? 0, age)
            }
        }
        for line in log {
            guard let age = line.requestAge(zone: clocks.candidate.zone) else { continue }
            let most = 1.25 + (line.duration ?? (seen[line.template] ?? 0) + 5)
            if age >= -0.01, age <= most { continue }
            let path = ValuePath(["log", line.template])
            if differences.contains(where: { $0.path == path }) { continue }
            count(loosened: false)
            report(
                path, .value, references: [], candidate: .string(line.text),
                expected: "a request that began 0 to \(Plausibility.short(most)) s before its line",
                got: "\(Plausibility.short(age)) s before: \(line.text)")
        }
    }
}

extension ObservedLine {
    var isRequest: Bool { task == Self.accessLog }

    /// Seconds from the time in an access line, a whole second, to the line's own; nil of any other line.
    fileprivate func requestAge(zone: Double) -> Double? {
        guard isRequest, let stamp, let token = content.tokens.first(where: { $0.kind == .stamp }),
            let began = TimeStamp(token.text)
        else { return nil }
        return stamp - zone - began.seconds
    }
}
