import Comparison
import Cutover
import Effects
import Foundation
import HTTPService
import P2PModel
import P2PServices
import PythonSemantics
import Testing

@testable import P2PNode

/// The process beside the legacy, in this one: what it answers from a state, and what it says when it is wrong.
@Suite struct CandidateNodeTests {
    private let tree: String

    init() throws {
        tree = NSTemporaryDirectory() + "/candidate-\(UUID().uuidString)/ai-service"
        try FileManager.default.createDirectory(atPath: tree + "/scripts", withIntermediateDirectories: true)
    }

    private func settings() async throws -> PyDict {
        let node = try await NodeFixture(token: "geheim")
        var settings = CandidateSettings(configuration: node.runtime.configuration, startTime: 1_800_000_000).value()
        settings["tree"] = .string(PyString(tree))
        settings["ringrift_path"] = .string(PyString(tree + "/.."))
        return settings
    }

    private func sample(
        _ target: PyString, route: PyString, old: PyString, state: PyDict = ["role": "follower"], round: Int = 1,
        last: Bool = true, status: Int = 200
    ) -> PyDict {
        [
            "round": .int(round), "last": .bool(last), "route": .string(route), "method": "GET",
            "target": .string(target), "headers": [["Accept", "*/*"]], "remote": "127.0.0.1", "state": .dict(state),
            "views": .none,
            "old": [
                "status": .int(status), "headers": [["Content-Type", "application/json; charset=utf-8"]],
                "text": .string(old), "now": 1_800_000_001.5,
            ],
        ]
    }

    private static let noJob: PyString = #"{"success": false, "error": "Job nix not found"}"#

