import Comparison
import PythonSemantics

/// Finds and counts the differences in one part of a recording. In every comparison the candidate comes first, then
/// what each recording of the legacy has in that place.
struct CommandLineComparer {
    private let scenario: String
    private let step: String?
    private let route: String?
    let ignored: [CommandLineRule]
    let unordered: [CommandLineRule]
    var tally = Tally()
    private(set) var differences: [Difference] = []
    private(set) var rules: RuleBook

    init(
        scenario: String, subject: CheckResult.Subject, ignored: [CommandLineRule] = [],
        unordered: [CommandLineRule] = [], rules: RuleBook = RuleBook()
    ) {
        self.rules = rules
        self.scenario = scenario
        if case .step(let id, let route) = subject {
            (step, self.route) = (id, route)
        } else {
            (step, route) = (nil, nil)
        }
        self.ignored = ignored
        self.unordered = unordered
    }

    /// Whether a pattern takes this line, name or key out of the comparison.
    func drops(_ text: PyString, from part: String) -> Bool {
        ignored.contains { $0.part == part && $0.pattern?.found(in: text) == true }
    }

    /// Notes a difference unless a rule accepts it.
    /// - Parameters:
    ///   - references: values of the legacy; empty where there is none to show.
    ///   - candidate: nil where it has nothing.
    mutating func report(
        _ path: [String], _ kind: DifferenceKind, references: [PyValue] = [], candidate: PyValue? = nil,
        expected: String, got: String
    ) {
        let difference = Difference(
            scenario: scenario, step: step, route: route, path: ValuePath(path), kind: kind,
            expected: Self.short(expected), got: Self.short(got))
        let scope = ComparisonScope(scenario: scenario, step: step, route: route, isCommandLine: true)
        guard rules.accepts(difference, in: scope, references: references, candidate: candidate) else {
            differences.append(difference)
            return
        }
        if tally.exact > 0 { tally.exact -= 1 }
        tally.ignored += 1
    }

    static func short(_ text: String) -> String {
        text.count <= 160 ? text : text.prefix(160) + "…"
    }

    static func shown(_ value: PyValue?) -> String {
        guard let value else { return "nothing" }
        let bytes = try? PyJSON.dumps(value, ensureASCII: false)
        return bytes.map { String(decoding: $0, as: UTF8.self) } ?? value.pyRepr
    }

    // MARK: values

    private enum Kind: String {
        case null, bool, int, float, text, list, object

        init(_ value: PyValue) {
            switch value {
            case .none: self = .null
            case .bool: self = .bool
            case .int, .bigInt: self = .int
            case .float: self = .float
            case .string: self = .text
            case .list: self = .list
            case .dict: self = .object
            }
        }
    }

    /// - Parameters:
    ///   - references: not empty.
    ///   - key: the object's key the value stands under.
    mutating func value(_ path: [String], _ own: PyValue, _ references: [PyValue], key: PyString = "") {
        let kinds = references.map(Kind.init)
        guard let first = references.first, let kind = kinds.first else { return }
        guard kinds.allSatisfy({ $0 == kind }) else {
            tally.loosened += 1
            if !kinds.contains(Kind(own)) {
                report(
                    path, .type, references: references, candidate: own,
                    expected: Set(kinds.map(\.rawValue)).sorted().joined(separator: " or "), got: Self.shown(own))
            }
            return
        }
        guard Kind(own) == kind else {
            tally.exact += 1
            return report(
                path, .type, references: references, candidate: own, expected: Self.shown(first),
                got: Self.shown(own))
        }
        switch (own, first) {
        case (.dict(let dict), _): mapping(path, dict, references.compactMap(\.asDict))
        case (.list(let list), _): sequence(path, list, references.compactMap(\.asList))
        case _ where Self.isVolatile(key): tally.loosened += 1
        case (.string(let text), _): self.text(path, text, references.compactMap(\.asString))
        default:
            guard references.allSatisfy({ $0.pyEquals(first) }) else {
                tally.loosened += 1
                return
            }
            tally.exact += 1
            if !own.pyEquals(first) {
                report(
                    path, .value, references: references, candidate: own, expected: Self.shown(first),
                    got: Self.shown(own))
            }
        }
    }

    /// Process ids and durations never repeat, also when two runs of the legacy happen to agree.
    private static func isVolatile(_ key: PyString) -> Bool {
        let names = [
            "pid", "duration", "duration_s", "duration_seconds", "elapsed", "uptime", "age_seconds", "wall_s",
        ]
        let key = key.description
        return names.contains { key == $0 || key.hasSuffix("_" + $0) }
    }

