import PythonSemantics

extension Comparer {
    /// Times that rise (or fall) from element to element in every reference do so in the candidate: rows are written and
    /// requests come one after the other, whatever the clock says.
    mutating func compareTimes(_ path: ValuePath, references: [[PyValue]], candidate: [PyValue]) {
        if references.count < 2 || candidate.count < 2 || clocks?.exactTimes == true { return }
        let seen = references.map { ElementTimes($0) }
        let own = ElementTimes(candidate)
        for way in own.ways {
            let sequences = seen.map { $0.times[way] ?? [] }
            let pairs = sequences.reduce(0) { $0 + max(0, $1.count - 1) }
            guard pairs >= Self.provingPairs, sequences.allSatisfy({ $0.count > 1 }) else { continue }
            let rises = sequences.allSatisfy { $0.isOrdered(by: 1) }
            guard rises || sequences.allSatisfy({ $0.isOrdered(by: -1) }), let mine = own.times[way] else { continue }
            for (before, after) in zip(mine, mine.dropFirst())
            where (before.seconds - after.seconds) * (rises ? 1 : -1) > Self.overtaking {
                for one in [before, after] {
                    let place = ValuePath(path.segments + [String(one.index)] + way)
                    if differences.contains(where: { $0.path == place }) { continue }
                    count(loosened: true)
                    report(
                        place, .order, references: [.float(one.seconds)], candidate: .float(one.seconds),
                        expected: "times in order from element to element",
                        got: "\(Plausibility.short(abs(before.seconds - after.seconds))) s out of order")
                }
            }
        }
    }

    /// Neighbours in all references that prove an order; fewer may stand so by chance.
    private static var provingPairs: Int { 2 }
    /// Seconds by which two tasks or threads may overtake each other.
    private static var overtaking: Double { 0.05 }
}

/// The points in time that the elements of a list show, by the way to them within an element.
private struct ElementTimes {
    struct Entry {
        var index: Int
        var seconds: Double
    }

    private(set) var times: [[String]: [Entry]] = [:]

    var ways: [[String]] { times.keys.sorted { $0.lexicographicallyPrecedes($1) } }

    init(_ list: [PyValue]) {
        for (index, element) in list.enumerated() {
            guard case .dict(let dict) = element else { return }
            read(dict, [], index)
        }
    }

    private mutating func read(_ dict: PyDict, _ way: [String], _ index: Int) {
        for (key, value) in dict {
            switch value {
            // Microseconds: a measured time, none that somebody wrote.
            case .float(let number) where number > 1e9 && number < 4e9 && (number * 1000).rounded() != number * 1000:
                times[way + [key.description], default: []].append(Entry(index: index, seconds: number))
            case .dict(let inner) where way.isEmpty: read(inner, [key.description], index)
            default: break
            }
        }
    }
}

extension [ElementTimes.Entry] {
    /// Never against the direction (1 rises, -1 falls), and not all the same.
    fileprivate func isOrdered(by direction: Double) -> Bool {
        guard let first, let last, (last.seconds - first.seconds) * direction > 0 else { return false }
        return zip(self, dropFirst()).allSatisfy { ($1.seconds - $0.seconds) * direction >= 0 }
    }
}
