import NIOCore
import Synchronization

/// Keeps what passes, as long as it is not more than a limit.
final class BodyCopy: Sendable {
    private let state = Mutex<(bytes: [UInt8], count: Int)>(([], 0))
    private let limit: Int

    init(limit: Int) { self.limit = limit }

    func add(_ piece: ByteBuffer) {
        state.withLock { state in
            state.count += piece.readableBytes
            if state.count <= limit {
                state.bytes.append(contentsOf: piece.readableBytesView)
            } else {
                state.bytes = []
            }
        }
    }

    /// How much has passed.
    var count: Int { state.withLock { $0.count } }
    /// Nil when it was more than the limit.
    var bytes: [UInt8]? { state.withLock { $0.count <= limit ? $0.bytes : nil } }
}
