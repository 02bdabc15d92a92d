import Foundation
import NIOCore
import NIOPosix
import PythonSemantics
import ServiceLifecycle
import Testing

@testable import HTTPService

/// A real socket on port 0 of the loopback interface.
@Suite(.timeLimit(.minutes(1))) struct LiveServerTests {
    /// Runs a server around `body` and stops it gracefully.
    private func serving<Result: Sendable>(
        _ application: HTTPApplication, address: HTTPServer.Address = .tcp(host: "127.0.0.1", port: 0),
        _ body: @escaping @Sendable (Int?) async throws -> Result
    ) async throws -> Result {
        let (ports, listening) = AsyncStream<Int?>.makeStream()
        let server = HTTPServer(
            application: application, configuration: .init(address: address),
            clock: HTTPClock(utcOffset: 0) { 1_795_362_488 }, onListening: { listening.yield($0) })
        let group = ServiceGroup(services: [server], logger: .init(label: "test"))
        return try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            var iterator = ports.makeAsyncIterator()
            let port = await iterator.next() ?? nil
            let result = try await body(port)
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
            return result
        }
    }

    /// Sends bytes and reads until `count` bytes came or the server closed.
    private func exchange(_ client: NIOAsyncChannel<ByteBuffer, ByteBuffer>, _ bytes: [UInt8], until count: Int)
        async throws -> [UInt8]
    {
        try await client.executeThenClose { inbound, outbound in
            try await outbound.write(ByteBuffer(bytes: bytes))
            var answer: [UInt8] = []
            for try await piece in inbound {
                answer += piece.readableBytesView
                if answer.count >= count { break }
            }
            return answer
        }
    }

    private func connect(_ port: Int?) async throws -> NIOAsyncChannel<ByteBuffer, ByteBuffer> {
        try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: "127.0.0.1", port: port ?? 0) { channel in
                channel.eventLoop.makeCompletedFuture { try NIOAsyncChannel(wrappingChannelSynchronously: channel) }
            }
    }

    /// The recorded exchanges that need no pause, over TCP.
    @Test func answersLikeAiohttpOverTCP() async throws {
        let wires = WireCase.all.filter { $0.send.count == 1 && $0.send[0].count < 4000 && !$0.answer.isEmpty }
        try await serving(try TwinApplication.make(log: SilentHTTPLog())) { port in
            for wire in wires {
                let expected = String(decoding: wire.answer, as: UTF8.self)
                let count = wire.end == "closed" ? .max : wire.answer.count + 28 * expected.matches(of: /Date: D/).count
                let answer = try await exchange(try await connect(port), Array(wire.send[0]), until: count)
                #expect(readable(answer) == expected, "\(wire)")
            }
        }
        #expect(wires.count > 80)
    }

    /// 2 MiB: the answer arrives, nothing is reset, the connection serves on (measured on aiohttp).
    @Test func tooBigABodyIsAnsweredAndDropped() async throws {
        let answer = try await serving(try TwinApplication.make(log: SilentHTTPLog())) { port in
            var request = Array("POST /echo HTTP/1.1\r\nContent-Length: 2097152\r\n\r\n".utf8)
            request += [UInt8](repeating: 32, count: 2_097_152)
            request += Array("GET /hello HTTP/1.1\r\nConnection: close\r\n\r\n".utf8)
            return try await exchange(try await connect(port), request, until: .max)
        }
        let text = readable(answer)
        #expect(text.hasPrefix("HTTP/1.1 400 Bad Request\r\n"))
        #expect(text.contains("\r\n\r\n{\"error\": \"Request Entity Too Large\"}HTTP/1.1 200 OK\r\n"))
        #expect(text.hasSuffix("{\"ok\": true}"))
    }

    @Test func aTakenPortIsATypedError() async throws {
        let (port, error) = try await serving(try TwinApplication.make(log: SilentHTTPLog())) { port in
            let second = HTTPServer(
                application: try TwinApplication.make(log: SilentHTTPLog()),
                configuration: .init(address: .tcp(host: "127.0.0.1", port: port ?? 0)), clock: HTTPClock { 0 })
            return (port, await #expect(throws: HTTPBindError.self) { try await second.run() })
        }
        #expect(error?.errno == EADDRINUSE)
        #expect(
            error?.pythonText
                == "[Errno 98] error while attempting to bind on address ('127.0.0.1', \(port ?? 0)): address already in use"
        )
    }

    /// The client keeps its connection; only the server can end this test.
    @Test func stopsWhileAConnectionIdles() async throws {
        let (ports, portKnown) = AsyncStream<Int?>.makeStream()
        let (answers, answered) = AsyncStream<Void>.makeStream()
        async let received = idleClient(ports, answered)
        try await serving(try TwinApplication.make(log: SilentHTTPLog())) { port in
            portKnown.yield(port)
            for await _ in answers { break }
        }
        #expect(try await received == 172)
    }

    /// Sends one request and waits for the server to close; gives the number of bytes that came.
    private func idleClient(_ ports: AsyncStream<Int?>, _ answered: AsyncStream<Void>.Continuation) async throws -> Int
    {
        var iterator = ports.makeAsyncIterator()
        let client = try await connect(await iterator.next() ?? nil)
        return try await client.executeThenClose { inbound, outbound in
            try await outbound.write(ByteBuffer(string: "GET /hello HTTP/1.1\r\n\r\n"))
            var count = 0
            for try await piece in inbound {
                count += piece.readableBytes
                answered.yield()
            }
            return count
        }
    }

    /// A client that has its whole answer finds its line in the log: lines of requests made one after the other on
    /// different connections are in that order, as aiohttp's one thread makes them.
    @Test(arguments: ["/hello", "/chunked", "/sized", "/nowhere"]) func theAccessLineIsThereWithTheAnswer(path: String)
        async throws
    {
        let log = RecordingLog()
        let early = try await serving(try TwinApplication.make(log: log)) { port in
            let whole = try await exchange(
                try await connect(port), Array("GET \(path) HTTP/1.1\r\nConnection: close\r\n\r\n".utf8), until: .max)
            // The header is left out here, so the answer is that much shorter.
            let length = whole.count - "Connection: close\r\n".utf8.count
            var early = 0
            for asked in 2...200 {
                _ = try await exchange(
                    try await connect(port), Array("GET \(path) HTTP/1.1\r\n\r\n".utf8), until: length)
                if log.all.count < asked { early += 1 }
            }
            return early
        }
        #expect(early == 0)
        #expect(log.all.count == 200)
    }

    @Test func servesAUnixSocketWithoutRemoteAddress() async throws {
        let path = "/tmp/ringrift-http-\(UUID().uuidString.prefix(8)).sock"
        defer { unlink(path) }
        let log = RecordingLog()
        try await serving(try TwinApplication.make(log: log), address: .unix(path: path)) { _ in
            let bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            let client: NIOAsyncChannel<ByteBuffer, ByteBuffer> =
                try await bootstrap
                .connect(unixDomainSocketPath: path) { channel in
                    channel.eventLoop.makeCompletedFuture { try NIOAsyncChannel(wrappingChannelSynchronously: channel) }
                }
            _ = try await exchange(
                client, Array("GET /hello HTTP/1.1\r\nConnection: close\r\n\r\n".utf8), until: .max)
        }
        #expect(log.all == [["INFO", " [T] \"GET /hello HTTP/1.1\" 200 191 \"-\" \"-\""]])
    }
}
