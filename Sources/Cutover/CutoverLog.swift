import Foundation
import Synchronization

/// What the toolkit itself has to say: `{tree}/logs/cutover/cutover.log`, so that the node's stdout and stderr carry the
/// legacy's lines only and the operators' greps keep working.
package final class CutoverLog: Sendable {
    private let path: String
    private let now: @Sendable () -> Double
    private let writing = Mutex<Void>(())

    /// - Parameter now: unix seconds.
    package init(tree: String, now: @escaping @Sendable () -> Double) {
        let folder = tree + "/logs/cutover"
        try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        path = folder + "/cutover.log"
        self.now = now
    }

    /// Appends one line with the time in UTC. A full disk loses lines, never the node.
    package func write(_ line: String) {
        var time = time_t(now())
        var parts = tm()
        gmtime_r(&time, &parts)
        var stamp = [CChar](repeating: 0, count: 32)
        let length = strftime(&stamp, stamp.count, "%Y-%m-%dT%H:%M:%SZ", &parts)
        let text = String(decoding: stamp[..<length].map { UInt8(bitPattern: $0) }, as: UTF8.self) + " \(line)\n"
        writing.withLock { _ in
            let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
            guard descriptor >= 0 else { return }
            _ = text.utf8.withContiguousStorageIfAvailable { Foundation.write(descriptor, $0.baseAddress, $0.count) }
            close(descriptor)
        }
    }
}
