import CNIOLLHTTP
import NIOCore
import PythonSemantics

/// aiohttp's C request parser: the same llhttp, the same settings, the same checks on top (strict mode, lines of at most
/// 8190 bytes), so that it accepts and refuses what the legacy does, with the same words.
///
/// llhttp comes with swift-nio; its own decoder is not used because it keeps neither reason nor position of an error.
/// Belongs to one ``ConnectionReader``; used by one task at a time.
final class RequestParser {
    struct Message {
        let head: RequestHead
        let body: IncomingBody
    }

    static let lineLimit = 8190
    /// Names and values of one head together; the legacy has no such bound. Beyond it the request is refused.
    static let headLimit = 4_194_304

    private let parser: UnsafeMutablePointer<llhttp_t>
    private let settings: UnsafeMutablePointer<llhttp_settings_t>
    /// What callbacks work on while a piece is parsed.
    private var piece = ByteBuffer()
    private var base: UnsafeRawPointer?
    private var target: [UInt8] = []
    private var headerBytes: [UInt8] = []
    private var fields: [RequestHeaders.Field] = []
    private var name: [UInt8] = []
    private var value: [UInt8] = []
    private var hasValue = false
    private var fresh: [Message] = []
    private var openBody: IncomingBody?
    private var callbackFailure: HTTPParseFailure?
    private var payloadFailed = false

    init() {
        parser = .allocate(capacity: 1)
        parser.initialize(to: llhttp_t())
        settings = .allocate(capacity: 1)
        settings.initialize(to: llhttp_settings_t())
        c_nio_llhttp_settings_init(settings)
        settings.pointee.on_message_begin = { RequestParser.of($0).messageBegin() }
        settings.pointee.on_url = { RequestParser.of($0).url($1, $2) }
        settings.pointee.on_header_field = { RequestParser.of($0).headerField($1, $2) }
        settings.pointee.on_header_value = { RequestParser.of($0).headerValue($1, $2) }
        settings.pointee.on_headers_complete = { RequestParser.of($0).headersComplete() }
        settings.pointee.on_body = { RequestParser.of($0).body($1, $2) }
        settings.pointee.on_message_complete = { RequestParser.of($0).messageComplete() }
        c_nio_llhttp_init(parser, HTTP_REQUEST, settings)
        parser.pointee.data = Unmanaged.passUnretained(self).toOpaque()
    }

    deinit {
        parser.deallocate()
        settings.deallocate()
    }

    /// Parses a piece of input. Gives the requests whose heads it completed; their bodies, and the one that was open
    /// before, fill as further pieces come. When the piece has an error, requests that began in it are lost.
    func feed(_ buffer: ByteBuffer) throws(HTTPParseFailure) -> [Message] {
        piece = buffer
        defer {
            piece = ByteBuffer()
            base = nil
        }
        let failure = buffer.withUnsafeReadableBytes { data -> HTTPParseFailure? in
            base = data.baseAddress
            let code = c_nio_llhttp_execute_swift(parser, data.baseAddress, data.count)
            if code == HPE_PAUSED_UPGRADE {
                // What follows CONNECT or an upgrade request in the same piece is dropped.
                c_nio_llhttp_resume_after_upgrade(parser)
                return nil
            }
            guard code != HPE_OK, !payloadFailed else { return nil }
            return describe(code, data)
        }
        let messages = fresh
        fresh.removeAll(keepingCapacity: true)
        if let failure {
            openBody = nil
            throw failure
        }
        return messages
    }

    private func describe(_ code: llhttp_errno_t, _ data: UnsafeRawBufferPointer) -> HTTPParseFailure {
        if let failure = callbackFailure {
            callbackFailure = nil
            return failure
        }
        let reason = c_nio_llhttp_get_error_reason(parser).map { String(cString: $0) } ?? ""
        let position = c_nio_llhttp_get_error_pos(parser).flatMap { at in
            data.baseAddress.map { UnsafeRawPointer(at) - $0 }
        }
        let type =
            switch code {
            case HPE_INVALID_METHOD: "BadHttpMethod"
            case HPE_INVALID_STATUS, HPE_INVALID_VERSION: "BadStatusLine"
            case HPE_INVALID_URL: "InvalidURLError"
            default: "BadHttpMessage"
            }
        return .syntax(type, reason: reason, data: data, position: min(max(0, position ?? 0), data.count))
    }
}

// Callbacks: 0 goes on, -1 stops with `callbackFailure` (or a failed payload).
extension RequestParser {
    private static func of(_ parser: UnsafeMutablePointer<llhttp_t>?) -> RequestParser {
        guard let data = parser?.pointee.data else { preconditionFailure("llhttp calls back with its parser set") }
        return Unmanaged<RequestParser>.fromOpaque(data).takeUnretainedValue()
    }

