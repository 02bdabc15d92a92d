import NIOConcurrencyHelpers
import NIOCore

/// The access line of one request, written once: before the last bytes of the answer where those are known beforehand.
final class AccessNote: Sendable {
    private struct State {
        var isWritten = false
        /// Bytes of the body still to come, nil when its length is not known.
        var remaining: Int?
    }

    private let state = NIOLockedValueBox(State())
    private let writer: ConnectionWriter
    private let log: @Sendable (_ bytes: Int) -> Void

    /// - Parameter log: takes the number of bytes of the whole answer.
    init(writer: ConnectionWriter, log: @escaping @Sendable (_ bytes: Int) -> Void) {
        self.writer = writer
        self.log = log
    }

    /// What was sent so far and `last` are the whole answer.
    func write(before last: ByteBuffer = ByteBuffer()) {
        let isFirst = state.withLockedValue { state in
            defer { state.isWritten = true }
            return !state.isWritten
        }
        let bytes = writer.takeCount()
        if isFirst { log(bytes + last.readableBytes) }
    }

    /// A body of that many bytes follows, without chunks.
    func expect(_ length: Int?) { state.withLockedValue { $0.remaining = length } }

    /// The next piece of such a body.
    func body(_ piece: ByteBuffer) {
        let isLast = state.withLockedValue { state in
            state.remaining = state.remaining.map { $0 - piece.readableBytes }
            return state.remaining == 0
        }
        if isLast { write(before: piece) }
    }
}
