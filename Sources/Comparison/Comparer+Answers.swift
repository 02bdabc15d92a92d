import PythonSemantics

extension Comparer {
    /// Headers whose value a client acts on. `Content-Length` is compared as a number where the bodies agree, else by
    /// presence; `Date` and `Server` are not recorded.
    private static let named = [
        "Content-Type", "Location", "Allow", "Content-Disposition", "Content-Encoding", "Connection",
        "Transfer-Encoding", "WWW-Authenticate", "Retry-After", "Accept-Ranges", "Content-Range", "ETag",
        "Last-Modified", "Set-Cookie", "Cache-Control",
    ]

    /// Compares the answer of a step: status, headers, body.
    package mutating func compare(answer: AnswerObservation, references: [AnswerObservation]) {
        guard let first = references.first else { return }
        func optional(_ text: String?) -> PyValue { text.map { .string(PyString($0)) } ?? .none }
        func status(_ answer: AnswerObservation) -> PyValue { answer.status.map { .int($0) } ?? .none }
        let failed = references.map { optional($0.error) }
        if answer.error != nil || first.error != nil {
            compare(ValuePath(["error"]), references: failed, candidate: optional(answer.error))
        }
        if answer.error != nil { return }
        compare(ValuePath(["status"]), references: references.map(status), candidate: status(answer))
        for name in Self.named {
            let theirs = references.map { optional($0.header(name)) }
            let mine = optional(answer.header(name))
            if theirs.allSatisfy({ $0 == .none }) && mine == .none { continue }
            compare(ValuePath(["header", name]), references: theirs, candidate: mine)
        }
        let html = references.contains { $0.header("Content-Type")?.hasPrefix("text/html") ?? false }
        compareLength(answer: answer, references: references, html: html)
        if !html { compareBody(answer: answer, references: references) }
    }

    /// The exact length where every recording has the same body, else that there is one: bodies whose values are noise
    /// have the same length by chance only. HEAD shows a length without its body, so there a JSON length is noise.
    private mutating func compareLength(answer: AnswerObservation, references: [AnswerObservation], html: Bool) {
        let same = references.dropFirst().allSatisfy { $0.body == references[0].body }
        let bodiless = scope.route?.hasPrefix("HEAD ") ?? false
        let dynamic = bodiless && references[0].header("Content-Type")?.contains("json") ?? false
        let exact = same && !dynamic && !html
        func length(_ answer: AnswerObservation) -> PyValue {
            guard let text = answer.header("Content-Length") else { return .none }
            guard let number = Int(text) else { return .string(PyString(text)) }
            return exact ? .int(number) : true
        }
        compare(
            ValuePath(["header", "Content-Length"]), references: references.map(length), candidate: length(answer))
    }

    private mutating func compareBody(answer: AnswerObservation, references: [AnswerObservation]) {
        let path = ValuePath(["body"])
        let found = (differences.count, accepted)
        let parsed = references.map(Self.document)
        let own = Self.document(answer)
        let documents = parsed.compactMap { $0 }
        if documents.count == references.count {
            guard let own else {
                count(loosened: false)
                report(
                    path, .type, references: documents, candidate: nil, expected: ParityText.json(documents[0]),
                    got: Self.plain(answer))
                return
            }
            compare(path, references: documents, candidate: own)
            if found == (differences.count, accepted) {
                compareBytes(path, answer: answer, references: references, documents: documents, own: own)
            }
            return
        }
        compareText(path, references: references.map(Self.plain), candidate: Self.plain(answer))
    }

    /// The same values in other bytes: separators, escapes, the form of a number.
    private mutating func compareBytes(
        _ path: ValuePath, answer: AnswerObservation, references: [AnswerObservation], documents: [PyValue],
        own: PyValue
    ) {
        let texts = references.map(Self.plain)
        let mine = Self.plain(answer)
        let agreed = texts.dropFirst().allSatisfy { Array($0.utf8) == Array(texts[0].utf8) }
        if agreed, Array(texts[0].utf8) == Array(mine.utf8) { return }
        // Where values are noise the form still follows a rule when Python's default form does in every recording.
        let formed = zip(documents, texts).allSatisfy { ParityText.json($0) == $1 }
        if formed ? ParityText.json(own) != mine : agreed {
            count(loosened: false)
            report(
                path, .bytes, references: [], candidate: nil,
                expected: formed ? ParityText.json(own) : texts[0], got: mine)
        }
    }

    /// Compares text line by line; lines that differ between recordings by their template.
    mutating func compareText(_ path: ValuePath, references: [String], candidate: String) {
        let theirs = references.map { Self.lines($0) }
        let mine = Self.lines(candidate)
        compare(path, references: theirs, candidate: mine)
    }

    private static func lines(_ text: String) -> PyValue {
        .list(
            text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map {
                .string(PyString(String(decoding: $0, as: UTF8.self)))
            })
    }

    private static func plain(_ answer: AnswerObservation) -> String {
        switch answer.body {
        case .text(let text): return text
        case .hex(let text): return "hex:" + text
        case .none: return ""
        }
    }

    private static func document(_ answer: AnswerObservation) -> PyValue? {
        guard case .text(let text) = answer.body else { return nil }
        let isJSON = answer.header("Content-Type")?.contains("json") ?? false
        guard isJSON || text.hasPrefix("{") || text.hasPrefix("[") else { return nil }
        return ParityText.parse(text)
    }
}
