import Cutover
import Effects
import HTTPService
import P2PModel
import PythonSemantics
import TestSupport
import Testing

@testable import P2PNode

@Suite struct RouteListTests {
    @Test func asInTheContract() throws {
        let contract = try #require(try Recordings.contractData("routes.json").asList)
        let expected = contract.map {
            "\($0["method"]?.pyStr ?? "") \($0["path"]?.pyStr ?? "") \($0["subsystem"]?.pyStr ?? "")"
        }
        #expect(P2PRoute.all.count == 136)
        #expect(P2PRoute.all.map { "\($0.method) \($0.path) \($0.subsystem.rawValue)" } == expected)
    }

    /// What a comparison may ask a second time.
    @Test func whatOnlyReads() throws {
        let contract = try #require(try Recordings.contractData("routes.json").asList)
        let compared = Set(ShadowService.compared.map(\.rawValue))
        let reading = contract.filter {
            $0["method"]?.pyStr == "GET" && $0["mutates"]?.asBool == false
                && compared.contains($0["subsystem"]?.pyStr ?? "")
        }
        #expect(P2PRoute.repeatable == Set(reading.map { "GET \($0["path"]?.pyStr ?? "")" }))
    }

    @Test func registeredInThatOrder() async throws {
        let node = try await NodeFixture()
        let table = try NodeRoutes(runtime: node.runtime, proxy: nil).table()
        #expect(table.routes.map { "\($0.method) \($0.path)" } == P2PRoute.all.map { "\($0.method) \($0.path)" })
        let known = Set(P2PRoute.all.map { "\($0.method) \($0.path)" })
        #expect(NodeRoutes(runtime: node.runtime, proxy: nil).nativeRoutes.isSubset(of: known))
    }

    /// Whatever is not native yet says so with a reason.
    @Test func notNativeYet() async throws {
        let node = try await NodeFixture()
        let routes = NodeRoutes(runtime: node.runtime, proxy: nil)
        let native = routes.nativeRoutes
        let application = try node.application()
        for route in P2PRoute.all where !native.contains("\(route.method) \(route.path)") {
            let path = route.path.replacing("{", with: "").replacing("}", with: "")
            let response = await (try application.respond(to: ServiceRequest(method: route.method, target: path)))
            guard case .bytes(let bytes) = response.body else { continue }
            #expect(response.status == 501, "\(route.path)")
            #expect(
                try PyJSON.decodeBody(bytes, charset: nil) == [
                    "error": "not_implemented",
                    "reason": "this route is not native yet and no legacy worker is configured",
                    "method": .string(PyString(route.method)), "path": .string(PyString(path)),
                ])
        }
    }
}

/// Contract 01 section 3.2.
@Suite struct RequestAuthorityTests {
    /// Token, headers, allowed.
    @Test(
        arguments: [
            ("", [], true), ("t", [], false), ("t", [("Authorization", "Bearer t")], true),
            ("t", [("Authorization", "bearer t")], true), ("t", [("Authorization", "BEARER   t  ")], true),
            ("t", [("Authorization", "Bearer T")], false), ("t", [("Authorization", "Bearer tt")], false),
            ("t", [("Authorization", "Bearer")], false), ("t", [("Authorization", "Bearer ")], false),
            ("t", [("Authorization", "Basic t")], false), ("t", [("Authorization", "t")], false),
            ("t", [("X-RingRift-Auth", "t")], true), ("t", [("X-RingRift-Auth", "  t ")], true),
            ("t", [("x-ringrift-auth", "t")], true), ("t", [("X-RingRift-Auth", "Bearer t")], false),
            // A wrong bearer token is not rescued, another scheme or an empty token is.
            ("t", [("Authorization", "Bearer x"), ("X-RingRift-Auth", "t")], false),
            ("t", [("Authorization", "Bearer "), ("X-RingRift-Auth", "t")], true),
            ("t", [("Authorization", "Basic x"), ("X-RingRift-Auth", "t")], true),
        ] as [(String, [(String, String)], Bool)])
    func tokens(_ token: String, _ headers: [(String, String)], _ expected: Bool) throws {
        let request = ServiceRequest(method: "POST", target: "/", headers: headers)
        #expect(try RequestAuthority(token: token).allows(request) == expected)
    }

    @Test(arguments: [("t", "Bearer tök"), ("tök", "Bearer t")])
    func charactersOutsideASCII(_ token: String, _ header: String) {
        let request = ServiceRequest(method: "POST", target: "/", headers: [("Authorization", header)])
        #expect(
            failure { () throws(PyException) in try RequestAuthority(token: token).allows(request) }
                == "TypeError: comparing strings with non-ASCII characters is not supported")
    }

    @Test func readingIsFree() {
        let authority = RequestAuthority(token: "t")
        for (method, expected) in [
            ("GET", false), ("HEAD", false), ("OPTIONS", false), ("POST", true), ("PUT", true), ("DELETE", true),
            ("PATCH", true), ("TRACE", true), ("get", true),
        ] { #expect(authority.isRequired(for: method) == expected, "\(method)") }
    }

    /// Method, path, header, status and text of a node with the token `t`.
    @Test(arguments: [
        ("POST", "/heartbeat", "", 401, #"{"error": "unauthorized"}"#),
        ("POST", "/election", "", 401, #"{"error": "unauthorized"}"#),
        ("POST", "/election/lease", "", 401, #"{"error": "unauthorized"}"#),
        ("POST", "/coordinator", "Bearer x", 401, #"{"error": "unauthorized"}"#),
        // Before routing: unknown paths, wrong methods and routes that are not native.
        ("POST", "/nope", "", 401, #"{"error": "unauthorized"}"#),
        ("DELETE", "/status", "", 401, #"{"error": "unauthorized"}"#),
        ("POST", "/gossip", "", 401, #"{"error": "unauthorized"}"#),
        ("POST", "/nope", "Bearer t", 404, "404: Not Found"),
        ("DELETE", "/status", "Bearer t", 405, "405: Method Not Allowed"),
        ("OPTIONS", "/heartbeat", "", 405, "405: Method Not Allowed"), ("GET", "/nope", "", 404, "404: Not Found"),
        ("GET", "/election/grant", "", 401, #"{"error": "unauthorized"}"#),
        ("GET", "/election/grant", "Bearer nope", 401, #"{"error": "unauthorized"}"#),
        (
            "GET", "/election/grant", "Bearer tök", 400,
            #"{"error": "comparing strings with non-ASCII characters is not supported"}"#
        ),
        ("GET", "/", "", 302, "302: Found"),
        // The middleware's comparison raises before the handler could.
        (
            "POST", "/election/lease", "Bearer tök", 500,
            "500 Internal Server Error\n\nServer got itself in trouble"
        ),
        ("POST", "/election", "Bearer t", 400, #"{"error": "Expecting value: line 1 column 1 (char 0)"}"#),
    ])
    func aNodeWithAToken(_ method: String, _ path: String, _ header: String, _ status: Int, _ text: String) async throws
    {
        let node = try await NodeFixture(token: "t")
        let answer = try await node.ask(method, path, headers: header.isEmpty ? [] : [("Authorization", header)])
        #expect(answer == (status, text))
    }

    @Test func openReads() async throws {
        let node = try await NodeFixture(token: "t")
        for path in ["/health", "/status", "/dashboard"] { #expect(try await node.ask("GET", path).status == 200) }
        let granted = try await node.ask("GET", "/election/grant", headers: [("X-RingRift-Auth", "t")])
        #expect(granted.status == 200)
    }
}
