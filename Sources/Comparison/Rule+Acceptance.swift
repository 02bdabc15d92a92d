import Foundation
import PythonSemantics

extension Rule.Acceptance {
    /// Whether this is enough where strict comparison found a difference.
    /// - Parameter candidate: nil where it has nothing.
    func accepts(kind: DifferenceKind, references: [PyValue], candidate: PyValue?) -> Bool {
        switch self {
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
            guard let candidate, let expression = try? NSRegularExpression(pattern: pattern) else { return false }
            let plain = candidate.parityText ?? ParityText.json(candidate)
            let all = NSRange(plain.startIndex..., in: plain)
            return expression.firstMatch(in: plain, range: all)?.range == all
        case .order: return kind == .order
        case .set:
            guard case .list(let items)? = candidate else { return false }
            let mine = items.map(ParityText.json).sorted()
            return references.contains { reference in
                guard case .list(let theirs) = reference else { return false }
                return theirs.map(ParityText.json).sorted() == mine
            }
        }
    }
}

extension RuleBook {
    /// Whether the first rule for this place accepts a difference; counts its use.
    /// - Parameters:
    ///   - scope: where the comparison takes place.
    ///   - references: values of the legacy; empty where there is none to show.
    package mutating func accepts(
        _ difference: Difference, in scope: ComparisonScope, references: [PyValue], candidate: PyValue?
    ) -> Bool {
        let found = rules.indices.first { rules[$0].selects(scope) && rules[$0].covers(difference.path) }
        guard let found else { return false }
        let accepted = rules[found].acceptance.accepts(
            kind: difference.kind, references: references, candidate: candidate)
        count(found, hit: accepted)
        return accepted
    }

    /// Names of the rules that hid more here than in an earlier state of the same book.
    package func used(since earlier: RuleBook) -> [String] {
        zip(earlier.uses, uses).enumerated().filter { $0.element.0.hits != $0.element.1.hits }
            .map { rules[$0.offset].name }
    }
}
