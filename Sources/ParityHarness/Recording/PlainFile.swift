import Foundation
import Glibc

/// A file that is written and says in one line why it cannot be: `PATH: No space left on device`.
final class PlainFile {
    private let descriptor: Int32
    private let path: String

    /// Creates the file, or empties the one that is there.
    init(path: String) throws {
        self.path = path
        descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        if descriptor < 0 { throw Self.failure(path) }
    }

    func write(_ bytes: [UInt8]) throws {
        if let code = Self.write(bytes, to: descriptor) { throw Self.failure(path, code) }
    }

    func close() {
        Glibc.close(descriptor)
    }

    static func write(_ bytes: [UInt8], to path: String) throws {
        let file = try PlainFile(path: path)
        defer { file.close() }
        try file.write(bytes)
    }

    /// Writes everything to a descriptor.
    /// - Returns: the error number, or nil.
    static func write(_ bytes: [UInt8], to descriptor: Int32) -> Int32? {
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.write(descriptor, $0.baseAddress?.advanced(by: written), bytes.count - written)
            }
            if count < 0 {
                if errno == EINTR { continue }
                return errno
            }
            written += count
        }
        return nil
    }

    static func makeDirectory(_ path: String) throws {
        if mkdir(path, 0o755) == 0 { return }
        let code = errno
        if code == EEXIST {
            var info = stat()
            if stat(path, &info) == 0, info.st_mode & S_IFMT == S_IFDIR { return }
            throw failure(path, ENOTDIR)
        }
        let parent = (path as NSString).deletingLastPathComponent
        guard code == ENOENT, !parent.isEmpty, parent != path else { throw failure(path, code) }
        try makeDirectory(parent)
        if mkdir(path, 0o755) != 0, errno != EEXIST { throw failure(path) }
    }

    static func rename(_ source: String, to target: String) throws {
        if Glibc.rename(source, target) != 0 { throw failure(target) }
    }

    private static func failure(_ path: String, _ code: Int32 = errno) -> ParityError {
        ParityError("\(path): \(String(cString: strerror(code)))")
    }
}
