import Comparison
import Foundation
import PythonSemantics

/// `ringrift parity selftest`: does the comparison see what it has to see? No node is started.
enum SelfTestCommand {
    private static let options: [ParityOptions.Option] =
        [
            .init(name: "--seed", value: "N", help: "of the edits (default: 1)"),
            .init(name: "--edits", value: "N", help: "how many (default: 1000)"),
            .init(name: "--edit", value: "K", help: "make only the K-th edit and show it (0 is the first)"),
        ] + ParityOptions.folders + [
            CompareCommand.references,
            .init(
                name: "--candidate", value: "NAME|DIR", help: "the recording that is edited (default: the last one)"),
            .init(name: "--without", value: "NAME", help: "not this scenario (again for more; * allowed)"),
        ] + [ParityOptions.only] + ParityOptions.rules() + [
            ParityOptions.answers(), ParityOptions.json, ParityOptions.helpFlag,
        ]

    static func main(_ arguments: [String]) async -> Int32 {
        await ParityInvocation(name: "selftest", table: options).run(arguments, run)
    }

    private static func run(_ options: ParityOptions) async throws -> Int32 {
        let started = ContinuousClock.now
        guard let seed = UInt64(options.text("--seed") ?? "1") else { throw ParityError("--seed: no number") }
        let edits = try options.count("--edits", default: 1000)
        let test = try await load(options, seed: seed)
        let differences = test.baseline()
        if let first = differences.first {
            throw ParityError(
                "the unedited recording differs from the references in \(differences.count) places, first"
                    + " \(first.scenario) \(first.step ?? "") \(first.path)")
        }
        if let text = options.text("--edit") {
            guard let number = Int(text), let outcome = test.outcome(number) else {
                throw ParityError("--edit: '\(text)' is no edit")
            }
            print("seed \(seed)\n" + SelfTestReport.text(outcome), terminator: "")
            return outcome.found == nil ? 1 : 0
        }
        let outcomes = await outcomes(test, edits)
        let elapsed = (ContinuousClock.now - started).components
        let report = SelfTestReport(
            seed: seed, edits: edits, outcomes: outcomes, scenarios: test.scenarios.count,
            references: test.scenarios.map(\.references.count).min() ?? 0,
            seconds: Double(elapsed.seconds) + Double(elapsed.attoseconds) / 1e18, leftOut: test.leftOut)
        print(report.text(), terminator: "")
        if let path = options.text("--json") {
            let text = try PyJSON.dumps(report.json(), indent: 1)
            do {
                try Data(text + [UInt8(ascii: "\n")]).write(to: URL(fileURLWithPath: path))
            } catch {
                throw ParityError("\(path): cannot be written")
            }
        }
        return report.exitCode
    }

    /// Edits side by side, in their order.
    private static func outcomes(_ test: SelfTest, _ edits: Int) async -> [EditOutcome] {
        await withTaskGroup(of: [EditOutcome].self) { group in
            let workers = max(1, ProcessInfo.processInfo.activeProcessorCount)
            for worker in 0..<workers {
                group.addTask {
                    stride(from: worker, to: edits, by: workers).compactMap { test.outcome($0) }
                }
            }
            var all: [EditOutcome] = []
            for await part in group { all += part }
            return all.sorted { $0.number < $1.number }
        }
    }

    private static func load(_ options: ParityOptions, seed: UInt64) async throws -> SelfTest {
        let corpus = try SelfTestCorpus(options)
        let settings = try ParityInputs.settings(options)
        var scenarios: [SelfTestScenario] = []
        try await withThrowingTaskGroup(of: SelfTestScenario?.self) { group in
            for name in corpus.names {
                group.addTask {
                    guard let (run, references) = try corpus.recordings(of: name) else { return nil }
                    return SelfTestScenario(run, references: references, settings: settings)
                }
            }
            for try await scenario in group { scenarios += [scenario].compactMap { $0 } }
        }
        if scenarios.isEmpty { throw ParityError("no scenario with two references and a candidate of the same steps") }
        // What is listed as different on purpose is not the legacy.
        let rules = try ParityInputs.rules(options).filter {
            $0.origin == .rule && $0.when.isSubset(of: ["replay", "all"])
        }
        return SelfTest(
            seed: seed, scenarios: scenarios.sorted { $0.name < $1.name }, settings: settings, rules: rules,
            leftOut: corpus.names.filter { name in !scenarios.contains { $0.name == name } })
    }
}
