import NIOCore
import PythonSemantics

/// One request as a handler sees it: what `aiohttp.web.Request` offers, no more than the legacy uses.
package struct ServiceRequest: Sendable {
    package let head: RequestHead
    /// Decoded path and query, made once per request.
    package let target: RequestTarget
    /// The body; it can be read once per request, results are cached.
    package let body: RequestBody
    /// Address of the client without port, as `request.remote`; empty on a unix socket.
    package var remoteAddress: String
    /// Values of the `{name}` segments of the matched route, decoded.
    package var pathParameters: [String: String] = [:]

    init(head: RequestHead, target: RequestTarget, body: RequestBody, remoteAddress: String) {
        self.head = head
        self.target = target
        self.body = body
        self.remoteAddress = remoteAddress
    }

    /// A request that did not come over a socket: tests, replay, a proxy's own calls.
    /// - Parameter target: path and query as on the request line, percent-encoded.
    package init(
        method: String, target: String, headers: [(String, String)] = [], body: [UInt8] = [],
        remoteAddress: String = "127.0.0.1"
    ) {
        let head = RequestHead(
            method: method, version: (1, 1), target: Array(target.utf8), headers: RequestHeaders(headers),
            shouldClose: false, contentCoding: nil)
        self.init(
            head: head, target: RequestTarget(bytes: head.target), body: RequestBody(bytes: body),
            remoteAddress: remoteAddress)
    }

    package var method: String { head.method }
    /// Path and query exactly as sent.
    package var rawTarget: String { String(decoding: head.target, as: UTF8.self) }
    /// `request.path`: percent-decoded.
    package var path: String { target.path }

    /// `request.headers.get(name)`.
    package func header(_ name: String) -> String? { head.headers[name] }
    package var headers: RequestHeaders { head.headers }

    /// `request.query.get(name)`: the first value; `+` is a space, a name without `=` has the value "".
    package func query(_ name: String) -> String? {
        target.query.first { $0.name.utf8.elementsEqual(name.utf8) }?.value
    }
    /// `request.query.get(name, fallback)`.
    package func query(_ name: String, default fallback: String) -> String { query(name) ?? fallback }
    /// All pairs in order.
    package var queryItems: [(name: String, value: String)] { target.query }
}

extension ServiceRequest {
    /// `await request.read()`: the decompressed body.
    ///
    /// Throws `HTTPRequestEntityTooLarge` with the text `Request Entity Too Large` from 1,048,576 decompressed bytes on
    /// (left uncaught it becomes the 413 answer), `RequestPayloadError` for a broken gzip stream, and
    /// `ConnectionResetError` when the client went away.
    package func readBody() async throws(PyException) -> [UInt8] { try await body.read() }

    /// `await request.json()`: body decoded with the Content-Type's charset or UTF-8, then `json.loads`.
    package func json() async throws(PyException) -> PyValue {
        let bytes = try await body.read()
        return try PyJSON.decodeBody(bytes, charset: charset)
    }

    /// `request.charset`: the `charset` parameter of Content-Type.
    package var charset: String? { header("Content-Type").flatMap(ContentType.charset(of:)) }

    /// Hands the body on as it arrives, **not** decompressed and without a limit, for a proxy. Nothing may have been
    /// read before. Back-pressure: the next piece is read from the socket when `consume` has returned.
    package func forEachBodyChunk(_ consume: (ByteBuffer) async throws -> Void) async throws {
        while let chunk = try await body.nextRawChunk() { try await consume(chunk) }
    }
    /// Whether a body was announced (Content-Length above 0, or chunked).
    package var hasBody: Bool { body.exists }
}
