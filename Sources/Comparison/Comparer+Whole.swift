import PythonSemantics

// Comparison of runs on the same virtual clock: whole texts, volatile values included.

extension PreparedReferences {
    /// Compares the whole body of a step's answer.
    func compareWhole(_ step: String, _ run: PreparedRun, _ comparer: inout Comparer) {
        guard let mine = run.answers[step]?.answer else { return }
        comparer.compareWhole(mine, references: runs.compactMap { $0.answers[step]?.answer })
    }
}

extension [CheckResult] {
    /// Where a rule or a divergence accepted something in a body its size follows from that: no difference of its own.
    /// - Returns: the routes of these bodies.
    mutating func dropSizes(_ run: RunObservation, _ reference: RunObservation?) -> Set<String> {
        let length = ValuePath(["header", "Content-Length"])
        var routes: Set<String> = []
        for index in indices {
            guard case .step(let id, let route) = self[index].subject, !self[index].rules.isEmpty,
                let mine = run.steps.first(where: { $0.id == id })?.answer,
                let theirs = reference?.steps.first(where: { $0.id == id })?.answer, mine.body != theirs.body
            else { continue }
            routes.insert(route)
            guard mine.lengthIsThatOfTheBody, theirs.lengthIsThatOfTheBody else { continue }
            let before = self[index].differences.count
            self[index].differences.removeAll { $0.path == length }
            let dropped = before - self[index].differences.count
            self[index].tally.exact -= dropped
            self[index].tally.ignored += dropped
        }
        return routes
    }
}

extension AnswerObservation {
    fileprivate var lengthIsThatOfTheBody: Bool {
        guard case .text(let text) = body else { return false }
        return header("Content-Length") == String(text.utf8.count)
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
    /// - Parameter loosened: routes whose answers differ as a rule accepts: the sizes in their access lines do not count.
    package mutating func compareLines(
        log: String, reference: String, mode: LogComparison, required: [String], loosened: Set<String> = []
    ) {
        if mode == .off { return }
        func chosen(_ text: String) -> [String: Int] {
            var counts: [String: Int] = [:]
            for line in text.split(separator: "\n") {
                let templates = TextMask.logTemplates(String(line))
                let wanted =
                    mode == .both || templates.contains { line in required.contains { Glob.matches($0, line) } }
                if wanted { counts[Self.withoutSize(String(line), of: loosened), default: 0] += 1 }
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

    /// `… "GET /status HTTP/1.1" 200 4750 "-" "-"` without the 4750 when the route is one of these.
    private static func withoutSize(_ line: String, of routes: Set<String>) -> String {
        guard routes.contains(where: { line.contains("\"\($0) ") || line.contains("\"\($0)?") }) else { return line }
        var parts = line.split(separator: "\"", omittingEmptySubsequences: false).map(String.init)
        guard parts.count > 2, let status = parts[2].split(separator: " ").first else { return line }
        parts[2] = " \(status) (size) "
        return parts.joined(separator: "\"")
    }
}
