/// A line of a log or a started program, ready to be compared.
package struct ObservedLine: Sendable {
    /// The whole line, for people.
    package var text: String
    package var content: TokenizedText
    /// Seconds since 1970; nil where the line carries no time of its own.
    package var stamp: Double?
    /// What prints lines one after the other: a function of the legacy, the access log; nil: unknown.
    package var task: String?
    /// A script of the tree, which the node starts and does not wait for.
    var runsOn: Bool { text.hasPrefix("scripts/") || text.prefix { $0 != " " }.contains("/scripts/") }
    /// Of a started program: its name and the first word of its last argument (`ssh sqlite3`).
    var kind = ""
    /// Seconds the answer to a step took, of its line in the access log.
    var duration: Double?
    /// How many requests of clients (not of nodes) were answered before.
    var answered = 0
    /// Line of the legacy's source that prints it, where it is known.
    var source: Int?

    package var template: String { content.template }

    static let accessLog = "access log"

    /// The lines of a log with the task each belongs to.
    package static func lines(_ log: [LogLine], templates: LogTemplates) -> [ObservedLine] {
        var known: [String: (task: String?, source: Int?)] = [:]
        var answered = 0
        return log.map { line in
            let template = line.content.template
            let origin: (task: String?, source: Int?)
            if let found = known[template] {
                origin = found
            } else if RunClock.request(line) != nil {
                origin = (accessLog, nil)
            } else {
                let entry = templates.entry(of: line.text)
                origin = (entry?.place, entry?.line)
            }
            known[template] = origin
            let before = answered
            if origin.task == accessLog, template.hasSuffix("\"-\" \"-\"") { answered += 1 }
            return ObservedLine(
                text: line.text, content: line.content, stamp: line.stamp, task: origin.task, answered: before,
                source: origin.source)
        }
    }

    /// The node's own requests to itself and to others: how long their answers are is not known.
    mutating func loosenSize() {
        guard let range = template.firstRange(of: "\" <n> <n> \"") else { return }
        let after = template[range.upperBound...].utf8.count { $0 == UInt8(ascii: "<") }
        let index = content.tokens.count - 1 - after
        if content.tokens.indices.contains(index) { content.tokens[index].isVolatile = true }
    }

    /// An access log's size is that of head and body together: reduced to what does not depend on the body's length (and
    /// on how many digits that has), so that it can be compared where bodies differ.
    mutating func takeBody(of answer: AnswerObservation, head: Bool) {
        guard let length = answer.header("Content-Length"), let bytes = Int(length), let last = content.tokens.last,
            last.kind == .number, let size = Int(last.text), template.hasSuffix("<n> <n> \"-\" \"-\"")
        else { return }
        content.tokens[content.tokens.count - 1].text = String(size - (head ? 0 : bytes) - length.utf8.count)
    }

    /// Started programs as lines: words (quoted where need be), working directory, variables.
    package static func lines(_ spawned: [SpawnedObservation]) -> [ObservedLine] {
        spawned.map { one in
            let environment = one.environment.filter { !isOwn($0.key) }.sorted { $0.key < $1.key }
                .map { "\($0.key)=\($0.value)" }.joined(separator: " ")
            let text = "\(one.argv.map(quoted).joined(separator: " ")) [cwd \(one.cwd)] [\(environment)]"
            var line = ObservedLine(text: text, content: TokenizedText(text), task: "started programs")
            let verb = one.argv.count > 1 ? one.argv[one.argv.count - 1].prefix { $0 != " " } : ""
            line.kind = "\(one.argv.first ?? "") \(verb)"
            return line
        }
    }

    private static func quoted(_ word: String) -> String {
        word.isEmpty || word.utf8.contains(where: { [0x20, 0x22, 0x27, 0x0A].contains($0) })
            ? ParityText.json(.string(word)) : word
    }

    /// Variables that only tell our programs where to look.
    private static let own: Set<String> = [
        "RINGRIFT_PYTHON", "RINGRIFT_VENV", "RINGRIFT_AI_SERVICE", "RINGRIFT_STANDBY", "RINGRIFT_ROLLBACK",
    ]

    /// A variable that the harness or our programs set for themselves.
    package static func isOwn(_ name: String) -> Bool {
        own.contains(name) || ["RINGRIFT_IMPL", "RINGRIFT_LEGACY", "RINGRIFT_FIXES"].contains { name.hasPrefix($0) }
    }
}
