import Foundation
import PythonSemantics
import Testing

@testable import ParityHarness

@Suite struct CommandLineCaseTests {
    static let folder = ProjectFiles.parity + "/cli"
    static let cases: [CommandLineCase] = (try? CommandLineCaseFile.cases(at: [folder])) ?? []

    static func recording(_ take: String, _ id: String) throws -> CommandLineRecording {
        try CommandLineRecording(contentsOf: "\(folder)/legacy/\(take)/\(id).json")
    }

    @Test func theFilesHoldAllCases() {
        #expect(Self.cases.count { $0.id.hasPrefix("improve-") } == 33)
        #expect(Self.cases.count { $0.id.hasPrefix("loop-") } == 23)
    }

    /// Recorded before a command was added to it; the digest is what the recorder makes of the case now.
    private static let newer = ["loop-restart-corrupt": "a26129984cb4fe8e"]

    /// The digest covers everything that is merged in, so that an equal one says that the case was read as the
    /// recorder read it.
    @Test(arguments: cases.map(\.id)) func theDigestIsTheRecorded(_ id: String) throws {
        let plan = try #require(Self.cases.first { $0.id == id })
        let recording = try Self.recording("a", id)
        #expect(plan.digest == Self.newer[id] ?? recording.digest)
        if Self.newer[id] == nil {
            #expect(plan.rules == recording.rules)
            #expect(plan.commands.map(\.arguments) == recording.runs.map(\.arguments))
        }
        // What the sandbox is given reads as the same case.
        let again = try CommandLineCaseFile(["cases": [.dict(plan.document)]])
        #expect(again.cases.first?.digest == plan.digest)
    }

    private static let plain = #""id": "x", "run": [{"args": []}]"#

    static let broken: [(text: String, says: String)] = [
        ("[]", "case file: not a JSON object"), ("{}", "'cases' is missing"),
        (#"{"cases": [], "case": 1}"#, "case file: unknown key 'case'"),
        (#"{"cases": [{}]}"#, "a case without a usable 'id'"),
        (#"{"cases": [{"id": "x"}]}"#, "case 'x': 'run' is missing"),
        (#"{"cases": [{"id": "x", "run": []}]}"#, "case 'x': 'run' is empty"),
        (#"{"cases": [{"id": "x", "runs": []}]}"#, "case 'x': unknown key 'runs'"),
        (#"{"cases": [{"id": "x", "run": [{"arg": []}]}]}"#, "case 'x': command 1: unknown key 'arg'"),
        (#"{"cases": [{"id": "x", "run": [{"args": [1]}]}]}"#, "case 'x': command 1: 'args' is no list of texts"),
        (
            #"{"cases": [{"id": "x", "run": [{"timeout": "1"}]}]}"#, "case 'x': command 1: 'timeout' is no number"
        ),
        (
            #"{"cases": [{"id": "x", "run": [{"do": [{"signal": "TRM"}]}]}]}"#,
            "case 'x': command 1: action 1: no signal 'TRM'"
        ),
        (
            #"{"cases": [{"id": "x", "run": [{"do": [{"signal": "INT", "to": "all"}]}]}]}"#,
            "case 'x': command 1: action 1: 'to' is none of process, group, file:PATH"
        ),
        (
            #"{"cases": [{"id": "x", "run": [{"do": [{"http": {"url": "/"}}]}]}]}"#,
            "case 'x': command 1: action 1: http: unknown key 'url'"
        ),
        ("{\"cases\": [{\(plain)}, {\(plain)}]}", "two cases have the id 'x'"),
        ("{\"cases\": [{\(plain), \"stubs\": {\"a.py\": \"no\"}}]}", "case 'x': stub 'a.py': no preset 'no'"),
        ("{\"cases\": [{\(plain), \"stubs\": {\"a.py\": {\"exi\": 1}}}]}", "case 'x': stub 'a.py': unknown key 'exi'"),
        (
            "{\"presets\": {\"a\": \"b\", \"b\": \"a\"}, \"cases\": [{\(plain), \"stubs\": {\"a.py\": \"a\"}}]}",
            "case 'x': stub 'a.py': presets that name each other"
        ),
        (
            "{\"cases\": [{\(plain), \"stubs\": {\"a.py\": {\"if\": \"(\"}}}]}",
            "case 'x': stub 'a.py': '(' is no regular expression"
        ),
        ("{\"cases\": [{\(plain), \"files\": {\"a\": {\"txt\": \"\"}}}]}", "case 'x': file 'a': unknown key 'txt'"),
        (
            "{\"cases\": [{\(plain), \"files\": {\"../../../etc/x\": \"\"}}]}",
            "case 'x': file '../../../etc/x': outside the tree, /srv/ringrift-home and /tmp"
        ),
        ("{\"cases\": [{\(plain), \"files\": {\"a\": {\"mode\": \"9\"}}}]}", "case 'x': file 'a': mode '9'"),
        ("{\"cases\": [{\(plain), \"ignore\": [\"sdtout\"]}]}", "'ignore': no part 'sdtout'"),
        ("{\"cases\": [{\(plain), \"unordered\": [\"stdout:(\"]}]}", "'(' is no regular expression"),
        (
            "{\"cases\": [{\(plain), \"proc\": {\"cpuinfo\": \"\"}}]}",
            "case 'x': 'proc.cpuinfo' is none of meminfo, stat, loadavg"
        ),
        (
            "{\"cases\": [{\(plain), \"background\": [{\"name\": \"a\"}]}]}",
            "case 'x': background program: 'argv' is missing"
        ),
    ]

    @Test(arguments: broken.indices) func refuses(_ index: Int) throws {
        let (text, says) = Self.broken[index]
        #expect(throws: ParityError(says)) { try CommandLineCaseFile(PyJSON.loads(Array(text.utf8))) }
    }

    @Test func whatTheFileSaysHoldsForEveryCaseAndACaseWins() throws {
        let file = try CommandLineCaseFile([
            "presets": ["slow": ["sleep": 2, "exit": 1], "base": ["out": "b", "exit": 9]],
            "files": ["a": "1", "b": "2"], "env": ["A": "1"], "ignore": ["exit"],
            "stubs": ["s.py": ["preset": ["slow", "base"], "exit": 3], "t.py": ["slow", ["n": [2, 3]]]],
            "cases": [
                [
                    "id": "x", "files": ["b": "3"], "env": ["A": "2"], "ignore": ["stderr"], "run": [["args": ["q"]]],
                    "stubs": ["t.py": "base"],
                ]
            ],
        ])
        let plan = try #require(file.cases.first)
        #expect(plan.document["files"] == ["a": "1", "b": "3"] && plan.document["env"] == ["A": "2"])
        #expect(plan.rules == ["ignore": ["exit", "stderr"]])
        #expect(
            plan.document["stubs"] == [
                "s.py": [["out": "b", "exit": 3, "sleep": 2]], "t.py": [["out": "b", "exit": 9]],
            ])
        #expect(plan.stubs.first?.behaviours.first?.status == 3 && plan.disk == "8g" && plan.umask == 0o022)
    }
}
