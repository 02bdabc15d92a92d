import PythonSemantics

/// Compares what a candidate did with what one or more references (recordings of the legacy) did.
///
/// Where the references agree the candidate must agree too; where they differ among themselves that is noise of a class
/// that is learned from them (``Plausibility``), and the candidate must fit it. A difference is reported unless a rule
/// accepts it. Pure: no I/O.
package struct Comparer: Sendable {
    package let scope: ComparisonScope
    package var rules: RuleBook
    package private(set) var differences: [Difference] = []
    package private(set) var tally = Tally()
    /// How many leaves were compared by a noise class only, by its name.
    package private(set) var noise: [String: Int] = [:]
    /// Remarks that are no differences: lines that match no known template, say.
    package internal(set) var remarks: [String] = []

    /// What is known about times; nil: nothing.
    var clocks: ClockPair?
    var disk: DiskShares?
    var plausibility: Plausibility { Plausibility(clocks: clocks, disk: disk) }
    /// The references' documents of this unit, and all texts in them (filled when first needed): what a leaf may say
    /// that takes one of several words.
    var documents: [PyValue] = []
    var vocabulary: Set<String>?
    /// Which run each reference at the current place is of; nil: the first is of the first run, and so on.
    var origins: [Int]?
    /// Lists whose elements a rule brought into the references' order: values below them are at other places.
    var reordered: [ValuePath] = []
    /// Elements are compared with elements of other places: agreement among the references proves little.
    var pooled = false

    /// Which leaf was compared by which noise class or hidden by which rule; only where `keepsTrace`.
    package private(set) var trace: [(path: ValuePath, reason: String)] = []
    package var keepsTrace = false

    /// Rules that can apply in this scope, in the order of the file.
    private let active: [Int]

    package init(scope: ComparisonScope, rules: RuleBook = RuleBook()) {
        self.scope = scope
        self.rules = rules
        active = rules.rules.indices.filter { rules.rules[$0].selects(scope) }
    }

    /// How many differences rules accepted so far.
    private(set) var accepted = 0
    private var lastLoosened = false

    /// Counts a leaf, before it is reported, on which all references agree, or not.
    mutating func count(loosened: Bool) {
        lastLoosened = loosened
        if loosened { tally.loosened += 1 } else { tally.exact += 1 }
    }

    /// Counts a leaf that is not compared at all.
    mutating func countIgnored() { tally.ignored += 1 }

    /// Counts a leaf that is compared by a noise class only.
    mutating func loosen(_ path: @autoclosure () -> ValuePath, _ reason: String) {
        count(loosened: true)
        noise[reason, default: 0] += 1
        if keepsTrace { trace.append((path(), "noise: " + reason)) }
    }

    /// Remembers why a leaf was not compared exactly.
    mutating func note(_ path: ValuePath, _ reason: String) {
        trace.append((path, reason))
    }

    /// Ends the current unit (a step, say) and starts another: hands out what was found since the last call.
    package mutating func take() -> (differences: [Difference], tally: Tally) {
        defer {
            differences = []
            tally = Tally()
        }
        return (differences, tally)
    }

    /// The first rule for this leaf, in the order of the file.
    func rule(at path: ValuePath) -> Int? {
        active.first { rules.rules[$0].covers(path) }
    }

    /// Reports a difference at `path` unless a rule accepts it.
    mutating func report(
        _ path: ValuePath, _ kind: DifferenceKind, references: [PyValue], candidate: PyValue?, expected: String,
        got: String
    ) {
        if let index = rule(at: path) {
            let accepted = rules.rules[index].acceptance.accepts(
                kind: kind, references: references, candidate: candidate)
            rules.count(index, hit: accepted)
            if accepted {
                self.accepted += 1
                if lastLoosened { tally.loosened -= 1 } else { tally.exact -= 1 }
                if rules.rules[index].acceptance == .ignore { tally.ignored += 1 } else { tally.loosened += 1 }
                if keepsTrace { trace.append((path, "rule " + rules.rules[index].name)) }
                return
            }
        }
        differences.append(
            Difference(
                scenario: scope.scenario, step: scope.step, route: scope.route, path: path, kind: kind,
                expected: Self.shorten(expected), got: Self.shorten(got)))
    }

    /// Reports what a noise class found, or notes that the leaf fits.
    mutating func settle(
        _ path: ValuePath, _ verdict: Plausibility.Verdict, kind: DifferenceKind, references: [PyValue],
        candidate: PyValue?, got: String
    ) {
        loosen(path, verdict.noise)
        if let problem = verdict.problem {
            report(path, kind, references: references, candidate: candidate, expected: problem, got: got)
        } else {
            noteEqual(path)
        }
    }

    /// A leaf that strict comparison accepted is still a leaf its rule could have covered.
    mutating func noteEqual(_ path: @autoclosure () -> ValuePath) {
        if !active.isEmpty, let index = rule(at: path()) { rules.count(index, hit: false) }
    }

    static func shorten(_ text: String) -> String {
        text.utf8.count <= 160 ? text : String(text.prefix(150)) + "… (\(text.count) characters)"
    }
}

extension PyValue {
    /// The number as a double; nil for what is no number (bool included).
    var parityNumber: Double? {
        switch self {
        case .int(let value): return Double(value)
        case .float(let value): return value
        default: return nil
        }
    }

    var parityDict: PyDict? {
        if case .dict(let value) = self { return value }
        return nil
    }

    var parityList: [PyValue]? {
        if case .list(let value) = self { return value }
        return nil
    }

    var parityText: String? {
        if case .string(let value) = self { return value.description }
        return nil
    }
}

/// Text of values for reports and keys.
package enum ParityText {
    /// JSON text as Python writes it; the repr where JSON cannot say it.
    package static func json(_ value: PyValue) -> String {
        guard let bytes = try? PyJSON.dumps(value) else { return "<not JSON: \(value.typeName)>" }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The value of a JSON text; nil when it is none.
    package static func parse(_ text: String) -> PyValue? {
        try? PyJSON.loads(Array(text.utf8))
    }

    /// The lines of a text as strings; a newline at the end makes an empty last one.
    static func lines(_ text: String) -> [PyValue] {
        text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map {
            .string(PyString(String(decoding: $0, as: UTF8.self)))
        }
    }
}
