import HummingbirdCore
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle

/// The listening socket could not be had.
package struct HTTPBindError: Error, Equatable {
    package let address: HTTPServer.Address
    package let errno: CInt

    /// asyncio's text of the `OSError`, for example
    /// `[Errno 98] error while attempting to bind on address ('127.0.0.1', 18770): address already in use`.
    package var pythonText: String {
        let reason = String(cString: strerror(errno)).lowercased()
        switch address {
        case .tcp(let host, let port):
            return "[Errno \(errno)] error while attempting to bind on address ('\(host)', \(port)): \(reason)"
        case .unix(let path):
            return "[Errno \(errno)] \(reason): '\(path)'"
        }
    }
}

/// An HTTP/1.1 server that looks like aiohttp 3.12.14's from outside.
///
/// A `Service`: `run()` returns after a graceful shutdown. It then accepts no more, closes idle connections at once,
/// gives handlers ``Configuration/shutdownTimeout`` to answer and cancels those that have not.
package struct HTTPServer: Service {
    package enum Address: Sendable, Equatable {
        /// Port 0 = any free one.
        case tcp(host: String, port: Int)
        case unix(path: String)
    }

    package struct Configuration: Sendable {
        package var address: Address
        package var backlog: Int
        /// aiohttp's default, a little over an hour.
        package var keepAliveTimeout: TimeAmount
        /// How long the rest of an unread body is dropped after an answer.
        package var lingeringTime: TimeAmount
        /// aiohttp's `shutdown_timeout`.
        package var shutdownTimeout: Duration

        package init(
            address: Address, backlog: Int = 1024, keepAliveTimeout: TimeAmount = .seconds(3630),
            lingeringTime: TimeAmount = .seconds(10), shutdownTimeout: Duration = .seconds(60)
        ) {
            self.address = address
            self.backlog = backlog
            self.keepAliveTimeout = keepAliveTimeout
            self.lingeringTime = lingeringTime
            self.shutdownTimeout = shutdownTimeout
        }
    }

    private let application: HTTPApplication
    private let configuration: Configuration
    private let clock: HTTPClock
    private let eventLoopGroup: any EventLoopGroup
    private let onListening: @Sendable (Int?) async -> Void

    /// - Parameters:
    ///   - clock: shared by `Date` headers and access lines.
    ///   - onListening: called once the socket accepts, with the real port (nil on a unix socket).
    package init(
        application: HTTPApplication, configuration: Configuration, clock: HTTPClock,
        eventLoopGroup: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton,
        onListening: @escaping @Sendable (_ port: Int?) async -> Void = { _ in }
    ) {
        self.application = application
        self.configuration = configuration
        self.clock = clock
        self.eventLoopGroup = eventLoopGroup
        self.onListening = onListening
    }

    /// Serves until graceful shutdown. Throws ``HTTPBindError`` when the socket cannot be bound.
    package func run() async throws {
        let onListening = onListening
        let server = Server(
            childChannelSetup: ConnectionChannel(application: application, clock: clock, configuration: configuration),
            configuration: ServerConfiguration(
                address: bindAddress, backlog: configuration.backlog, reuseAddress: true),
            onServerRunning: { channel in await onListening(channel.localAddress?.port) },
            eventLoopGroup: eventLoopGroup, logger: Logger(label: "http") { _ in SwiftLogNoOpLogHandler() })
        do {
            try await runUntilShutdown(server)
        } catch let error as IOError {
            throw HTTPBindError(address: configuration.address, errno: error.errnoCode)
        }
    }

    /// Cancels what still runs when the shutdown takes longer than allowed.
    private func runUntilShutdown(_ server: Server<ConnectionChannel>) async throws {
        let timeout = configuration.shutdownTimeout
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run() }
            group.addTask {
                try? await gracefulShutdown()
                try await Task.sleep(for: timeout)
            }
            // Whichever ends first: the server, or its time to stop.
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    private var bindAddress: BindAddress {
        switch configuration.address {
        case .tcp(let host, let port): .hostname(host, port: port)
        case .unix(let path): .unixDomainSocket(path: path)
        }
    }
}
