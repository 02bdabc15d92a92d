import PythonSemantics
import Testing

@testable import Comparison

/// Logs, spawned commands, state: what a run leaves behind.
@Suite struct EndTests {
    private func found(_ body: (inout Comparer) -> Void) -> [String] {
        var comparer = Comparer(scope: ComparisonScope(scenario: "s"))
        body(&comparer)
        return comparer.take().differences.map { "\($0.path) \($0.kind.rawValue)" }
    }

    static let masks: [(String, String)] = [
        ("took 3.1 s for 7f9c24e8-3b12-4fef-91e0-a14e2d5c7d10", "took <n> s for <uuid>"),
        ("at 2026-11-22 14:21:54,409 and 2026-11-22T14:21:54.409+00:00", "at <ts> and <ts>"),
        ("commit 06b6eea83 of 12", "commit <hex> of <n>"),
        (
            "127.0.0.1 [22/Nov/2026:16:10:04 +0000] \"GET / HTTP/1.1\" 302 150  ",
            "<n>.<n> [<ts>] \"GET / HTTP/<n>\" <n> <n>"
        ),
    ]

    @Test(arguments: masks.indices) func mask(_ index: Int) {
        #expect(TextMask.mask(Self.masks[index].0) == Self.masks[index].1)
    }

    @Test func logTemplatesDropStampsAndTracebackBodies() {
        let log = """
            2026-11-22 14:21:54,409 - INFO - Loaded 3 hosts
            Traceback (most recent call last):
              File "x.py", line 3, in f
                g()
            ValueError: bad 4
            """
        #expect(
            TextMask.logTemplates(log) == [
                "INFO - Loaded <n> hosts", "Traceback (most recent call last):", "ValueError: bad <n>",
            ])
    }

    @Test func logsAreComparedByTemplate() {
        let references = ["a 1\nb\nnoise x\n", "a 2\nb\n"]
        #expect(found { $0.compare(log: "a 7\nb\n", references: references, mode: .both) }.isEmpty)
        #expect(found { $0.compare(log: "a 7\n", references: references, mode: .both) } == ["/log/b missing"])
        #expect(found { $0.compare(log: "a 7\n", references: references, mode: .extra) }.isEmpty)
        #expect(
            found { $0.compare(log: "a 7\n", references: references, mode: .extra, required: ["b*"]) }
                == ["/log/b missing"])
        #expect(found { $0.compare(log: "a 7\nb\nc\n", references: references, mode: .extra) } == ["/log/c extra"])
        #expect(found { $0.compare(log: "c\n", references: references, mode: .off) }.isEmpty)
    }

    @Test func spawnedCommandsAreComparedWithCwdAndEnvironment() {
        func one(_ argv: [String], cwd: String = "/t", _ environment: [String: String] = [:]) -> SpawnedObservation {
            SpawnedObservation(argv: argv, cwd: cwd, environment: environment)
        }
        let reference = [one(["ssh", "-p", "22"], ["RINGRIFT_X": "1"])]
        func check(_ mine: [SpawnedObservation]) -> Int {
            found { $0.compare(spawned: mine, references: [reference]) }.count
        }
        #expect(check([one(["ssh", "-p", "22"], ["RINGRIFT_X": "1", "RINGRIFT_IMPL": "swift"])]) == 0)
        #expect(check([one(["ssh", "-p", "23"], ["RINGRIFT_X": "1"])]) == 1)
        #expect(check([one(["ssh", "-p", "22"], ["RINGRIFT_X": "2"])]) == 1)
        #expect(check(reference + reference) == 1)
        #expect(check([]) == 1)
        #expect(check([one(["ssh", "-P", "22"], ["RINGRIFT_X": "1"])]) == 2)
        #expect(check([one(["ssh", "-p", "22"], cwd: "/u", ["RINGRIFT_X": "1"])]) == 2)
        #expect(check([one(["ssh", "-p", "22"])]) == 2)
    }

    private static func state(
        exit: PyValue = 0, schema: PyValue = "CREATE TABLE t (a)", rows: PyValue = [["a": 1]],
        file: PyValue = "{\"k\": 1}"
    ) -> StateObservation {
        StateObservation(
            exit: exit,
            databases: [
                "logs/x.db": [
                    "user_version": 0, "journal_mode": "delete", "schema": ["t": schema], "rows": ["t": rows],
                ]
            ], files: ["data/f.json": file])
    }

    private func stateFound(_ mine: StateObservation, _ selection: StateSelection = StateSelection()) -> [String] {
        found { $0.compare(state: mine, references: [Self.state(), Self.state()], selection: selection) }
    }

    @Test func stateIsCompared() {
        #expect(stateFound(Self.state()).isEmpty)
        #expect(stateFound(Self.state(schema: "CREATE TABLE t\n   (a)")).isEmpty)
        #expect(stateFound(Self.state(schema: "CREATE TABLE t (b)")) == ["/db/logs~1x.db/schema/t value"])
        #expect(stateFound(Self.state(rows: [["a": "1"]])) == ["/db/logs~1x.db/rows/t/0/a type"])
        #expect(stateFound(Self.state(rows: [])) == ["/db/logs~1x.db/rows/t length"])
        #expect(stateFound(Self.state(file: "{\"k\": 2}")) == ["/file/data~1f.json/k value"])
        #expect(stateFound(StateObservation(exit: 0)) == ["/db/logs~1x.db missing", "/file/data~1f.json missing"])
        var more = Self.state()
        more.databases["logs/y.db"] = "DatabaseError('x')"
        #expect(stateFound(more) == ["/db/logs~1y.db extra"])
    }

    @Test func stateSelection() {
        let other = Self.state(rows: [["a": 2]], file: "x")
        #expect(stateFound(other, StateSelection(databases: ["-"], files: ["-"])).isEmpty)
        #expect(stateFound(other, StateSelection(files: ["-"], tables: ["u"])).isEmpty)
        #expect(stateFound(other, StateSelection(databases: ["logs/*"], files: ["-"])).count == 1)
    }

    @Test func exitStatus() {
        #expect(found { $0.compare(exit: Self.state(), references: [Self.state()]) }.isEmpty)
        #expect(found { $0.compare(exit: Self.state(exit: -15), references: [Self.state()]) } == ["/exit value"])
        #expect(
            found { $0.compare(exit: Self.state(exit: "killed after 20 s"), references: [Self.state()]) }
                == ["/exit type"])
    }

    @Test func stepsAreMatchedById() {
        func run(_ ids: [String]) -> RunObservation {
            RunObservation(
                scenario: "s",
                steps: ids.map { StepObservation(id: $0, method: "GET", path: "/x?y=1", answer: AnswerTests.answer()) })
        }
        var comparison = RunComparison(rules: RuleBook())
        let selection = RunSelection(steps: ["1", "3"], state: nil, log: .off, spawned: false)
        let results = comparison.compare(run(["1"]), references: [run(["1", "2", "3"])], selection: selection)
        #expect(results.map(\.differences.count) == [0, 1])
        #expect(results[1].differences[0].got == "the node had ended")
        #expect(results[0].subject == .step(id: "1", route: "GET /x"))
    }
}
