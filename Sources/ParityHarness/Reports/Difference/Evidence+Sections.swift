import Comparison
import PythonSemantics

extension Evidence {
    /// Both observations side by side, the first reference on the left.
    package var sections: [DiffSection] {
        switch subject {
        case .step: return answerSections
        case .end:
            return [
                DiffSection(
                    title: "Exit status",
                    rows: DiffBuilder.rows(
                        references.first?.state?.exit, candidate.state?.exit, at: ValuePath(["exit"]), differences))
            ]
        case .state: return stateSections
        case .log: return [setSection("Log templates", examples: true)]
        case .spawned: return [setSection("Started programs", examples: false)]
        }
    }

    /// Values at a differing path, of every reference and of the candidate; nil: not there.
    package func values(at path: ValuePath) -> (references: [PyValue?], candidate: PyValue?) {
        (references.map { Self.value(in: $0, at: path, subject) }, Self.value(in: candidate, at: path, subject))
    }

    private static func value(
        in run: RunObservation, at path: ValuePath, _ subject: CheckResult.Subject
    ) -> PyValue? {
        switch subject {
        case .step: return run.steps.first.flatMap { find(path.segments[...], in: document($0.answer)) }
        case .end: return run.state?.exit
        case .state:
            guard let state = run.state else { return nil }
            return find(path.segments[...], in: ["db": .dict(state.databases), "file": .dict(state.files)])
        case .log:
            let lines = examples(of: path.segments.last ?? "", in: run.log ?? "")
            return lines.isEmpty ? nil : .list(lines.map { .string($0) })
        case .spawned: return nil
        }
    }

    /// Goes down a path; also into JSON documents and lines inside texts, as the comparison does.
    private static func find(_ segments: ArraySlice<String>, in value: PyValue) -> PyValue? {
        guard let segment = segments.first else { return value }
        let rest = segments.dropFirst()
        switch value {
        case .dict(let dict): return dict[PyString(segment)].flatMap { find(rest, in: $0) }
        case .list: return Int(segment).flatMap { value[$0] }.flatMap { find(rest, in: $0) }
        case .string(let text):
            let plain = text.description
            if let document = ParityText.parse(plain), document.asDict != nil || document.asList != nil {
                return find(segments, in: document)
            }
            let lines = ReportText.lines(plain)
            guard let index = Int(segment), lines.indices.contains(index) else { return nil }
            return find(rest, in: .string(lines[index]))
        default: return nil
        }
    }

    /// An answer with the names that paths use: `status`, `header`, `body`, `error`.
    private static func document(_ answer: AnswerObservation) -> PyValue {
        var fields = PyDict()
        if let error = answer.error { fields["error"] = .string(error) }
        if let status = answer.status { fields["status"] = .int(status) }
        fields["header"] = headers(answer)
        fields["body"] = .string(plain(answer))
        return .dict(fields)
    }

    private static func headers(_ answer: AnswerObservation?) -> PyValue {
        .dict(PyDict((answer?.headers ?? []).map { (PyString($0.name), .string($0.value)) }))
    }

    private static func plain(_ answer: AnswerObservation?) -> String {
        switch answer?.body {
        case .text(let text)?: return text
        case .hex(let text)?: return "hex:" + text
        case AnswerObservation.Body.none?, nil: return ""
        }
    }

    private var answerSections: [DiffSection] {
        let (theirs, mine) = (references.first?.steps.first?.answer, candidate.steps.first?.answer)
        guard let mine else {
            return [
                DiffSection(
                    title: "Answer",
                    rows: DiffBuilder.rows(
                        theirs.map(Self.document), ["error": "the node had ended"], at: ValuePath([]), differences))
            ]
        }
        var sections: [DiffSection] = []
        if theirs?.error != nil || mine.error != nil {
            func text(_ answer: AnswerObservation?) -> PyValue? { answer.map { $0.error.map { .string($0) } ?? .none } }
            sections.append(
                DiffSection(
                    title: "Error",
                    rows: DiffBuilder.rows(text(theirs), text(mine), at: ValuePath(["error"]), differences)))
        }
        func status(_ answer: AnswerObservation?) -> PyValue? { answer?.status.map { .int($0) } }
        sections.append(
            DiffSection(
                title: "Status",
                rows: DiffBuilder.rows(status(theirs), status(mine), at: ValuePath(["status"]), differences)))
        sections.append(
            DiffSection(
                title: "Headers",
                rows: DiffBuilder.rows(Self.headers(theirs), Self.headers(mine), at: ValuePath(["header"]), differences)
            ))
        sections.append(bodySection(Self.plain(theirs), Self.plain(mine)))
        return sections
    }

    private func bodySection(_ left: String, _ right: String) -> DiffSection {
        let place = ValuePath(["body"])
        let bytes = differences.contains { $0.path == place && $0.kind == .bytes }
        func document(_ text: String) -> PyValue? {
            ParityText.parse(text).flatMap { $0.asDict != nil || $0.asList != nil ? $0 : nil }
        }
        if !bytes, let a = document(left), let b = document(right) {
            return DiffSection(title: "Body", rows: DiffBuilder.rows(a, b, at: place, differences))
        }
        func lines(_ text: String) -> [String] {
            text.isEmpty ? [] : ReportText.lines(text)
        }
        return DiffSection(
            title: "Body", rows: DiffBuilder.rows(lines: lines(left), lines(right), at: place, differences),
            note: bytes ? "the same values in other bytes" : nil)
    }

    private var stateSections: [DiffSection] {
        var places: [(kind: String, name: String)] = []
        for difference in differences where difference.path.segments.count > 1 {
            let place = (kind: difference.path.segments[0], name: difference.path.segments[1])
            if !places.contains(where: { $0 == place }) { places.append(place) }
        }
        return places.map { place in
            let path = ValuePath([place.kind, place.name])
            let values = values(at: path)
            return DiffSection(
                title: (place.kind == "db" ? "Database " : "File ") + place.name,
                rows: DiffBuilder.rows(values.references.first ?? nil, values.candidate, at: path, differences))
        }
    }

    /// Things compared as a set: a line for each that only one side has.
    private func setSection(_ title: String, examples: Bool) -> DiffSection {
        var rows: [DiffRow] = []
        for difference in differences {
            let text = difference.path.segments.last ?? ""
            let left = difference.kind == .extra ? nil : difference.kind == .missing ? text : difference.expected
            let right = difference.kind == .missing ? nil : difference.kind == .extra ? text : difference.got
            rows.append(DiffRow(left: left, right: right, mark: .differs, path: difference.path))
            guard examples else { continue }
            let seen = values(at: difference.path)
            let theirs = seen.references.compactMap { $0 }.first?[0]?.asString.map { "  e.g. \($0)" }
            let mine = seen.candidate?[0]?.asString.map { "  e.g. \($0)" }
            if theirs != nil || mine != nil {
                rows.append(DiffRow(left: theirs, right: mine, mark: .accepted, path: difference.path))
            }
        }
        return DiffSection(title: title, rows: rows)
    }

    /// The first lines of a log that a template stands for.
    private static func examples(of template: String, in log: String) -> [String] {
        var found: [String] = []
        for line in log.split(separator: "\n") where TextMask.logTemplates(String(line)).first == template {
            found.append(String(line))
            if found.count == 5 { break }
        }
        return found
    }
}
