import Foundation
import PythonSemantics

extension Comparer {
    mutating func compareLists(_ path: ValuePath, references: [[PyValue]], candidate: [PyValue]) {
        if pooled || references.contains(where: { $0.count != references[0].count }) {
            compareVarying(path, references: references, candidate: candidate)
            return
        }
        if let index = rule(at: path), rules.rules[index].acceptance == .set {
            compareAsSet(path, rule: index, references: references, candidate: candidate)
            return
        }
        compareElements(path, references: references, candidate: candidate)
    }

    private mutating func compareElements(_ path: ValuePath, references: [[PyValue]], candidate: [PyValue]) {
        if candidate.count != references[0].count {
            let whole = references.map(PyValue.list)
            count(loosened: false)
            report(
                path, .length, references: whole, candidate: .list(candidate),
                expected: "\(references[0].count) elements \(ParityText.json(whole[0]))",
                got: "\(candidate.count) elements \(ParityText.json(.list(candidate)))")
        } else if candidate.isEmpty {
            count(loosened: false)
            noteEqual(path)
        }
        for index in 0..<min(candidate.count, references[0].count) {
            compare(path.appending(index), references: references.map { $0[index] }, candidate: candidate[index])
        }
    }

    /// Lists whose length differs among the references: a plausible length, and elements like any that was seen.
    private mutating func compareVarying(_ path: ValuePath, references: [[PyValue]], candidate: [PyValue]) {
        let lengths = references.map(\.count)
        guard let low = lengths.min(), let high = lengths.max() else { return }
        let slack = max(3, 2 * (high - low), high / 2)
        let fits = candidate.count >= low - slack && candidate.count <= high + slack
        settle(
            path,
            Plausibility.Verdict(
                noise: "length of a list",
                problem: fits ? nil : "\(max(0, low - slack)) to \(high + slack) elements"),
            kind: .length, references: references.map(PyValue.list), candidate: .list(candidate),
            got: "\(candidate.count) elements")
        var pool: [(origin: Int, value: PyValue)] = []
        for (position, list) in references.enumerated() {
            pool += list.prefix(Self.poolLimit).map { (origin(position), $0) }
        }
        if pool.isEmpty { return }
        for (index, item) in candidate.enumerated() {
            comparePool(
                path.appending(index), references: pool.map(\.value), origins: pool.map(\.origin), candidate: item)
        }
    }

    /// Elements of a reference that are looked at to learn what an element may be.
    static var poolLimit: Int { 40 }

    /// The same elements in any order (or those of them that the rule names): brought into the order of the first
    /// reference when they do not compare as they stand. Places are those of the candidate's own order.
    private mutating func compareAsSet(
        _ path: ValuePath, rule: Int, references: [[PyValue]], candidate: [PyValue]
    ) {
        let movable = MovableElements(rules.rules[rule].elements)
        let base = movable.split(references[0])
        var strict = self
        strict.compareElements(path, references: references, candidate: candidate)
        // References in different orders would make every element noise: then only the common order tells.
        let ordered = references.dropFirst().allSatisfy { movable.sameOrder($0, as: base) }
        if candidate.count != references[0].count || (ordered && strict.differences.count == differences.count) {
            self = strict
            noteEqual(path)
            return
        }
        let found = differences.count
        let others = references.dropFirst().map { movable.aligned($0, to: base) }
        let own = movable.aligned(candidate, to: base)
        guard own.fixed.count == base.fixed.count, others.allSatisfy({ $0.fixed.count == base.fixed.count }) else {
            self = strict
            return
        }
        for (index, element) in own.all.enumerated() {
            compare(
                path.appending(element.index), references: [base.all[index].value] + others.map { $0.all[index].value },
                candidate: element.value)
        }
        let hit = differences.count == found && !movable.sameOrder(candidate, as: base)
        rules.count(rule, hit: hit)
        if hit { reordered.append(path) }
        if keepsTrace, hit { note(path, "rule " + rules.rules[rule].name) }
    }
}

/// The elements of a list that may stand in any order, and those that may not.
private struct MovableElements {
    struct Element {
        var index: Int
        var value: PyValue
    }

    struct Split {
        var fixed: [Element] = []
        var moving: [Element] = []
        var all: [Element] { fixed + moving }
    }

    /// nil: all elements may move.
    private let expression: NSRegularExpression?

    init(_ pattern: String?) {
        expression = pattern.flatMap { try? NSRegularExpression(pattern: "^(?:\($0))$") }
    }

    func split(_ list: [PyValue]) -> Split {
        var split = Split()
        for (index, value) in list.enumerated() {
            var moves = true
            if let expression {
                let text = value.parityText ?? ParityText.json(value)
                moves = expression.firstMatch(in: text, range: NSRange(text.startIndex..., in: text)) != nil
            }
            let element = Element(index: index, value: value)
            if moves { split.moving.append(element) } else { split.fixed.append(element) }
        }
        return split
    }

    func sameOrder(_ list: [PyValue], as base: Split) -> Bool {
        let split = split(list)
        return split.moving.map(\.index) == base.moving.map(\.index)
            && zip(split.moving, base.moving).allSatisfy { Self.key($0.value) == Self.key($1.value) }
    }

    /// The moving elements in the order of those they are like; what is like none fills the gaps.
    func aligned(_ list: [PyValue], to base: Split) -> Split {
        var split = split(list)
        var rest = split.moving.map { (key: Self.key($0.value), element: $0) }
        var slots: [Element?] = base.moving.map { wanted in
            let key = Self.key(wanted.value)
            guard let found = rest.firstIndex(where: { $0.key == key }) else { return nil }
            return rest.remove(at: found).element
        }
        for index in slots.indices where slots[index] == nil {
            let key = Self.key(base.moving[index].value)
            let best = rest.indices.max { Self.likeness(rest[$0].key, key) < Self.likeness(rest[$1].key, key) }
            if let best { slots[index] = rest.remove(at: best).element }
        }
        split.moving = slots.compactMap { $0 }
        return split
    }

    /// Bytes that two keys have in common at their start.
    private static func likeness(_ left: String, _ right: String) -> Int {
        zip(left.utf8, right.utf8).prefix { $0 == $1 }.count
    }

    /// What does not change from run to run.
    private static func key(_ value: PyValue) -> String {
        let content = TokenizedText(value.parityText ?? ParityText.json(value))
        let small = content.tokens.filter { $0.kind == .number && $0.text.utf8.count < 7 }.map(\.text)
        return content.template + "\u{0}" + small.joined(separator: " ")
    }
}
