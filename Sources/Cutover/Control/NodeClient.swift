import AsyncHTTPClient
import Foundation
import NIOCore
import NIOPosix

/// Asks a running node about its cutover, over HTTP.
package final class NodeClient: Sendable {
    package enum Answer: Sendable {
        case status(CutoverStatus)
        /// Something answers and has no such page: the legacy's own program (the pure shape), or none of ours.
        case notAFront(String)
        /// Nobody answers, with the reason.
        case unreachable(String)
    }

    /// An answer to a drill's request.
    package struct Reply: Sendable {
        package var status: Int
        package var side: ServingSide?
        /// Unix seconds, as the front says.
        package var accepted: Double?
    }

    /// Without a slash at its end.
    package let address: String
    private let client: HTTPClient

    /// - Parameter connections: at most so many at a time.
    package init(address: String, connections: Int = 2) {
        self.address = address.hasSuffix("/") ? String(address.dropLast()) : address
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        configuration.httpVersion = .http1Only
        // A request of a drill must arrive once.
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = max(1, connections)
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    package func shutdown() async { try? await client.shutdown() }

    /// `http://HOST[:PORT]` and no more.
    package static func isAddress(_ text: String) -> Bool {
        guard let url = URL(string: text), let scheme = url.scheme, ["http", "https"].contains(scheme) else {
            return false
        }
        return !(url.host ?? "").isEmpty && ["", "/"].contains(url.path) && url.query == nil && url.fragment == nil
            && url.user == nil
    }

    /// Whether the node is on this machine, as far as its address tells.
    package var isLoopback: Bool {
        let host = URL(string: address)?.host?.lowercased() ?? ""
        if host == "localhost" || host == "::1" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }

    /// - Parameter seconds: until it counts as unreachable.
    package func status(seconds: Double = 5) async -> Answer {
        do {
            let response = try await client.execute(
                HTTPClientRequest(url: address + "/cutover/status"), timeout: .milliseconds(Int64(seconds * 1000)))
            let body = try await response.body.collect(upTo: 16 << 20)
            guard response.status == .ok else {
                return .notAFront("GET /cutover/status gives \(response.status.code)")
            }
            do {
                let status = try CutoverStatus(json: Array(body.readableBytesView))
                guard status.format == CutoverStatus.currentFormat else {
                    return .notAFront("its status has format \(status.format), not \(CutoverStatus.currentFormat)")
                }
                return .status(status)
            } catch {
                return .notAFront("GET /cutover/status gives no status of this version")
            }
        } catch {
            return .unreachable(Self.reason(error))
        }
    }

    /// One GET with a drill's mark.
    /// - Throws: when there was no whole answer.
    package func get(_ path: String, _ mark: DrillMark, seconds: Double) async throws -> Reply {
        var request = HTTPClientRequest(url: address + path)
        request.headers.add(name: DrillMark.header, value: mark.text)
        let response = try await client.execute(request, timeout: .milliseconds(Int64(seconds * 1000)))
        for try await _ in response.body {}
        return Reply(
            status: Int(response.status.code),
            side: response.headers.first(name: DrillMark.sideHeader).flatMap { ServingSide(rawValue: $0) },
            accepted: response.headers.first(name: DrillMark.acceptedHeader).flatMap { Double($0) })
    }

    /// In a few words.
    package static func reason(_ error: any Error) -> String {
        switch error {
        case let error as HTTPClientError where error == .connectTimeout || error == .deadlineExceeded:
            "no answer in time"
        case let error as HTTPClientError: "\(error.shortDescription)"
        case let error as IOError: String(cString: strerror(error.errnoCode))
        case is NIOConnectionError: "connection refused"
        default: FlagAlarm.printable("\(error)")
        }
    }
}
