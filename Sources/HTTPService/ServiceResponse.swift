import NIOCore
import PythonSemantics

/// An answer. `headers` are sent in order, then Content-Length, Date, Server and Connection as aiohttp adds them.
package struct ServiceResponse: Sendable {
    package enum Body: Sendable {
        case bytes([UInt8])
        /// Produced piece by piece. Without a Content-Length header it is sent chunked (HTTP/1.1) or until close (1.0).
        case stream(@Sendable (ResponseBodyWriter) async throws -> Void)
    }

    package var status: Int
    /// Reason phrase; nil = the standard one.
    package var reason: String?
    package var headers: [(name: String, value: String)]
    package var body: Body
    /// Close the connection after this answer, as aiohttp does after a 500.
    package var forceClose = false
    /// Whether it has a line in the access log; what the legacy has no route for may go without.
    package var isLogged = true
    /// The answer of another aiohttp server, passed on: headers go out exactly as given (Date and Server included),
    /// `Transfer-Encoding: chunked` and `Connection: close` among them are honoured.
    package var isProxied = false

    package init(
        status: Int = 200, reason: String? = nil, headers: [(name: String, value: String)] = [], body: Body = .bytes([])
    ) {
        self.status = status
        self.reason = reason
        self.headers = headers
        self.body = body
    }

    /// `web.json_response(value, status=…, headers=…)`: custom headers first.
    package static func json(
        _ value: PyValue, status: Int = 200, headers: [(name: String, value: String)] = []
    ) throws(PyException) -> ServiceResponse {
        json(bytes: try PyJSON.dumps(value), status: status, headers: headers)
    }

    /// JSON text that is already there.
    package static func json(
        bytes: [UInt8], status: Int = 200, headers: [(name: String, value: String)] = []
    ) -> ServiceResponse {
        typed(bytes, "application/json; charset=utf-8", status, headers)
    }

    /// `web.Response(text=…)`.
    package static func text(
        _ text: String, status: Int = 200, headers: [(name: String, value: String)] = []
    ) -> ServiceResponse {
        typed(Array(text.utf8), "text/plain; charset=utf-8", status, headers)
    }

    /// `web.Response(text=…, content_type="text/html")`.
    package static func html(
        _ text: String, status: Int = 200, headers: [(name: String, value: String)] = []
    ) -> ServiceResponse {
        typed(Array(text.utf8), "text/html; charset=utf-8", status, headers)
    }

    /// Bytes with a content type of their own (`web.Response(body=…, content_type=…)`).
    package static func data(
        _ bytes: [UInt8], contentType: String, status: Int = 200, headers: [(name: String, value: String)] = []
    ) -> ServiceResponse {
        typed(bytes, contentType, status, headers)
    }

    /// `raise web.HTTPFound(location)`.
    package static func found(_ location: String) -> ServiceResponse {
        var response = text("302: Found", status: 302)
        response.headers.append(("Location", location))
        return response
    }

    /// The text/plain answer of an aiohttp `HTTPException`: `{status}: {reason}` unless `text` is given.
    package static func exception(
        _ status: Int, text: String? = nil, headers: [(name: String, value: String)] = []
    ) -> ServiceResponse {
        var response = ServiceResponse.text(text ?? "\(status): \(ReasonPhrase.of(status))", status: status)
        response.headers += headers
        return response
    }

    /// A streamed answer of this server.
    package static func stream(
        status: Int = 200, headers: [(name: String, value: String)],
        _ produce: @escaping @Sendable (ResponseBodyWriter) async throws -> Void
    ) -> ServiceResponse {
        ServiceResponse(status: status, headers: headers, body: .stream(produce))
    }

    /// Another aiohttp server's answer; `body` pieces are de-chunked payload.
    package static func proxied(
        status: Int, reason: String?, headers: [(name: String, value: String)], body: Body
    ) -> ServiceResponse {
        var response = ServiceResponse(status: status, reason: reason, headers: headers, body: body)
        response.isProxied = true
        return response
    }

    private static func typed(
        _ bytes: [UInt8], _ type: String, _ status: Int, _ headers: [(name: String, value: String)]
    ) -> ServiceResponse {
        var all = headers
        all.append(("Content-Type", type))
        return ServiceResponse(status: status, headers: all, body: .bytes(bytes))
    }
}

/// An answer raised from deep inside a handler, like aiohttp's `HTTPException`: not an error for the log.
package struct ResponseError: Error {
    package let response: ServiceResponse
    package init(_ response: ServiceResponse) { self.response = response }
}
