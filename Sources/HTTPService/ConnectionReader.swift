import NIOConcurrencyHelpers
import NIOCore
import PythonSemantics

/// The reading side of one connection: pulls bytes, parses them, queues requests. Nothing is read ahead of need, so a
/// client that sends faster than a handler reads is held back by TCP.
final class ConnectionReader: @unchecked Sendable {
    // @unchecked: one caller at a time. The connection's task reads between requests, the handler of the current
    // request reads through its RequestBody, whose lock keeps concurrent readers out; the two never overlap because the
    // connection waits for the handler, and `isPulling` traps a handler that kept the request after it had answered.

    enum Next {
        case message(RequestParser.Message)
        case failure(HTTPParseFailure)
        case end
    }

    private var iterator: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
    private let parser = RequestParser()
    private var ready: [RequestParser.Message] = []
    private var failure: HTTPParseFailure?
    /// Nothing more is parsed once the input was found broken.
    private var isBroken = false
    private let lock = NIOLock()
    private var isPulling = false
    private var ended = false

    init(_ iterator: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator) {
        self.iterator = iterator
    }

    func next() async -> Next {
        while ready.isEmpty {
            if let failure {
                self.failure = nil
                return .failure(failure)
            }
            guard let more = try? await pull(), more else { return .end }
        }
        return .message(ready.removeFirst())
    }

    /// The client was seen to leave; aiohttp sends nothing more then, even if it only closed its sending side.
    var hasEnded: Bool { lock.withLock { ended } }

    /// Reads and parses one piece; false at the end of the connection.
    func pull() async throws(PyException) -> Bool {
        let free = lock.withLock { () -> Bool in
            defer { isPulling = true }
            return !isPulling
        }
        guard free else {
            throw PyException(
                type: "RuntimeError",
                message: "readany() called while another coroutine is already waiting for incoming data")
        }
        defer { lock.withLock { isPulling = false } }
        guard let piece = await nextPiece() else {
            lock.withLock { ended = true }
            return false
        }
        guard !isBroken else { return true }
        do throws(HTTPParseFailure) {
            ready += try parser.feed(piece)
        } catch {
            isBroken = true
            failure = error
        }
        return true
    }

    private func nextPiece() async -> ByteBuffer? {
        var iterator = self.iterator
        defer { self.iterator = iterator }
        return (try? await iterator.next()) ?? nil
    }
}
