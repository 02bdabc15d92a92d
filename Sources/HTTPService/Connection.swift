import NIOCore
import PythonSemantics

/// Serves the requests of one connection in order, as aiohttp's `RequestHandler.start` does.
struct Connection {
    let application: HTTPApplication
    let clock: HTTPClock
    let lifetime: ConnectionLifetime
    let reader: ConnectionReader
    let writer: ConnectionWriter
    let remote: String
    /// How long an unread body is still read and dropped after the answer.
    let lingering: TimeAmount

    /// Returns when the connection has to be closed.
    func run() async {
        var count = 0
        while true {
            let next = await reader.next()
            if case .end = next { return }
            guard lifetime.begin() else { return }
            count += 1
            let goesOn: Bool
            switch next {
            case .message(let message): goesOn = await serve(message)
            case .failure(let failure): goesOn = await refuse(failure, isFirstRequest: count == 1)
            case .end: return
            }
            guard goesOn, lifetime.end() else { return }
        }
    }

    private func refuse(_ failure: HTTPParseFailure, isFirstRequest: Bool) async -> Bool {
        let start = clock.now()
        let response = application.answer(to: failure, remote: remote, isFirstRequest: isFirstRequest)
        let head = RequestHead.unparsable
        return await finish(response, head, RequestTarget(bytes: head.target), start) ?? false
    }

    /// True when another request may follow.
    private func serve(_ message: RequestParser.Message) async -> Bool {
        let start = clock.now()
        let head = message.head
        let target = RequestTarget(bytes: head.target, isAuthority: head.method == "CONNECT")
        if !message.body.exists { message.body.isComplete = message.body.isComplete || head.method != "CONNECT" }
        let body = RequestBody(incoming: message.body, source: reader)
        let request = ServiceRequest(head: head, target: target, body: body, remoteAddress: remote)
        guard let response = await answer(request) else { return false }
        guard let keepAlive = await finish(response, head, target, start) else { return false }
        // A CONNECT has no end of body.
        return body.isFinished ? keepAlive : await linger(body) && keepAlive
    }

    /// nil: the server stops, or the client is gone.
    private func answer(_ request: ServiceRequest) async -> ServiceResponse? {
        if let expect = request.header("Expect"), !expect.isEmpty, request.head.isHTTP11 {
            guard expect.lowercased() == "100-continue" else {
                return .exception(417, text: "Unknown Expect: \(expect)")
            }
            guard (try? await writer.send(ByteBuffer(string: "HTTP/1.1 100 Continue\r\n\r\n"))) != nil else {
                return nil
            }
            _ = writer.takeCount()
        }
        return try? await application.respond(to: request)
    }

    /// Sends the answer and writes the access line. nil: the connection is of no more use.
    ///
    /// The line is written before the answer's last bytes leave: a client that has its answer finds the line in the log,
    /// and the lines of requests it sends one after the other are in that order, whichever connections they take.
    private func finish(
        _ response: ServiceResponse, _ request: RequestHead, _ target: RequestTarget, _ start: Double
    ) async -> Bool? {
        var keepAlive: Bool?
        let log = application.log
        let line = AccessNote(writer: writer) { [clock, remote] bytes in
            guard response.isLogged else { return }
            log.access(
                AccessLog.line(
                    request, target: target, remote: remote, start: clock.logTime(start), status: response.status,
                    bytes: bytes))
        }
        do {
            keepAlive = try await send(response, request, line)
        } catch let error as ProducerFailure {
            // Part of the answer is out: the error can only be logged, aiohttp writes no access line.
            log.error(
                "Error handling request from \(remote)",
                traceback: HTTPApplication.traceback(describe(error.cause)))
            return nil
        } catch is ResponseHead.IllegalHeader {
            log.error(
                "Unhandled exception",
                traceback: HTTPApplication.traceback(
                    "ValueError: Newline or carriage return detected in headers. Potential header injection attack."))
            return nil
        } catch {
            keepAlive = nil
        }
        line.write()
        return keepAlive
    }

    private func describe(_ error: any Error) -> String {
        (error as? PyException)?.description ?? "\(type(of: error)): \(error)"
    }

    private struct ProducerFailure: Error {
        let cause: any Error
    }

    private func send(
        _ response: ServiceResponse, _ request: RequestHead, _ line: AccessNote
    ) async throws -> Bool {
        guard !reader.hasEnded, writer.channel.isActive else { throw ChannelError.ioOnClosedChannel }
        guard case .bytes(let bytes) = response.body else { return try await stream(response, request, line) }
        var buffer = writer.channel.allocator.buffer(capacity: bytes.count + 320)
        let head = try ResponseHead(response, for: request, clock: clock, into: &buffer)
        if head.sendsBody {
            if head.framing == .chunked {
                if !bytes.isEmpty { Self.writeChunk(ByteBuffer(bytes: bytes), into: &buffer) }
                buffer.writeStaticString("0\r\n\r\n")
            } else {
                buffer.writeBytes(bytes)
            }
        }
        line.write(before: buffer)
        if head.keepAlive {
            try await writer.send(buffer)
        } else {
            try await writer.sendAndWait(buffer)
        }
        return head.keepAlive
    }

    /// The head leaves with the first piece of the body, as in aiohttp.
    private func stream(
        _ response: ServiceResponse, _ request: RequestHead, _ line: AccessNote
    ) async throws -> Bool {
        guard case .stream(let produce) = response.body else { return false }
        var buffer = writer.channel.allocator.buffer(capacity: 512)
        let head = try ResponseHead(response, for: request, clock: clock, into: &buffer)
        if !head.sendsBody || head.bodyLength == 0 { line.write(before: buffer) }
        try await writer.send(buffer)
        if head.sendsBody {
            line.expect(head.bodyLength)
            let writer = writer
            let isChunked = head.framing == .chunked
            do {
                try await produce(
                    ResponseBodyWriter { piece in
                        guard isChunked else {
                            line.body(piece)
                            return try await writer.send(piece)
                        }
                        var framed = writer.channel.allocator.buffer(capacity: piece.readableBytes + 16)
                        Self.writeChunk(piece, into: &framed)
                        try await writer.send(framed)
                    })
            } catch {
                guard writer.channel.isActive else { throw error }
                throw ProducerFailure(cause: error)
            }
            if isChunked {
                let end = ByteBuffer(staticString: "0\r\n\r\n")
                line.write(before: end)
                try await writer.send(end)
            }
        }
        if !head.keepAlive { try await writer.sendAndWait(ByteBuffer()) }
        return head.keepAlive
    }

    private static func writeChunk(_ piece: ByteBuffer, into buffer: inout ByteBuffer) {
        buffer.writeString(String(piece.readableBytes, radix: 16))
        buffer.writeStaticString("\r\n")
        buffer.writeImmutableBuffer(piece)
        buffer.writeStaticString("\r\n")
    }

    /// Reads on after the answer so that a client still sending gets to see it. False: close.
    private func linger(_ body: RequestBody) async -> Bool {
        let channel = writer.channel
        let deadline = channel.eventLoop.scheduleTask(in: lingering) { channel.close(promise: nil) }
        defer { deadline.cancel() }
        do throws(PyException) {
            return try await body.drain()
        } catch {
            if !body.isForwarded {
                application.log.error(
                    "Unhandled exception", traceback: body.causes + HTTPApplication.traceback(error.description))
            }
            return false
        }
    }
}