    private func fail(_ failure: HTTPParseFailure) -> CInt {
        callbackFailure = failure
        return -1
    }

    private func messageBegin() -> CInt {
        target.removeAll(keepingCapacity: true)
        headerBytes = []
        fields = []
        return 0
    }

    private func url(_ at: UnsafePointer<CChar>?, _ length: Int) -> CInt {
        guard length <= Self.lineLimit, target.count + length <= Self.headLimit else {
            return fail(.lineTooLong("Status line", size: length))
        }
        target.append(contentsOf: UnsafeRawBufferPointer(start: at, count: length))
        return 0
    }

    private func headerField(_ at: UnsafePointer<CChar>?, _ length: Int) -> CInt {
        // Counted before a finished header is set aside, as aiohttp does.
        guard name.count + length <= Self.lineLimit else {
            return fail(.lineTooLong("Header name", size: name.count + length))
        }
        if hasValue { finishHeader() }
        name.append(contentsOf: UnsafeRawBufferPointer(start: at, count: length))
        return 0
    }

    private func headerValue(_ at: UnsafePointer<CChar>?, _ length: Int) -> CInt {
        guard value.count + length <= Self.lineLimit, headerBytes.count <= Self.headLimit else {
            return fail(.lineTooLong("Header value", size: value.count + length))
        }
        value.append(contentsOf: UnsafeRawBufferPointer(start: at, count: length))
        hasValue = true
        return 0
    }

    /// Trailers of a chunked body land here too; the last of them stays pending and becomes the first header of the
    /// next request on the connection, an oddity of aiohttp that is kept.
    private func finishHeader() {
        guard !name.isEmpty else { return }
        let start = Int32(headerBytes.count)
        headerBytes += name
        let middle = Int32(headerBytes.count)
        headerBytes += value
        fields.append(.init(name: start..<middle, value: middle..<Int32(headerBytes.count)))
        name.removeAll(keepingCapacity: true)
        value.removeAll(keepingCapacity: true)
        hasValue = false
    }

    private func headersComplete() -> CInt {
        finishHeader()
        let headers = RequestHeaders(bytes: headerBytes, fields: fields)
        let isConnect = parser.pointee.method == UInt8(HTTP_CONNECT.rawValue)
        if headers.rawValue("Sec-WebSocket-Key1") != nil { return fail(.oldWebSocket) }
        let coding = lastContentCoding(headers)
        if coding == "br" { return fail(.brotli) }
        let head = RequestHead(
            method: String(cString: c_nio_llhttp_method_name(llhttp_method_t(UInt32(parser.pointee.method)))),
            version: (parser.pointee.http_major, parser.pointee.http_minor), target: target, headers: headers,
            shouldClose: c_nio_llhttp_should_keep_alive(parser) == 0, contentCoding: coding)
        let isChunked = parser.pointee.flags & UInt16(F_CHUNKED.rawValue) != 0
        let length = parser.pointee.content_length
        let body = IncomingBody(
            exists: (length > 0 && length < .max) || isChunked || isConnect,
            decoder: coding.map(ContentDecoder.init(coding:)))
        openBody = body
        fresh.append(Message(head: head, body: body))
        return isConnect || upgradesWebSocket(headers) ? 2 : 0
    }

    /// The last Content-Encoding counts, lower-cased; unknown codings are left alone.
    private func lastContentCoding(_ headers: RequestHeaders) -> String? {
        guard let coding = headers.all("Content-Encoding").last?.lowercased() else { return nil }
        return ["gzip", "deflate", "br"].contains(coding) ? coding : nil
    }

    private func upgradesWebSocket(_ headers: RequestHeaders) -> Bool {
        parser.pointee.upgrade != 0 && headers["Upgrade"]?.lowercased() == "websocket"
    }

    private func body(_ at: UnsafePointer<CChar>?, _ length: Int) -> CInt {
        guard let openBody, let at, let base else { return 0 }
        let offset = UnsafeRawPointer(at) - base
        guard let slice = piece.getSlice(at: piece.readerIndex + offset, length: length) else { return 0 }
        if openBody.append(slice) { return 0 }
        payloadFailed = true
        return -1
    }

    private func messageComplete() -> CInt {
        guard let body = openBody else { return 0 }
        openBody = nil
        if body.decoder?.isTruncatedDeflate == true { return fail(.truncatedDeflate) }
        body.isComplete = true
        return 0
    }
}
