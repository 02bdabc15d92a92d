import HummingbirdCore
import Logging
import NIOCore

/// Puts this module's connections behind Hummingbird's server, which binds, accepts and stops.
struct ConnectionChannel: ServerChildChannel {
    struct Value: ServerChildChannelValue {
        let async: NIOAsyncChannel<ByteBuffer, ByteBuffer>
        let lifetime: ConnectionLifetime
        var channel: any Channel { async.channel }
    }

    let application: HTTPApplication
    let clock: HTTPClock
    let configuration: HTTPServer.Configuration

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        channel.eventLoop.makeCompletedFuture {
            // asyncio reads 256 KiB at a time. What arrives together is parsed together, which decides what an error
            // text shows and whether requests before it are answered.
            try channel.syncOptions?.setOption(
                .recvAllocator,
                value: AdaptiveRecvByteBufferAllocator(minimum: 65_536, initial: 65_536, maximum: 262_144))
            let lifetime = ConnectionLifetime(keepAlive: configuration.keepAliveTimeout)
            try channel.pipeline.syncOperations.addHandler(ConnectionLifetimeHandler(lifetime))
            return Value(
                async: try NIOAsyncChannel(
                    wrappingChannelSynchronously: channel, configuration: .init(isOutboundHalfClosureEnabled: false)),
                lifetime: lifetime)
        }
    }

    func handle(value: Value, logger: Logger) async {
        let channel = value.channel
        await withTaskCancellationHandler {
            // An error here means that the connection broke, which is the client's business.
            try? await value.async.executeThenClose { inbound, _ in
                let connection = Connection(
                    application: application, clock: clock, lifetime: value.lifetime,
                    reader: ConnectionReader(inbound.makeAsyncIterator()), writer: ConnectionWriter(channel),
                    remote: channel.remoteAddress?.ipAddress ?? "", lingering: configuration.lingeringTime)
                await connection.run()
            }
        } onCancel: {
            channel.close(promise: nil)
        }
    }
}
