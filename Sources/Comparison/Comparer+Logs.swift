import PythonSemantics

/// How a log is compared.
package enum LogComparison: String, Sendable {
    /// Every line that all references have, as often, in order within a task; none that no reference has.
    case both
    /// No line that no reference has (a node that serves a part of the legacy says less).
    case extra
    case off
}

extension Comparer {
    /// Compares a log; see ``LogComparison``.
    /// - Parameter required: templates (as glob patterns) that must be there also with ``LogComparison/extra``.
    package mutating func compare(
        log: String, references: [String], mode: LogComparison, required: [String] = [],
        templates: LogTemplates = LogTemplates()
    ) {
        compare(
            log: ObservedLine.lines(LogLine.lines(of: log), templates: templates),
            references: references.map { ObservedLine.lines(LogLine.lines(of: $0), templates: templates) }, mode: mode,
            required: required, templates: templates)
    }

    mutating func compare(
        log: [ObservedLine], references: [[ObservedLine]], mode: LogComparison, required: [String],
        templates: LogTemplates
    ) {
        if mode == .off || references.isEmpty { return }
        if mode == .both {
            if keepsTrace {
                for line in log where line.stamp != nil {
                    note(ValuePath(["log", line.template]), "noise: time of a log line")
                }
            }
            compare("log", lines: log, references: references)
            compareStamps(log, references: references, least: 0.05)
            // One loop answers all requests: no thread can overtake another.
            compareStamps(
                log.filter(\.isRequest), references: references.map { $0.filter(\.isRequest) }, least: 0.001)
            compareRequestTimes(log, references: references)
        } else {
            compareExtra(log, references: references, required: required)
        }
        remarkUnknown(log, references: references, templates: templates)
    }

    private mutating func compareExtra(_ log: [ObservedLine], references: [[ObservedLine]], required: [String]) {
        let theirs = references.map { Set($0.map(\.template)) }
        let mine = Dictionary(log.map { ($0.template, $0.text) }, uniquingKeysWith: { first, _ in first })
        let always = theirs.dropFirst().reduce(theirs[0]) { $0.intersection($1) }
        let ever = theirs.reduce(Set<String>()) { $0.union($1) }
        let globs = required.map(Glob.init)
        let wanted = always.filter { line in globs.contains { $0.matches(line) } }
        for line in wanted.sorted() {
            count(loosened: false)
            if mine[line] != nil {
                noteEqual(ValuePath(["log", line]))
            } else {
                report(
                    ValuePath(["log", line]), .missing, references: [], candidate: nil, expected: line,
                    got: "no such line")
            }
        }
        for (line, text) in mine.sorted(by: { $0.key < $1.key }) where !wanted.contains(line) {
            count(loosened: false)
            if ever.contains(line) {
                noteEqual(ValuePath(["log", line]))
            } else {
                report(
                    ValuePath(["log", line]), .extra, references: [], candidate: .string(text),
                    expected: "no such line", got: text)
            }
        }
    }

    /// Stamped lines do not go back in time (threads may overtake each other by a moment).
    /// - Parameter least: seconds that count as such a moment whatever the references show.
    private mutating func compareStamps(_ log: [ObservedLine], references: [[ObservedLine]], least: Double) {
        func back(_ lines: [ObservedLine]) -> Double {
            let stamps = lines.compactMap(\.stamp)
            return zip(stamps, stamps.dropFirst()).map { $0 - $1 }.max() ?? 0
        }
        let slack = max(least, (references.map(back).max() ?? 0) * 2)
        let stamped = log.filter { $0.stamp != nil }
        for index in stamped.indices.dropFirst() {
            guard let before = stamped[index - 1].stamp, let stamp = stamped[index].stamp, before - stamp > slack
            else { continue }
            // Either of the two may be out of place.
            for culprit in [stamped[index - 1], stamped[index]] {
                let path = ValuePath(["log", culprit.template])
                if differences.contains(where: { $0.path == path }) { continue }
                count(loosened: false)
                report(
                    path, .value, references: [], candidate: .string(culprit.text),
                    expected: "times that do not go back",
                    got: "\(Plausibility.short(before - stamp)) s back: \(culprit.text)")
            }
        }
    }

    private mutating func remarkUnknown(
        _ log: [ObservedLine], references: [[ObservedLine]], templates: LogTemplates
    ) {
        if templates.entries.isEmpty { return }
        let ever = references.reduce(into: Set<String>()) { $0.formUnion($1.map(\.template)) }
        var said: Set<String> = []
        for line in log where line.task == nil && !ever.contains(line.template) && said.insert(line.template).inserted {
            remarks.append("no known template: \(line.text)")
        }
    }
}
