import PythonSemantics

extension Comparer {
    mutating func compareDicts(_ path: ValuePath, references: [PyDict], candidate: PyDict) {
        if references[0].isEmpty, candidate.isEmpty { count(loosened: false) }
        // Mostly all have the same keys in the same order.
        if candidate.keys == references[0].keys, references.dropFirst().allSatisfy({ $0.keys == candidate.keys }) {
            for (index, key) in candidate.keys.enumerated() {
                compare(
                    path.appending(key.description), references: references.map { $0.values[index] },
                    candidate: candidate.values[index])
            }
            return
        }
        var shared: [PyString] = []
        for (key, value) in references[0] where inAll(key, references) {
            shared.append(key)
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
        if shared.count == candidate.count, references.allSatisfy({ $0.count == shared.count }),
            shared.allSatisfy({ candidate[$0] != nil })
        {
            compareOrder(path, references: references, candidate: candidate)
            return
        }
        let rest = references.map { reference in reference.keys.filter { !inAll($0, references) } }
        compareOtherKeys(path, references: references, rest: rest, candidate: candidate)
        compareOrder(path, references: references, candidate: candidate)
    }

    private func inAll(_ key: PyString, _ references: [PyDict]) -> Bool {
        references.allSatisfy { $0[key] != nil } && !agreesByTime(key)
    }

    /// Whether the key names a second that the references share only because they ran at the same time.
    private func agreesByTime(_ key: PyString) -> Bool {
        TokenizedText(key.description).tokens.contains { token in
            guard let value = Double(token.text), value > 1e9, value < 4e9 else { return false }
            return plausibility.agreesByTime(value, resolution: 1, alone: false)
        }
    }

    /// Keys that not all references have.
    /// - Parameter rest: those of each reference, in its order.
    private mutating func compareOtherKeys(
        _ path: ValuePath, references: [PyDict], rest: [[PyString]], candidate: PyDict
    ) {
        // Ids as keys: two references each have a key that the other lacks, so a third may have its own.
        let all = Set(rest.joined())
        let free = rest.filter { !$0.isEmpty && $0.count < all.count }.count > 1
        // Keys with an id or a number in them stand for each other in their order.
        let templates = rest.map { keys in keys.map { TextMask.mask($0.description) } }
        // Names without any id in them that differ all the same: a new one may come, too.
        let unlike = zip(rest.joined(), templates.joined()).contains { $0.description == $1 }
        var ranks: [String: Int] = [:]
        for (key, own) in candidate where !inAll(key, references) {
            let place = path.appending(key.description)
            let holders = references.indices.filter { references[$0][key] != nil }
            if !holders.isEmpty {
                compareSome(
                    place, references: holders.compactMap { index in references[index][key].map { (index, $0) } },
                    candidate: own)
                continue
            }
            let template = TextMask.mask(key.description)
            let counterparts = rest.indices.map { index in
                zip(rest[index], templates[index]).filter { $0.1 == template }.compactMap { references[index][$0.0] }
            }
            let rank = ranks[template, default: 0]
            ranks[template] = rank + 1
            if template != key.description, let count = counterparts.first?.count, count > rank,
                counterparts.allSatisfy({ $0.count == count })
            {
                compare(place, references: counterparts.map { $0[rank] }, candidate: own)
            } else if counterparts.contains(where: { !$0.isEmpty }) || (free && unlike) {
                comparePooled(place, rest: rest, references: references, candidate: own)
            } else {
                count(loosened: false)
                report(
                    place, .extra, references: [], candidate: own, expected: "nothing", got: ParityText.json(own))
            }
        }
        reportMissing(path, references: references, rest: rest, templates: templates, ranks: ranks, candidate)
    }

    private mutating func comparePooled(
        _ place: ValuePath, rest: [[PyString]], references: [PyDict], candidate: PyValue
    ) {
        var pool: [(origin: Int, value: PyValue)] = []
        for index in rest.indices {
            pool += rest[index].prefix(Self.poolLimit).compactMap { key in
                references[index][key].map { (origin(index), $0) }
            }
        }
        comparePool(place, references: pool.map(\.value), origins: pool.map(\.origin), candidate: candidate)
    }

    /// Every reference has as many keys of this form, the candidate fewer.
    private mutating func reportMissing(
        _ path: ValuePath, references: [PyDict], rest: [[PyString]], templates: [[String]], ranks: [String: Int],
        _ candidate: PyDict
    ) {
        for template in Set(templates.first ?? []).sorted() where !pooled {
            let counts = Set(templates.map { $0.count { $0 == template } })
            guard counts.count == 1, let wanted = counts.first else { continue }
            let names = zip(rest[0], templates[0]).filter { $0.1 == template }.map(\.0)
            let present = candidate.keys.count { !inAll($0, references) && TextMask.mask($0.description) == template }
            if present < wanted, let name = names.dropFirst(present).first ?? names.first {
                count(loosened: false)
                report(
                    path.appending(name.description), .missing, references: references[0][name].map { [$0] } ?? [],
                    candidate: nil, expected: "\(wanted) of \(template)", got: "\(present)")
            }
        }
    }

    private mutating func compareOrder(_ path: ValuePath, references: [PyDict], candidate: PyDict) {
        // Keys with an id in them go by their form, where there is one of it.
        let shared = Set(references[0].keys.filter { inAll($0, references) })
        let forms = (references + [candidate]).map { Self.forms($0, shared) }
        let labels = forms.dropFirst().reduce(Set(forms[0].values)) { $0.intersection($1.values) }
        func order(_ dict: PyDict, sharing other: PyDict) -> [PyString] {
            dict.compactMap { other[$0.key] == nil ? nil : $0.key }
        }
        func places(_ position: Int, _ dict: PyDict) -> [String] {
            dict.keys.compactMap { key in forms[position][key].flatMap { labels.contains($0) ? $0 : nil } }
        }
        let formed = references.indices.map { places($0, references[$0]) }
        if formed.dropFirst().allSatisfy({ $0 == formed[0] }), formed[0] != places(references.count, candidate) {
            count(loosened: false)
            report(
                path, .order, references: references.map(PyValue.dict), candidate: .dict(candidate),
                expected: "keys \(formed[0].joined(separator: ","))",
                got: "keys \(places(references.count, candidate).joined(separator: ","))")
            return
        }
        let stable = references.dropFirst().allSatisfy {
            order($0, sharing: references[0]) == order(references[0], sharing: $0)
        }
        let mine = order(candidate, sharing: references[0])
        let theirs = order(references[0], sharing: candidate)
        guard stable else {
            if keepsTrace, mine != theirs { note(path, "noise: key order") }
            return
        }
        if mine != theirs {
            count(loosened: false)
            report(
                path, .order, references: references.map(PyValue.dict), candidate: .dict(candidate),
                expected: "keys \(theirs.map(\.description).joined(separator: ","))",
                got: "keys \(mine.map(\.description).joined(separator: ","))")
        }
    }

    /// Keys that all references have as they are, others by their form; without those that share one.
    private static func forms(_ dict: PyDict, _ shared: Set<PyString>) -> [PyString: String] {
        var forms: [PyString: String] = [:]
        var counts: [String: Int] = [:]
        for key in dict.keys {
            let plain = key.description
            let form = shared.contains(key) ? plain : TextMask.mask(plain)
            forms[key] = form
            counts[form, default: 0] += 1
        }
        return forms.filter { counts[$0.value] == 1 }
    }
}
