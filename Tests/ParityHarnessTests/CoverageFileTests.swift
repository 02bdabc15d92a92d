import Comparison
import Foundation
import PythonSemantics
import Testing

@testable import ParityHarness

/// What the loader refuses, and the project's own file.
@Suite struct CoverageFileTests {
    private static let head = "bodies: [one, two]\nroutes:\n  POST /x:\n"

    @Test(arguments: [
        ("", "c.yaml: expected 'bodies', 'everywhere' and 'routes'"),
        ("routes: [", "c.yaml: "),
        ("routes: 3", "c.yaml:1: 'routes' is no mapping"),
        ("routes: {}\nextra: 1", "c.yaml:2: unknown key 'extra'"),
        ("routes:\n  x: {}", "c.yaml:2: 'x' is no route such as 'POST /sync/start'"),
        ("routes:\n  post /x: {}", "c.yaml:2: 'post /x' is no route such as 'POST /sync/start'"),
        (head + "    page: p", "c.yaml:3: POST /x: 'page' or 'success' is missing"),
        (head + "    page: p\n    success: s/1\n    erors: []", "c.yaml:6: unknown key 'erors'"),
        (head + "    page: p\n    success: s1", "c.yaml:5: 's1' is no step such as '01-empty-node/002'"),
        (head + "    page: p\n    success: {missing: ''}", "c.yaml:5: 'missing' without a reason"),
        (head + "    page: p\n    success: {mising: x}", "c.yaml:5: unknown key 'mising'"),
        (
            head + "    page: p\n    success: s/1\n    errors:\n      - [404, text]",
            "c.yaml:7: expected [status, text, scenario/step] or [status, text, missing: reason]"
        ),
        (head + "    page: p\n    success: s/1\n    errors:\n      - [4o4, text, s/1]", "c.yaml:7: '4o4' is no status"),
        (
            head + "    page: p\n    success: s/1\n    body: [400, s/1]",
            "c.yaml:6: POST /x: 'body' needs a status and 2 steps, one for each of 'bodies'"
        ),
        (head + "    page: p\n    success: s/1\n  POST /x:\n    page: p\n    success: s/1", "c.yaml: "),
    ])
    func refusals(text: String, message: String) {
        do {
            _ = try CoverageFile(text: text, path: "c.yaml")
            Issue.record("accepted: \(text)")
        } catch let error as ParityError {
            #expect(error.description.hasPrefix(message), "\(error)")
            #expect(!error.description.contains("\n"))
        } catch { Issue.record("\(error)") }
    }

