import Foundation
import Logging
import NIOCore
import NIOEmbedded
import Testing

@testable import HTTPService

/// Byte for byte what aiohttp 3.12.14 answered and logged.
@Suite struct WireTests {
    private static let clock = HTTPClock(utcOffset: 0) { 1_795_362_488 }

    /// Every recorded exchange, each piece as a read of its own, over a channel in memory.
    @Test(.timeLimit(.minutes(1)), arguments: WireCase.all)
    func inMemory(_ wire: WireCase) async throws {
        let log = RecordingLog()
        let channel = NIOAsyncTestingChannel()
        _ = try await channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).get()
        let setup = ConnectionChannel(
            application: try TwinApplication.make(log: log), clock: Self.clock,
            configuration: .init(address: .tcp(host: "127.0.0.1", port: 0)))
        let logger = Logger(label: "test")
        let value = try await channel.testingEventLoop.executeInContext {
            setup.setup(channel: channel, logger: logger)
        }
        .get()
        async let served: Void = setup.handle(value: value, logger: logger)
        var answer: [UInt8] = []
        for (index, piece) in wire.send.enumerated() {
            if index > 0 { try await take(from: channel, until: interimLength(wire), into: &answer) }
            _ = try? await channel.writeInbound(ByteBuffer(bytes: Array(piece)))
        }
        try await take(from: channel, until: wire.answer.count - blanked(wire), into: &answer)
        if wire.end == "closed" {
            try await channel.closeFuture.get()
        } else {
            #expect(channel.isActive, "the connection stays open")
            try await channel.close().get()
        }
        await served
        while let rest = try await channel.readOutbound(as: ByteBuffer.self) { answer += rest.readableBytesView }
        #expect(readable(answer) == String(decoding: wire.answer, as: UTF8.self))
        #expect(log.all == wire.log)
        let errors = wire.name.hasPrefix("broken gzip") ? wire.log.count { $0.first == "ERROR" } : 0
        #expect(log.chains.withLock { $0 } == Array(repeating: Self.brokenGzip, count: errors))
    }

    /// What aiohttp logs above the traceback of a body that is no gzip.
    private static let brokenGzip = """
        Traceback (most recent call last):
        zlib.error: Error -3 while decompressing data: incorrect header check

        During handling of the above exception, another exception occurred:

        Traceback (most recent call last):
        aiohttp.http_exceptions.ContentEncodingError: 400, message:
          Can not decode content-encoding: gzip

        The above exception was the direct cause of the following exception:

        """

    /// A `100 Continue` has to be out before the body goes in.
    private func interimLength(_ wire: WireCase) -> Int {
        let interim = "HTTP/1.1 100 Continue\r\n\r\n"
        return String(decoding: wire.answer, as: UTF8.self).hasPrefix(interim) ? interim.utf8.count : 0
    }

    /// How much shorter the recorded answer is because its dates are blanked ("D" for 29 characters), negative.
    private func blanked(_ wire: WireCase) -> Int {
        -28 * String(decoding: wire.answer, as: UTF8.self).matches(of: /Date: D/).count
    }

    private func take(from channel: NIOAsyncTestingChannel, until count: Int, into answer: inout [UInt8]) async throws {
        while answer.count < count {
            answer += try await channel.waitForOutboundWrite(as: ByteBuffer.self).readableBytesView
        }
    }
}
