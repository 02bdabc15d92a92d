import Foundation
import Glibc

/// A directory that goes with the harness: removed in order, or by a later harness when this one was killed. A lock
/// says whether its owner lives; a process id would not, as the owner may be in another PID namespace.
final class TemporaryDirectory: Sendable {
    let path: String
    private let descriptor: Int32

    private static let lock = ".lock"

    /// - Parameter template: a path that ends in `XXXXXX`, which becomes unique.
    init(template: String) throws {
        var name = Array(template.utf8CString)
        guard mkdtemp(&name) != nil else {
            let parent = (template as NSString).deletingLastPathComponent
            throw ParityError("\(parent): \(String(cString: strerror(errno)))")
        }
        path = String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        descriptor = open("\(path)/\(Self.lock)", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0, flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let reason = String(cString: strerror(errno))
            try? FileManager.default.removeItem(atPath: path)
            throw ParityError("\(path): \(reason)")
        }
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
        close(descriptor)
    }

    /// Removes the directories of this name whose owner is gone.
    /// - Parameter before: called with the path of each first.
    static func sweep(_ parent: String, prefix: String, before: (String) -> Void = { _ in }) {
        for name in (try? FileManager.default.contentsOfDirectory(atPath: parent)) ?? [] where name.hasPrefix(prefix) {
            let path = "\(parent)/\(name)"
            let descriptor = open("\(path)/\(lock)", O_RDWR | O_CLOEXEC)
            if descriptor < 0 { continue }
            defer { close(descriptor) }
            guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else { continue }
            before(path)
            try? FileManager.default.removeItem(atPath: path)
        }
    }
}
