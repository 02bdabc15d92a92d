import PythonSemantics

/// A leaf of a run: the unit it belongs to (a step id, or `state`, `log`, `spawned`) and its path there.
struct LeafPlace: Hashable, Sendable {
    var unit: String
    /// The path as text; of a token in a text also its position.
    var path: String
    var token = 0
}

/// The values of a run that name something: ids, and times with microseconds. The same value at two places is the same
/// thing, so places that show equal values in every reference have to show equal values in the candidate, too.
struct IdentityValues: Sendable {
    /// By unit, so that one unit can be read anew.
    private(set) var units: [String: [LeafPlace: String]] = [:]
    private(set) var paths: [LeafPlace: ValuePath] = [:]

    /// What a run shows as `disk_percent`.
    private(set) var shares: [String: [Double]] = [:]

    func value(at place: LeafPlace) -> String? { units[place.unit]?[place] }

    mutating func read(_ unit: String, _ root: ValuePath, _ value: PyValue) {
        var found: [LeafPlace: String] = units[unit] ?? [:]
        walk(unit, root, value, &found)
        units[unit] = found
    }

    mutating func clear(_ unit: String) {
        units[unit] = [:]
        shares[unit] = []
    }

    mutating func read(_ unit: String, lines: [ObservedLine]) {
        var found: [LeafPlace: String] = [:]
        var seen: [String: Int] = [:]
        for line in lines {
            let rank = seen[line.template, default: 0]
            seen[line.template] = rank + 1
            let path = ValuePath([unit, line.template])
            tokens(unit, path, "#\(rank)", line.content, &found)
        }
        units[unit] = found
    }

    private mutating func walk(
        _ unit: String, _ path: ValuePath, _ value: PyValue, _ found: inout [LeafPlace: String]
    ) {
        switch value {
        case .dict(let dict):
            for (key, item) in dict { walk(unit, path.appending(key.description), item, &found) }
        case .list(let items):
            for (index, item) in items.enumerated() { walk(unit, path.appending(index), item, &found) }
        case .int(let number) where path.segments.last?.hasSuffix("pid") ?? false:
            let place = LeafPlace(unit: unit, path: path.description)
            found[place] = "process \(number)"
            paths[place] = path
        case .float(let number) where path.segments.last == "disk_percent":
            // A measured share has many digits, a seeded one few.
            if (number * 1000).rounded() != number * 1000 { shares[unit, default: []].append(number) }
        case .float(let number):
            // Microseconds: two of these are not equal by chance.
            guard number > 1e9, number < 4e9, (number * 1000).rounded() != number * 1000 else { return }
            let place = LeafPlace(unit: unit, path: path.description)
            found[place] = "\(number)"
            paths[place] = path
        case .string(let text):
            let plain = text.description
            guard plain.utf8.count >= 8, plain.utf8.contains(where: { (0x30...0x39).contains($0) }) else { return }
            tokens(unit, path, "", TokenizedText(plain), &found)
        default: break
        }
    }

    private mutating func tokens(
        _ unit: String, _ path: ValuePath, _ suffix: String, _ text: TokenizedText,
        _ found: inout [LeafPlace: String]
    ) {
        for (position, token) in text.tokens.enumerated() {
            let names: Bool
            switch token.kind {
            case .number where token.isProcess: names = true
            case .uuid: names = true
            case .hex: names = token.text.utf8.contains { $0 > 0x39 }
            case .stamp: names = token.text.utf8.count >= 26 && token.text.contains(".")
            case .number: names = token.text.utf8.count > 14 && token.text.hasPrefix("1") && token.text.contains(".")
            }
            if !names { continue }
            let place = LeafPlace(unit: unit, path: path.description + suffix, token: position)
            found[place] = token.isProcess ? "process " + token.text : token.text
            paths[place] = path
        }
    }
}

/// Groups of places that show one and the same thing.
struct IdentityLinks: Sendable {
    private(set) var groups: [[LeafPlace]] = []
    private var groupsOfUnit: [String: [Int]] = [:]

    init(_ references: [IdentityValues]) {
        guard references.count > 1, let first = references.first else { return }
        var byValues: [[String]: [LeafPlace]] = [:]
        for values in first.units.values {
            for (place, value) in values {
                var signature = [value]
                for other in references.dropFirst() {
                    guard let found = other.value(at: place) else { break }
                    signature.append(found)
                }
                // What all references agree on is compared exactly anyway.
                guard signature.count == references.count, Set(signature).count > 1 else { continue }
                if let kind = Self.kind(first.paths[place]) { signature.append(kind) }
                byValues[signature, default: []].append(place)
            }
        }
        groups = byValues.values.filter { $0.count > 1 }.map { group in
            group.sorted { ($0.unit, $0.path, $0.token) < ($1.unit, $1.path, $1.token) }
        }.sorted { ($0[0].unit, $0[0].path, $0[0].token) < ($1[0].unit, $1[0].path, $1[0].token) }
        for (index, group) in groups.enumerated() {
            for unit in Set(group.map(\.unit)) { groupsOfUnit[unit, default: []].append(index) }
        }
    }

    /// Two looks at the clock in a row are one time: microseconds apart in one run, none in another.
    private static func joinTimes(_ present: inout [(LeafPlace, String)]) {
        var leaders: [(time: Double, text: String)] = []
        for index in present.indices {
            guard let time = Double(present[index].1), time > 1e9 else { continue }
            if let known = leaders.first(where: { abs($0.time - time) < 0.02 }) {
                present[index].1 = known.text
            } else {
                leaders.append((time, present[index].1))
            }
        }
    }

    /// File times come from a coarse clock, so that two files have the same one by chance: only the same file's are linked.
    private static func kind(_ path: ValuePath?) -> String? {
        guard let segments = path?.segments, let name = segments.last,
            name.contains("modified") || name.contains("mtime")
        else { return nil }
        return segments.suffix(2).joined(separator: "/")
    }

    struct Break: Sendable {
        var path: ValuePath
        var got: String
        var expected: String
    }

    /// Places of a unit whose value is not that of the other places of its group.
    func breaks(in unit: String, of values: IdentityValues) -> [Break] {
        var found: [Break] = []
        for index in groupsOfUnit[unit] ?? [] {
            var present = groups[index].compactMap { place in values.value(at: place).map { (place, $0) } }
            if Set(present.map(\.1)).count < 2 { continue }
            Self.joinTimes(&present)
            let counts = present.reduce(into: [String: Int]()) { $0[$1.1, default: 0] += 1 }
            if counts.count < 2 { continue }
            let most = counts.values.max() ?? 0
            // Without a majority nobody knows which one is wrong: all are named.
            let leaders = counts.filter { $0.value == most }
            for (place, value) in present where place.unit == unit && (leaders.count > 1 || counts[value] != most) {
                guard let path = values.paths[place],
                    let other = present.first(where: { $0.1 != value && (counts[$0.1] == most) })
                        ?? present.first(where: { $0.1 != value })
                else { continue }
                found.append(
                    Break(path: path, got: value, expected: "\(other.1), as at \(other.0.unit) \(other.0.path)"))
            }
        }
        return found
    }
}
