import PythonSemantics
import Testing

@testable import ParityHarness

/// Which calls start a stub, and what is noted of them. What Python and the shell give a program is as they document it.
@Suite struct StartedProgramTests {
    private static let tree = "/srv/ringrift/ai-service"
    private let programs = StartedProgram(
        stubs: ["bin:ssh", "scripts/a.py", "scripts/run.sh!"].map { Stub($0) }, place: .sealed)

    private static func start(
        _ file: String, _ argv: [String], in directory: String = tree, environment: [String] = []
    ) -> ProgramStart {
        ProgramStart(pid: 7, file: file, argv: argv, environment: environment, directory: directory)
    }

    static let calls: [(start: ProgramStart, words: [String]?)] = [
        // A program on PATH: its first word is the path at which it was found.
        (start("/srv/ringrift-bin/ssh", ["ssh", "-p", "22"]), ["/srv/ringrift-bin/ssh", "-p", "22"]),
        (start("/usr/bin/ssh", ["ssh", "-p", "22"]), nil),
        (start("scripts/a.py", ["scripts/a.py"]), ["scripts/a.py"]),
        (start("../scripts/a.py", ["x"], in: tree + "/data"), ["../scripts/a.py"]),
        // An interpreter with a file: its own options are not the program's.
        (start("/opt/venv/bin/python", ["python", "-u", "scripts/a.py", "-u", "b"]), ["scripts/a.py", "-u", "b"]),
        (start("/usr/bin/python3.11", ["python3", "-X", "dev", tree + "/scripts/a.py"]), [tree + "/scripts/a.py"]),
        (start("/usr/bin/python3", ["python3", "scripts/b.py", "scripts/a.py"]), nil),
        (start("/usr/bin/python3", ["python3", "-c", "scripts/a.py"]), nil),
        (start("/usr/bin/python3", ["python3", "-", "scripts/a.py"]), nil),
        (start("/usr/bin/python3", ["python3", "scripts/a.py"], in: "/srv"), nil),
        (start("/bin/sh", ["sh", "-e", "scripts/run.sh", "1"]), ["scripts/run.sh", "1"]),
        (start("/bin/sh", ["sh", "-c", "scripts/run.sh"]), nil),
        // A module: its file's whole path, from the working directory or PYTHONPATH.
        (start("/usr/bin/python3", ["python3", "-m", "scripts.a", "x"]), [tree + "/scripts/a.py", "x"]),
        (
            start("/usr/bin/python3", ["python3", "-m", "scripts.a"], in: "/", environment: ["PYTHONPATH=/x:" + tree]),
            [tree + "/scripts/a.py"]
        ),
        (start("/usr/bin/python3", ["python3", "-m", "scripts.b"]), nil),
        (start("/usr/bin/python3", ["python3", "-m"]), nil), (start("/usr/bin/python3", ["python3"]), nil),
        // Programs that only name a stub.
        (start("/usr/bin/pkill", ["pkill", "-f", "scripts/a.py"]), nil),
        (start("/bin/cat", ["cat", "scripts/a.py"]), nil),
    ]

    @Test(arguments: calls.indices) func words(_ index: Int) {
        let call = Self.calls[index]
        #expect(programs.words(of: call.start) == call.words, "\(call.start)")
    }

    @Test func theLineIsTheStubsOwn() throws {
        let start = Self.start(
            "/usr/bin/python3", ["python3", "scripts/a.py", "é\n"],
            environment: ["RINGRIFT_B=2=3", "HOME=/", "CUDA_VISIBLE_DEVICES=", "PYTHONPATH=/x", "RINGRIFT_A=1"])
        let line = try #require(programs.line(of: start))
        #expect(
            String(decoding: line, as: UTF8.self) == #"""
                {"pid": 7, "argv": ["scripts/a.py", "\u00e9\n"], "cwd": "/srv/ringrift/ai-service", \#
                "env": {"CUDA_VISIBLE_DEVICES": "", "PYTHONPATH": "/x", "RINGRIFT_A": "1", "RINGRIFT_B": "2=3"}}

                """#)
    }

    /// Each start once, in the order of the starts; what is cut off was noted before.
    @Test func recording() {
        let record = """
            {"pid": 7, "argv": ["a.py", "1"], "cwd": "/", "env": {}}
            {"pid": 8, "argv": ["a.py", "1"], "cwd": "/", "env": {}}
            {"pid": 8, "argv": ["/a.py", "1"], "cwd": "/", "env": {}}
            {"pid": 7, "argv": ["a.py", "1"], "cwd": "/", "env": {}}
            {"pid": 7, "argv": ["a.py", "2"], "cwd": "/", "env": {}}
            {"pid": 8, "argv": ["a.
            """
        let expected = """
            {"argv": ["a.py", "1"], "cwd": "/", "env": {}}
            {"argv": ["a.py", "1"], "cwd": "/", "env": {}}
            {"argv": ["a.py", "2"], "cwd": "/", "env": {}}

            """
        #expect(String(decoding: StartedPrograms.recording(of: Array(record.utf8)), as: UTF8.self) == expected)
    }
}
