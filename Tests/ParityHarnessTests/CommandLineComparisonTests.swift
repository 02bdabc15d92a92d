import Comparison
import PythonSemantics
import Testing

@testable import ParityHarness

@Suite struct CommandLineComparisonTests {
    private static func differences(
        _ candidate: CommandLineRecording, _ references: [CommandLineRecording]
    ) throws -> [Difference] {
        var rules = RuleBook()
        return try CommandLineComparison(candidate, references: references).results(&rules).flatMap(\.differences)
    }

    @Test(arguments: CommandLineCaseTests.cases.map(\.id)) func theLegacyEqualsItself(_ id: String) throws {
        let references = try ["a", "b"].map { try CommandLineCaseTests.recording($0, id) }
        for run in references { #expect(try Self.differences(run, references).isEmpty) }
    }

    /// Cases whose two recordings differ in more than durations, as the recorder's own comparison finds them when
    /// there is but one recording to compare with.
    static let varying: Set<String> = [
        "improve-alias-staging", "improve-canonical", "improve-pool-rejects", "improve-promote-twice",
        "improve-resume", "improve-rollback", "improve-selfplay-fails", "improve-sequential", "improve-sigint-pause",
        "improve-sigint-selfplay", "improve-sigint-train-group", "improve-sigterm-evaluate",
        "improve-tournament-local", "improve-uncertain-extension", "loop-collection", "loop-config-missing",
        "loop-config-unknown-keys", "loop-daemon", "loop-dry-run", "loop-duplicate", "loop-foreground-full-stop",
        "loop-halted", "loop-low-memory", "loop-restart-corrupt", "loop-restart-state", "loop-shadow-evaluation",
        "loop-stop-live",
    ]

    @Test(arguments: CommandLineCaseTests.cases.map(\.id)) func oneReferenceIsStrict(_ id: String) throws {
        let (first, second) = (
            try CommandLineCaseTests.recording("a", id), try CommandLineCaseTests.recording("b", id)
        )
        #expect(try Self.differences(second, [first]).isEmpty == !Self.varying.contains(id))
        #expect(try Self.differences(first, [second, second]).isEmpty == !Self.varying.contains(id))
    }

    // MARK: one rule at a time

    private static func base() throws -> CommandLineRecording {
        try CommandLineRecording([
            "id": "x", "case": "0", "rules": [:],
            "runs": [
                [
                    "args": ["--a"], "exit": 0, "wall_s": 1.0, "actions": ["INT sent"], "left_running": ["q", "r"],
                    "stdout": ["one 1", "two at 12:00:00", "in 0.5s", ""], "stderr": [""],
                ]
            ],
            "spawned": [
                ["run": 0, "argv": ["ssh", "h1"], "cwd": "/", "env": [:]],
                ["run": 0, "argv": ["ssh", "h2"], "cwd": "/", "env": [:]],
            ],
            "background": ["sleeper": "running"],
            "files": [
                "created": [
                    "a.json": ["json": ["k": 1, "pid": 7, "f": 1.0], "form": "compact"], "t": ["text": ["x"]],
                ],
                "changed": ["c_1765432100": ["text": ["x"]]], "deleted": ["d"], "dirs": ["e"],
            ],
        ])
    }

    private static func found(
        rules: PyDict = [:], noise: (inout CommandLineRecording) -> Void = { _ in },
        _ edit: (inout CommandLineRecording) -> Void
    ) throws -> [String] {
        var first = try base()
        first.rules = rules
        var second = first
        noise(&second)
        var candidate = first
        edit(&candidate)
        return try differences(candidate, [first, second]).map { "\($0.path) \($0.kind.rawValue)" }
    }

    @Test func whatBothRecordingsAgreeOnIsStrict() throws {
        let edits: [(edit: (inout CommandLineRecording) -> Void, found: [String])] = [
            ({ _ in }, []), ({ $0.runs[0].duration = 99 }, []), ({ $0.runs[0].leftRunning = ["r", "q"] }, []),
            ({ $0.runs[0].output[2] = "in 0.7s" }, []), ({ $0.runs[0].exit = 1 }, ["/exit value"]),
            ({ $0.runs[0].exit = "SIGTERM" }, ["/exit type"]), ({ $0.runs[0].exit = 0.0 }, ["/exit type"]),
            ({ $0.runs[0].output[0] = "one 2" }, ["/stdout/line 1 text"]),
            ({ $0.runs[0].output[1] = "two at 12:00:01" }, ["/stdout/line 2 text"]),
            ({ $0.runs[0].output[2] = "in 5s" }, ["/stdout/line 3 text"]),
            ({ $0.runs[0].output.removeLast() }, ["/stdout length", "/stdout/line 4 missing"]),
            ({ $0.runs[0].output.swapAt(0, 1) }, ["/stdout/line 1 text", "/stdout/line 2 text"]),
            ({ $0.runs[0].errors = ["boom", ""] }, ["/stderr length", "/stderr/line 1 extra"]),
            ({ $0.runs[0].actions = ["not reached"] }, ["/action 1 text"]),
            ({ $0.runs[0].actions = [] }, ["/actions length"]),
            ({ $0.runs[0].leftRunning = ["q"] }, ["/left_running length"]),
            ({ $0.runs = [] }, ["/commands length"]), ({ $0.digest = "1" }, ["/version value"]),
            ({ $0.spawned.swapAt(0, 1) }, ["/call 1/argv/1 text", "/call 2/argv/1 text"]),
            ({ $0.spawned.removeLast() }, ["/call 2 length"]), ({ $0.spawned[0]["cwd"] = "/x" }, ["/call 1/cwd text"]),
            ({ $0.background["sleeper"] = 0 }, ["/background/sleeper type"]),
            ({ $0.files.created["a.json"]?["json"] = ["k": 1, "pid": 8, "f": 1.0] }, []),
            (
                { $0.files.created["a.json"]?["json"] = ["k": 1, "pid": "8", "f": 1] },
                ["/created/a.json/json/pid type", "/created/a.json/json/f type"]
            ),
            ({ $0.files.created["a.json"]?["json"] = ["pid": 7, "k": 1, "f": 1.0] }, ["/created/a.json/json order"]),
            ({ $0.files.created["a.json"]?["form"] = "other" }, ["/created/a.json/form text"]),
            (
                { $0.files.created["a.json"]?["json"] = ["pid": 7, "f": 1.0, "z": PyValue.none] },
                ["/created/a.json/json/k missing", "/created/a.json/json/z extra"]
            ),
            ({ $0.files.created["t"] = ["text": ["y"]] }, ["/created/t/line 1 text"]),
            ({ $0.files.created["t"]?["mode"] = "0o755" }, ["/created/t/mode extra"]),
            ({ $0.files.created["t"] = nil }, ["/created/t missing"]),
            ({ $0.files.created["new"] = ["text": []] }, ["/created/new extra"]),
            ({ $0.files.changed = ["c_1765439999": ["text": ["x"]]] }, []),
            ({ $0.files.deleted = [] }, ["/deleted/d missing"]),
            ({ $0.files.directories.append("g") }, ["/directories/g extra"]),
        ]
        for (index, (edit, wanted)) in edits.enumerated() {
            #expect(try Self.found(edit) == wanted, "edit \(index)")
        }
    }

    @Test func whereTheRecordingsDifferOnlyKindsCount() throws {
        func lines(_ noise: [PyString], _ own: [PyString]) throws -> [String] {
            try Self.found(noise: { $0.runs[0].output = noise }) { $0.runs[0].output = own }
        }
        let base: [PyString] = ["one 1", "two at 12:00:00", "in 0.5s", ""]
        func with(_ index: Int, _ line: PyString) -> [PyString] {
            var copy = base
            copy[index] = line
            return copy
        }
        #expect(try lines(with(1, "two at 12:00:07"), with(1, "two at 23:59:59")).isEmpty)
        #expect(try lines(with(1, "two at 12:00:07"), with(1, "two at noon")) == ["/stdout/line 2 text"])
        #expect(try lines(with(0, "one 2"), with(0, "one 3")).isEmpty)
        #expect(try lines(with(0, "one 2"), with(0, "one 3.5")) == ["/stdout/line 1 text"])
        // Where their number differs, lines that both have are still strict, and new ones are noticed.
        let longer = base + ["late 1"]
        #expect(try lines(longer, base + ["late 9", "late 8"]).isEmpty)
        #expect(try lines(longer, Array(base.dropFirst())) == ["/stdout value"])
        #expect(try lines(longer, base + ["never seen"]) == ["/stdout extra"])
        // A value whose kind differs may be either.
        func exit(_ own: PyValue) throws -> [String] {
            try Self.found(noise: { $0.runs[0].exit = "SIGTERM" }) { $0.runs[0].exit = own }
        }
        #expect(try exit(1).isEmpty && exit("SIGINT").isEmpty)
        #expect(try exit(PyValue.none) == ["/exit type"])
    }

    @Test func rulesTakeOutAndTakeApart() throws {
        #expect(try Self.found(rules: ["ignore": ["exit"]]) { $0.runs[0].exit = 1 }.isEmpty)
        #expect(try Self.found(rules: ["ignore": ["exit"]]) { $0.runs[0].actions = ["x"] }.isEmpty)
        #expect(try Self.found(rules: ["ignore": ["stdout:^one"]]) { $0.runs[0].output[0] = "one 2" }.isEmpty)
        #expect(try !Self.found(rules: ["ignore": ["stdout:^two"]]) { $0.runs[0].output[0] = "one 2" }.isEmpty)
        #expect(try Self.found(rules: ["ignore": ["files:^t$"]]) { $0.files.created["t"] = nil }.isEmpty)
        #expect(try Self.found(rules: ["ignore": ["spawned:h2"]]) { $0.spawned.removeLast() }.isEmpty)
        #expect(try Self.found(rules: ["unordered": ["stdout"]]) { $0.runs[0].output.swapAt(0, 1) }.isEmpty)
        #expect(try Self.found(rules: ["unordered": ["stdout:^(one|two)"]]) { $0.runs[0].output.swapAt(0, 1) }.isEmpty)
        // Those that fit are compared apart from the others, so that a line may also move past one that does not.
        #expect(try Self.found(rules: ["unordered": ["stdout:^one"]]) { $0.runs[0].output.swapAt(0, 1) }.isEmpty)
        #expect(try !Self.found(rules: ["unordered": ["stdout:^one"]]) { $0.runs[0].output.swapAt(1, 2) }.isEmpty)
        #expect(try Self.found(rules: ["unordered": ["spawned:^ssh"]]) { $0.spawned.swapAt(0, 1) }.isEmpty)
        #expect(try Self.found(rules: ["unordered": ["spawned"]]) { $0.spawned.swapAt(0, 1) }.isEmpty)
        #expect(throws: ParityError.self) { try Self.found(rules: ["ignore": ["nothing"]]) { _ in } }
    }

    // MARK: rules.yaml

    private static func rule(
        _ dimension: CommandLineDimension, _ accept: Rule.Acceptance, cases: String = "x", path: String = "/**"
    ) throws -> Rule {
        Rule(
            name: "\(dimension.rawValue) \(accept)", scenarios: [cases], paths: [try #require(PathPattern(path))],
            acceptance: accept, reason: "r", owner: "o", expires: "2027-12-31", commandLine: [dimension])
    }

    /// What is still found, and how many differences the rule hid.
    private static func judged(
        _ rule: Rule, _ edit: (inout CommandLineRecording) -> Void
    ) throws -> (found: [String], hits: Int, named: Bool, ignored: Int) {
        let reference = try base()
        var candidate = reference
        edit(&candidate)
        var rules = RuleBook([rule])
        let checks = try CommandLineComparison(candidate, references: [reference, reference]).results(&rules)
        return (
            checks.flatMap(\.differences).map { "\($0.path) \($0.kind.rawValue)" }, rules.uses[0].hits,
            checks.contains { $0.rules == [rule.name] }, checks.reduce(0) { $0 + $1.tally.ignored }
        )
    }

    private typealias Edit = @Sendable (inout CommandLineRecording) -> Void
    private static let exit: Edit = { $0.runs[0].exit = 1 }
    private static let line: Edit = { $0.runs[0].output[0] = "one 2" }

    @Test func aRuleHidesItsDimensionAndIsCounted() throws {
        let ruled: [(dimension: CommandLineDimension, edit: Edit)] = [
            (.exit, Self.exit), (.stdout, Self.line), (.stderr, { $0.runs[0].errors = ["x", ""] }),
            (.leftRunning, { $0.runs[0].leftRunning = ["q"] }), (.actions, { $0.runs[0].actions = ["INT"] }),
            (.actions, { $0.runs[0].actions = [] }), (.spawned, { $0.spawned.removeLast() }),
            (.background, { $0.background["sleeper"] = "ended" }), (.files, { $0.files.deleted = [] }),
            (.files, { $0.files.created["n"] = ["text": ["x"]] }),
        ]
        for (index, (dimension, edit)) in ruled.enumerated() {
            let hidden = try Self.judged(Self.rule(dimension, .ignore), edit)
            #expect(hidden.found == [] && hidden.hits > 0 && hidden.named && hidden.ignored == hidden.hits, "\(index)")
            let other = try Self.judged(Self.rule(dimension, .ignore, cases: "y"), edit)
            #expect(other.found != [] && other.hits == 0 && !other.named, "\(index)")
            for wrong in CommandLineDimension.allCases where wrong != dimension {
                #expect(try Self.judged(Self.rule(wrong, .ignore), edit).hits == 0, "\(index) \(wrong)")
            }
        }
    }

    @Test func aRuleAcceptsWhatItSaysAndNoMore() throws {
        #expect(try Self.judged(Self.rule(.exit, .tolerance(1)), Self.exit).hits == 1)
        #expect(try Self.judged(Self.rule(.exit, .tolerance(0.5)), Self.exit).found == ["/exit value"])
        #expect(try Self.judged(Self.rule(.exit, .type), { $0.runs[0].exit = "SIGINT" }).found == ["/exit type"])
        #expect(try Self.judged(Self.rule(.stdout, .regex("one \\d")), Self.line).hits == 1)
        #expect(try Self.judged(Self.rule(.stdout, .regex("one")), Self.line).found == ["/stdout/line 1 text"])
        #expect(try Self.judged(Self.rule(.stdout, .ignore, path: "/stdout/line 2"), Self.line).hits == 0)
        #expect(try Self.judged(Self.rule(.stdout, .exact), Self.line).found == ["/stdout/line 1 text"])
    }

    @Test func figuresOfTheMachineInMetricsAreNotCompared() {
        #expect(CommandLineMetrics.withoutMachine("process_cpu_seconds_total 1.5") == "process_cpu_seconds_total")
        #expect(CommandLineMetrics.withoutMachine("# HELP python_info x") == "# HELP python_info")
        #expect(CommandLineMetrics.withoutMachine("loop_cycles 1.0") == "loop_cycles 1.0")
    }
}
