import Testing

@testable import HTTPService

@Suite struct RouteTableTests {
    private func table(_ routes: [(String, String)]) throws -> RouteTable {
        var table = RouteTable()
        for (method, path) in routes {
            try table.register(method, path, subsystem: "s:\(path)") { _ in .text("\(method) \(path)") }
        }
        return table
    }

    @Test func keepsRegistrationOrderWithoutHead() throws {
        let table = try table([("POST", "/heartbeat"), ("GET", "/status"), ("POST", "/election")])
        #expect(table.routes.map { "\($0.method) \($0.path)" } == ["POST /heartbeat", "GET /status", "POST /election"])
    }

    @Test func refusesASecondHandlerForOneRoute() throws {
        var table = try table([("GET", "/a"), ("POST", "/a"), ("GET", "/a/{x}")])
        #expect(throws: RouteClash(method: "GET", path: "/a")) {
            try table.register("GET", "/a", subsystem: "other") { _ in .text("") }
        }
        #expect(throws: RouteClash(method: "GET", path: "/a/{x}")) {
            try table.register("GET", "/a/{x}", subsystem: "other") { _ in .text("") }
        }
        // aiohttp's add_get claims HEAD as well.
        #expect(throws: RouteClash(method: "HEAD", path: "/a")) {
            try table.register("HEAD", "/a", subsystem: "other") { _ in .text("") }
        }
    }

    @Test(arguments: [
        ("GET", "/a", "/a", [String: String]()), ("HEAD", "/a", "/a", [:]), ("POST", "/a", "/a", [:]),
        ("GET", "/a/b%20c", "/a/{x}", ["x": "b c"]), ("GET", "/a/%2F", "/a/{x}", ["x": "/"]),
        ("GET", "/a/1/b/2", "/a/{x}/b/{y}", ["x": "1", "y": "2"]), ("POST", "/a/fixed", "/a/{x}", ["x": "fixed"]),
    ])
    func finds(_ method: String, _ target: String, _ path: String, _ parameters: [String: String]) throws {
        let table = try table([
            ("GET", "/a"), ("POST", "/a"), ("GET", "/a/fixed"), ("GET", "/a/{x}"), ("POST", "/a/{x}"),
            ("GET", "/a/{x}/b/{y}"),
        ])
        let request = ServiceRequest(method: method, target: target)
        guard case .found(let route, let values) = table.match(request) else {
            Issue.record("\(method) \(target) is a route")
            return
        }
        #expect(route.path == path)
        #expect(values == parameters)
        #expect(table.subsystem(of: request) == "s:\(path)")
    }

    @Test(arguments: ["/", "/A", "/a/", "//a", "/a/b/c", "/a/1/b/", "", "/a%2Fb", "/\u{212A}"])
    func knowsNoOtherPath(_ path: String) throws {
        let table = try table([("GET", "/a"), ("GET", "/K"), ("GET", "/a/{x}/b/{y}")])
        guard case .notFound = table.match(ServiceRequest(method: "GET", target: path)) else {
            Issue.record("\(path) matches nothing")
            return
        }
    }

    @Test func namesAllAllowedMethodsSorted() throws {
        let table = try table([("POST", "/a/b"), ("GET", "/a/{x}"), ("DELETE", "/a/{x}")])
        guard case .methodNotAllowed(let allowed) = table.match(ServiceRequest(method: "PUT", target: "/a/b")) else {
            Issue.record("PUT is not allowed")
            return
        }
        #expect(allowed == ["DELETE", "GET", "HEAD", "POST"])
    }
}
