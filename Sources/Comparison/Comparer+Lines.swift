import PythonSemantics

extension Comparer {
    /// Compares lines by template: which there are, how many of each, and their tokens, occurrence by occurrence.
    ///
    /// Where all references have a template equally often the candidate must, too, and where they also agree on a token
    /// of the n-th line of it (a status, a count) so must the candidate's; other tokens must fit their noise class.
    mutating func compare(_ what: String, lines: [ObservedLine], references: [[ObservedLine]]) {
        let mine = Dictionary(grouping: lines, by: \.template)
        let theirs = references.map { Dictionary(grouping: $0, by: \.template) }
        let templates = theirs.reduce(into: Set(mine.keys)) { $0.formUnion($1.keys) }
        for template in templates.sorted() {
            let path = ValuePath([what, template])
            let own = mine[template] ?? []
            let seen = theirs.map { $0[template] ?? [] }
            let counts = seen.map(\.count)
            guard let low = counts.min(), let high = counts.max() else { continue }
            if high == 0 {
                count(loosened: false)
                reportExtra(what, path, own)
            } else if low != high {
                let slack = max(2, 2 * (high - low))
                let fits = own.count >= low - slack && own.count <= high + slack
                settle(
                    path,
                    Plausibility.Verdict(
                        noise: "how often a line comes", problem: fits ? nil : "\(low) to \(high) times"),
                    kind: own.count < low ? .missing : .extra, references: [], candidate: nil, got: "\(own.count) times"
                )
                comparePooled(path, own: own, references: seen)
            } else if own.count != low {
                count(loosened: false)
                report(
                    path, own.count < low ? .missing : .extra, references: [], candidate: nil,
                    expected: low == 1 ? template : "\(low) times: \(template)",
                    got: own.isEmpty ? (what == "spawned" ? "not started" : "no such line") : "\(own.count) times")
            } else {
                let racing = what == "spawned"
                compareOccurrences(
                    path, own: racing ? Self.sorted(own) : own, references: racing ? seen.map(Self.sorted) : seen)
            }
        }
        compareOrder(what, lines: lines, references: references)
    }

    private mutating func reportExtra(_ what: String, _ path: ValuePath, _ own: [ObservedLine]) {
        for line in own.prefix(1) {
            report(
                path, .extra, references: [], candidate: .string(line.text),
                expected: what == "spawned" ? "not started" : "no such line",
                got: own.count > 1 ? "\(own.count) times: \(line.text)" : line.text)
        }
    }

    /// By what does not change from run to run.
    private static func sorted(_ lines: [ObservedLine]) -> [ObservedLine] {
        if lines.count < 2 { return lines }
        return lines.map { (key: key($0), line: $0) }.sorted { $0.key < $1.key }.map(\.line)
    }

    static func key(_ line: ObservedLine) -> String {
        let small = line.content.tokens.filter {
            $0.kind == .number && !$0.isProcess && !$0.isSeed && $0.text.utf8.count < 7
        }
        let fixed = line.content.tokens.filter { $0.kind != .number }.map(\.text.utf8.count)
        return small.map(\.text).joined(separator: " ") + " \(fixed)"
    }

    /// The n-th line with the n-th line of every reference.
    private mutating func compareOccurrences(_ path: ValuePath, own: [ObservedLine], references: [[ObservedLine]]) {
        for (index, line) in own.enumerated() {
            let theirs = references.enumerated().map { (index: $0.offset, text: $0.element[index].content) }
            if theirs.allSatisfy({ $0.text.tokens == line.content.tokens }) {
                count(loosened: false)
                noteEqual(path)
            } else if let verdict = tokens(line.content, theirs) {
                settle(path, verdict, kind: .value, references: [], candidate: .string(line.text), got: line.text)
            } else {
                count(loosened: false)
                report(
                    path, .value, references: references.map { .string($0[index].text) },
                    candidate: .string(line.text), expected: references[0][index].text, got: line.text)
            }
            if references.allSatisfy({ ($0[index].stamp == nil) == (references[0][index].stamp == nil) }),
                (line.stamp == nil) != (references[0][index].stamp == nil)
            {
                count(loosened: false)
                report(
                    path, .text, references: [], candidate: .string(line.text),
                    expected: line.stamp == nil ? "a line with time and level" : "a printed line",
                    got: line.text)
            }
        }
    }

    /// Lines that come as often as they like: each like any that was seen.
    private mutating func comparePooled(_ path: ValuePath, own: [ObservedLine], references: [[ObservedLine]]) {
        let pool = references.enumerated().flatMap { entry in
            entry.element.prefix(Self.poolLimit).map { (index: entry.offset, text: $0.content) }
        }
        let before = pooled
        pooled = true
        for line in own where !pool.isEmpty {
            if let verdict = tokens(line.content, pool), verdict.problem != nil {
                settle(path, verdict, kind: .value, references: [], candidate: .string(line.text), got: line.text)
            }
        }
        pooled = before
    }
}
