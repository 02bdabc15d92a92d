import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import PythonSemantics

/// Talks to other nodes with AsyncHTTPClient; errors carry the texts of aiohttp's client.
package final class LivePeers: PeerTransport {
    private let client: HTTPClient

    /// Largest answer that is read; more is an error (the legacy has no limit).
    package static let maximumAnswer = 64 * 1024 * 1024

    package init() {
        var configuration = HTTPClient.Configuration(
            redirectConfiguration: .follow(max: 10, allowCycles: false),
            timeout: .init(connect: .seconds(10), read: nil), decompression: .enabled(limit: .size(Self.maximumAnswer)))
        configuration.connectionPool.idleTimeout = .seconds(15)
        configuration.httpVersion = .http1Only
        // A peer that refuses is a failed heartbeat at once, not one that is tried until the timeout.
        configuration.connectionPool.retryConnectionEstablishment = false
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    /// Closes the pooled connections; call once, at the end of the node.
    package func shutdown() async { try? await client.shutdown() }

    package func send(_ request: PeerRequest) async throws(PyException) -> PeerResponse {
        var outgoing = HTTPClientRequest(url: request.url)
        outgoing.method = HTTPMethod(rawValue: request.method)
        for (name, value) in request.headers.sorted(by: { $0.key < $1.key }) {
            outgoing.headers.add(name: name, value: value)
        }
        outgoing.headers.add(name: "Accept", value: "*/*")
        outgoing.headers.add(name: "Accept-Encoding", value: "gzip, deflate")
        outgoing.headers.add(name: "User-Agent", value: "Python/3.11 aiohttp/3.12.14")
        if let body = request.body { outgoing.body = .bytes(ByteBuffer(bytes: body)) }
        do {
            let deadline = NIODeadline.now() + .nanoseconds(Int64(request.timeout * 1e9))
            let response = try await client.execute(outgoing, deadline: deadline)
            let body = try await withDeadline(deadline) {
                try await response.body.collect(upTo: Self.maximumAnswer)
            }
            return PeerResponse(
                status: Int(response.status.code), contentType: response.headers.first(name: "Content-Type") ?? "",
                body: Array(buffer: body))
        } catch {
            throw Self.exception(error, url: request.url)
        }
    }

    private func withDeadline<T: Sendable>(
        _ deadline: NIODeadline, _ body: @escaping @Sendable () async throws -> T
    ) async throws -> T {
        try await withThrowingTaskGroup(of: T.self) { group in
            group.addTask { try await body() }
            group.addTask {
                let left = (deadline - .now()).nanoseconds
                if left > 0 { try await Task.sleep(nanoseconds: UInt64(left)) }
                throw HTTPClientError.deadlineExceeded
            }
            defer { group.cancelAll() }
            guard let first = try await group.next() else { throw HTTPClientError.deadlineExceeded }
            return first
        }
    }

    private static let module = "aiohttp.client_exceptions"

    private static func exception(_ error: any Error, url: String) -> PyException {
        if let error = error as? HTTPClientError {
            if [.deadlineExceeded, .readTimeout, .connectTimeout].contains(error) {
                return PyException(type: "TimeoutError", message: "")
            }
            if [.invalidURL, .emptyHost, .emptyScheme].contains(error) {
                return PyException(type: "InvalidUrlClientError", message: url, module: Self.module)
            }
            if error == .remoteConnectionClosed {
                return PyException(
                    type: "ServerDisconnectedError", message: "Server disconnected", module: Self.module)
            }
        }
        let parts = URL(string: url)
        let host = parts?.host ?? ""
        let port = parts?.port ?? (parts?.scheme == "https" ? 443 : 80)
        if error is CancellationError {
            return PyException(type: "CancelledError", message: "", module: "asyncio.exceptions")
        }
        return PyException(
            type: "ClientConnectorError",
            message:
                "Cannot connect to host \(host):\(port) ssl:default [\(connectText(error, host: host, port: port))]",
            module: Self.module)
    }

    private static func connectText(_ error: any Error, host: String, port: Int) -> String {
        let tries = (error as? NIOConnectionError)?.connectionErrors.map(\.error) ?? [error]
        if tries.isEmpty, (error as? NIOConnectionError)?.dnsAError != nil {
            return "Temporary failure in name resolution"
        }
        // What the call itself refuses has the system's text in asyncio; what fails later has the address.
        if let code = tries.lazy.compactMap({ ($0 as? IOError)?.errnoCode }).first, refusedAtOnce.contains(code) {
            return String(cString: strerror(code))
        }
        return "Connect call failed ('\(host)', \(port))"
    }

    private static let refusedAtOnce: Set<CInt> = [ENETUNREACH, EADDRNOTAVAIL, EACCES, EPERM, EINVAL]
}
