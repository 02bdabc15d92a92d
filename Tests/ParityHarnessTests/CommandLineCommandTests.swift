import Foundation
import PythonSemantics
import Testing

@testable import ParityHarness

@Suite struct CommandLineCommandTests {
    private static let folder = CommandLineCaseTests.folder

    @Test func wrongUsageEndsWith2() async {
        let recordings = Self.folder + "/legacy"
        for arguments in [
            ["--bogus"], ["--only"], ["stray"], ["--recordings", recordings, "--jobs", "0"],
            ["--recordings", "/nowhere"], ["--recordings", recordings, "--only", "none*"], ["--cases", "/nowhere"],
            ["--recordings", recordings, "--tree", "/nowhere"], ["--legacy-python", "python3"],
            ["--recordings", recordings, "--legacy-root", "bundled"], ["--legacy-root", "/nowhere"],
            ["--recordings", recordings, "--tree", "empty", "--candidate", "no-such-program {args}"],
            ["--recordings", recordings, "--tree", "empty", "--candidate", "true"],
            ["--recordings", recordings, "--tree", "empty", "--env", "x"],
            ["--recordings", recordings, "--observed", recordings, "--tree", "empty"],
        ] {
            let all = ["cli", "--cases", Self.folder] + arguments
            #expect(await ParityCommand.main(arguments: all) == 2, "\(arguments)")
        }
    }

    @Test func helpHas80Columns() {
        for line in ParityOptions.help(CLICommand.options).split(separator: "\n") {
            #expect(line.count <= 80, "\(line)")
        }
    }

    @Test(.enabled(if: Sandbox.obstacle() == nil)) func theExitStatusIsTheVerdict() async {
        let recordings = Self.folder + "/legacy"
        let only = ["--only", "improve-args-*", "--only", "improve-rollback"]
        func judged(_ references: String, _ observed: String) async -> Int32 {
            await ParityCommand.main(
                arguments: ["cli", "--cases", Self.folder, "--recordings", references, "--observed", observed] + only)
        }
        #expect(await judged(recordings, recordings + "/b") == 0)
        #expect(await judged(recordings + "/a", recordings + "/b") == 1)
        #expect(await judged(recordings, "/nowhere") == 2)
    }

    @Test func recordingsOfOneTakeOrOfSeveral() throws {
        let all = try CommandLineRecordings(directory: Self.folder + "/legacy")
        #expect(try all.references(of: "loop-help").count == 2 && all.references(of: "none").isEmpty)
        let one = try CommandLineRecordings(directory: Self.folder + "/legacy/a")
        #expect(try one.references(of: "loop-help").count == 1)
        #expect(throws: ParityError.self) { try CommandLineRecordings(directory: "/nowhere") }
    }
}
