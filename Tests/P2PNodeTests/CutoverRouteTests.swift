import Cutover
import Foundation
import HTTPService
import PythonSemantics
import TestSupport
import Testing

@testable import P2PNode

/// `/cutover…` stands beside the legacy's routes and changes none of them.
@Suite struct CutoverRouteTests {
    private func application(_ node: NodeFixture, _ flags: FlagStore?) throws -> HTTPApplication {
        let routes = NodeRoutes(runtime: node.runtime, proxy: nil)
        let cutover = CutoverRoutes(runtime: node.runtime, worker: nil, flags: flags, routes: routes)
        return HTTPApplication(
            routes: try routes.table(), middleware: [cutover.middleware, routes.authorization()], log: SilentHTTPLog())
    }

    private func flags(_ environment: [String: String] = [:]) -> FlagStore {
        FlagStore(environment: environment, tree: "/nonexistent", now: { 0 }, onEvent: { _ in })
    }

    private func body(_ response: ServiceResponse) -> [UInt8] {
        if case .bytes(let bytes) = response.body { bytes } else { [] }
    }

    @Test func noLegacyRouteIsShadowed() {
        for path in ["/cutover", "/cutover/status", "/cutover/metrics"] {
            #expect(!P2PRoute.all.contains { $0.path == path || $0.path.hasPrefix("/cutover") })
            // A route with a parameter could match it, too.
            #expect(!P2PRoute.all.contains { $0.path.hasPrefix("/{") })
        }
    }

    /// Path, content type.
    @Test(
        arguments: [
            ("/cutover", "text/html; charset=utf-8"), ("/cutover?x=1", "text/html; charset=utf-8"),
            ("/cutover/status", "application/json; charset=utf-8"),
            ("/cutover/metrics", "text/plain; version=0.0.4; charset=utf-8"),
        ])
    func answersWithoutAnAccessLine(_ target: String, _ type: String) async throws {
        let node = try await NodeFixture(token: "secret")
        let application = try application(node, flags())
        for method in ["GET", "HEAD"] {
            let response = try await application.respond(to: ServiceRequest(method: method, target: target))
            #expect(response.status == 200 && !response.isLogged)
            #expect(response.headers.first { $0.name == "Content-Type" }?.value == type)
            #expect(response.headers.contains { $0.name == "Cache-Control" && $0.value == "no-store" })
        }
    }

    /// Whatever else begins so is the legacy's: not found, or refused without the token, and logged.
    @Test(
        arguments: [
            ("GET", "/cutover/", 404), ("GET", "/cutover/statu", 404), ("GET", "/cutovers", 404),
            ("GET", "/Cutover", 404),
            ("POST", "/cutover", 404), ("DELETE", "/cutover/status", 404),
        ])
    func allElseIsTheLegacys(_ method: String, _ target: String, _ status: Int) async throws {
        let node = try await NodeFixture()
        let own = try await application(node, flags()).respond(to: ServiceRequest(method: method, target: target))
        let without = try await application(node, nil).respond(to: ServiceRequest(method: method, target: target))
        #expect(own.status == status && own.isLogged)
        #expect(body(own) == body(without) && own.headers.map(\.name) == without.headers.map(\.name))
    }

    @Test func whatTheNodeSays() async throws {
        let node = try await NodeFixture()
        let flags = flags(["RINGRIFT_IMPL_P2P_LEADERSHIP": "legacy"])
        node.runtime.modes.replace(flags.table)
        let application = try application(node, flags)
        for _ in 0..<3 { _ = try await application.respond(to: ServiceRequest(method: "GET", target: "/health")) }
        // On the legacy, and there is none here.
        let mark = [("X-Ringrift-Drill", "run 4")]
        let refused = try await application.respond(
            to: ServiceRequest(method: "GET", target: "/election/grant", headers: mark))
        #expect(refused.status == 501)
        #expect(refused.headers.contains { $0.name == "X-Ringrift-Side" && $0.value == "legacy" })
        let response = try await application.respond(to: ServiceRequest(method: "GET", target: "/cutover/status"))
        let status = try CutoverStatus(json: body(response))
        #expect(status.node?.id == "alpha" && status.node?.tree == NodeFixture.tree && status.node?.legacy == nil)
        #expect(status.standby == .init(kind: "warm", state: .absent))
        #expect(status.row(.p2pObservability)?.swift == .init(answered: 3))
        let leadership = try #require(status.row(.p2pLeadership))
        #expect(leadership.mode == .legacy && leadership.source == "RINGRIFT_IMPL_P2P_LEADERSHIP")
        #expect(leadership.legacy == .init(answered: 1, failed: 1))
        #expect(leadership.nativeRoutes == 4 && leadership.routes == 4)
        #expect(status.subsystems.compactMap(\.routes).reduce(0, +) == P2PRoute.all.count)
        #expect(status.drill?.run == "run" && status.drill?.legacy == 1)
        #expect(status.isInForce)
    }

    /// A drill may only ask what reads, is native, and belongs to the subsystem it stands for.
    @Test func drillRoutes() async throws {
        let node = try await NodeFixture()
        let native = NodeRoutes(runtime: node.runtime, proxy: nil).nativeRoutes
        for (subsystem, path, _) in DrillRoute.all {
            #expect(P2PRoute.all.contains { $0.method == "GET" && $0.path == path && $0.subsystem == subsystem })
            #expect(native.contains("GET \(path)"))
        }
    }

    /// The modes' change is told with its time, and nothing is in force while it is under way.
    @Test func sinceWhen() async throws {
        let node = try await NodeFixture()
        let flags = flags(["RINGRIFT_IMPL_P2P_LEADERSHIP": "live"])
        let modeSwitch = ModeSwitch(runtime: node.runtime, flags: flags, worker: nil, exchange: nil) { _ in }
        let application = try application(node, flags)
        func status() async throws -> CutoverStatus {
            let response = try await application.respond(to: ServiceRequest(method: "GET", target: "/cutover/status"))
            return try CutoverStatus(json: body(response))
        }
        #expect(try await !status().isInForce)
        node.fake.clock.advance(by: 90)
        await modeSwitch.apply(flags.table)
        let after = try await status()
        #expect(after.isInForce && !after.isChanging)
        #expect(after.row(.p2pLeadership)?.since == node.fake.clock.now())
        #expect(after.row(.p2pNetwork)?.since == node.runtime.startTime)
    }
}
