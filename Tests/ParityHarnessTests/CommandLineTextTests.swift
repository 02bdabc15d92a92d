import Foundation
import PythonSemantics
import Testing

@testable import ParityHarness

@Suite struct CommandLineTextTests {
    /// Lines and their masks as the recorder's own comparison makes them.
    static let masks: [(line: PyString, mask: PyString)] = [
        ("took 0.4s, 12ms, 3.25ms", "took <secs>s, <int>ms, <secs>ms"), ("2025-12-01T08:00:00.000001Z x", "<time> x"),
        ("x2026-11-22 14:22:02,443+00:00", "x<time>"), ("20251122_184400", "<time>"),
        ("a20251122_184400b", "a<time>b"), ("120251122_184400", "<int>_<int>"),
        ("at 18:44:00.5", "at <time>.<int>"), ("18:44:000", "<int>:<int>:<int>"),
        ("id deadbeef1 0123456789 abcdefab", "id <hex> <int> abcdefab"), ("0a1b2c3d4e5f", "<hex>"),
        ("load=1.25 current=0.5 Disk usage 45.1%", "load=<secs> current=<secs> Disk usage <secs>%"),
        ("1.5e-3 1.5e 2.0s3 2.0ss", "<float> <float>e <float>s<int> <float>ss"),
        ("\tтест 1², ①a ٣", "\tтест <int>², ①a <int>"), ("v1.2.3", "v<float>.<int>"), ("1e5", "<int>e<int>"),
        ("12026-01-01 00:00:00", "<int>-<int>-<int> <time>"), ("2026-01-01 00:00:00+0100", "<time>"),
        ("2026-01-01 00:00:00-5", "<time>-<int>"), ("__x9_9", "__x<int>_<int>"), ("a.5s 5.5s.", "a.<int>s <secs>s."),
        ("…€ é", "…€ é"), ("1.5s_ 1.5ms", "<float>s_ <secs>ms"),
    ]

    @Test(arguments: masks.indices) func mask(_ index: Int) {
        #expect(CommandLineToken.mask(Self.masks[index].line) == Self.masks[index].mask)
    }

    @Test func timesInNames() {
        let names: [(PyString, PyString)] = [
            ("run_20251122_184400.json", "run_<stamp>.json"), ("a1765432100b", "a<epoch>b"),
            ("x12345678901234", "x<long>"), ("20251122_184400_20251122_184401", "<stamp>_<stamp>"),
            ("120251122_184400", "120251122_184400"), ("m_2765432100", "m_2765432100"), ("plain", "plain"),
        ]
        for (name, masked) in names { #expect(CommandLineNames.masked(name) == masked) }
        let comparer = CommandLineComparer(scenario: "s", subject: .state)
        #expect(comparer.named(["a1765432100": 1, "a1765432101": 2], "files").keys == ["a<epoch>", "a<epoch>'"])
    }

    private func text(_ command: String = "/opt/venv/bin/python scripts/x.py {args}") throws -> CommandLineText {
        try CommandLineText(command: command, interpreters: ["/usr/local/p/bin/python3"], tree: "/data/tree")
    }

    @Test func whatBelongsToTheMachine() throws {
        let table = [
            ("/opt/venv/bin/python -m x", "PY -m x"), ("[/opt/venv/bin/python, 1]", "[PY, 1]"),
            ("/opt/venv/bin/python3.11", "PY"), ("/a/b+c/python3", "PY"), ("x/opt/venv/bin/python", "xVENV/bin/python"),
            ("/opt/venv/lib/x.py", "VENV/lib/x.py"), ("/usr/local/p/lib", "VENV/lib"),
            ("/opt/venv/bin/python/x", "VENV/bin/python/x"), ("in /data/tree/a", "in TREE/a"),
            ("/usr/bin/python3 -IS", "PY -IS"), ("python /python", "python /python"),
        ]
        let text = try text()
        for (given, shown) in table { #expect(text.normalized(given) == shown, "\(given)") }
    }

    @Test func aTracebackIsItsFirstAndItsLastLine() throws {
        let first = "Traceback (most recent call last):"
        let link = "During handling of the above exception, another exception occurred:"
        let one = "\(first)\n  File \"a\", line 1\n    x()\nValueError: no"
        let text = try text()
        #expect(text.lines("a\n\(one)\n") == ["a", first, "ValueError: no", ""])
        #expect(
            text.lines("a\n\(one)\n\n\(link)\n\n\(first)\n  File \"b\"\nKeyError: 'k'\nb")
                == ["a", first, "KeyError: 'k'", "b"])
        #expect(text.lines("\(link)\n  kept") == [link, "  kept"])
    }

    @Test func everyLineEndIsANewline() {
        #expect(CommandLineText.decoded(Array("a\r\nb\rc\n\r".utf8)) == "a\nb\nc\n\n")
        #expect(CommandLineText.decoded([0x61, 0xFF]) == "a\u{FFFD}")
        #expect(PyString("a\r\nb\u{2028}\n\u{0B}c").lines == ["a", "b", "", "", "c"])
    }

    private func content(_ bytes: [UInt8], _ name: String, mode: mode_t = 0o644) throws -> PyValue {
        let path = FileManager.default.temporaryDirectory.path + "/\(UUID().uuidString)-\(name)"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try #require(CommandLinePaths.write(bytes, to: path))
        chmod(path, mode)
        return try CommandLineContent.read(path, text: text())
    }

    @Test func whatAFileHolds() throws {
        let table: [(name: String, text: String, content: PyValue)] = [
            ("a.txt", "x\ny\n", ["text": ["x", "y", ""]]), ("a.txt", "", ["text": [""]]),
            ("a.txt", "a\r\nb", ["text": ["a\r", "b"]]), ("a.json", "12", ["text": ["12"]]),
            ("a.json", "{\n  \"a\": 1\n}\n", ["json": ["a": 1], "form": "indent=2 newline"]),
            ("a.json", "{\"b\": 1, \"a\": 2}", ["json": ["b": 1, "a": 2], "form": "compact"]),
            ("a.json", "{\"a\":1}", ["json": ["a": 1], "form": "other"]),
            ("a", "{\n  \"a\": \"é\"\n}", ["json": ["a": "é"], "form": "indent=2 utf-8"]),
            ("a.jsonl", "{}\n[1]\n", ["jsonl": [[:], [1]], "ends": "\n"]),
            ("a.jsonl", "{}\n{", ["text": ["{}", "{"]]), ("a.jsonl", "", ["text": [""]]),
            ("a.log", "/opt/venv/bin/python", ["text": ["PY"]]),
        ]
        for (name, text, wanted) in table { #expect(try content(Array(text.utf8), name) == wanted, "\(text)") }
        let digest: PyValue = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        #expect(try content(Array("abc".utf8), "a.pth", mode: 0o600) == ["size": 3, "sha256": digest, "mode": "0o600"])
        let binary = try content([0x61, 0], "x", mode: 0o755)
        #expect(binary.asDict?.keys == ["size", "sha256", "mode", "hex"] && binary["hex"] == "6100")
    }

    /// What is read and written again is the recorder's own text, byte for byte.
    @Test(arguments: CommandLineCaseTests.cases.map(\.id)) func recordingsKeepTheirForm(_ id: String) throws {
        for take in ["a", "b"] {
            let path = "\(CommandLineCaseTests.folder)/legacy/\(take)/\(id).json"
            let bytes = try #require(CommandLinePaths.read(path))
            let recording = try CommandLineRecording(contentsOf: path)
            #expect(try CommandLineLayout.text(recording.value) == bytes)
        }
    }
}
