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
        compareOrder(what, lines: lines, references: references, spawned: what == "spawned")
    }

    /// How many places two started programs may have swapped. Commands of one kind are waited for one after the other and
    /// keep their order; a script that runs on records itself when it gets to run, so that it may swap places with its
    /// neighbour; commands of different kinds come from different loops.
    private static func startSlack(_ line: ObservedLine, _ other: ObservedLine) -> Int {
        if line.kind == other.kind { return line.runsOn ? 1 : 0 }
        return line.runsOn && other.runsOn ? 1 : 4
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

    private static func key(_ line: ObservedLine) -> String {
        let small = line.content.tokens.filter { $0.kind == .number && !$0.isProcess && $0.text.utf8.count < 7 }
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

    /// Order within a task. A line is known by its template and how many of it came before; two lines of one task whose
    /// order is the same in all references have that order in the candidate.
    private mutating func compareOrder(
        _ what: String, lines: [ObservedLine], references: [[ObservedLine]], spawned: Bool
    ) {
        // Started programs of one form are told apart by what else they are given.
        let several = spawned ? Self.several(references + [lines]) : []
        let name = { (line: ObservedLine) in
            several.contains(line.template) ? line.template + Self.key(line) : line.template
        }
        let places = references.map { Self.places($0, name) }
        var last: [String: (label: Label, line: ObservedLine)] = [:]
        var seen: [String: Int] = [:]
        var wrong: Set<String> = []
        for line in lines {
            let own = name(line)
            let label = Label(name: own, rank: seen[own, default: 0])
            seen[own] = label.rank + 1
            guard let task = line.task else { continue }
            if !places.allSatisfy({ $0[label] != nil }) {
                if keepsTrace {
                    note(
                        ValuePath([what, line.template]),
                        "noise: order of \(spawned ? "programs" : "lines") that not all references have")
                }
                continue
            }
            if let before = last[task], before.label.name != own {
                // Two lines of one print statement may be of two tasks that run the same function at once; not where
                // an answer to a client stands between them every time.
                let twins =
                    line.source != nil && line.source == before.line.source
                    && !zip(references, places).allSatisfy { lines, place in
                        guard let first = place[before.label], let second = place[label] else { return false }
                        return lines[first].answered != lines[second].answered
                    }
                let slack = spawned ? Self.startSlack(line, before.line) : 0
                var near = false
                let turned = places.allSatisfy { place in
                    guard let first = place[before.label], let second = place[label] else { return false }
                    if keepsTrace, first > second { near = true }
                    return first - second > slack && !twins
                }
                if near, !turned {
                    for one in [line, before.line] {
                        note(ValuePath([what, one.template]), "noise: order of neighbours")
                    }
                }
                if turned, wrong.insert(line.template).inserted {
                    for (one, text) in [(line, "before"), (before.line, "after")] {
                        let other = text == "before" ? before.line : line
                        count(loosened: false)
                        report(
                            ValuePath([what, one.template]), .order, references: [], candidate: .string(one.text),
                            expected: "\(text) \(Self.shorten(other.text)) (\(task))",
                            got: text == "before" ? "after it" : "before it")
                    }
                }
            }
            last[task] = (label, line)
        }
    }

    /// Templates that some run has more than once.
    private static func several(_ runs: [[ObservedLine]]) -> Set<String> {
        runs.reduce(into: Set<String>()) { found, lines in
            var seen: Set<String> = []
            for line in lines where !seen.insert(line.template).inserted { found.insert(line.template) }
        }
    }

    private struct Label: Hashable {
        var name: String
        var rank: Int
    }

    private static func places(_ lines: [ObservedLine], _ name: (ObservedLine) -> String) -> [Label: Int] {
        var seen: [String: Int] = [:]
        var places: [Label: Int] = [:]
        for (index, line) in lines.enumerated() {
            let own = name(line)
            let rank = seen[own, default: 0]
            seen[own] = rank + 1
            places[Label(name: own, rank: rank)] = index
        }
        return places
    }
}
