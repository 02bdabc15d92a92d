import PythonSemantics

extension Comparer {
    /// Order within a task. A line is known by its template and how many of it came before; two lines of one task whose
    /// order is the same in all references have that order in the candidate. Started programs of one kind are a task of
    /// their own, whatever else is started between them.
    mutating func compareOrder(_ what: String, lines: [ObservedLine], references: [[ObservedLine]]) {
        let spawned = what == "spawned"
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
            for chain in spawned ? [task, "\(task): \(line.kind)"] : [task] {
                if let before = last[chain], before.label.name != own {
                    let first = places.compactMap { $0[before.label] }
                    let second = places.compactMap { $0[label] }
                    let turned = isTurned(what, before.line, line, references, first: first, second: second)
                    if turned, wrong.insert(line.template).inserted { reportOrder(what, before.line, line, chain) }
                }
                last[chain] = (label, line)
            }
        }
    }

    /// Whether two lines stand the other way round in all references, by more than may happen by chance.
    /// - Parameters:
    ///   - first: where each reference has the line that comes first here.
    ///   - second: where it has the other one.
    private mutating func isTurned(
        _ what: String, _ before: ObservedLine, _ line: ObservedLine, _ references: [[ObservedLine]], first: [Int],
        second: [Int]
    ) -> Bool {
        // Two lines of one print statement may be of two tasks that run the same function at once; not where an answer
        // to a client stands between them every time.
        let twins =
            line.source != nil && line.source == before.source
            && references.indices.contains { index in
                references[index][first[index]].answered == references[index][second[index]].answered
            }
        let slack = what == "spawned" ? Self.startSlack(line, before) : 0
        let apart = zip(first, second).map { $0 - $1 }
        let turned = !twins && apart.allSatisfy { $0 > slack }
        let against = apart.count { $0 > 0 }
        if keepsTrace, !turned, against > 0 {
            let why =
                against < apart.count
                ? "that the references leave open" : twins ? "of one statement" : "that stand near each other"
            for one in [before, line] {
                note(
                    ValuePath([what, one.template]),
                    "noise: order of \(what == "spawned" ? "programs" : "lines") \(why)")
            }
        }
        return turned
    }

    private mutating func reportOrder(
        _ what: String, _ before: ObservedLine, _ line: ObservedLine, _ task: String
    ) {
        for (one, text) in [(line, "before"), (before, "after")] {
            let other = text == "before" ? before : line
            count(loosened: false)
            report(
                ValuePath([what, one.template]), .order, references: [], candidate: .string(one.text),
                expected: "\(text) \(Self.shorten(other.text)) (\(task))",
                got: text == "before" ? "after it" : "before it")
        }
    }

    /// How many places two started programs may have swapped. Commands of one kind are waited for one after the other and
    /// keep their order; a script that runs on records itself when it gets to run, so that it may swap places with its
    /// neighbour; commands of different kinds come from different loops.
    private static func startSlack(_ line: ObservedLine, _ other: ObservedLine) -> Int {
        if line.kind == other.kind { return line.runsOn ? 1 : 0 }
        return line.runsOn && other.runsOn ? 1 : 4
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
