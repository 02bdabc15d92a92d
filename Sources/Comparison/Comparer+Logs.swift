import PythonSemantics

/// How a log is compared.
package enum LogComparison: String, Sendable {
    /// Every template that all references have, and none that no reference has.
    case both
    /// None that no reference has (a node that serves a part of the legacy says less).
    case extra
    case off
}

extension Comparer {
    /// Compares a log by its templates, as sets.
    /// - Parameter required: templates (as glob patterns) that must be there also with ``LogComparison/extra``.
    package mutating func compare(
        log: String, references: [String], mode: LogComparison, required: [String] = []
    ) {
        if mode == .off || references.isEmpty { return }
        let theirs = references.map { Set(TextMask.logTemplates($0)) }
        let mine = Set(TextMask.logTemplates(log))
        let always = theirs.dropFirst().reduce(theirs[0]) { $0.intersection($1) }
        let ever = theirs.reduce(Set<String>()) { $0.union($1) }
        let wanted = mode == .both ? always : always.filter { line in required.contains { Glob.matches($0, line) } }
        for line in wanted.sorted() {
            count(loosened: false)
            if mine.contains(line) {
                noteEqual(ValuePath(["log", line]))
            } else {
                report(
                    ValuePath(["log", line]), .missing, references: [], candidate: nil, expected: line,
                    got: "no such line")
            }
        }
        for line in mine.subtracting(wanted).sorted() {
            count(loosened: false)
            if ever.contains(line) {
                noteEqual(ValuePath(["log", line]))
            } else {
                report(
                    ValuePath(["log", line]), .extra, references: [], candidate: .string(PyString(line)),
                    expected: "no such line", got: line)
            }
        }
    }

    /// Compares the stubbed programs that were started, as a set of argv (masked), cwd and environment.
    package mutating func compare(spawned: [SpawnedObservation], references: [[SpawnedObservation]]) {
        guard !references.isEmpty else { return }
        let theirs = references.map { Set($0.map(Self.template)) }
        let mine = Set(spawned.map(Self.template))
        let always = theirs.dropFirst().reduce(theirs[0]) { $0.intersection($1) }
        let ever = theirs.reduce(Set<String>()) { $0.union($1) }
        for line in always.union(mine).sorted() {
            count(loosened: !always.contains(line))
            let path = ValuePath(["spawned", line])
            if !mine.contains(line) {
                report(path, .missing, references: [], candidate: nil, expected: line, got: "not started")
            } else if !ever.contains(line) {
                report(path, .extra, references: [], candidate: nil, expected: "not started", got: line)
            }
        }
    }

    /// Variables that only tell our programs where to look.
    private static let own: Set<String> = [
        "RINGRIFT_PYTHON", "RINGRIFT_VENV", "RINGRIFT_AI_SERVICE", "RINGRIFT_STANDBY", "RINGRIFT_ROLLBACK",
    ]

    private static func template(_ spawned: SpawnedObservation) -> String {
        let argv = spawned.argv.map(TextMask.mask).joined(separator: " ")
        let environment = spawned.environment.filter { name, _ in
            !own.contains(name)
                && !["RINGRIFT_IMPL", "RINGRIFT_LEGACY", "RINGRIFT_FIXES"].contains { name.hasPrefix($0) }
        }.sorted { $0.key < $1.key }.map { "\($0.key)=\(TextMask.mask($0.value))" }.joined(separator: " ")
        return "\(argv) [cwd \(spawned.cwd)] [\(environment)]"
    }
}