    private mutating func text(_ path: [String], _ own: PyString, _ references: [PyString]) {
        let same = Self.isSameText(own, references)
        if references.allSatisfy({ $0 == references[0] }) { tally.exact += 1 } else { tally.loosened += 1 }
        if !same {
            report(
                path, .text, references: references.map { .string($0) }, candidate: .string(own),
                expected: references[0].description, got: own.description)
        }
    }

    private mutating func sequence(_ path: [String], _ own: [PyValue], _ references: [[PyValue]]) {
        guard let count = references.first?.count, references.allSatisfy({ $0.count == count }) else {
            tally.loosened += 1
            return
        }
        if own.count != count {
            tally.exact += 1
            report(
                path, .length, references: references.map { .list($0) }, candidate: .list(own),
                expected: "\(count) items", got: "\(own.count) items: \(Self.shown(.list(own)))")
        }
        for index in 0..<min(count, own.count) {
            value(path + [String(index)], own[index], references.map { $0[index] })
        }
    }

    private mutating func mapping(_ path: [String], _ own: PyDict, _ references: [PyDict]) {
        let (own, references) = (named(own, "keys"), references.map { named($0, "keys") })
        for (key, first) in references[0] {
            let theirs = references.compactMap { $0[key] }
            guard theirs.count == references.count else {
                tally.loosened += 1
                continue
            }
            if let mine = own[key] {
                value(path + [key.description], mine, theirs, key: key)
            } else {
                tally.exact += 1
                report(
                    path + [key.description], .missing, references: theirs, expected: Self.shown(first),
                    got: "nothing")
            }
        }
        for (key, extra) in own where references.allSatisfy({ $0[key] == nil }) {
            report(path + [key.description], .extra, candidate: extra, expected: "nothing", got: Self.shown(extra))
        }
        order(path, own, references)
    }

    /// The order of the keys that everyone has, when the references agree on it.
    private mutating func order(_ path: [String], _ own: PyDict, _ references: [PyDict]) {
        let everyone = references + [own]
        func shared(_ dict: PyDict) -> [PyString] {
            dict.keys.filter { key in everyone.allSatisfy { $0.contains(key: key) } }
        }
        let orders = references.map(shared)
        guard let wanted = orders.first, orders.allSatisfy({ $0 == wanted }) else { return }
        let got = shared(own)
        if got != wanted {
            report(
                path, .order, expected: wanted.map(\.description).joined(separator: ", "),
                got: got.map(\.description).joined(separator: ", "))
        }
    }

    // MARK: names

    /// Names with what differs from run to run masked, without those that are not compared. Names that become equal
    /// are kept apart.
    func named(_ dict: PyDict, _ part: String) -> PyDict {
        var result = PyDict()
        for (name, value) in dict where !drops(name, from: part) {
            var shown = CommandLineNames.masked(name)
            while result.contains(key: shown) { shown += "'" }
            result[shown] = value
        }
        return result
    }
}

/// Times in names of files and keys.
enum CommandLineNames {
    /// `run_20251122_184400.json` is `run_<stamp>.json`, thirteen digits or more are `<long>`, seconds since 1970
    /// are `<epoch>`.
    static func masked(_ name: PyString) -> PyString {
        guard name.codePoints.contains(where: isDigit) else { return name }
        var parts = runs(Array(name.codePoints))
        var index = 0
        while index + 2 < parts.count {
            let (day, line, clock) = (parts[index], parts[index + 1], parts[index + 2])
            if day.count == 8, day.starts(with: [0x32, 0x30]), line == [0x5F], clock.count == 6,
                clock.allSatisfy(isDigit), day.allSatisfy(isDigit)
            {
                parts.replaceSubrange(index...(index + 2), with: [points("<stamp>")])
            }
            index += 1
        }
        let masked = parts.map { part in
            guard part.allSatisfy(isDigit) else { return part }
            if part.count >= 13 { return points("<long>") }
            return part.count == 10 && part.first == 0x31 ? points("<epoch>") : part
        }
        return PyString(codePoints: masked.joined())
    }

    /// The text cut where digits begin or end.
    private static func runs(_ text: [UInt32]) -> [[UInt32]] {
        var runs: [[UInt32]] = []
        for point in text {
            if let last = runs.last?.last, isDigit(last) == isDigit(point) {
                runs[runs.count - 1].append(point)
            } else {
                runs.append([point])
            }
        }
        return runs
    }

    private static func isDigit(_ point: UInt32) -> Bool { (0x30...0x39).contains(point) }
    private static func points(_ text: String) -> [UInt32] { text.unicodeScalars.map(\.value) }
}
