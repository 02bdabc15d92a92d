import Foundation
import PythonSemantics
import Testing

/// Texts recorded from the real programs (contract `data/*.help.txt`).
@Suite struct ArgparseHelpTests {
    private static func contract(_ name: String) throws -> String {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return try String(contentsOf: root.appending(path: "docs/contract/data/\(name)"), encoding: .utf8)
    }

    @Test func unifiedLoop() throws {
        let expected = try Self.contract("unified_ai_loop.help.txt")
        let outcome = ArgparsePrograms.unifiedLoop.parse(["--help"], columns: 80)
        #expect(outcome == .exit(status: 0, stdout: expected, stderr: ""))
    }

    @Test func improvementLoop() throws {
        let expected = try Self.contract("run_improvement_loop.help.txt")
        let outcome = ArgparsePrograms.improvementLoop.parse(["--help"], columns: 80)
        #expect(outcome == .exit(status: 0, stdout: expected, stderr: ""))
    }

    /// Options, destinations, defaults, choices of `data/cli.json`.
    @Test(arguments: [
        ("unified_ai_loop", ArgparsePrograms.unifiedLoop), ("run_improvement_loop", ArgparsePrograms.improvementLoop),
    ])
    func options(_ program: String, _ spec: ArgumentParserSpec) throws {
        struct Program: Decodable {
            struct Option: Decodable {
                let flags: [String]
                let dest: String
                let required: Bool
            }
            let prog: String
            let options: [Option]
        }
        let text = try Self.contract("cli.json")
        let expected = try #require(JSONDecoder().decode([String: Program].self, from: Data(text.utf8))[program])
        #expect(spec.prog == expected.prog)
        #expect(spec.arguments.map(\.optionStrings) == expected.options.map(\.flags))
        #expect(spec.arguments.map(\.dest) == expected.options.map(\.dest))
        #expect(spec.arguments.map(\.isRequired) == expected.options.map(\.required))
    }
}
