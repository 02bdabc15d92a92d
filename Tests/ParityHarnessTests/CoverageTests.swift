import Comparison
import Foundation
import PythonSemantics
import Testing

@testable import ParityHarness

/// Claims against hand-made observations: each gate is seen red here.
@Suite struct CoverageTests {
    private static let stopJob = CoverageRoute(method: "POST", path: "/stop_job")

    private static func step(
        _ id: String, _ method: String, _ path: String, _ status: Int?, _ body: String,
        headers: [(name: String, value: String)] = []
    ) -> StepObservation {
        StepObservation(
            id: id, method: method, path: path,
            answer: AnswerObservation(
                status: status, headers: headers, body: .text(body),
                error: status == nil ? "RemoteDisconnected: gone" : nil))
    }

    private static let run = RunObservation(
        scenario: "s",
        steps: [
            step("001", "POST", "/stop_job", 200, #"{"success": true}"#),
            step("002 unknown", "POST", "/stop_job?x=1", 404, #"{"success": false, "error": "Job not found"}"#),
            step("003", "GET", "/status", 200, "{}"),
            step("004", "POST", "/stop_job", nil, ""),
            step(
                "005", "POST", "/stop_job", 404, #"{"error": "Job not found"}"#,
                headers: [(name: "X-RingRift-Proxied-By", value: "b")]),
            step("006", "POST", "/stop_job", 200, #"{"success": false, "error": "no"}"#),
            step("007", "HEAD", "/status", 200, ""),
        ])

    private static func file(success: String, errors: String = "[]", route: String = "POST /stop_job") -> String {
        """
        bodies: []
        routes:
          \(route):
            page: 06 §3.2
            success: \(success)
            errors: \(errors)
        """
    }

    private static func coverage(
        _ text: String, routes: [CoverageRoute]? = [stopJob], runs: [RunObservation] = [run], partial: Bool = false
    ) throws -> Coverage {
        Coverage(try CoverageFile(text: text, path: "c.yaml"), routes: routes, runs: runs, partial: partial)
    }

    @Test func aClaimThatHolds() throws {
        let coverage = try Self.coverage(
            Self.file(success: "s/001", errors: "[[404, Job not found, s/002], [404, 'Job {id} found', s/002 unknown]]")
        )
        #expect(coverage.failures == [])
        #expect(coverage.routes[0].named.map(\.verdict.isShown) == [true, true])
        #expect(CoverageSummary(coverage).line == "1 routes, 1 with a success; 2 of 2 named answers shown")
    }

    @Test(arguments: [
        ("[404, Job not found, t/002]", "no recording of 't'"),
        ("[404, Job not found, s/099]", "no step 's/099'"),
        ("[404, Job not found, s/003]", "step 's/003' asks GET /status"),
        ("[400, Job not found, s/002]", "step 's/002': the answer was 404 'Job not found'"),
        ("[404, Job is not found, s/002]", "step 's/002': the answer was 404 'Job not found'"),
        ("[404, Job not found, s/004]", "step 's/004': no answer (RemoteDisconnected: gone)"),
        ("[404, Job not found, s/005]", "step 's/005': its answer came from another node, through the proxy"),
    ])
    func anErrorThatDoesNotHold(answer: String, reason: String) throws {
        let coverage = try Self.coverage(Self.file(success: "s/001", errors: "[\(answer)]"))
        #expect(coverage.failures.count == 1)
        #expect(coverage.failures.first?.hasSuffix(": " + reason) == true, "\(coverage.failures)")
        #expect(coverage.failures.first?.hasPrefix("c.yaml:6: POST /stop_job: ") == true, "\(coverage.failures)")
        #expect(CoverageSummary(coverage).shown == 0)
    }

    @Test(arguments: [
        ("POST /stop_job", "s/002", "the answer was 404 'Job not found'"),
        ("POST /stop_job", "s/006", "it answers 200 but refuses"),
        ("GET /status", "s/007", "step 's/007' asks HEAD /status"),
    ])
    func aSuccessThatIsNone(route: String, step: String, reason: String) throws {
        let coverage = try Self.coverage(Self.file(success: step, route: route), routes: nil)
        #expect(coverage.failures.count == 1 && coverage.failures[0].hasSuffix(reason), "\(coverage.failures)")
        #expect(CoverageSummary(coverage).routesWithSuccess == 0)
    }

    @Test func aClaimMustHoldInEveryRecording() throws {
        var other = Self.run
        other.steps[1].answer.status = 400
        let text = Self.file(success: "s/001", errors: "[[404, Job not found, s/002]]")
        #expect(try Self.coverage(text, runs: [Self.run, other]).failures.count == 1)
        #expect(try Self.coverage(text, runs: [Self.run, Self.run]).failures == [])
    }

    @Test func routesThatAreMissingOrUnknown() throws {
        let status = CoverageRoute(method: "GET", path: "/status")
        let text = Self.file(success: "s/001")
        #expect(try Self.coverage(text, routes: [Self.stopJob, status]).failures == ["c.yaml: GET /status is missing"])
        #expect(
            try Self.coverage(text, routes: []).failures == ["c.yaml:3: POST /stop_job is no route of the contract"])
    }

    @Test func whatIsNotPlayedIsNoFailureInARun() throws {
        let text = Self.file(
            success: "t/001", errors: "[[404, Job not found, s/002], [404, Job not found, s/9], [500, x, missing: why]]"
        )
        let coverage = try Self.coverage(text, routes: nil, partial: true)
        #expect(coverage.failures == [])
        let summary = CoverageSummary(coverage)
        #expect(summary.shown == 1 && summary.named == 3 && summary.routesWithSuccess == 0)
        #expect(summary.missing.map(\.reason) == ["not played (t/001)", "not played (s/9)", "why"])
    }

    @Test func everywhereAndBeyond() throws {
        let text = """
            everywhere: [[404, Job not found, s/002], [405, x, s/002]]
            routes:
              POST /stop_job: {page: "1", success: s/001, beyond: [[404, Job not found, s/002], [404, y, s/002]]}
            """
        let coverage = try Self.coverage(text)
        #expect(coverage.failures.count == 2, "\(coverage.failures)")
        #expect(CoverageSummary(coverage).named == 2, "what is beyond the page is not named by it")
    }

    @Test func refusals() {
        func refuses(_ body: String) -> Bool { AnswerText.refuses(Self.step("1", "GET", "/", 200, body).answer) }
        for body in [
            #"{"success": false}"#, #"{"accepted": false}"#, #"{"granted": false, "reason": "x"}"#, #"{"error": "x"}"#,
            #"[{"error": "x"}]"#,
        ] { #expect(refuses(body), "\(body)") }
        for body in [
            "[]", "{}", "plain", #"{"success": true, "error": "x"}"#, #"{"error": null}"#, #"{"error": ""}"#,
            #"[{"error": "x", "a": 1}]"#, #"[{"a": 1}]"#, "3",
        ] { #expect(!refuses(body), "\(body)") }
    }

    @Test func textsOfAnAnswer() {
        func texts(_ body: String) -> [String] { AnswerText.texts(of: Self.step("1", "GET", "/", 500, body).answer) }
        #expect(texts(#"{"error": "a", "message": "b", "reason": "c"}"#) == ["a", "c", "b"])
        #expect(texts(#"[{"error": "a"}, {"error": "b"}]"#) == ["a"])
        #expect(texts("404: Not Found") == ["404: Not Found"])
        #expect(texts("[]") == [])
    }

    @Test(arguments: [
        ("Job {id} not found", "Job  not found", true), ("Job {id} not found", "Job a b not found", true),
        ("Job {id} not found", "Job x not found!", false), ("*", "", true), ("a*b*c", "abc", true),
        ("a*b*c", "acb", false), ("aa*aa", "aaa", false), ("{a} {1}", "x {1}", true), ("plain", "plain", true),
        ("plain", "plai", false),
    ])
    func templates(template: String, text: String, matches: Bool) {
        #expect(TextTemplate(template).matches(text) == matches)
    }

    @Test(arguments: [
        ("GET /api/jobs/{job_id}", "GET", "/api/jobs/a%2Fb?x=/", true),
        ("GET /api/jobs/{job_id}", "GET", "/api/jobs/", false),
        ("GET /api/jobs/{job_id}", "GET", "/api/jobs/a/log", false), ("GET /status", "HEAD", "/status", false),
        ("GET /status", "GET", "/status?x", true), ("GET /status", "POST", "/status", false),
        ("GET /", "GET", "/", true),
    ])
    func routes(route: String, method: String, target: String, serves: Bool) {
        #expect(CoverageRoute(route)?.serves(method: method, target: target) == serves)
    }
}
