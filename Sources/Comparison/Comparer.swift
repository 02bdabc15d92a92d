import Foundation
import PythonSemantics

/// Compares what a candidate did with what one or more references (recordings of the legacy) did.
///
/// Where the references agree the candidate must agree too; where they differ among themselves that is noise, and only
/// type and shape are compared. A difference is reported unless a rule accepts it. Pure: no I/O.
package struct Comparer: Sendable {
    package var scope: ComparisonScope
    package var rules: RuleBook
    package private(set) var differences: [Difference] = []
    package private(set) var tally = Tally()

    package init(scope: ComparisonScope, rules: RuleBook = RuleBook()) {
        self.scope = scope
        self.rules = rules
    }

    /// How many differences rules accepted so far.
    private(set) var accepted = 0
    private var lastLoosened = false

    /// Counts a leaf, before it is reported, on which all references agree, or not.
    mutating func count(loosened: Bool) {
        lastLoosened = loosened
        if loosened { tally.loosened += 1 } else { tally.exact += 1 }
    }

    /// Ends the current unit (a step, say) and starts another: hands out what was found since the last call.
    package mutating func take() -> (differences: [Difference], tally: Tally) {
        defer {
            differences = []
            tally = Tally()
        }
        return (differences, tally)
    }

    /// Reports a difference at `path` unless a rule accepts it.
    mutating func report(
        _ path: ValuePath, _ kind: DifferenceKind, references: [PyValue], candidate: PyValue?, expected: String,
        got: String
    ) {
        if let index = rules.index(scope, path) {
            let accepted = accepts(
                rules.rules[index].acceptance, kind: kind, references: references, candidate: candidate)
            rules.count(index, hit: accepted)
            if accepted {
                self.accepted += 1
                if lastLoosened { tally.loosened -= 1 } else { tally.exact -= 1 }
                if rules.rules[index].acceptance == .ignore { tally.ignored += 1 } else { tally.loosened += 1 }
                return
            }
        }
        differences.append(
            Difference(
                scenario: scope.scenario, step: scope.step, route: scope.route, path: path, kind: kind,
                expected: Self.shorten(expected), got: Self.shorten(got)))
    }

    /// A leaf that strict comparison accepted is still a leaf its rule could have covered.
    mutating func noteEqual(_ path: ValuePath) {
        if !rules.rules.isEmpty, let index = rules.index(scope, path) { rules.count(index, hit: false) }
    }

    private func accepts(
        _ acceptance: Rule.Acceptance, kind: DifferenceKind, references: [PyValue], candidate: PyValue?
    ) -> Bool {
        switch acceptance {
        case .exact: return false
        case .ignore: return true
        case .type:
            guard let candidate else { return false }
            return references.contains { $0.typeName == candidate.typeName }
        case .tolerance(let limit):
            guard let value = candidate?.parityNumber else { return false }
            return references.contains { reference in
                reference.typeName == candidate?.typeName
                    && reference.parityNumber.map { abs($0 - value) <= limit } ?? false
            }
        case .regex(let pattern):
            guard case .string(let text)? = candidate, let expression = try? NSRegularExpression(pattern: pattern)
            else { return false }
            let plain = text.description
            let all = NSRange(plain.startIndex..., in: plain)
            return expression.firstMatch(in: plain, range: all)?.range == all
        case .set:
            guard case .list(let items)? = candidate else { return false }
            let mine = items.map(ParityText.json).sorted()
            return references.contains { reference in
                guard case .list(let theirs) = reference else { return false }
                return theirs.map(ParityText.json).sorted() == mine
            }
        }
    }

    static func shorten(_ text: String) -> String {
        text.count <= 160 ? text : String(text.prefix(150)) + "… (\(text.count) characters)"
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
}
