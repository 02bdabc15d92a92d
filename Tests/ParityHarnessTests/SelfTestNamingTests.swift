import Comparison
import Foundation
import PythonSemantics
import Testing

@testable import ParityHarness

/// The self-test itself: every miss is named, and its recordings are found as the other commands find theirs.
@Suite struct SelfTestNamingTests {
    /// Programs whose order the references leave open, or which may swap with their neighbours.
    private static func run(_ order: [Int], seed: Int, time: Double) -> RunObservation {
        let programs = ["scripts/a.py --seed \(seed)", "scripts/b.py", "ssh q one", "ssh q two", "tool z"]
        let body = "{\"at\": \(time), \"id\": \"0000000\(seed)\", \"n\": 1}"
        let answer = AnswerObservation(
            status: 200,
            headers: [("Content-Type", "application/json"), ("Content-Length", String(body.utf8.count))],
            body: .text(body), milliseconds: 3)
        return RunObservation(
            scenario: "s", steps: [StepObservation(id: "1", method: "GET", path: "/x", answer: answer)],
            state: StateObservation(exit: 0, stopSeconds: 0.5),
            log: "2026-11-22 14:21:54,409 - INFO - a\n[P2P] started \(seed)\n",
            spawned: order.map {
                SpawnedObservation(
                    argv: programs[$0].split(separator: " ").map(String.init), cwd: "/",
                    environment: ["PYTHONPATH": "/x"])
            })
    }

    private static func scenario(_ order: [Int]) -> SelfTestScenario {
        SelfTestScenario(
            run(order, seed: 3, time: 1_795_357_314.125_001),
            references: [
                run([0, 1, 2, 3, 4], seed: 1, time: 1_795_357_314.25),
                run([0, 1, 2, 4, 3], seed: 2, time: 1_795_357_314.5),
            ], settings: ComparisonSettings())
    }

    @Test(arguments: [[0, 1, 2, 3, 4], [1, 0, 2, 3, 4], [0, 1, 2, 4, 3], [0, 2, 1, 3, 4]])
    func everyMissOfAnyOrderIsNamed(_ order: [Int]) throws {
        let seed = UInt64.random(in: 0..<1_000_000)
        let test = SelfTest(
            seed: seed, scenarios: [Self.scenario(order)], settings: ComparisonSettings(), rules: [])
        try #require(test.baseline().isEmpty)
        let outcomes = (0..<600).compactMap(test.outcome)
        #expect(outcomes.count == 600)
        let unnamed = outcomes.filter { !$0.isNamed }.map { "seed \(seed): \(SelfTestReport.text($0))" }
        #expect(unnamed.isEmpty, "\(unnamed.prefix(2))")
        // Noise hides some, so that the names are put to the test at all.
        #expect(outcomes.contains { $0.found == nil })
    }

    @Test(arguments: ["slice-leadership", "06-jobs"]) func everyMissOfARecordingIsNamed(_ name: String) throws {
        var references = try ProjectFiles.references(name)
        let last = references.popLast()
        let run = try #require(last)
        let rules = try RuleFile.parse(
            String(contentsOfFile: ProjectFiles.parity + "/rules.yaml", encoding: .utf8), name: "rules", origin: .rule
        ).filter { $0.when.isSubset(of: ["replay", "all"]) }
        let seed = UInt64.random(in: 0..<1_000_000)
        let test = SelfTest(
            seed: seed, scenarios: [SelfTestScenario(run, references: references, settings: ComparisonSettings())],
            settings: ComparisonSettings(), rules: rules)
        try #require(test.baseline().isEmpty)
        let outcomes = (0..<100).compactMap(test.outcome)
        let unnamed = outcomes.filter { !$0.isNamed }.map { "seed \(seed): \(SelfTestReport.text($0))" }
        #expect(unnamed.isEmpty, "\(unnamed.prefix(2))")
        #expect(outcomes.count { $0.found != nil } >= 96, "seed \(seed)")
    }

    // MARK: Recordings

    /// A folder as the public one: `scenarios` and `legacy/{a,b,c}`; of two scenarios, one recorded anew in c.
    private func publicFolder() throws -> String {
        let root = NSTemporaryDirectory() + "selftest-" + UUID().uuidString
        let manager = FileManager.default
        try manager.createDirectory(atPath: root + "/scenarios", withIntermediateDirectories: true)
        for name in ["one", "two"] {
            let scenario =
                #"{"name": "\#(name)", "node": {"args": []}, "steps": [{"id": "1", "method": "GET", "path": "/x"}]}"#
            try scenario.write(toFile: "\(root)/scenarios/\(name).json", atomically: true, encoding: .utf8)
        }
        for (index, take) in ["a", "b", "c"].enumerated() {
            for name in ["one", "two"] {
                var recording = Recording(scenario: name, arguments: [], environment: [:], startupSeconds: 1)
                let answer = AnswerObservation(status: 200, body: .text("\(index)"))
                recording.steps = [
                    Recording.Step(
                        id: take == "c" && name == "two" ? "2" : "1", request: ["method": "GET", "path": "/x"],
                        answer: answer)
                ]
                let folder = "\(root)/legacy/\(take)"
                try manager.createDirectory(atPath: folder, withIntermediateDirectories: true)
                try recording.write(prefix: "\(folder)/\(name)")
            }
        }
        return root
    }

    private func corpus(_ arguments: [String]) throws -> SelfTestCorpus {
        try SelfTestCorpus(
            ParityOptions(
                arguments,
                table: ParityOptions.folders + [
                    ParityOptions.only,
                    CompareCommand.references, .init(name: "--candidate", value: "X", help: ""),
                    .init(name: "--without", value: "X", help: ""),
                ]))
    }

    @Test func recordingsAreNamedAsForReplayAndCompare() throws {
        let root = try publicFolder()
        defer { try? FileManager.default.removeItem(atPath: root) }
        let takes = ["a", "b", "c"].map { "\(root)/legacy/\($0)" }
        for arguments in [
            ["--recordings", root], ["--recordings", root + "/legacy"], ["--references", takes.joined(separator: ",")],
        ] {
            let corpus = try corpus(arguments)
            #expect(corpus.takes == takes && corpus.names == ["one", "two"], "\(arguments)")
            let found = try #require(try corpus.recordings(of: "one"))
            #expect(found.references.count == 2 && found.run.outline == ["1 GET /x"])
            // What c has of it is of another version: two recordings are left, one of them would be edited.
            #expect(try corpus.recordings(of: "two") == nil)
        }
        #expect(try corpus(["--recordings", root, "--without", "t*"]).names == ["one"])
        #expect(
            try corpus(["--recordings", root, "--scenarios", root + "/scenarios", "--only", "two"]).names == ["two"])
        let named = try corpus(["--recordings", root, "--candidate", "b"])
        #expect(named.takes == [takes[0], takes[2]] && named.candidate == takes[1])
        #expect(throws: ParityError.self) { try corpus(["--recordings", root + "/none"]) }
    }
}
