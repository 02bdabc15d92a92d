import Crypto
import Foundation
import PythonSemantics
import Testing

@testable import ParityHarness

@Suite struct CommandLineBehaviourTests {
    private func behaviours(_ list: [PyValue]) throws -> [CommandLineBehaviour] {
        try list.map { try CommandLineBehaviour($0, place: "t") }
    }

    private func status(_ list: [PyValue], call number: Int, _ arguments: PyString = "") throws -> Int32? {
        CommandLineBehaviour.chosen(from: try behaviours(list), number: number, arguments: arguments)?.status
    }

    @Test func withoutConditionsTheNthCallHasTheNthBehaviour() throws {
        let list: [PyValue] = [["exit": 1], ["exit": 2]]
        #expect(try [1, 2, 3, 9].map { try status(list, call: $0) } == [1, 2, 2, 2])
        #expect(try status([], call: 1) == nil)
    }

    @Test func withAConditionTheFirstThatFitsIsTaken() throws {
        let list: [PyValue] = [["if": "^--a .*z", "exit": 1], ["n": [2, 3], "exit": 2], ["n": 5, "exit": 3]]
        #expect(try status(list, call: 2, "--a b\nz") == 1)
        #expect(try status(list, call: 3, "b") == 2)
        #expect(try status(list, call: 5, "b") == 3)
        #expect(try status(list, call: 4, "b") == nil)
        #expect(try status([["if": "", "exit": 4]], call: 7, "x") == 4)
    }

    @Test func optionsAndTheNumberAreFilledIn() throws {
        let call = CommandLineStubCall(words: ["p", "--out", "x/y", "--last"], number: 3)
        #expect(try call.filled("{--out}-{n}-{--none}-{m}") == "x/y-3-{--none}-{m}")
        #expect(throws: ParityError.self) { try call.filled("{--last}") }
    }

    @Test func filesAreWrittenAndAppended() throws {
        let folder = FileManager.default.temporaryDirectory.path + "/behaviour-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let behaviour = try CommandLineBehaviour(
            [
                "write": [
                    "{--to}/a/t": ["text": "{n} ", "repeat": 3], "file://{--to}/j": ["json": ["k": [1, "{n}"]]],
                    "{--to}/h": ["hex": "00 ff"], "{--absent}/no": "x",
                    "{--to}/{n}.db": ["sqlite": "CREATE TABLE t(a);"],
                ],
                "append": ["{--to}/log": "line {n}\n"], "exit": 5,
            ], place: "t")
        for number in [1, 2] {
            let call = CommandLineStubCall(words: ["p", "--to", folder], number: number)
            #expect(try call.perform(behaviour) == 5)
        }
        func text(_ name: String) -> String? { try? String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8) }
        #expect(text("a/t") == "2 2 2 " && text("log") == "line 1\nline 2\n")
        #expect(text("j") == #"{"k": [1, "{n}"]}"#)
        #expect(CommandLinePaths.read(folder + "/h") == [0, 255])
        let names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
        #expect(names == ["1.db", "2.db", "a", "h", "j", "log"])
    }

    @Test func digests() {
        #expect(
            SHA256.hexadecimal([])
                == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        #expect(
            SHA256.hexadecimal(Array("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq".utf8))
                == "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1")
    }

    @Test func signalsHaveNames() {
        #expect(CommandLineSignals.end(-15) == "SIGTERM" && CommandLineSignals.end(3) == 3)
        #expect(CommandLineSignals.end(nil) == "running" && CommandLineSignals.number("INT") == 2)
    }

    @Test func occurrencesDoNotOverlap() {
        #expect(CommandLineDirector.occurrences(of: "aa", in: "aaaaa") == 2)
        #expect(CommandLineDirector.occurrences(of: "é", in: "e\u{301}é") == 1)
    }
}
