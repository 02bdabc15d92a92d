import Foundation
import PythonSemantics
import Testing

@testable import Effects

/// Texts of aiohttp 3.12.14's client (contract 01 sections 2.3 and 3.9).
@Suite struct LivePeersTests {
    private func exchange(
        _ server: LoopbackServer, _ request: (String) -> PeerRequest
    ) async -> Result<PeerResponse, PyException> {
        let peers = LivePeers()
        let result: Result<PeerResponse, PyException>
        do throws(PyException) {
            result = .success(try await peers.send(request("http://127.0.0.1:\(server.port)")))
        } catch {
            result = .failure(error)
        }
        await peers.shutdown()
        return result
    }

    @Test func requestAndAnswer() async throws {
        let server = try LoopbackServer(
            answer: "HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: 2\r\n\r\n{}")
        let response = await exchange(server) { base in
            PeerRequest(
                method: "POST", url: base + "/heartbeat",
                headers: ["Authorization": "Bearer t", "Content-Type": "application/json"], body: Array("{}".utf8),
                timeout: 60)
        }
        #expect(
            try response.get()
                == PeerResponse(status: 200, contentType: "application/json; charset=utf-8", body: Array("{}".utf8)))
        let lines = server.request().split(separator: "\r\n").map(String.init)
        #expect(lines.first == "POST /heartbeat HTTP/1.1")
        for expected in [
            "User-Agent: Python/3.11 aiohttp/3.12.14", "Accept: */*", "Accept-Encoding: gzip, deflate",
            "Authorization: Bearer t", "Content-Type: application/json",
        ] {
            #expect(lines.contains { $0.lowercased() == expected.lowercased() }, "\(expected) in \(lines)")
        }
    }

    @Test func statusIsNoError() async throws {
        let server = try LoopbackServer(answer: "HTTP/1.1 503 Nope\r\nContent-Length: 1\r\n\r\nx")
        let response = await exchange(server) { PeerRequest(method: "GET", url: $0 + "/x", timeout: 60) }
        #expect(try response.get() == PeerResponse(status: 503, contentType: "", body: [120]))
    }

    @Test func refused() async throws {
        let server = try LoopbackServer(answer: "")
        server.close()
        let port = server.port
        let response = await exchange(server) { PeerRequest(method: "GET", url: $0 + "/x", timeout: 60) }
        #expect(
            throws: PyException(
                type: "ClientConnectorError",
                message: "Cannot connect to host 127.0.0.1:\(port) ssl:default "
                    + "[Connect call failed ('127.0.0.1', \(port))]", module: "aiohttp.client_exceptions")
        ) { try response.get() }
    }

    @Test func noAnswerWithinTheTimeout() async throws {
        let server = try LoopbackServer(answer: nil)
        let response = await exchange(server) { PeerRequest(method: "GET", url: $0 + "/x", timeout: 0.2) }
        #expect(throws: PyException(type: "TimeoutError", message: "")) { try response.get() }
    }

    @Test func disconnected() async throws {
        let server = try LoopbackServer(answer: "")
        let response = await exchange(server) { PeerRequest(method: "GET", url: $0 + "/x", timeout: 60) }
        #expect(
            throws: PyException(
                type: "ServerDisconnectedError", message: "Server disconnected", module: "aiohttp.client_exceptions")
        ) { try response.get() }
    }

    @Test(arguments: ["10.0.0.1:8770/election/grant", "nonsense", ""])
    func urlsWithoutScheme(_ url: String) async {
        let peers = LivePeers()
        let error = await #expect(throws: PyException.self) {
            try await peers.send(PeerRequest(method: "GET", url: url, timeout: 60))
        }
        #expect(error?.type == "InvalidUrlClientError")
        #expect(error?.message == url)
        await peers.shutdown()
    }
}
