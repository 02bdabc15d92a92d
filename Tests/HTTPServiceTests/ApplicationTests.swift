import PythonSemantics
import Testing

@testable import HTTPService

@Suite struct ApplicationTests {
    private func application(
        _ middleware: [Middleware] = [], log: any HTTPLog = SilentHTTPLog(), _ handler: @escaping RouteHandler
    ) throws -> HTTPApplication {
        var table = RouteTable()
        try table.register("POST", "/x", subsystem: "test", handler: handler)
        return HTTPApplication(routes: table, middleware: middleware, log: log)
    }

    private func text(_ response: ServiceResponse) -> String {
        guard case .bytes(let bytes) = response.body else { return "" }
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test func middlewareRunsInOrderAndBeforeRouting() async throws {
        let tag: @Sendable (String) -> Middleware = { name in
            { request, next in
                var response = try await next(request)
                response.headers.append(("X", name))
                return response
            }
        }
        let application = try application([tag("outer"), tag("inner")]) { _ in .text("") }
        let response = try await application.respond(to: ServiceRequest(method: "GET", target: "/unknown"))
        #expect(response.status == 404)
        #expect(response.headers.filter { $0.name == "X" }.map(\.value) == ["inner", "outer"])
    }

    @Test(arguments: [
        (1_048_575, 200, "1048575"),
        (1_048_576, 413, "Maximum request body size 1048576 exceeded, actual body size 1048576"),
        (1_048_600, 413, "Maximum request body size 1048576 exceeded, actual body size 1048600"),
    ])
    func limitsTheBody(_ size: Int, _ status: Int, _ answer: String) async throws {
        let application = try application { request in .text(String(try await request.readBody().count)) }
        let body = [UInt8](repeating: 32, count: size)
        let response = try await application.respond(to: ServiceRequest(method: "POST", target: "/x", body: body))
        #expect(response.status == status)
        #expect(text(response) == answer)
    }

    @Test func aCaughtOversizeHasAiohttpsText() async throws {
        let request = ServiceRequest(method: "POST", target: "/x", body: [UInt8](repeating: 32, count: 1_048_576))
        let error = await #expect(throws: PyException.self) { try await request.json() }
        #expect(error?.message == "Request Entity Too Large")
    }

    @Test func theBodyCanBeAskedForTwice() async throws {
        let request = ServiceRequest(method: "POST", target: "/x", body: Array("[1]".utf8))
        #expect(try await request.readBody() == Array("[1]".utf8))
        #expect(try await request.json() == [1])
    }

    @Test func logsWhatAHandlerThrows() async throws {
        let log = RecordingLog()
        let failing = try application(log: log) { _ in
            throw PyException(type: "JSONDecodeError", message: "Expecting value", module: "json.decoder")
        }
        let response = try await failing.respond(
            to: ServiceRequest(method: "POST", target: "/x", remoteAddress: "10.0.0.9"))
        #expect(response.status == 500 && response.forceClose)
        #expect(
            log.all == [
                ["ERROR", "Error handling request from 10.0.0.9", "json.decoder.JSONDecodeError: Expecting value"]
            ])
    }

    @Test func raisedAnswersAreNotErrors() async throws {
        let log = RecordingLog()
        let raising = try application(log: log) { _ in throw ResponseError(.exception(403)) }
        let response = try await raising.respond(to: ServiceRequest(method: "POST", target: "/x"))
        #expect(response.status == 403)
        #expect(text(response) == "403: Forbidden")
        #expect(log.all.isEmpty)
    }
}