    /// Route, target, the legacy's text and status, verdict and places.
    private static let answers: [(name: String, old: PyString, status: Int, verdict: String, paths: [String])] = [
        ("the same", noJob, 404, "equal", []),
        ("another text", #"{"success": false, "error": "Job nix is gone"}"#, 404, "mismatch", ["/body/error"]),
        ("another status", noJob, 200, "mismatch", ["/status"]),
        ("another type", #"{"success": 0, "error": "Job nix not found"}"#, 404, "mismatch", ["/body/success"]),
        ("one more key", #"{"success": false}"#, 404, "mismatch", ["/body/error"]),
    ]

    @Test(arguments: answers.indices)
    func judges(_ index: Int) async throws {
        let one = Self.answers[index]
        let node = try await CandidateNode(settings: settings(), environment: [:])
        let reply = await node.answer(
            sample("/api/jobs/nix", route: "GET /api/jobs/{job_id}", old: one.old, status: one.status))
        #expect(reply["refused"]?.asList?.isEmpty == true, "\(one.name)")
        #expect(reply["verdict"]?.asString?.description == one.verdict, "\(one.name)")
        let found = (reply["differences"]?.asList ?? []).map { ($0["path"] ?? .none).pyStr }
        #expect(found == one.paths, "\(one.name)")
    }

    /// It answers from the state of this sample, not from the one before.
    @Test func theStateIsThatOfTheSample() async throws {
        let node = try await CandidateNode(settings: settings(), environment: [:])
        let job: PyDict = [
            "job_id": "j1", "job_type": "selfplay", "node_id": "alpha", "board_type": "square8", "num_players": 2,
            "engine_mode": "mixed", "pid": 1, "started_at": 1_800_000_000.5, "status": "running",
        ]
        let with: PyDict = ["role": "follower", "local_jobs": ["j1": .dict(job)]]
        for (state, status) in [(with, 200), (["role": "follower"] as PyDict, 404), (with, 200)] {
            let reply = await node.answer(
                sample("/api/jobs/j1", route: "GET /api/jobs/{job_id}", old: "{}", state: state))
            #expect(reply["new"]?["status"]?.asInt == status)
        }
    }

    /// Cases wait beside each other; one whose first rounds are lost cannot be a mismatch.
    @Test func roundsOfSeveralCases() async throws {
        let node = try await CandidateNode(settings: settings(), environment: [:])
        func verdict(_ job: String, _ error: String, _ round: Int, last: Bool = false) async -> String? {
            let text = "{\"success\": false, \"error\": \"Job \(job) \(error)\"}"
            var one = sample(
                PyString("/api/jobs/\(job)"), route: "GET /api/jobs/{job_id}", old: PyString(text), round: round,
                last: last, status: 404)
            one["case"] = .string(PyString("GET \(job)"))
            return await node.answer(one)["verdict"]?.asString?.description
        }
        #expect(await verdict("a", "is gone", 1) == "open")
        #expect(await verdict("b", "is gone", 1) == "open")
        #expect(await verdict("c", "not found", 1) == "equal")
        #expect(await verdict("a", "is gone", 2) == "open")
        #expect(await verdict("b", "not found", 2) == "equal")
        #expect(await verdict("a", "is gone", 3, last: true) == "mismatch")
        #expect(await verdict("d", "is gone", 3, last: true) == "open")
    }

    @Test func openCasesAreBounded() {
        func one(_ target: String) -> ShadowCase {
            ShadowCase(
                first: ShadowSample(
                    subsystem: .p2pScheduling, route: "GET /a",
                    request: ServiceRequest(method: "GET", target: target),
                    old: ShadowObservation(status: 200, headers: [], body: [], now: 0), state: Self.blankState))
        }
        var cases = ShadowCases(limit: 2)
        for target in ["/a", "/b", "/c"] { cases.put(one(target)) }
        #expect(cases.take("GET /a /a") == nil)
        #expect(cases.take("GET /a /c")?.first.request.rawTarget == "/c")
        #expect(cases.take("GET /a /c") == nil)
        #expect(cases.take("GET /a /b") != nil)
    }

    private static var blankState: NodeState {
        NodeState(
            selfInfo: NodeInfo(nodeID: "alpha", host: "127.0.0.1", port: 1), leadership: LeadershipState(now: 0),
            diversity: DiversityMetrics(now: 0))
    }

    /// A question to the leader is an effect: what it would have said is not known.
    @Test func whatIsRefusedIsNotJudged() async throws {
        let node = try await CandidateNode(settings: settings(), environment: [:])
        let leader: PyDict = [
            "node_id": "beta", "host": "10.9.9.9", "port": 8770, "role": "leader", "last_heartbeat": .float(Self.now),
        ]
        let state: PyDict = [
            "role": "follower", "leader_id": "beta", "leader_lease_expires": .float(Self.now + 100),
            "peers": ["beta": .dict(leader)],
        ]
        let reply = await node.answer(sample("/api/jobs", route: "GET /api/jobs", old: "{}", state: state))
        #expect(reply["verdict"] == nil)
        #expect((reply["refused"]?.asList ?? []).map(\.pyStr).first?.hasPrefix("GET http") == true)
    }

    private static var now: Double { LiveClock().now() }

    @Test func aRouteWithoutNativeHandlerIsNotServed() async throws {
        let node = try await CandidateNode(settings: settings(), environment: [:])
        let reply = await node.answer(sample("/gauntlet/status", route: "GET /gauntlet/status", old: "{}"))
        #expect(reply == ["unserved": true])
    }

    /// The red test: a candidate that is wrong on purpose is found.
    @Test func aWrongAnswerIsFound() async throws {
        for (environment, verdict) in [([:], "equal"), (["RINGRIFT_CANDIDATE_FAULT": "not found"], "mismatch")] {
            let node = try await CandidateNode(settings: settings(), environment: environment)
            let reply = await node.answer(
                sample("/api/jobs/nix", route: "GET /api/jobs/{job_id}", old: Self.noJob, status: 404))
            #expect(reply["verdict"]?.asString?.description == verdict)
        }
    }

    /// A stored mismatch played again: still there, and gone when the native side says what the legacy said.
    @Test(arguments: [(#"{"success": false, "error": "no"}"#, Int32(1)), (noJob, 0)] as [(PyString, Int32)])
    func aMismatchIsPlayedAgain(_ old: PyString, _ status: Int32) async throws {
        let mismatch = ShadowMismatch(
            route: "GET /api/jobs/{job_id}", made: 1, node: try await settings(),
            sample: sample("/api/jobs/nix", route: "GET /api/jobs/{job_id}", old: old, status: 404), old: [], new: [],
            differences: [["path": "/body/error", "kind": "value", "expected": "x", "got": "y"]])
        let store = ShadowMismatchStore(directory: tree + "/mismatches", limit: 3)
        #expect(store.save(mismatch))
        #expect(await CandidateRepro(path: store.path(mismatch.id), tree: nil, environment: [:]).run() == status)
        #expect(await CandidateRepro(path: tree + "/none", tree: nil, environment: [:]).run() == 2)
    }

    @Test func settingsPassOver() async throws {
        let node = try await NodeFixture("alpha", peers: ["http://b:1"], token: "geheim")
        let given = CandidateSettings(configuration: node.runtime.configuration, startTime: 12.5)
        let read = CandidateSettings(
            given.value(), constants: node.runtime.configuration.constants, environment: [:])
        #expect(read.value() == given.value())
        #expect(given.value()["token"] == "geheim")
        #expect(given.value(token: false)["token"] == "")
    }

    /// Places that vary are asked again only now and then.
    @Test func knownNoiseIsTrusted() {
        func difference(_ path: String, _ kind: DifferenceKind = .value) -> Difference {
            .init(scenario: "shadow", path: .init([path]), kind: kind, expected: "1", got: "2")
        }
        var noise = KnownNoise()
        func covers(_ route: String, _ differences: [Difference]) -> Bool { noise.covers(route, route, differences) }
        #expect(!covers("GET /a", [difference("x")]))
        noise.learn("GET /a", "GET /a")
        #expect(!covers("GET /b", [difference("x")]))
        #expect(!covers("GET /a", [difference("x"), difference("y")]))
        #expect(!covers("GET /a", [difference("x", .type)]))
        let trusted = (0..<16).count { _ in covers("GET /a", [difference("x")]) }
        #expect(trusted == 14)
    }
}
