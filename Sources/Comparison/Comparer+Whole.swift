import PythonSemantics

// Comparison of runs on the same virtual clock: whole texts, volatile values included.

extension PreparedReferences {
    /// Compares the whole body of a step's answer.
    func compareWhole(_ step: String, _ run: PreparedRun, _ comparer: inout Comparer) {
        guard let mine = run.answers[step]?.answer else { return }
        comparer.compareWhole(mine, references: runs.compactMap { $0.answers[step]?.answer })
    }
}

extension Comparer {
    /// Compares bodies byte for byte, after the comparison by value has had its say: what that found, or a rule
    /// accepted, is not reported a second time.
    package mutating func compareWhole(_ answer: AnswerObservation, references: [AnswerObservation]) {
        guard let reference = references.first, answer.error == nil else { return }
        if !differences.isEmpty || accepted > 0 { return }
        count(loosened: false)
        let path = ValuePath(["body", "(bytes)"])
        if answer.body == reference.body {
            noteEqual(path)
        } else {
            report(
                path, .bytes, references: [], candidate: nil, expected: Self.text(reference), got: Self.text(answer))
        }
    }

    private static func text(_ answer: AnswerObservation) -> String {
        switch answer.body {
        case .text(let text): text
        case .hex(let digits): "hex:" + digits
        case .none: "no body"
        }
    }

    /// Compares whole lines, time stamps and numbers included: with ``LogComparison/both`` all of them, with
    /// ``LogComparison/extra`` those of the templates that are required. Each as often as the reference has it.
    package mutating func compareLines(log: String, reference: String, mode: LogComparison, required: [String]) {
        if mode == .off { return }
        func chosen(_ text: String) -> [String: Int] {
            var counts: [String: Int] = [:]
            for line in text.split(separator: "\n") {
                let templates = TextMask.logTemplates(String(line))
                let wanted = mode == .both || templates.contains { line in required.contains { Glob.matches($0, line) } }
                if wanted { counts[String(line), default: 0] += 1 }
            }
            return counts
        }
        let theirs = chosen(reference)
        let mine = chosen(log)
        for line in Set(theirs.keys).union(mine.keys).sorted() {
            count(loosened: false)
            let path = ValuePath(["log", line])
            let (wanted, got) = (theirs[line] ?? 0, mine[line] ?? 0)
            if wanted == got {
                noteEqual(path)
            } else {
                report(
                    path, got < wanted ? .missing : .extra, references: [], candidate: .string(PyString(line)),
                    expected: wanted == 1 ? line : "\(line) (\(wanted) times)", got: "\(got) times")
            }
        }
    }
}