    @Test func bodiesAreNamedAnswers() throws {
        let file = try CoverageFile(
            text: Self.head + "    page: p\n    success: {missing: broken}\n    body: [400, s/1, missing: why]\n",
            path: "c.yaml")
        #expect(file.routes[0].named.map(\.text.description) == ["one", "two"])
        #expect(file.routes[0].named.map(\.status) == [400, 400])
        #expect(
            file.routes[0].named.map(\.evidence) == [.step(.init(scenario: "s", step: "1")), .missing(reason: "why")])
    }

    @Test func aFileThatIsNotThere() {
        #expect(throws: ParityError("/nowhere/c.yaml: cannot be read")) {
            try CoverageFile(contentsOf: "/nowhere/c.yaml")
        }
        #expect(throws: ParityError("/nowhere/r.json: cannot be read")) {
            try CoverageRoute.list(contentsOf: "/nowhere/r.json")
        }
    }

    private static let routesPath =
        (ProjectFiles.parity as NSString).deletingLastPathComponent
        + "/docs/contract/data/routes.json"

    /// The recordings of every scenario that the file names.
    private static func runs(of file: CoverageFile) throws -> [RunObservation] {
        let claims =
            file.routes.flatMap { [$0.success] + ($0.named + $0.beyond).map(\.evidence) }
            + file.everywhere.map(\.evidence)
        var names: Set<String> = []
        for case .step(let step) in claims { names.insert(step.scenario) }
        return try names.sorted().flatMap(ProjectFiles.references)
    }

    @Test func theProjectsFileHasEveryRouteAndHolds() throws {
        let file = try CoverageFile(contentsOf: ProjectFiles.parity + "/coverage.yaml")
        let routes = try CoverageRoute.list(contentsOf: Self.routesPath)
        #expect(routes.count == 136)
        let coverage = Coverage(file, routes: routes, runs: try Self.runs(of: file))
        #expect(coverage.failures == [])
        let summary = CoverageSummary(coverage)
        #expect(summary.routes == 136 && summary.routesWithSuccess >= 133 && summary.shown >= 550)
    }

    /// Red once: with an answer changed in a recording the file no longer holds.
    @Test func theProjectsFileFailsOnAChangedRecording() throws {
        let file = try CoverageFile(contentsOf: ProjectFiles.parity + "/coverage.yaml")
        var runs = try Self.runs(of: file)
        let run = try #require(runs.firstIndex { $0.scenario == "coverage-leader" })
        let step = try #require(runs[run].steps.firstIndex { $0.path == "/reduce_selfplay" })
        runs[run].steps[step].answer.status = 500
        let failures = Coverage(file, routes: nil, runs: runs, partial: true).failures
        #expect(failures.count == 1 && failures[0].contains("POST /reduce_selfplay: 400 Request Entity Too Large"))
    }

    @Test func theReportFits80Columns() throws {
        let file = try CoverageFile(contentsOf: ProjectFiles.parity + "/coverage.yaml")
        let coverage = Coverage(file, routes: [], runs: [])
        for line in CoverageReport.text(coverage).split(separator: "\n") { #expect(line.count <= 80, "\(line)") }
        #expect(CoverageReport.text(coverage).hasSuffix(" named answers shown\n"))
        let value = CoverageReport.value(coverage)
        #expect(value["routes"]?.asList?.count == 136 && value["summary"]?["shown"] == 0)
    }

    @Test func commandEndsWith0And1And2() async throws {
        let directory = FileManager.default.temporaryDirectory.path + "/coverage-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: directory + "/a", withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        func write(_ name: String, _ text: String) throws -> String {
            try Data(text.utf8).write(to: URL(fileURLWithPath: "\(directory)/\(name)"))
            return "\(directory)/\(name)"
        }
        _ = try write(
            "a/s.jsonl",
            """
            {"scenario": "s"}
            {"id": "1", "request": {"method": "GET", "path": "/x"}, "response": {"status": 200, "headers": {}, "text": "{}"}}

            """)
        let routes = try write("routes.json", #"[{"method": "GET", "path": "/x"}]"#)
        let good = try write("good.yaml", "routes: {GET /x: {page: p, success: s/1}}")
        let bad = try write("bad.yaml", "routes: {GET /x: {page: p, success: s/2}}")
        let broken = try write("broken.yaml", "routs: {}")
        func ends(_ file: String, _ more: [String] = []) async -> Int32 {
            await ParityCommand.main(
                arguments: ["coverage", "--file", file, "--routes", routes, "--recordings", directory] + more)
        }
        #expect(await ends(good, ["--json", directory + "/out.json"]) == 0)
        #expect(await ends(bad) == 1)
        #expect(await ends(broken) == 2)
        #expect(await ends(good, ["--recordings", "/nowhere"]) == 2)
        #expect(await ends(good, ["--json", "/nowhere/out.json"]) == 2)
        #expect(await ends(good, ["--bogus"]) == 2)
        #expect(await ParityCommand.main(arguments: ["coverage", "--help"]) == 0)
        let data = try #require(FileManager.default.contents(atPath: directory + "/out.json"))
        #expect(try PyJSON.loads(Array(data))["summary"]?["routes_with_success"] == 1)
    }

    @Test func aRunReportsItsCoverage() throws {
        let file = try CoverageFile(
            text: "routes: {GET /x: {page: p, success: s/1, errors: [[404, no, s/2]]}}", path: "c.yaml")
        let answer = AnswerObservation(status: 200, body: .text("{}"))
        let run = RunObservation(
            scenario: "s", steps: [StepObservation(id: "1", method: "GET", path: "/x", answer: answer)])
        let summary = try #require(CoverageSummary(file, runs: [run]))
        #expect(CoverageSummary(nil, runs: [run]) == nil)
        let report = ParityReport(
            command: "run", legacy: "l", candidate: "c", scenarios: [], rules: RuleBook([]), complaints: [],
            seconds: 1, coverage: summary)
        let text = TerminalReport(colour: false).text(report)
        #expect(text.contains("coverage: 1 routes, 1 with a success; 0 of 1 named answers shown\n"))
        #expect(JSONReport.value(report)["coverage"]?["missing"]?[0]?["reason"] == "not played (s/2)")
    }
}
