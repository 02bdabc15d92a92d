import Comparison
import Foundation
import PythonSemantics
import Testing

@testable import ParityHarness

/// What was recorded is read and written again without a byte of difference.
@Suite struct RecordTests {
    private static let folders = [
        ProjectFiles.parity + "/recordings", FailureLab.published + "/legacy",
    ]

    static let prefixes: [String] = folders.flatMap { folder in
        ["a", "b", "c"].flatMap { take in
            ((try? FileManager.default.contentsOfDirectory(atPath: "\(folder)/\(take)")) ?? []).sorted()
                .filter { $0.hasSuffix(".state.json") }.map { "\(folder)/\(take)/\($0.dropLast(11))" }
        }
    }

    private func temporary() throws -> String {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("parity-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        return path
    }

    @Test(arguments: prefixes) func recordingsRoundTrip(_ prefix: String) throws {
        let target = try temporary()
        defer { try? FileManager.default.removeItem(atPath: target) }
        try RecordingReader.recording(prefix: prefix).write(prefix: target + "/x")
        for suffix in Recording.suffixes {
            let before = FileManager.default.contents(atPath: prefix + suffix)
            #expect(before == FileManager.default.contents(atPath: "\(target)/x\(suffix)"), "\(suffix)")
        }
    }

    @Test func thereAreRecordings() {
        #expect(Self.prefixes.count >= 33)
    }

    @Test func whatIsMissingStaysMissing() throws {
        let target = try temporary()
        defer { try? FileManager.default.removeItem(atPath: target) }
        let lines = """
            {"scenario": "x", "args": ["--port", "8770"], "env": {"A": "\\u00e9"}, "startup_s": 1.5}
            {"id": "1", "request": {"method": "GET", "path": "/"}, "response": {"error": "TimeoutError: timed out", "ms": 5.0}}
            {"node_exited": -9}

            """
        try Data(lines.utf8).write(to: URL(fileURLWithPath: target + "/x.jsonl"))
        let recording = try RecordingReader.recording(prefix: target + "/x")
        #expect(recording.exitedEarly == .int(-9) && recording.state == nil && recording.log == nil)
        try recording.write(prefix: target + "/y")
        #expect(FileManager.default.contents(atPath: target + "/y.jsonl") == Data(lines.utf8))
        #expect(try FileManager.default.contentsOfDirectory(atPath: target).count == 2)
    }

    @Test func aFolderMayHoldScenariosToo() throws {
        func folders(_ arguments: [String]) throws -> (scenarios: String, recordings: String) {
            try ParityInputs.folders(ParityOptions(arguments, table: ParityOptions.common))
        }
        let base = try temporary()
        defer { try? FileManager.default.removeItem(atPath: base) }
        for path in ["p/scenarios", "p/legacy/a", "q/scenarios", "q/recordings", "r/a"] {
            try FileManager.default.createDirectory(atPath: "\(base)/\(path)", withIntermediateDirectories: true)
        }
        #expect(try folders(["--recordings", base + "/p"]) == (base + "/p/scenarios", base + "/p/legacy"))
        #expect(try folders(["--recordings", base + "/q"]) == (base + "/q/scenarios", base + "/q/recordings"))
        #expect(try folders(["--recordings", base + "/r"]).recordings == base + "/r")
        #expect(try folders(["--recordings", base + "/p", "--scenarios", "/s"]) == ("/s", base + "/p/legacy"))
        #expect(throws: ParityError("/nowhere: no recordings there")) { try folders(["--recordings", "/nowhere"]) }
    }

    @Test func recordingsAreFoundInTheFolderAndBelow() throws {
        let base = try temporary()
        defer { try? FileManager.default.removeItem(atPath: base) }
        let line = #"{"scenario": "x", "args": [], "env": {}, "startup_s": 1.0}"# + "\n"
        for path in ["", "/a", "/b", "/.partial-1"] {
            try FileManager.default.createDirectory(atPath: base + path, withIntermediateDirectories: true)
            try Data(line.utf8).write(to: URL(fileURLWithPath: "\(base)\(path)/x.jsonl"))
        }
        #expect(try RecordingSet(directory: base).references(of: "x").count == 3)
    }

    @Test func oneSideIsRecorded() {
        let both = ["--legacy-root", "bundled", "--candidate", "x {args}"]
        #expect(throws: ParityOptions.UsageError.self) {
            try RecordCommand(ParityOptions(both, table: ParityOptions.record))
        }
    }

    // MARK: Order of play

    private func task(_ name: String, _ cost: Double) throws -> ParityRunner.Task {
        let scenario = try Scenario(["name": .string(name), "node": ["args": []], "steps": []])
        return ParityRunner.Task(
            scenario: scenario, side: "candidate",
            sandbox: Sandbox(tree: nil, command: "", environment: [:], python: nil, executable: ""), cost: cost)
    }

    @Test func theLongestIsBegunFirst() throws {
        let tasks = try [task("a", 10), task("b", 130), task("c", 10), task("d", 40)]
        #expect(ParityRunner.order(tasks) == [1, 3, 0, 2])
    }

    @Test func whatAScenarioCosts() throws {
        let scenario = try Scenario([
            "name": "x", "node": ["args": []], "settle": 5, "after": 2,
            "steps": [["method": "GET", "path": "/", "id": "1"], ["sleep": 3], ["sleep": 0.5, "method": "GET", "path": "/a"]],
        ])
        #expect(scenario.waiting == 10.5 && scenario.requestCount == 2)
        #expect(scenario.estimate(recorded: 4) == 14.5)
        #expect(scenario.limit > scenario.estimate(recorded: nil) + 90)
        #expect(scenario.place(said: nil) == "before the node was started")
        #expect(scenario.place(said: "starting") == "while the node started")
        #expect(scenario.place(said: "step 3/3") == "at step 3 of 3 (2: GET /a)")
        #expect(scenario.place(said: "stopping") == "while the node was stopped")
    }

    @Test func theListHas80Columns() throws {
        let options = try ParityOptions(
            ["--scenarios", ProjectFiles.parity + "/scenarios", "--recordings", ProjectFiles.parity + "/recordings"],
            table: ParityOptions.common)
        let lines = try ScenarioList.text(options).split(separator: "\n")
        #expect(lines.count == ProjectFiles.scenarioNames.count + 2)
        #expect(lines.allSatisfy { $0.count <= 80 })
    }
}
