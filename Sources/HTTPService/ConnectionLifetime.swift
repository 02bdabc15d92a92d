import NIOConcurrencyHelpers
import NIOCore

/// Whether a connection is between requests, for the keep-alive timeout and for the stop of the server.
final class ConnectionLifetime: Sendable {
    private struct State {
        var isIdle = true
        var isStopping = false
        /// End of the keep-alive time; set after the first answer.
        var idleUntil: NIODeadline?
    }
    private let state = NIOLockedValueBox(State())
    let keepAlive: TimeAmount

    init(keepAlive: TimeAmount) { self.keepAlive = keepAlive }

    /// False when the server is stopping: the request is not taken up any more.
    func begin() -> Bool {
        state.withLockedValue { state in
            state.isIdle = false
            return !state.isStopping
        }
    }

    /// After an answer; false when no further request may come.
    func end() -> Bool {
        let deadline = NIODeadline.now() + keepAlive
        return state.withLockedValue { state in
            state.isIdle = true
            state.idleUntil = deadline
            return !state.isStopping
        }
    }

    /// The server stops: true when the connection can be closed at once.
    func stop() -> Bool {
        state.withLockedValue { state in
            state.isStopping = true
            return state.isIdle
        }
    }

    /// When to look at the idle time again; nil = it is over.
    func nextCheck(now: NIODeadline) -> NIODeadline? {
        state.withLockedValue { state in
            guard state.isIdle, let until = state.idleUntil else { return now + keepAlive }
            return until <= now ? nil : until
        }
    }
}

/// Closes idle connections: at the end of the keep-alive time, and when the server stops accepting.
final class ConnectionLifetimeHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    private let lifetime: ConnectionLifetime
    private var timer: Scheduled<Void>?

    init(_ lifetime: ConnectionLifetime) { self.lifetime = lifetime }

    func handlerAdded(context: ChannelHandlerContext) { schedule(context, at: .now() + lifetime.keepAlive) }
    func handlerRemoved(context: ChannelHandlerContext) { timer?.cancel() }

    func channelInactive(context: ChannelHandlerContext) {
        timer?.cancel()
        context.fireChannelInactive()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is ChannelShouldQuiesceEvent, lifetime.stop() { context.close(promise: nil) }
        context.fireUserInboundEventTriggered(event)
    }

    private func schedule(_ context: ChannelHandlerContext, at deadline: NIODeadline) {
        let bound = context.loopBound
        timer = context.eventLoop.assumeIsolated().scheduleTask(deadline: deadline) { [weak self] in
            guard let self else { return }
            let context = bound.value
            if let next = self.lifetime.nextCheck(now: .now()) {
                self.schedule(context, at: next)
            } else {
                context.close(promise: nil)
            }
        }
    }
}
