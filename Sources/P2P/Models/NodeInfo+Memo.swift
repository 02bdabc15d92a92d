import PythonSemantics
import Synchronization

/// What follows from a record's fields alone, computed once: `GET /status` shows every peer, and most peers have not
/// changed since the last time. Copies of a record share it until one of them changes.
final class NodeInfoMemo: Sendable {
    private struct Content: Sendable {
        var json: [UInt8]?
        var endpoint: EndpointKey??
    }

    private let content = Mutex(Content())

    /// The text of the record, computed by `compute` at the first call.
    func json(_ compute: () throws(PyException) -> [UInt8]) throws(PyException) -> [UInt8] {
        if let known = content.withLock({ $0.json }) { return known }
        let new = try compute()
        content.withLock { $0.json = new }
        return new
    }

    /// The endpoint of the record, computed by `compute` at the first call.
    func endpoint(_ compute: () -> EndpointKey?) -> EndpointKey? {
        if let known = content.withLock({ $0.endpoint }) { return known }
        let new = compute()
        content.withLock { $0.endpoint = .some(new) }
        return new
    }

    /// The record has changed; it is the only one that uses this memo.
    func clear() { content.withLock { $0 = Content() } }
}
