import NIOConcurrencyHelpers
import NIOCore
import PythonSemantics

/// What has arrived of one body. Touched only by whoever holds the ``RequestBody`` or parser turn of its connection.
final class IncomingBody {
    /// Content-Length above 0, or chunked.
    let exists: Bool
    /// Not yet taken, still encoded.
    var raw: [ByteBuffer] = []
    /// Decompressed, not yet taken; used only when there is a decoder.
    var decoded: [UInt8] = []
    var decoder: ContentDecoder?
    var isComplete = false
    /// A broken content coding: every read fails from then on.
    var failure: PyException?
    private var decodedTotal = 0

    init(exists: Bool, decoder: ContentDecoder? = nil) {
        self.exists = exists
        self.decoder = decoder
        isComplete = false
    }

    /// Takes in a piece from the parser; false when its coding is broken.
    func append(_ piece: ByteBuffer) -> Bool {
        raw.append(piece)
        guard let decoder else { return true }
        do throws(PyException) {
            let room = max(0, RequestBody.limit - decodedTotal)
            decodedTotal += try decoder.decode(piece.readableBytesView, into: &decoded, limit: room)
            return true
        } catch {
            failure = error
            return false
        }
    }

    func discard() {
        raw.removeAll()
        decoded.removeAll()
    }
}

/// The body of one request, read at most once; safe to hand to any task, but only one may read at a time.
package final class RequestBody: @unchecked Sendable {
    // @unchecked: everything mutable is touched only between `begin` and `end`, which `lock` makes exclusive.

    /// aiohttp's `client_max_size`: reading this many decompressed bytes or more fails.
    package static let limit = 1_048_576

    private let lock = NIOLock()
    private var isReading = false
    private var wasForwarded = false
    private let incoming: IncomingBody
    private let source: ConnectionReader?
    private var cached: [UInt8]?
    private var partial: [UInt8] = []
    private var oversize: Int?

    init(incoming: IncomingBody, source: ConnectionReader) {
        self.incoming = incoming
        self.source = source
    }

    init(bytes: [UInt8]) {
        incoming = IncomingBody(exists: !bytes.isEmpty)
        incoming.raw = bytes.isEmpty ? [] : [ByteBuffer(bytes: bytes)]
        incoming.isComplete = true
        source = nil
    }

    var exists: Bool { incoming.exists }

    /// How much had been read when the limit was hit; nil while it was not.
    package var oversizeCount: Int? { lock.withLock { oversize } }

    /// `Maximum request body size 1048576 exceeded, actual body size {n}`: the text of the 413 answer.
    package var oversizeText: String {
        "Maximum request body size \(Self.limit) exceeded, actual body size \(oversizeCount ?? 0)"
    }

    func read() async throws(PyException) -> [UInt8] {
        try begin()
        defer { end() }
        if let cached { return cached }
        while true {
            if let failure = incoming.failure { throw failure }
            take(into: &partial)
            if partial.count >= Self.limit {
                lock.withLock { oversize = partial.count }
                partial = []
                throw PyException(
                    type: "HTTPRequestEntityTooLarge", message: "Request Entity Too Large",
                    module: "aiohttp.web_exceptions")
            }
            if incoming.isComplete { break }
            try await pull()
        }
        let bytes = partial
        partial = []
        cached = bytes
        return bytes
    }

    private func take(into bytes: inout [UInt8]) {
        if incoming.decoder != nil {
            bytes += incoming.decoded
        } else {
            for piece in incoming.raw { bytes += piece.readableBytesView }
        }
        incoming.discard()
    }

    /// Whether the body was passed on as it came: what is wrong with it is the other server's to tell.
    var isForwarded: Bool { lock.withLock { wasForwarded } }

    /// The next piece as received; nil at the end.
    package func nextRawChunk() async throws(PyException) -> ByteBuffer? {
        try begin()
        lock.withLock { wasForwarded = true }
        defer { end() }
        while incoming.raw.isEmpty {
            if incoming.isComplete { return nil }
            try await pull()
        }
        incoming.decoded.removeAll()
        return incoming.raw.removeFirst()
    }

    private func pull() async throws(PyException) {
        guard let source, try await source.pull() else {
            throw PyException(type: "ConnectionResetError", message: "Connection lost")
        }
    }

    private func begin() throws(PyException) {
        let free = lock.withLock { () -> Bool in
            defer { isReading = true }
            return !isReading
        }
        guard free else {
            throw PyException(
                type: "RuntimeError",
                message: "readany() called while another coroutine is already waiting for incoming data")
        }
    }

    private func end() { lock.withLock { isReading = false } }
}

extension RequestBody {
    /// Reads and drops what the handler left, as aiohttp does after the answer. False when the connection ended first.
    func drain() async throws(PyException) -> Bool {
        try begin()
        defer { end() }
        while true {
            if let failure = incoming.failure { throw failure }
            incoming.discard()
            if incoming.isComplete { return true }
            guard let source, try await source.pull() else { return false }
        }
    }

    /// The log lines above the traceback of an error of this body.
    var causes: [String] { lock.withLock { incoming.decoder?.causes ?? [] } }

    var isFinished: Bool { lock.withLock { !isReading && incoming.isComplete } }
}
