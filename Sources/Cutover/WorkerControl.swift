import NIOCore
import NIOPosix
import PythonSemantics
import Synchronization

/// One connection to a worker's control socket: requests by number, and events once `subscribe` was sent.
///
/// The worker answers the requests of a connection one after the other, so what must not wait for something slow gets a
/// connection of its own. `Legacy/shim/ringrift_shim/control.py` is the other end.
package final class WorkerControl: Sendable {
    /// A refusal of the worker, or the end of the connection.
    package struct Failure: Error, Sendable, Equatable, CustomStringConvertible {
        /// Python's class, or `ConnectionError`.
        package var type: String
        package var message: String
        package var description: String { "\(type): \(message)" }
    }

    private struct Table {
        var number = 0
        var waiting: [Int: CheckedContinuation<PyValue, any Error>] = [:]
        /// Answers that came before somebody asked for them.
        var early: [Int: Result<PyValue, Failure>] = [:]
        var unwanted: Set<Int> = []
        var isClosed = false
    }

    private let channel: any Channel
    private let table: Mutex<Table>
    /// Events in the order of their arrival; ends with the connection.
    package let events: AsyncStream<PyDict>

    private init(channel: any Channel, receiver: Receiver) {
        self.channel = channel
        table = Mutex(Table())
        events = receiver.events
        receiver.deliver(to: self)
    }

    /// - Throws: when nobody listens at `path`.
    package static func connect(_ path: String) async throws -> WorkerControl {
        let receiver = Receiver()
        let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(LineHandler(receiver: receiver))
                }
            }
            .connect(unixDomainSocketPath: path).get()
        return WorkerControl(channel: channel, receiver: receiver)
    }

    package func close() { channel.close(promise: nil) }

    /// Sends a request and waits for its answer.
    ///
    /// - Throws: `Failure`; `CancellationError` when the caller no longer waits.
    @discardableResult
    package func request(_ command: PyString, _ arguments: PyDict = [:]) async throws -> PyValue {
        try await answer(to: begin(command, arguments))
    }

    /// Sends a request. Requests leave in the order of these calls.
    /// - Returns: its number, for ``answer(to:)`` or ``forget(_:)``.
    package func begin(_ command: PyString, _ arguments: PyDict = [:]) -> Int {
        let number = table.withLock { table in
            table.number += 1
            return table.number
        }
        let message: PyValue = .dict(["id": .int(number), "cmd": .string(command), "args": .dict(arguments)])
        do {
            var bytes = try PyJSON.dumps(message, separators: (",", ":"), nestingLimit: Self.nesting)
            bytes.append(UInt8(ascii: "\n"))
            channel.writeAndFlush(channel.allocator.buffer(bytes: bytes), promise: nil)
        } catch {
            settle(number, .failure(Failure(type: error.type, message: error.message)))
        }
        return number
    }

    /// Nobody will ask for this answer.
    package func forget(_ number: Int) {
        table.withLock { table in
            if table.early.removeValue(forKey: number) == nil { table.unwanted.insert(number) }
        }
    }

    /// The answer, if it is there; it is not given twice.
    package func takeAnswer(to number: Int) -> Result<PyValue, Failure>? {
        table.withLock { table in
            table.early.removeValue(forKey: number) ?? (table.isClosed ? .failure(Self.closed) : nil)
        }
    }

    package func answer(to number: Int) async throws -> PyValue {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let known: Result<PyValue, any Error>? = table.withLock { table in
                    if let early = table.early.removeValue(forKey: number) { return early.mapError { $0 } }
                    if table.isClosed { return .failure(Self.closed) }
                    if Task.isCancelled {
                        table.unwanted.insert(number)
                        return .failure(CancellationError())
                    }
                    table.waiting[number] = continuation
                    return nil
                }
                if let known { continuation.resume(with: known) }
            }
        } onCancel: {
            let waiter = table.withLock { table in
                table.unwanted.insert(number)
                return table.waiting.removeValue(forKey: number)
            }
            waiter?.resume(throwing: CancellationError())
        }
    }

    private static let closed = Failure(type: "ConnectionError", message: "the legacy worker is gone")
    /// A state is not nested deeper than what a peer can send.
    private static let nesting = PyJSON.responseNestingLimit

    private func settle(_ number: Int, _ result: Result<PyValue, Failure>) {
        let waiter = table.withLock { table -> CheckedContinuation<PyValue, any Error>? in
            if table.unwanted.remove(number) != nil { return nil }
            if let waiter = table.waiting.removeValue(forKey: number) { return waiter }
            table.early[number] = result
            return nil
        }
        waiter?.resume(with: result)
    }

    /// A line that is not JSON means that the other end is no worker; such a line is dropped.
    fileprivate func receive(_ line: [UInt8]) -> PyDict? {
        guard case .dict(let message)? = try? PyJSON.loads(line) else { return nil }
        if message["event"] != nil { return message }
        guard let number = message["id"]?.asInt else { return nil }
        if case .dict(let error)? = message["error"] {
            let failure = Failure(
                type: (error["type"] ?? .none).pyStr, message: (error["message"] ?? .none).pyStr)
            settle(number, .failure(failure))
        } else {
            settle(number, .success(message["result"] ?? .none))
        }
        return nil
    }

    fileprivate func ended() {
        let waiters = table.withLock { table in
            table.isClosed = true
            defer { table.waiting = [:] }
            return Array(table.waiting.values)
        }
        for waiter in waiters { waiter.resume(throwing: Self.closed) }
    }
}

/// What arrived before the connection object existed, and everything after.
private final class Receiver: Sendable {
    let events: AsyncStream<PyDict>
    private let continuation: AsyncStream<PyDict>.Continuation
    private let state = Mutex<(target: WorkerControl?, early: [[UInt8]], ended: Bool)>((nil, [], false))

    init() { (events, continuation) = AsyncStream.makeStream() }

    func deliver(to target: WorkerControl) {
        let before = state.withLock { state in
            state.target = target
            defer { state.early = [] }
            return (state.early, state.ended)
        }
        for line in before.0 { pass(line, target) }
        if before.1 { end(target) }
    }

    func line(_ line: [UInt8]) {
        let target = state.withLock { state in
            if state.target == nil { state.early.append(line) }
            return state.target
        }
        if let target { pass(line, target) }
    }

    func ended() {
        let target = state.withLock { state in
            state.ended = true
            return state.target
        }
        if let target { end(target) }
    }

    private func pass(_ line: [UInt8], _ target: WorkerControl) {
        if let event = target.receive(line) { continuation.yield(event) }
    }

    private func end(_ target: WorkerControl) {
        state.withLock { $0.target = nil }
        target.ended()
        continuation.finish()
    }
}

/// Cuts the stream into lines. Lives on its channel's event loop.
private final class LineHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let receiver: Receiver
    private var partial: [UInt8] = []

    init(receiver: Receiver) { self.receiver = receiver }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var rest = unwrapInboundIn(data).readableBytesView
        while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
            partial.append(contentsOf: rest[rest.startIndex..<end])
            receiver.line(partial)
            partial.removeAll(keepingCapacity: true)
            rest = rest[(end + 1)...]
        }
        partial.append(contentsOf: rest)
    }

    func channelInactive(context: ChannelHandlerContext) { receiver.ended() }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
