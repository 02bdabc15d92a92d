import NIOConcurrencyHelpers
import NIOCore

/// Where a streamed body goes. Writing waits while the client reads slowly.
package struct ResponseBodyWriter: Sendable {
    private let send: @Sendable (ByteBuffer) async throws -> Void

    /// - Parameter send: takes one non-empty piece.
    package init(_ send: @escaping @Sendable (ByteBuffer) async throws -> Void) { self.send = send }

    /// Sends one piece; an empty one sends nothing. Throws when the client is gone.
    package func write(_ piece: ByteBuffer) async throws {
        if piece.readableBytes > 0 { try await send(piece) }
    }

    package func write(_ bytes: [UInt8]) async throws { try await write(ByteBuffer(bytes: bytes)) }
    package func write(_ text: String) async throws { try await write(ByteBuffer(string: text)) }
}

/// The writing side of a connection; counts what it sends for the access log.
final class ConnectionWriter: Sendable {
    let channel: any Channel
    private let counter = NIOLockedValueBox(0)

    init(_ channel: any Channel) { self.channel = channel }

    /// Bytes sent since the last call.
    func takeCount() -> Int {
        counter.withLockedValue { count in
            defer { count = 0 }
            return count
        }
    }

    /// Hands the bytes to the event loop. Waits for the socket only when the client lags behind.
    func send(_ buffer: ByteBuffer) async throws {
        guard channel.isActive else { throw ChannelError.ioOnClosedChannel }
        counter.withLockedValue { $0 += buffer.readableBytes }
        if channel.isWritable {
            channel.writeAndFlush(buffer, promise: nil)
        } else {
            try await channel.writeAndFlush(buffer).get()
        }
    }

    /// As ``send(_:)``, and returns when the bytes are with the kernel, so that closing cannot lose them.
    func sendAndWait(_ buffer: ByteBuffer) async throws {
        guard channel.isActive else { throw ChannelError.ioOnClosedChannel }
        counter.withLockedValue { $0 += buffer.readableBytes }
        try await channel.writeAndFlush(buffer).get()
    }
}
