import Foundation
import PythonSemantics
import Testing

@testable import ParityHarness

/// Plays small cases of shell commands. Needs namespaces and the built program beside the tests.
@Suite(.enabled(if: SandboxTests.usable)) struct CommandLineSandboxTests {
    private func play(_ fields: PyDict, _ commands: [PyDict]) throws -> CommandLineRecording {
        var document = fields
        document["id"] = "x"
        document["run"] = .list(commands.map(PyValue.dict))
        let file = try CommandLineCaseFile(["cases": [.dict(document)]])
        let place = try CommandLineWorkplace()
        defer { place.close() }
        let sandbox = CommandLineSandbox(
            tree: nil, place: place, executable: try #require(SandboxTests.executable))
        let side = CommandLineSandbox.Side(command: "sh {args}", environment: [], interpreters: [], keep: nil)
        return try sandbox.play(#require(file.cases.first), side) { _ in }
    }

    private func shell(_ script: PyString, _ more: PyDict = [:]) -> PyDict {
        PyDict([("args", .list(["-c", .string(script)]))]).merging(more)
    }

    @Test func replacedProgramsBehaveCallByCall() throws {
        let seen = try play(
            [
                "stubs": [
                    "scripts/a.py": [
                        ["out": "first\n"], ["exit": 4, "append": ["log": "{--to} {n}\n"]], ["kill": "TERM"],
                    ],
                    "bin:ssh": ["if": "host", "out": "there\n"],
                ]
            ],
            [
                shell("scripts/a.py; CUDA_X=1 scripts/a.py --to z; echo $?; scripts/a.py; echo $?"),
                shell("ssh host; ssh other; git status; echo $?"),
            ])
        #expect(seen.runs[0].output == ["first", "4", "143", ""] && seen.runs[0].exit == 0)
        #expect(seen.runs[1].output == ["there", "1", ""])
        #expect(seen.files.created["log"] == ["text": ["z 2", ""]])
        let argv = seen.spawned.map { $0["argv"] }
        #expect(argv[1] == ["PY", "-IS", "scripts/a.py", "--to", "z"] && argv[3] == ["ssh", "host"])
        #expect(seen.spawned.map { $0["run"] } == [0, 0, 0, 1, 1, 1])
        #expect(seen.spawned[1]["env"] == ["CUDA_X": "1", "PYTHONPATH": "/srv/ringrift/ai-service"])
    }

    @Test func actionsComeAtTheirMoment() throws {
        let waits: PyString = "trap 'echo stopped; exit 7' TERM; echo up; while :; do sleep 0.05; done"
        let seen = try play(
            ["files": ["pid": "{pid:sleeper}"], "background": [["name": "sleeper", "argv": ["sleep", "300"]]]],
            [
                shell(
                    waits,
                    [
                        "do": [
                            ["on": "up", "snapshot": ["pid", "none"]], ["files": ["a/b": "c"]], ["delete": ["pid"]],
                            ["on": "never", "at": 1, "signal": "INT"],
                        ], "timeout": 2,
                    ]),
                shell(waits, ["do": [["on": "up", "signal": "TERM", "to": "group"]]]),
            ])
        #expect(seen.runs[0].exit == "timeout" && seen.runs[0].actions.dropFirst() == ["done", "done", "not reached"])
        let snapshot = seen.runs[0].actions[0]
        #expect(snapshot["none"] == PyValue.none && snapshot["pid"]?["text"]?[0]?.asString != "{pid:sleeper}")
        #expect(seen.runs[1].exit == 7 && seen.runs[1].actions == ["TERM sent"])
        #expect(seen.background == ["sleeper": "running"])
        #expect(seen.files.created["a/b"] == ["text": ["c"]] && seen.files.deleted == ["pid"])
        #expect(seen.files.directories == ["a"])
    }

    @Test func whatOutlivesACommandIsNamedAndEnded() throws {
        let seen = try play(
            ["stubs": ["scripts/b.py": ["sleep": 600]], "after": 0.1],
            [shell("scripts/b.py & sleep 0.5; exit 3"), shell("kill -9 $$"), shell("sleep 60", ["detach": true])])
        #expect(seen.runs.map(\.exit) == [3, "SIGKILL", "running"])
        #expect(seen.runs[0].leftRunning == ["PY -IS scripts/b.py"])
    }

    @Test func whatTheMachineLooksLike() throws {
        let seen = try play(
            ["disk": "64m", "proc": ["meminfo": "MemTotal: 1 kB\n"], "umask": "077", "env": ["A": "b"]],
            [shell("hostname; cat /proc/meminfo; echo $A $COLUMNS $TZ $HOME; : > new; df -Pk . | tail -1 | cut -c1-4")])
        #expect(
            seen.runs[0].output == ["ringrift-cli", "MemTotal: 1 kB", "b 80 UTC /srv/ringrift-home", "none", ""])
        #expect(seen.files.created["new"] == ["text": [""], "mode": "0o600"])
    }

    @Test func aShellThatCannotStartTheProgramIsNoAnswer() throws {
        let file = try CommandLineCaseFile(["cases": [["id": "x", "run": [["args": []]]]]])
        let place = try CommandLineWorkplace()
        defer { place.close() }
        let sandbox = CommandLineSandbox(tree: nil, place: place, executable: try #require(SandboxTests.executable))
        let side = CommandLineSandbox.Side(command: "/no/program {args}", environment: [], interpreters: [], keep: nil)
        #expect {
            try sandbox.play(#require(file.cases.first), side) { _ in }
        } throws: {
            "\($0)".hasPrefix("the command cannot be started: sh: ")
        }
    }

    @Test func interpretersRunTheSameReplacement() throws {
        guard ParityPlaces.program("python3") != nil else { return }
        let seen = try play(
            ["stubs": ["scripts/a.py": [["if": "^x$", "out": "got {n}\n", "exit": 5]]]],
            [shell("python3 -u scripts/a.py x; echo $?; cd scripts && python3 a.py x")])
        #expect(seen.runs[0].output == ["got 1", "5", "got 2", ""] && seen.runs[0].exit == 5)
        #expect(seen.spawned[0]["argv"] == ["python3", "-u", "scripts/a.py", "x"])
        #expect(seen.spawned[1]["cwd"] == "/srv/ringrift/ai-service/scripts")
    }
}
