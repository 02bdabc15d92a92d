import Comparison
import Foundation
import PythonSemantics
import Testing

@testable import ParityHarness

@Suite struct ScenarioTests {
    @Test(arguments: ProjectFiles.scenarioNames) func everyScenarioIsRead(_ name: String) throws {
        let scenario = try ProjectFiles.scenario(name)
        #expect(scenario.name == name && scenario.port == 8770 && scenario.nodeID != nil)
        // Every recorded answer belongs to a step of the scenario.
        let ids = Set(scenario.steps.map(\.id))
        for run in try ProjectFiles.references(name) { #expect(run.steps.allSatisfy { ids.contains($0.id) }) }
        // A scenario that is written and read again is the same.
        let again = try Scenario(PyJSON.loads(scenario.text()))
        #expect(again.steps.map(\.id) == scenario.steps.map(\.id))
    }

    static let broken: [(text: String, says: String)] = [
        ("[]", "a scenario is a JSON object"), ("{}", "'name' is missing"),
        (#"{"name": "x"}"#, "'node.args' is missing"),
        (#"{"name": "x", "node": {"args": []}}"#, "'steps' is missing"),
        (#"{"name": "x", "node": {"args": []}, "steps": [], "setle": 1}"#, "unknown key 'setle'"),
        (#"{"name": "x", "node": {"args": []}, "steps": [{"method": "GET"}]}"#, "step 0: 'path' is missing"),
        (#"{"name": "x", "node": {"args": []}, "steps": [{"methd": "GET"}]}"#, "step 0: unknown key 'methd'"),
        (
            #"{"name": "x", "node": {"args": []}, "steps": [{"method": "P", "path": "/", "hex": "0"}]}"#,
            "step 0: 'hex' is no hexadecimal text"
        ),
        (
            #"{"name": "x", "node": {"args": []}, "steps": [{"id": "1", "method": "GET", "path": "/"}, {"id": "1", "method": "GET", "path": "/"}]}"#,
            "two steps have the id '1'"
        ),
        (
            #"{"name": "x", "node": {"args": [], "proc": {"cpuinfo": ""}}, "steps": []}"#,
            "'node.proc.cpuinfo' is none of loadavg, meminfo, stat"
        ),
        (
            #"{"name": "x", "node": {"args": []}, "steps": [], "files": {"a": {"txt": ""}}}"#,
            "file 'a': unknown key 'txt'"
        ),
    ]

    @Test(arguments: broken.indices) func refuses(_ index: Int) throws {
        let value = try PyJSON.loads(Array(Self.broken[index].text.utf8))
        #expect(throws: ParityError(Self.broken[index].says)) { try Scenario(value) }
    }

    @Test func stubs() {
        #expect(Stub("bin:ssh").place == .program("ssh"))
        #expect(Stub("bin:ssh=3").status == 3)
        #expect(Stub("scripts/x.py").sleep == 600)
        #expect(Stub("scripts/x.py!").place == .file("scripts/x.py"))
        #expect(Stub("scripts/x.py!").sleep == 0)
    }

    @Test func variables() throws {
        var variables = Variables()
        let answer = try PyJSON.loads(Array(#"{"jobs": [{"id": "j1"}, {"id": 7}], "by": {"k": {"x": true}}}"#.utf8))
        try variables.save("a", path: "jobs.0.id", from: answer)
        try variables.save("b", path: "jobs.1.id", from: answer)
        try variables.save("c", path: "by.*.x", from: answer)
        #expect(variables.substitute("/x/${a}/${b}?${c}&${d}") == "/x/j1/7?True&${d}")
        #expect(throws: ParityError("no 'jobs.2.id' in the answer")) {
            try variables.save("e", path: "jobs.2.id", from: answer)
        }
    }

    @Test func keepingStepsKeepsTheirPauses() throws {
        let scenario = try ProjectFiles.scenario("03-membership")
        let cut = scenario.keeping(["001 "])
        func total(_ scenario: Scenario) -> Double { scenario.steps.reduce(0) { $0 + $1.sleep } }
        let requests = scenario.steps.count { $0.method != nil }
        #expect(abs(total(cut) - total(scenario) - Double(requests) * Scenario.legacyStep) < 1e-9)
        #expect(total(cut) > 20 && requests > 70)
        #expect(cut.steps.allSatisfy { $0.method == nil })
    }

    // MARK: Slice

    @Test func theSliceNamesEveryScenario() throws {
        let slice = try Slice(contentsOf: ProjectFiles.parity + "/slice.yaml")
        #expect(Set(slice.entries.keys) == Set(ProjectFiles.scenarioNames))
        for name in ProjectFiles.scenarioNames {
            let scenario = try ProjectFiles.scenario(name)
            let recorded = try Dictionary(
                uniqueKeysWithValues: #require(ProjectFiles.references(name).first).steps.map { ($0.id, $0.answer) })
            let chosen = slice.selection(of: scenario, recorded: recorded)
            guard let entry = slice.entries[name], entry.skipped == nil else {
                #expect(!name.hasPrefix("slice-") && chosen.isEmpty)
                continue
            }
            let native = scenario.steps.filter {
                slice.paths.contains(String($0.path.prefix { $0 != "?" }))
                    && entry.leftOut[String($0.id.prefix { $0 != " " })] == nil
            }
            #expect(native.allSatisfy { chosen.contains($0.id) }, "\(name) leaves a native step out")
            if name.hasPrefix("slice-") { #expect(chosen.count == scenario.steps.count { $0.method != nil }) }
        }
    }

    @Test func frameworkAnswersAreInTheSlice() throws {
        let slice = try Slice(contentsOf: ProjectFiles.parity + "/slice.yaml")
        let scenario = try ProjectFiles.scenario("01-empty-node")
        let recorded = try Dictionary(
            uniqueKeysWithValues: #require(ProjectFiles.references("01-empty-node").first).steps.map {
                ($0.id, $0.answer)
            })
        let routes = scenario.steps.filter { slice.selection(of: scenario, recorded: recorded).contains($0.id) }
            .map(\.route)
        for route in ["GET /nowhere", "HEAD /nowhere", "OPTIONS *", "DELETE /api/jobs/x", "GET /status/", "HEAD /"] {
            #expect(routes.contains(route), "\(route)")
        }
        #expect(!routes.contains("GET /api/jobs/a%2Fb") && !routes.contains("GET /metrics"))
    }

    @Test func rulesAndDivergencesAreReadable() throws {
        for (file, origin) in [("rules.yaml", Rule.Origin.rule), ("divergences.yaml", .divergence)] {
            let text = try String(contentsOfFile: ProjectFiles.parity + "/" + file, encoding: .utf8)
            _ = try RuleFile.parse(text, name: file, origin: origin)
        }
    }
}
