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

    /// Rules are applied, counted and shown; one that has expired fails.
    @Test(.enabled(if: Sandbox.obstacle() == nil)) func rulesHoldForCommandLines() async throws {
        let folder = ReportSamples.temporary()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try PlainFile.makeDirectory(folder)
        let recorded = try String(contentsOfFile: Self.folder + "/legacy/b/improve-rollback.json", encoding: .utf8)
        let edited = recorded.replacing("\"exit\": 0", with: "\"exit\": 7")
        try #require(edited != recorded)
        try PlainFile.write(Array(edited.utf8), to: folder + "/improve-rollback.json")
        func judged(_ place: String, until day: String = "2099-12-31") async throws -> Int32 {
            let rule =
                "{id: d, accept: regex, value: '7', reason: r, owner: o, expires: \(day), cli: {cases: \(place)}}"
            try PlainFile.write(Array("divergences: [\(rule)]\n".utf8), to: folder + "/d.yaml")
            try PlainFile.write(Array("rules: []\n".utf8), to: folder + "/r.yaml")
            return await ParityCommand.main(
                arguments: [
                    "cli", "--cases", Self.folder, "--recordings", Self.folder + "/legacy", "--observed", folder,
                    "--only", "improve-rollback", "--rules", folder + "/r.yaml", "--divergences", folder + "/d.yaml",
                    "--json", folder + "/report.json",
                ])
        }
        #expect(try await judged("improve-*, dimensions: stdout") == 1)
        #expect(try await judged("loop-*, dimensions: exit") == 1)
        #expect(try await judged("improve-*, dimensions: exit", until: "2020-01-01") == 1)
        #expect(try await judged("improve-*, dimensions: exit") == 0)
        let report = try PyJSON.loads(
            Array(#require(FileManager.default.contents(atPath: folder + "/report.json"))))
        let rule = try #require(report["rules"]?[0])
        #expect(rule["name"] == "d" && rule["origin"] == "divergence" && (rule["hits"]?.asInt ?? 0) > 0)
        #expect(report["scenarios"]?[0]?["checks"]?.asList?.contains { $0["rules"] == ["d"] } == true)
        #expect(try await judged("improve-*") == 2)
    }

    @Test func recordingsOfOneTakeOrOfSeveral() throws {
        let all = try CommandLineRecordings(directory: Self.folder + "/legacy")
        #expect(try all.references(of: "loop-help").count == 2 && all.references(of: "none").isEmpty)
        let one = try CommandLineRecordings(directory: Self.folder + "/legacy/a")
        #expect(try one.references(of: "loop-help").count == 1)
        #expect(throws: ParityError.self) { try CommandLineRecordings(directory: "/nowhere") }
    }
}
