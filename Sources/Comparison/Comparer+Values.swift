import PythonSemantics

extension Comparer {
    /// Compares JSON values: key order, int and float told apart.
    /// - Parameters:
    ///   - references: what the recordings hold at this place, at least one.
    ///   - candidate: what the candidate holds there.
    package mutating func compare(_ path: ValuePath, references: [PyValue], candidate: PyValue) {
        guard let first = references.first else { return }
        let types = Set(references.map(\.typeName))
        if types.count > 1 {
            count(loosened: true)
            if !types.contains(candidate.typeName) {
                report(
                    path, .type, references: references, candidate: candidate,
                    expected: types.sorted().joined(separator: "|"), got: candidate.typeName)
            } else {
                noteEqual(path)
            }
            return
        }
        if candidate.typeName != first.typeName {
            count(loosened: false)
            report(
                path, .type, references: references, candidate: candidate,
                expected: "\(first.typeName) \(ParityText.json(first))",
                got: "\(candidate.typeName) \(ParityText.json(candidate))")
            return
        }
        switch candidate {
        case .dict(let dict):
            compareDicts(path, references: references.compactMap(\.parityDict), candidate: dict)
        case .list(let list):
            compareLists(path, references: references.compactMap(\.parityList), candidate: list)
        case .string(let text):
            compareStrings(path, references: references, candidate: candidate, text: text)
        default:
            compareScalars(path, references: references, candidate: candidate)
        }
    }

    private mutating func compareScalars(_ path: ValuePath, references: [PyValue], candidate: PyValue) {
        let agreed = references.dropFirst().allSatisfy { $0 == references[0] }
        count(loosened: !agreed)
        if agreed, !Self.same(references[0], candidate) {
            report(
                path, .value, references: references, candidate: candidate, expected: ParityText.json(references[0]),
                got: ParityText.json(candidate))
        } else {
            noteEqual(path)
        }
    }

    /// Equality that also tells 0.0 from -0.0, which the text of an answer shows.
    private static func same(_ left: PyValue, _ right: PyValue) -> Bool {
        if case .float(let a) = left, case .float(let b) = right {
            return a.bitPattern == b.bitPattern || (a.isNaN && b.isNaN)
        }
        return left == right
    }

    private mutating func compareStrings(
        _ path: ValuePath, references: [PyValue], candidate: PyValue, text: PyString
    ) {
        if references.dropFirst().allSatisfy({ $0 == references[0] }) {
            compareScalars(path, references: references, candidate: candidate)
            return
        }
        // A JSON document inside a string (a column, say) is compared as one.
        let plain = references.compactMap(\.parityText)
        let documents = plain.filter { $0.hasPrefix("{") || $0.hasPrefix("[") }.compactMap(ParityText.parse)
        if documents.count == references.count {
            if let own = ParityText.parse(text.description) {
                compare(path, references: documents, candidate: own)
            } else {
                count(loosened: false)
                report(
                    path, .type, references: references, candidate: candidate, expected: "JSON text",
                    got: ParityText.json(candidate))
            }
            return
        }
        count(loosened: true)
        let shapes = Set(plain.map(TextMask.shape))
        if shapes.count == 1, let shape = shapes.first, TextMask.shape(text.description) != shape {
            report(
                path, .text, references: references, candidate: candidate, expected: "text like \(plain[0])",
                got: text.description)
        } else {
            noteEqual(path)
        }
    }

    private mutating func compareLists(_ path: ValuePath, references: [[PyValue]], candidate: [PyValue]) {
        let whole = references.map(PyValue.list)
        if references.contains(where: { $0.count != references[0].count }) {
            let types = Set(references.joined().map(\.typeName))
            count(loosened: true)
            for (index, item) in candidate.enumerated() where !types.contains(item.typeName) && !types.isEmpty {
                count(loosened: true)
                report(
                    path.appending(index), .type, references: [], candidate: item,
                    expected: types.sorted().joined(separator: "|"), got: item.typeName)
            }
            noteEqual(path)
            return
        }
        if let index = rules.index(scope, path), rules.rules[index].acceptance == .set,
            !whole.contains(.list(candidate))
        {
            count(loosened: false)
            report(
                path, .order, references: whole, candidate: .list(candidate), expected: ParityText.json(whole[0]),
                got: ParityText.json(.list(candidate)))
            return
        }
        if candidate.count != references[0].count {
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

    private mutating func compareDicts(_ path: ValuePath, references: [PyDict], candidate: PyDict) {
        if references[0].count == 0, candidate.count == 0 { count(loosened: false) }
        var known: Set<PyString> = []
        for reference in references { for (key, _) in reference { known.insert(key) } }
        // Ids as keys: two recordings each have a key that the other lacks, so a third may have its own.
        let free = references.contains { one in
            references.contains { other in
                one.contains { other[$0.key] == nil } && other.contains { one[$0.key] == nil }
            }
        }
        for (key, value) in references[0] where references.allSatisfy({ $0[key] != nil }) {
            let place = path.appending(key.description)
            if let own = candidate[key] {
                compare(place, references: references.compactMap { $0[key] }, candidate: own)
            } else {
                count(loosened: false)
                report(
                    place, .missing, references: references.compactMap { $0[key] }, candidate: nil,
                    expected: ParityText.json(value), got: "missing")
            }
        }
        for (key, own) in candidate where !references.allSatisfy({ $0[key] != nil }) {
            let place = path.appending(key.description)
            if known.contains(key) {
                compare(place, references: references.compactMap { $0[key] }, candidate: own)
            } else if !free {
                count(loosened: false)
                report(
                    place, .extra, references: [], candidate: own, expected: "nothing", got: ParityText.json(own))
            } else {
                count(loosened: true)
            }
        }
        compareOrder(path, references: references, candidate: candidate)
    }

    private mutating func compareOrder(_ path: ValuePath, references: [PyDict], candidate: PyDict) {
        func order(_ dict: PyDict, sharing other: PyDict) -> [PyString] {
            dict.compactMap { other[$0.key] == nil ? nil : $0.key }
        }
        let stable = references.dropFirst().allSatisfy {
            order($0, sharing: references[0]) == order(references[0], sharing: $0)
        }
        guard stable else { return }
        let mine = order(candidate, sharing: references[0])
        let theirs = order(references[0], sharing: candidate)
        if mine != theirs {
            count(loosened: false)
            report(
                path, .order, references: references.map(PyValue.dict), candidate: .dict(candidate),
                expected: "keys \(theirs.map(\.description).joined(separator: ","))",
                got: "keys \(mine.map(\.description).joined(separator: ","))")
        }
    }
}

extension PyValue {
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
