import Effects
import P2PModel
import P2PServices
import PythonSemantics
import TestSupport
import Testing

@testable import P2PNode

/// The routes that say how many workers there should be, and that no route of the subsystem is left to the legacy.
@Suite struct AutoscaleRouteTests {
    private static let paths = ["/autoscale/metrics", "/autoscale/recommendations"]

    @Test func asRecordedOfAnEmptyNode() async throws {
        let node = try await NodeFixture("alpha")
        var played = 0
        for step in try Recordings.exchanges("01-empty-node") where Self.paths.contains(step.target) {
            let answer = try await node.ask(step.method, step.target)
            #expect(answer.status == step.status)
            #expect(answer.text == step.answer, "\(step.id)")
            played += 1
        }
        #expect(played == 2)
    }

    @Test func limitThatIsNoNumber() async throws {
        let node = try await NodeFixture("alpha", environment: ["RINGRIFT_AUTOSCALE_MAX_WORKERS": "many"])
        var played = 0
        for step in try Recordings.exchanges("coverage-follower") where Self.paths.contains(step.target) {
            let answer = try await node.ask("GET", step.target)
            #expect(answer.status == 200)
            #expect(answer.text == step.answer, "\(step.id)")
            played += 1
        }
        #expect(played == 2)
    }

    @Test func everyRouteOfSchedulingIsNative() async throws {
        let node = try await NodeFixture("alpha")
        let owned = P2PRoute.all.filter { $0.subsystem == .p2pScheduling }.map { "\($0.method) \($0.path)" }
        #expect(owned.count == 12)
        #expect(Set(owned).subtracting(NodeRoutes(runtime: node.runtime, proxy: nil).nativeRoutes).isEmpty)
    }
}
