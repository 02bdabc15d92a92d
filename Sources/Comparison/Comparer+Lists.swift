import Foundation
import PythonSemantics

extension Comparer {
    mutating func compareLists(_ path: ValuePath, references: [[PyValue]], candidate: [PyValue]) {
        if pooled || references.contains(where: { $0.count != references[0].count }) {
            let found = differences.count
            compareVarying(path, references: references, candidate: candidate)
            if differences.count == found { compareTimes(path, references: references, candidate: candidate) }
            return
        }
        if let index = rule(at: path), rules.rules[index].acceptance == .set {
            compareAsSet(path, rule: index, references: references, candidate: candidate)
            return
        }
        let found = differences.count
        compareElements(path, references: references, candidate: candidate)
        // Other elements, or elsewhere, are reported as that.
        if differences.count == found { compareTimes(path, references: references, candidate: candidate) }
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
        let movable = MovableElements(rules.rules[rule])
        let base = movable.split(references[0])
        var strict = self
        strict.compareElements(path, references: references, candidate: candidate)
        // References in different orders would make every element noise: then only the common order tells.
        let ordered = references.dropFirst().allSatisfy { movable.sameOrder($0, as: base) }
        let equal = ordered && movable.exchange.isEmpty && strict.differences.count == differences.count
        if candidate.count != references[0].count || equal {
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
        let parts = movable.exchanged(candidate, references)
        for (index, element) in own.all.enumerated() {
            let aligned = [base.all[index].value] + others.map { $0.all[index].value }
            compare(
                path.appending(element.index), references: movable.give(parts[element.index], to: aligned),
                candidate: element.value)
        }
        let moved = !movable.sameOrder(candidate, as: base) || strict.differences.count > found
        let hit = differences.count == found && moved
        rules.count(rule, hit: hit)
        if hit { reordered.append(path) }
        if keepsTrace, hit { note(path, "rule " + rules.rules[rule].name) }
    }
}
