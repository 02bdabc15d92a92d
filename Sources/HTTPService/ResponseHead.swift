import NIOCore

/// Status line and headers of one answer, with the framing aiohttp chooses.
struct ResponseHead {
    enum Framing {
        /// A Content-Length, or nothing where no body may follow.
        case plain
        case chunked
        /// The body ends with the connection (HTTP/1.0, or a proxied answer without length).
        case untilClose
    }

    /// Line ends in a header value would let it forge headers; aiohttp refuses to send such an answer.
    struct IllegalHeader: Error {}

    var framing = Framing.plain
    /// HEAD, 204, 304 and 1xx have no body.
    var sendsBody: Bool
    /// The Content-Length that is sent, nil without one.
    private(set) var bodyLength: Int?
    var keepAlive: Bool

    /// Decides framing and writes the head into `buffer`.
    init(
        _ response: ServiceResponse, for request: RequestHead, clock: HTTPClock, into buffer: inout ByteBuffer
    ) throws(IllegalHeader) {
        let status = response.status
        let noContent = status == 204 || status == 304 || (100..<200).contains(status)
        sendsBody = !noContent && request.method != "HEAD"
        keepAlive = !request.shouldClose && !response.forceClose
        buffer.writeString("HTTP/\(request.version.major).\(request.version.minor) \(status) ")
        buffer.writeString(response.reason ?? ReasonPhrase.of(status))
        buffer.writeStaticString("\r\n")
        if response.isProxied {
            try writeProxied(response, request, &buffer)
        } else {
            try writeOwn(response, request, noContent, clock, &buffer)
        }
        buffer.writeStaticString("\r\n")
    }

    private mutating func writeOwn(
        _ response: ServiceResponse, _ request: RequestHead, _ noContent: Bool, _ clock: HTTPClock,
        _ buffer: inout ByteBuffer
    ) throws(IllegalHeader) {
        var hasType = false
        var hasConnection = false
        var hasLength = false
        for (name, value) in response.headers {
            if name.isHeader("Content-Length") {
                if noContent { continue }
                hasLength = true
                bodyLength = Int(value)
            }
            if name.isHeader("Content-Type") { hasType = true }
            if name.isHeader("Connection") { hasConnection = true }
            try Self.write(name, value, &buffer)
        }
        switch response.body {
        case .bytes(let bytes):
            if !hasType, sendsBody, !bytes.isEmpty { try Self.write("Content-Type", Self.defaultType, &buffer) }
            if !hasLength, !noContent, !bytes.isEmpty || request.method != "HEAD" {
                try Self.write("Content-Length", String(bytes.count), &buffer)
            }
        case .stream where sendsBody && !hasLength:
            if request.isHTTP11 {
                framing = .chunked
                try Self.write("Transfer-Encoding", "chunked", &buffer)
            } else {
                framing = .untilClose
                keepAlive = false
            }
            fallthrough
        case .stream:
            if !hasType, sendsBody { try Self.write("Content-Type", Self.defaultType, &buffer) }
        }
        buffer.writeBytes(clock.dateAndServer)
        guard !hasConnection else { return }
        if keepAlive {
            if request.isHTTP10 { buffer.writeStaticString("Connection: keep-alive\r\n") }
        } else if request.isHTTP11 {
            buffer.writeStaticString("Connection: close\r\n")
        }
    }

    private static let defaultType = "application/octet-stream"

    /// Another server's headers as they are. It was asked with the client's version and method, so only framing and
    /// the end of the connection are looked at.
    private mutating func writeProxied(
        _ response: ServiceResponse, _ request: RequestHead, _ buffer: inout ByteBuffer
    ) throws(IllegalHeader) {
        var hasLength = false
        var isChunked = false
        for (name, value) in response.headers {
            if name.isHeader("Content-Length") {
                hasLength = true
                bodyLength = Int(value)
            }
            if name.isHeader("Transfer-Encoding") {
                guard request.isHTTP11 else { continue }
                isChunked = value.lowercased() == "chunked"
            }
            if name.isHeader("Connection"), value.lowercased() == "close" { keepAlive = false }
            try Self.write(name, value, &buffer)
        }
        guard sendsBody else { return }
        if isChunked {
            framing = .chunked
        } else if !hasLength {
            framing = .untilClose
            keepAlive = false
        }
    }

    private static func write(
        _ name: String, _ value: String, _ buffer: inout ByteBuffer
    ) throws(IllegalHeader) {
        guard !value.utf8.contains(where: { $0 == 13 || $0 == 10 }),
            !name.utf8.contains(where: { $0 == 13 || $0 == 10 })
        else { throw IllegalHeader() }
        buffer.writeString(name)
        buffer.writeStaticString(": ")
        buffer.writeString(value)
        buffer.writeStaticString("\r\n")
    }
}

extension String {
    /// ASCII case ignored.
    func isHeader(_ name: StaticString) -> Bool {
        guard utf8.count == name.utf8CodeUnitCount else { return false }
        return name.withUTF8Buffer { wanted in
            utf8.elementsEqual(wanted) { lowered($0) == lowered($1) }
        }
    }
}
