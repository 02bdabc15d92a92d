import PythonSemantics

extension Comparer {
    /// Compares the answer of a step: status, headers, body.
    package mutating func compare(answer: AnswerObservation, references: [AnswerObservation]) {
        compare(answer: PreparedAnswer(answer), references: references.map(PreparedAnswer.init))
    }

    /// - Parameters:
    ///   - page: what a page of this route has to have; HTML is compared by that alone. nil: as any other text.
    ///   - headers: how headers are compared.
    mutating func compare(
        answer: PreparedAnswer, references: [PreparedAnswer], page: PageStructure? = nil,
        headers: HeaderComparison = HeaderComparison()
    ) {
        guard let first = references.first else { return }
        func optional(_ text: String?) -> PyValue { text.map { .string(PyString($0)) } ?? .none }
        func status(_ answer: PreparedAnswer) -> PyValue { answer.answer.status.map { .int($0) } ?? .none }
        if answer.answer.error != nil || first.answer.error != nil {
            compare(
                ValuePath(["error"]), references: references.map { optional($0.answer.error) },
                candidate: optional(answer.answer.error))
        }
        if answer.answer.error != nil { return }
        compare(ValuePath(["status"]), references: references.map(status), candidate: status(answer))
        compareHeaders(answer.answer, references: references.map(\.answer), headers)
        let structure = references.contains(where: \.isPage) ? page : nil
        let unrecorded = references.contains(where: \.isUnrecordedPage)
        let before = accepted
        if let structure {
            if case .text = answer.answer.body { compare(page: answer, structure: structure) }
        } else if unrecorded {
            remarks.append("no recording has the text of the page and no structure is declared, nothing is compared")
        } else {
            compareBody(answer: answer, references: references)
        }
        if headers.manner(of: HeaderComparison.length) == .length {
            compareLength(
                answer: answer, references: references, page: structure != nil || unrecorded,
                loosened: accepted > before)
        }
    }

    /// Which headers there are, and the value of each or as much of it as is declared.
    private mutating func compareHeaders(
        _ answer: AnswerObservation, references: [AnswerObservation], _ headers: HeaderComparison
    ) {
        var names: [String] = []
        for header in references.flatMap(\.headers) + answer.headers
        where !names.contains(where: { $0.lowercased() == header.name.lowercased() }) {
            names.append(header.name)
        }
        for name in names {
            let theirs = references.map { $0.header(name) }
            let mine = answer.header(name)
            let value: (String?) -> PyValue
            switch headers.manner(of: name) {
            case .value: value = { text in text.map { .string(PyString($0)) } ?? .none }
            case .presence: value = { text in text == nil ? .none : true }
            // Judged with the body.
            case .length: continue
            case .never:
                countIgnored()
                continue
            }
            compare(ValuePath(["header", name]), references: theirs.map(value), candidate: value(mine))
        }
    }

    /// The exact length where every recording has the same body; else it has to be that of the answer's own body. HEAD
    /// shows a length without its body, so there the length of JSON is noise.
    /// - Parameter loosened: a rule accepted another body than the references', whose length it may have.
    private mutating func compareLength(
        answer: PreparedAnswer, references: [PreparedAnswer], page: Bool, loosened: Bool
    ) {
        let path = ValuePath(["header", HeaderComparison.length])
        let same =
            !loosened && references.dropFirst().allSatisfy { $0.answer.body == references[0].answer.body }
        let bodiless = scope.route?.hasPrefix("HEAD ") ?? false
        func length(_ answer: PreparedAnswer) -> PyValue {
            guard let text = answer.answer.header(HeaderComparison.length) else { return .none }
            return Int(text).map(PyValue.int) ?? .string(PyString(text))
        }
        let theirs = references.map(length)
        let mine = length(answer)
        // A short answer to HEAD is the framework's own, a long one is computed.
        let short = theirs.allSatisfy { $0.parityNumber.map { $0 < 100 } ?? true }
        let json = references[0].answer.header("Content-Type")?.contains("json") ?? false
        let dynamic = bodiless && (!short || json)
        if same && !dynamic && !page {
            compare(path, references: theirs, candidate: mine)
            return
        }
        guard case .int(let own) = mine, theirs.allSatisfy({ $0.typeName == "int" }) else {
            compare(path, references: theirs.map { $0.isNone ? .none : true }, candidate: mine.isNone ? .none : mine)
            return
        }
        if bodiless || page {
            let seen = theirs.enumerated().compactMap { entry in
                entry.element.parityNumber.map { (index: entry.offset, value: $0) }
            }
            let verdict =
                page && own >= 0
                ? Plausibility.Verdict(noise: "length of a page")
                : plausibility.length(own, references: seen.map(\.value))
            settle(path, verdict, kind: .value, references: theirs, candidate: mine, got: String(own))
            return
        }
        // Its own body's length; or as much more as the references have (a recorded text may have been made anonymous).
        let encoded = answer.answer.header("Content-Encoding") != nil
        if !encoded, own == answer.text.utf8.count {
            count(loosened: false)
            noteEqual(path)
            return
        }
        let more = zip(references, theirs).compactMap { reference, length in
            length.parityNumber.map { Int($0) - reference.text.utf8.count }
        }
        if !encoded, let first = more.first, more.allSatisfy({ $0 == first }) {
            count(loosened: false)
            if own == answer.text.utf8.count + first {
                noteEqual(path)
            } else {
                report(
                    path, .value, references: theirs, candidate: mine,
                    expected: "\(answer.text.utf8.count + first), the length of the body", got: String(own))
            }
        } else {
            // The text is what was decoded; the length is that of the encoded body.
            let verdict = plausibility.length(own, references: theirs.compactMap(\.parityNumber))
            settle(path, verdict, kind: .value, references: theirs, candidate: mine, got: String(own))
        }
    }

    private mutating func compareBody(answer: PreparedAnswer, references: [PreparedAnswer]) {
        let path = ValuePath(["body"])
        let found = (differences.count, accepted)
        let parsed = references.compactMap(\.document)
        guard parsed.count == references.count else {
            documents = references.map { .list(ParityText.lines($0.text)) }
            compare(
                path, references: references.map { .list(ParityText.lines($0.text)) },
                candidate: .list(ParityText.lines(answer.text)))
            return
        }
        guard let own = answer.document else {
            count(loosened: false)
            report(
                path, .type, references: parsed, candidate: nil, expected: ParityText.json(parsed[0]),
                got: answer.text)
            return
        }
        documents = parsed
        compare(path, references: parsed, candidate: own)
        if found == (differences.count, accepted) {
            compareBytes(path, answer: answer, references: references, own: own)
        }
    }

    /// The same values in other bytes: separators, escapes, the form of a number.
    private mutating func compareBytes(
        _ path: ValuePath, answer: PreparedAnswer, references: [PreparedAnswer], own: PyValue
    ) {
        let texts = references.map(\.text)
        let agreed = texts.dropFirst().allSatisfy { $0.utf8.elementsEqual(texts[0].utf8) }
        if agreed, texts[0].utf8.elementsEqual(answer.text.utf8) { return }
        // Where values are noise the form still follows a rule when Python's default form does in every recording.
        let formed = references.allSatisfy { reference in
            reference.document.map { ParityText.json($0) == reference.text } ?? false
        }
        if formed ? ParityText.json(own) != answer.text : agreed {
            count(loosened: false)
            report(
                path, .bytes, references: [], candidate: nil,
                expected: formed ? ParityText.json(own) : texts[0], got: answer.text)
        }
    }
}
