import PythonSemantics

extension Comparer {
    mutating func compareStrings(_ path: ValuePath, references: [PyValue], candidate: PyString) {
        let value = PyValue.string(candidate)
        let agreed = references.dropFirst().allSatisfy { $0 == references[0] }
        if agreed, references[0] == value {
            if pooled { loosen(path, "element of a varying list") } else { count(loosened: false) }
            noteEqual(path)
            return
        }
        let own = candidate.description
        let plain = references.compactMap(\.parityText)
        if !agreed, compareDocuments(path, references: references, plain: plain, own: own, value) { return }
        let mine = TokenizedText(own)
        let theirs = plain.map { TokenizedText($0) }
        let alike = theirs.indices.filter { theirs[$0].template == mine.template }
        if agreed, !pooled {
            // Only a time of the day may make what all references say differ.
            if !alike.isEmpty, mine.tokens != theirs[0].tokens,
                let verdict = tokens(mine, alike.map { (origin($0), theirs[$0]) })
            {
                settle(
                    path, verdict, kind: .value, references: references, candidate: value, got: ParityText.json(value))
                return
            }
            count(loosened: false)
            report(
                path, .value, references: references, candidate: value, expected: ParityText.json(references[0]),
                got: ParityText.json(value))
            return
        }
        settle(
            path, verdict(on: own, mine, plain, theirs, alike), kind: .text, references: references, candidate: value,
            got: own)
    }

    /// A JSON document inside a string (a column, say) is compared as one.
    private mutating func compareDocuments(
        _ path: ValuePath, references: [PyValue], plain: [String], own: String, _ value: PyValue
    ) -> Bool {
        guard plain.allSatisfy({ $0.hasPrefix("{") || $0.hasPrefix("[") }) else { return false }
        let documents = plain.compactMap(ParityText.parse)
        guard documents.count == references.count else { return false }
        if let document = ParityText.parse(own) {
            compare(path, references: documents, candidate: document)
        } else {
            count(loosened: false)
            report(
                path, .type, references: references, candidate: value, expected: "JSON text",
                got: ParityText.json(value))
        }
        return true
    }

    /// What the references' different texts allow.
    private mutating func verdict(
        on own: String, _ mine: TokenizedText, _ plain: [String], _ theirs: [TokenizedText], _ alike: [Int]
    ) -> Plausibility.Verdict {
        if !alike.isEmpty, let verdict = tokens(mine, alike.map { (origin($0), theirs[$0]) }) { return verdict }
        if plain.contains(own) || words().contains(own) { return Plausibility.Verdict(noise: "one of several texts") }
        let shapes = Set(plain.map(TextMask.shape))
        if alike.isEmpty, Set(theirs.map(\.template)).count > 1, shapes.count == 1, shapes.first == TextMask.shape(own)
        {
            return Plausibility.Verdict(noise: "text shape")
        }
        let like = shapes.count == 1 || alike.count == theirs.count ? "text like \(plain[0])" : "one of the texts seen"
        return Plausibility.Verdict(noise: "text", problem: like)
    }

    /// Compares the tokens of texts of one template; nil when a token is wrong on which the references agree.
    func tokens(_ own: TokenizedText, _ references: [(index: Int, text: TokenizedText)]) -> Plausibility.Verdict? {
        var noise: String?
        for position in own.tokens.indices {
            let mine = own.tokens[position]
            let theirs = references.compactMap { entry in
                entry.text.tokens.indices.contains(position)
                    ? (index: entry.index, token: entry.text.tokens[position]) : nil
            }
            let agreed = theirs.dropFirst().allSatisfy { $0.token.text == theirs[0].token.text }
            if agreed, let first = theirs.first, !pooled {
                if first.token.text == mine.text { continue }
                guard mine.isVolatile || mine.isProcess || agreesByTime(first.token) else { return nil }
            }
            let verdict = plausibility.token(mine, references: theirs)
            if verdict.problem != nil { return verdict }
            noise = noise ?? verdict.noise
        }
        return Plausibility.Verdict(noise: "text of " + (noise ?? "tokens"))
    }

    private func agreesByTime(_ token: TextToken) -> Bool {
        if token.kind == .stamp {
            guard let time = TimeStamp(token.text) else { return false }
            return plausibility.agreesByTime(time.seconds, resolution: time.resolution, alone: isAlone)
        }
        guard token.kind != .uuid, let value = Double(token.text) else { return false }
        return plausibility.agreesByTime(value, resolution: 1, alone: isAlone)
    }

    /// All texts in the references' documents of this unit.
    private mutating func words() -> Set<String> {
        if let known = vocabulary { return known }
        var found: Set<String> = []
        func gather(_ value: PyValue) {
            switch value {
            case .string(let text): found.insert(text.description)
            case .list(let items): items.forEach(gather)
            case .dict(let dict): for (_, item) in dict { gather(item) }
            default: break
            }
        }
        documents.forEach(gather)
        vocabulary = found
        return found
    }
}
