import Comparison
import Foundation
import PythonSemantics
import Testing

@testable import ParityHarness

@Suite struct MismatchStoreTests {
    private func edited() throws -> ParityReport {
        try ReportSamples.report { run in
            ReportSamples.setBody(&run, "GET /status", ReportSamples.with("role", "emperor"))
            run.state?.exit = 7
            run.log?.append("never seen\n")
            run.spawned.append(SpawnedObservation(argv: ["x"], cwd: "/", environment: [:]))
            run.state?.databases["logs/p2p_orchestrator/beta_state.db"]?["user_version"] = 9
        }
    }

    private func evidence(_ report: ParityReport) -> [Evidence] {
        report.scenarios[0].evidence.sorted { $0.key < $1.key }.map(\.value)
    }

    @Test func everyCheckThatDiffersHasEvidenceAndAnIdOfItsOwn() throws {
        let report = try edited()
        #expect(evidence(report).map(\.subject.dimension) == [.answers, .exit, .state, .log, .programs])
        #expect(Set(evidence(report).map(\.id)).count == 5)
        let equal = try ReportSamples.report { _ in }
        #expect(equal.failed == 0 && equal.scenarios[0].evidence.isEmpty)
    }

    @Test func anIdIsStableAndDependsOnThePlaceNotOnTheValue() throws {
        let first = try #require(evidence(edited()).first)
        #expect(try evidence(edited()).first?.id == first.id)
        let other = try ReportSamples.report {
            ReportSamples.setBody(&$0, "GET /status", ReportSamples.with("role", "pope"))
        }
        #expect(evidence(other).first?.id == first.id)
        let elsewhere = try ReportSamples.report {
            ReportSamples.setBody(&$0, "GET /status", ReportSamples.with("node_id", "pope"))
        }
        #expect(evidence(elsewhere).first?.id != first.id)
    }

    @Test func theScenarioEndsWithTheStepThatDiffers() throws {
        let first = try #require(evidence(edited()).first)
        guard case .step(let id, let route) = first.subject else {
            Issue.record("no step: \(first.subject)")
            return
        }
        let whole = try ProjectFiles.scenario("slice-membership").steps
        let position = try #require(whole.firstIndex { $0.id == id })
        #expect(route == "GET /status" && first.scenario.steps.map(\.id) == whole[...position].map(\.id))
        #expect(first.request?["path"] == "/status")
        #expect(evidence(try edited()).last?.scenario.steps.count == whole.count)
    }

    @Test func whatIsStoredComesBack() throws {
        let store = MismatchStore(directory: ReportSamples.temporary())
        defer { try? FileManager.default.removeItem(atPath: store.directory) }
        let report = try edited()
        try store.save(report)
        #expect(Set(store.ids()) == Set(evidence(report).map(\.id)))
        for one in evidence(report) {
            let loaded = try store.load(String(one.id.prefix(6)))
            #expect(loaded.legacy == report.legacy && loaded.made == report.made)
            #expect(loaded.origin == ReportSamples.origin())
            #expect(loaded.evidence.subject == one.subject && loaded.evidence.differences == one.differences)
            #expect(loaded.evidence.scenario.document == one.scenario.document)
            // Twice through JSON is the same text: nothing of the observations is lost.
            #expect(
                try PyJSON.dumps(loaded.value()) == PyJSON.dumps(Mismatch(loaded.value()).value()))
            #expect(loaded.evidence.references.count == 3)
        }
    }

    @Test func theOldestGo() throws {
        var store = MismatchStore(directory: ReportSamples.temporary())
        defer { try? FileManager.default.removeItem(atPath: store.directory) }
        let report = try edited()
        try store.save(report)
        let ids = evidence(report).map(\.id)
        for (age, id) in ids.enumerated() {
            try FileManager.default.setAttributes(
                [.modificationDate: Date(timeIntervalSince1970: 1_000_000 - Double(age))],
                ofItemAtPath: "\(store.directory)/\(id).json")
        }
        store.limit = 2
        store.prune()
        #expect(store.ids() == Array(ids.prefix(2)))
    }

    @Test func secretsAreNotKept() {
        let start = ReportSamples.origin([
            "PATH": "/bin", "RINGRIFT_AI_SERVICE": "/srv", "RINGRIFT_CLUSTER_AUTH_TOKEN": "s3cret",
            "AWS_SECRET_ACCESS": "s3cret", "DB_PASSWORD": "s3cret", "api_key": "s3cret",
        ]).candidate
        #expect(start.environment == ["RINGRIFT_AI_SERVICE": "/srv"])
        #expect(start.withheld == ["AWS_SECRET_ACCESS", "DB_PASSWORD", "RINGRIFT_CLUSTER_AUTH_TOKEN", "api_key"])
    }

    @Test(arguments: ["", "../etc", "zz", "0123456789", "a/b", "ABC"]) func whatIsNoIdIsRefused(_ id: String) throws {
        let store = MismatchStore(directory: ReportSamples.temporary())
        defer { try? FileManager.default.removeItem(atPath: store.directory) }
        try store.save(edited())
        #expect(throws: ParityError.self) { try store.load(id) }
    }

    @Test func anUnknownIdNamesThoseThereAre() throws {
        let store = MismatchStore(directory: ReportSamples.temporary())
        defer { try? FileManager.default.removeItem(atPath: store.directory) }
        let report = try edited()
        try store.save(report)
        do {
            _ = try store.load("00000000")
            Issue.record("found what is not there")
        } catch {
            for one in evidence(report) { #expect("\(error)".contains(one.id)) }
        }
    }

    @Test func aDirectoryThatCannotBeIsAnError() throws {
        let file = ReportSamples.temporary()
        defer { try? FileManager.default.removeItem(atPath: file) }
        try Data().write(to: URL(fileURLWithPath: file))
        let report = try edited()
        #expect(throws: ParityError.self) { try MismatchStore(directory: file + "/sub").save(report) }
    }
}
