import Comparison
import PythonSemantics

/// Compares a recording of a case with recordings of the legacy. What all of those agree on is strict; where they
/// differ only kinds count. The recording's rules name what is not compared and what has no order.
struct CommandLineComparison {
    let references: [CommandLineRecording]
    let candidate: CommandLineRecording
    private let ignored: [CommandLineRule]
    private let unordered: [CommandLineRule]

    /// - Throws: ``ParityError`` when there is no reference or its rules cannot be read.
    init(_ candidate: CommandLineRecording, references: [CommandLineRecording]) throws {
        guard let first = references.first else { throw ParityError("no recording of the legacy") }
        self.candidate = candidate
        self.references = references
        ignored = try (first.rules["ignore"]?.asList ?? []).map(CommandLineRule.ignore)
        unordered = try (first.rules["unordered"]?.asList ?? []).map(CommandLineRule.unordered)
    }

    /// A result for every command, then for replaced programs, helper programs and files.
    /// - Parameter rules: about command lines; their uses are counted.
    func results(_ rules: inout RuleBook) -> [CheckResult] {
        guard candidate.digest == references[0].digest, references.allSatisfy({ $0.digest == candidate.digest }) else {
            return [
                check(.step(id: "case", route: "version"), &rules) {
                    $0.report(
                        ["version"], .value, expected: references.map(\.digest).joined(separator: ", "),
                        got: candidate.digest + ", another version of the case")
                }
            ]
        }
        let counts = references.map(\.runs.count)
        guard counts.allSatisfy({ $0 == candidate.runs.count }) else {
            return [
                check(.step(id: "case", route: "commands"), &rules) {
                    $0.report(["commands"], .length, expected: "\(counts)", got: "\(candidate.runs.count)")
                }
            ]
        }
        var results = candidate.runs.indices.map { command($0, &rules) }
        if !ignores("spawned") {
            results.append(
                check(.spawned, &rules) { $0.spawned(candidate.spawned, references.map(\.spawned)) })
        }
        if !candidate.background.isEmpty || references.contains(where: { !$0.background.isEmpty }) {
            results.append(
                check(.step(id: "- ends of helper programs", route: "background"), &rules) {
                    $0.value(["background"], .dict(candidate.background), references.map { .dict($0.background) })
                })
        }
        if !ignores("files") {
            results.append(check(.state, &rules) { $0.files(candidate.files, references.map(\.files)) })
        }
        return results
    }

    private func command(_ index: Int, _ rules: inout RuleBook) -> CheckResult {
        let run = candidate.runs[index]
        let theirs = references.map { $0.runs[index] }
        let words = run.arguments.map(\.description).joined(separator: " ")
        let subject = CheckResult.Subject.step(id: "\(index + 1) \(words)", route: "command")
        return check(subject, &rules, status: run.exit.asInt) { comparer in
            let exitIgnored = ignores("exit")
            if exitIgnored {
                comparer.tally.ignored += 1
            } else {
                comparer.value(["exit"], run.exit, theirs.map(\.exit))
            }
            if !ignores("stdout") { comparer.lines(["stdout"], "stdout", run.output, theirs.map(\.output)) }
            if !ignores("stderr") { comparer.lines(["stderr"], "stderr", run.errors, theirs.map(\.errors)) }
            if !ignores("left_running") {
                comparer.value(
                    ["left_running"], .texts(run.leftRunning.sorted()), theirs.map { .texts($0.leftRunning.sorted()) })
            }
            comparer.actions(run.actions, theirs.map(\.actions), exitIgnored: exitIgnored)
        }
    }

    private func ignores(_ part: String) -> Bool {
        ignored.contains { $0.part == part && $0.pattern == nil }
    }

    private func check(
        _ subject: CheckResult.Subject, _ rules: inout RuleBook, status: Int? = nil,
        _ body: (inout CommandLineComparer) -> Void
    ) -> CheckResult {
        var comparer = CommandLineComparer(
            scenario: candidate.id, subject: subject, ignored: ignored, unordered: unordered, rules: rules)
        body(&comparer)
        defer { rules = comparer.rules }
        return CheckResult(
            scenario: candidate.id, subject: subject, status: status, tally: comparer.tally,
            differences: comparer.differences, rules: comparer.rules.used(since: rules))
    }
}
