import Comparison
import Foundation
import PythonSemantics
import Testing

@testable import ParityHarness

/// The harness proves itself: what is equal is called equal, and a random edit of a random leaf is caught.
@Suite struct SelfTests {
    @Test(arguments: ProjectFiles.scenarioNames) func everyRecordingEqualsTheSetItBelongsTo(_ name: String) throws {
        let references = try ProjectFiles.references(name)
        #expect(references.count == 3)
        for run in references {
            var comparison = RunComparison(rules: RuleBook())
            let results = comparison.compare(run, references: references, selection: RunSelection())
            #expect(results.flatMap(\.differences).isEmpty, "\(results.flatMap(\.differences).prefix(3))")
            #expect(results.count >= run.steps.count)
        }
    }

    /// An edit: what was changed, and whether the harness has to see it.
    enum Edit: CaseIterable {
        case value, type, missing, extra, order
    }

    private static let sliceRecordings: [[RunObservation]] = ProjectFiles.scenarioNames.filter {
        $0.hasPrefix("slice-")
    }
    .compactMap { try? ProjectFiles.references($0) }

    @Test(arguments: [1, 2, 3] as [UInt64]) func randomEditsOfAnswersAreCaught(_ seed: UInt64) throws {
        var random = SeededGenerator(state: seed)
        var tried: [Edit: Int] = [:]
        var caught = 0
        var total = 0
        let sets = Self.sliceRecordings
        try #require(sets.count >= 5)
        while total < 150 {
            let references = try #require(sets.randomElement(using: &random))
            let index = Int.random(in: 0..<references[0].steps.count, using: &random)
            let answers = references.map { $0.steps[index].answer }
            guard case .text(let text) = answers[0].body, let body = ParityText.parse(text) else { continue }
            let documents = answers.compactMap { answer -> PyValue? in
                if case .text(let text) = answer.body { return ParityText.parse(text) }
                return nil
            }
            let edit = try #require(Edit.allCases.randomElement(using: &random))
            guard let edited = Self.apply(edit, to: body, references: documents, using: &random) else { continue }
            var answer = answers[0]
            answer.body = .text(ParityText.json(edited))
            total += 1
            tried[edit, default: 0] += 1
            var comparer = Comparer(
                scope: ComparisonScope(scenario: "s", step: "1", route: references[0].steps[index].route))
            comparer.compare(answer: answer, references: answers)
            if comparer.take().differences.isEmpty {
                Issue.record("missed \(edit) in \(references[0].scenario) \(references[0].steps[index].id)")
            } else {
                caught += 1
            }
        }
        #expect(caught == total)
        #expect(tried.count == Edit.allCases.count)
    }

    /// Changes one leaf on which all references agree; nil when the edit has no place on the way chosen.
    private static func apply(
        _ edit: Edit, to value: PyValue, references: [PyValue], using random: inout SeededGenerator
    ) -> PyValue? {
        switch value {
        case .dict(let dict):
            let theirs = references.compactMap(\.asDict)
            guard theirs.count == references.count, theirs.allSatisfy({ Set($0.keys) == Set(dict.keys) }),
                let key = dict.keys.randomElement(using: &random), let child = dict[key]
            else { return nil }
            if Int.random(in: 0..<4, using: &random) > 0,
                let inner = apply(edit, to: child, references: theirs.compactMap { $0[key] }, using: &random)
            {
                var copy = dict
                copy[key] = inner
                return .dict(copy)
            }
            return editHere(edit, dict, key)
        case .list(let list):
            let theirs = references.compactMap(\.asList)
            guard theirs.allSatisfy({ $0.count == list.count }), !list.isEmpty else { return nil }
            let index = Int.random(in: 0..<list.count, using: &random)
            guard let inner = apply(edit, to: list[index], references: theirs.map { $0[index] }, using: &random)
            else { return nil }
            var copy = list
            copy[index] = inner
            return .list(copy)
        default:
            guard references.allSatisfy({ $0 == value }) else { return nil }
            return editLeaf(edit, value)
        }
    }

    private static func editHere(_ edit: Edit, _ dict: PyDict, _ key: PyString) -> PyValue? {
        var copy = dict
        switch edit {
        case .missing: copy[key] = nil
        case .extra: copy["never seen"] = 1
        case .order:
            guard dict.count > 1 else { return nil }
            let moved = copy.removeValue(forKey: key)
            copy[key] = moved
            if copy.keys == dict.keys { return nil }
        case .type, .value: return nil
        }
        return .dict(copy)
    }

    private static func editLeaf(_ edit: Edit, _ value: PyValue) -> PyValue? {
        switch (edit, value) {
        case (.value, .int(let number)): return .int(number &+ 1)
        case (.value, .float(let number)): return .float(number + 0.5)
        case (.value, .bool(let flag)): return .bool(!flag)
        case (.value, .string(let text)): return .string(text.description + " ")
        case (.type, .int(let number)): return .float(Double(number))
        case (.type, .float(let number)): return .string("\(number)")
        case (.type, .none): return false
        case (.type, .string), (.type, .bool): return PyValue.none
        default: return nil
        }
    }

    @Test func editsOfStateExitAndLogAreCaught() throws {
        let references = try ProjectFiles.references("slice-membership")
        let selection = RunSelection(steps: [], spawned: true)
        func count(_ change: (inout RunObservation) throws -> Void) rethrows -> Int {
            var run = references[0]
            try change(&run)
            var comparison = RunComparison(rules: RuleBook())
            return comparison.compare(run, references: references, selection: selection).flatMap(\.differences).count
        }
        #expect(count { _ in } == 0)
        #expect(count { $0.state?.exit = 1 } == 1)
        #expect(count { $0.log?.append("never seen\n") } == 1)
        #expect(count { $0.log = "" } > 10)
        #expect(count { $0.spawned.append(SpawnedObservation(argv: ["x"], cwd: "/", environment: [:])) } == 1)
        let key: PyString = "logs/p2p_orchestrator/beta_state.db"
        try #expect(
            count { run in
                var peers = try #require(run.state?.databases[key]?["rows"]?["peers"]?.asList)
                peers[3]["port"] = 1
                var database = try #require(run.state?.databases[key])
                var rows = try #require(database["rows"])
                rows["peers"] = .list(peers)
                database["rows"] = rows
                run.state?.databases[key] = database
            } == 1)
        #expect(count { $0.state?.databases[key] = nil } == 1)
    }
}
