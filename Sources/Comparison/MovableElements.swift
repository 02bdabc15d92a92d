import Foundation
import PythonSemantics

/// The elements of a list that may stand in any order, and those that may not.
struct MovableElements {
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
    /// Fields that do not belong to their element: together they may be any other element's.
    let exchange: Set<PyString>

    init(_ rule: Rule) {
        expression = rule.elements.flatMap { try? NSRegularExpression(pattern: "^(?:\($0))$") }
        exchange = Set(rule.exchange.map { PyString($0) })
    }

    private init() {
        expression = nil
        exchange = []
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
            && zip(split.moving, base.moving).allSatisfy { key($0.value) == key($1.value) }
    }

    /// The moving elements in the order of those they are like; what is like none fills the gaps.
    func aligned(_ list: [PyValue], to base: Split) -> Split {
        var split = split(list)
        var rest = split.moving.map { (key: key($0.value), element: $0) }
        var slots: [Element?] = base.moving.map { wanted in
            let key = key(wanted.value)
            guard let found = rest.firstIndex(where: { $0.key == key }) else { return nil }
            return rest.remove(at: found).element
        }
        for index in slots.indices where slots[index] == nil {
            let key = key(base.moving[index].value)
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

    /// The exchanged fields of every reference for each element of the candidate, by its index.
    func exchanged(_ candidate: [PyValue], _ references: [[PyValue]]) -> [Int: [PyValue]] {
        if exchange.isEmpty || references.isEmpty { return [:] }
        let parts = MovableElements()
        let base = parts.split(references[0].map(part))
        let others = references.dropFirst().map { parts.aligned($0.map(part), to: base) }
        let own = parts.aligned(candidate.map(part), to: base)
        var found: [Int: [PyValue]] = [:]
        for (rank, element) in own.moving.enumerated() {
            found[element.index] = [base.moving[rank].value] + others.map { $0.moving[rank].value }
        }
        return found
    }

    /// The elements with these exchanged fields instead of their own.
    func give(_ parts: [PyValue]?, to elements: [PyValue]) -> [PyValue] {
        guard let parts, parts.count == elements.count else { return elements }
        return zip(elements, parts).map { element, part in
            guard case .dict(var dict) = element, case .dict(let fields) = part else { return element }
            for (name, value) in fields where dict[name] != nil { dict[name] = .some(value) }
            return .dict(dict)
        }
    }

    private func part(_ value: PyValue) -> PyValue {
        guard case .dict(let dict) = value else { return .none }
        return .dict(PyDict(dict.filter { exchange.contains($0.key) }.map { ($0.key, $0.value) }))
    }

    /// What does not change from run to run.
    private func key(_ value: PyValue) -> String {
        var value = value
        if !exchange.isEmpty, case .dict(let dict) = value {
            value = .dict(PyDict(dict.filter { !exchange.contains($0.key) }.map { ($0.key, $0.value) }))
        }
        let content = TokenizedText(value.parityText ?? ParityText.json(value))
        let small = content.tokens.filter { $0.kind == .number && $0.text.utf8.count < 7 }.map(\.text)
        return content.template + "\u{0}" + small.joined(separator: " ")
    }
}
