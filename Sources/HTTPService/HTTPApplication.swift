import PythonSemantics

/// Routes, middleware and the answers to everything a handler can throw. No sockets: tests call ``respond(to:)``.
package struct HTTPApplication: Sendable {
    package let routes: RouteTable
    package let log: any HTTPLog
    private let chain: RouteHandler

    package init(routes: RouteTable, middleware: [Middleware] = [], log: any HTTPLog) {
        self.routes = routes
        self.log = log
        let route: RouteHandler = { request in try await Self.route(request, routes) }
        chain = middleware.reversed().reduce(route) { next, layer in { request in try await layer(request, next) } }
    }

    private static func route(_ request: ServiceRequest, _ routes: RouteTable) async throws -> ServiceResponse {
        switch routes.match(request) {
        case .found(let route, let parameters):
            var request = request
            request.pathParameters = parameters
            return try await route.handler(request)
        case .notFound:
            return .exception(404)
        case .methodNotAllowed(let allowed):
            return .exception(405, headers: [("Allow", allowed.joined(separator: ","))])
        }
    }

    /// The answer to a request. What a handler throws is turned into one and logged as the legacy does; only
    /// `CancellationError` comes through, when the server stops before the handler has answered.
    package func respond(to request: ServiceRequest) async throws(CancellationError) -> ServiceResponse {
        do {
            return try await chain(request)
        } catch let error as ResponseError {
            return error.response
        } catch let error as CancellationError {
            throw error
        } catch let error as PyException {
            return answer(to: error, request)
        } catch {
            return internalError(request, lastLine: "\(type(of: error)): \(error)")
        }
    }

    private func answer(to error: PyException, _ request: ServiceRequest) -> ServiceResponse {
        switch error.type {
        case "HTTPRequestEntityTooLarge":
            return .exception(413, text: request.body.oversizeText)
        case "TimeoutError" where error.module == nil || error.module == "asyncio":
            // asyncio.TimeoutError is the built-in one since Python 3.11; aiohttp logs no traceback for it.
            log.error(Self.logText(request), traceback: [])
            var response = ServiceResponse.data([], contentType: "text/plain", status: 504)
            response.forceClose = true
            return response
        default:
            let causes = error.type == "RequestPayloadError" ? request.body.causes : []
            return internalError(request, lastLine: error.description, causes: causes)
        }
    }

    /// aiohttp's 500, which ends the connection.
    private func internalError(
        _ request: ServiceRequest, lastLine: String, causes: [String] = []
    ) -> ServiceResponse {
        log.error(Self.logText(request), traceback: causes + Self.traceback(lastLine))
        let title = "500 Internal Server Error"
        let message = "Server got itself in trouble"
        var response: ServiceResponse
        if request.header("Accept")?.contains("text/html") == true {
            response = .html(
                "<html><head><title>\(title)</title></head><body>\n<h1>\(title)</h1>\n\(message)\n</body></html>\n",
                status: 500)
        } else {
            response = .text("\(title)\n\n\(message)", status: 500)
        }
        response.forceClose = true
        return response
    }

    /// The 400 to unparsable input.
    func answer(to failure: HTTPParseFailure, remote: String, isFirstRequest: Bool) -> ServiceResponse {
        if !(failure.isBadMethod && isFirstRequest) {
            log.error("Error handling request from \(remote)", traceback: failure.traceback)
        }
        var response = ServiceResponse.text(failure.message, status: 400)
        response.forceClose = true
        return response
    }

    private static func logText(_ request: ServiceRequest) -> String {
        "Error handling request from \(request.remoteAddress)"
    }

    static func traceback(_ lastLine: String) -> [String] {
        ["Traceback (most recent call last):"]
            + lastLine.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }
}
