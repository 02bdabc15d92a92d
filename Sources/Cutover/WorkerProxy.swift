import AsyncHTTPClient
import Foundation
import HTTPService
import NIOCore
import NIOHTTP1
import PythonSemantics
import Synchronization

/// Hands requests to the legacy worker over its unix socket and passes its answers on, byte for byte.
package final class WorkerProxy: Sendable {
    /// How many requests went which way since start.
    package struct Counters: Sendable, Equatable {
        package var served = 0
        package var unavailable = 0
        package var failed = 0
    }

    private let worker: LegacyWorker
    private let exchange: StoreExchange?
    private let client: HTTPClient
    private let counters = Mutex(Counters())

    /// - Parameter exchange: brings the worker up to date before it is asked.
    package init(worker: LegacyWorker, exchange: StoreExchange? = nil) {
        self.worker = worker
        self.exchange = exchange
        var configuration = HTTPClient.Configuration(
            redirectConfiguration: .disallow, timeout: .init(connect: .seconds(5), read: nil))
        configuration.httpVersion = .http1Only
        // Retrying would run a legacy handler twice.
        configuration.connectionPool.retryConnectionEstablishment = false
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    package var counts: Counters { counters.withLock { $0 } }

    /// Closes the connections and leaves the counters in the toolkit's log.
    package func shutdown() async {
        let counts = counts
        worker.note(
            "requests that were not native: \(counts.served) served by the legacy worker, "
                + "\(counts.unavailable) while it was not there, \(counts.failed) failed")
        try? await client.shutdown()
    }

    /// 503 with a reason when there is no worker to ask at the moment.
    package func forward(_ request: ServiceRequest) async throws -> ServiceResponse {
        await worker.waitForFirstStart(seconds: 30)
        guard case .ready = worker.current else {
            worker.wakeUp()
            counters.withLock { $0.unavailable += 1 }
            return try Self.refusal(503, "legacy_worker_unavailable", request, detail: describe(worker.current))
        }
        do {
            let response = try await delivered(request)
            exchange?.legacyRan()
            counters.withLock { $0.served += 1 }
            return response
        } catch let silence as WorkerPulse.Silence {
            counters.withLock { $0.unavailable += 1 }
            return try Self.refusal(503, "legacy_worker_silent", request, detail: silence.description)
        } catch {
            counters.withLock { $0.failed += 1 }
            return try Self.refusal(503, "legacy_worker_failed", request, detail: String(describing: error))
        }
    }

    /// Brings the worker up to date and asks it. A worker that is busy is waited for as long as the client waits, one that
    /// gives no sign of life is not: what it has not been sent then is not done, what it has may still be done later.
    private func delivered(_ request: ServiceRequest) async throws -> ServiceResponse {
        guard let exchange else { return try await send(request) }
        try await exchange.expectLife()
        return try await exchange.watching { [self] in
            try await exchange.synchronize()
            return try await send(request)
        }
    }

    /// The answer of a route that nothing here can serve.
    package static func notImplemented(_ request: ServiceRequest) throws -> ServiceResponse {
        try refusal(
            501, "not_implemented", request,
            detail: "this route is not native yet and no legacy worker is configured")
    }

    private static func refusal(
        _ status: Int, _ error: PyString, _ request: ServiceRequest, detail: String
    ) throws -> ServiceResponse {
        try .json(
            .dict([
                "error": .string(error), "reason": .string(PyString(detail)),
                "method": .string(PyString(request.method)), "path": .string(PyString(request.path)),
            ]), status: status)
    }

    private func describe(_ state: LegacyWorker.State) -> String {
        switch state {
        case .idle, .starting: "the legacy worker is starting"
        case .ready(let pid): "the legacy worker (pid \(pid)) did not answer"
        case .waiting(let reason, let seconds): "the legacy worker ended (\(reason)); next start within \(seconds) s"
        case .stopped: "the node is stopping"
        }
    }

    private func send(_ request: ServiceRequest) async throws -> ServiceResponse {
        let host = worker.configuration.socketPath.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
        // Percent escapes that are no UTF-8 get lost in a URL.
        let fits = request.rawTarget.removingPercentEncoding != nil
        var outgoing = HTTPClientRequest(url: "http+unix://\(host)\(fits ? request.rawTarget : "/")")
        if !fits { outgoing.headers.add(name: "X-Ringrift-Target", value: request.rawTarget) }
        outgoing.method = HTTPMethod(rawValue: request.method)
        var length: Int64?
        for (name, value) in request.headers.pairs where !Self.withheld.contains(name.lowercased()) {
            outgoing.headers.add(name: name, value: value)
        }
        if let text = request.header("Content-Length") { length = Int64(text) }
        outgoing.headers.add(name: "X-Ringrift-Remote", value: request.remoteAddress)
        if request.hasBody {
            let body = RequestBodyBytes(request: request)
            outgoing.body = length.map { .stream(body, length: .known($0)) } ?? .stream(body, length: .unknown)
        }
        // Legacy handlers block for minutes legitimately: the client decides how long it waits.
        let response = try await client.execute(outgoing, timeout: .hours(24))
        let headers = response.headers.map { (name: $0.name, value: $0.value) }
        let body = response.body
        // NIO drops the phrase that was sent and has its own for known codes: aiohttp's standard one is put back.
        return .proxied(
            status: Int(response.status.code), reason: nil, headers: headers,
            body: .stream { writer in
                for try await piece in body { try await writer.write(piece) }
            })
    }

    /// What belongs to one connection, and the names with which the front speaks to the worker.
    private static let withheld: Set<String> = [
        "connection", "keep-alive", "transfer-encoding", "content-length", "upgrade", "te", "trailer", "expect",
        "x-ringrift-remote", "x-ringrift-scheme", "x-ringrift-host", "x-ringrift-request", "x-ringrift-contain",
        "x-ringrift-target", "x-ringrift-drill",
    ]
}

/// The raw body of a request as the asynchronous sequence that AsyncHTTPClient sends.
private struct RequestBodyBytes: AsyncSequence, Sendable {
    typealias Element = ByteBuffer
    let request: ServiceRequest

    struct AsyncIterator: AsyncIteratorProtocol {
        let request: ServiceRequest
        mutating func next() async throws -> ByteBuffer? { try await request.body.nextRawChunk() }
    }

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(request: request) }
}
