import Foundation

/// The flags file on disk: read as a whole, changed by replacing it.
package struct FlagFileStorage: Sendable {
    /// What is at the path now.
    package enum Content: Sendable, Equatable {
        case missing
        /// No bytes, or blanks only: what a cut off write leaves. A file that shall set nothing has a comment.
        case empty
        /// With the reason.
        case unreadable(String)
        case bytes([UInt8])
    }

    /// What could not be done with the file, which is as it was before.
    package struct Failure: Error, Sendable, Equatable, CustomStringConvertible {
        package var path: String
        package var reason: String
        package var description: String { "cannot write \(path): \(reason); the file is unchanged" }
    }

    package let path: String
    /// Seconds to wait for somebody else's edit.
    private let patience: Double

    /// A larger file is none of ours.
    static let maximumSize = 1 << 20

    package init(path: String, patience: Double = 5) {
        self.path = path
        self.patience = patience
    }

    /// `RINGRIFT_IMPL_FILE`, else `<tree>/logs/cutover/flags.env`.
    package static func path(environment: [String: String], tree: String) -> String {
        if let named = environment[FlagFile.pathVariable], !named.isEmpty { return named }
        return tree + "/logs/cutover/flags.env"
    }

    package func read() -> Content { Self.read(path) }

    static func read(_ path: String) -> Content {
        // Not blocking: something else than a file may be at the path.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return errno == ENOENT ? .missing : .unreadable(Self.text(errno)) }
        defer { close(descriptor) }
        var info = stat()
        guard fstat(descriptor, &info) == 0 else { return .unreadable(Self.text(errno)) }
        guard info.st_mode & S_IFMT == S_IFREG else { return .unreadable("not a regular file") }
        var bytes: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 1 << 16)
        while bytes.count <= Self.maximumSize {
            let count = Foundation.read(descriptor, &part, part.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { return .unreadable(Self.text(errno)) }
            if count == 0 { break }
            bytes += part[..<count]
        }
        if bytes.count > Self.maximumSize { return .unreadable("larger than \(Self.maximumSize) bytes") }
        // A crash of the machine leaves zeros where the text was.
        if bytes.contains(0) { return .unreadable(Damage.zeroByte.rawValue) }
        if bytes.allSatisfy({ " \t\r\n".utf8.contains($0) }) { return .empty }
        return FlagFile(bytes).isUnderstood ? .bytes(bytes) : .unreadable(Damage.nothingUnderstood.rawValue)
    }

    /// What a text can be so damaged by that nothing in it counts.
    private enum Damage: String {
        case zeroByte = "not text: a zero byte in it"
        case nothingUnderstood = "no line of it is NAME=VALUE"
    }

    /// Changes the file in one step: aside, to the disk, in place of the old one. The mode stays, a symlink stays, and two
    /// writers come one after the other.
    ///
    /// - Parameters:
    ///   - basis: what is edited when the file is missing, empty or damaged: the last good content.
    ///   - onReplace: called just before the new content is at the path, once for every try.
    /// - Returns: what was written.
    package func edit(
        basis: FlagFile = FlagFile(), onReplace: () -> Void = {}, _ change: (FlagFile) -> FlagFile
    ) throws(Failure) -> FlagFile {
        var new = FlagFile()
        try replace(onReplace: onReplace) { bytes in
            new = change(bytes.map { FlagFile($0) } ?? basis)
            return new.bytes
        }
        return new
    }

    /// As ``edit(basis:onReplace:_:)`` on the bytes; nil: there is nothing that could be edited. A damaged text is kept
    /// beside as `{path}.damaged`.
    func replace(onReplace: () -> Void = {}, _ change: ([UInt8]?) -> [UInt8]) throws(Failure) {
        guard let target = ResolvedPath(path).file else { throw failure("the path leads nowhere") }
        let folder = (target as NSString).deletingLastPathComponent
        do { try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true) } catch {
            throw failure("no folder \(folder)")
        }
        let lock = try lock(target)
        defer { close(lock) }
        // An editor knows nothing of the lock: what came meanwhile is edited, too.
        for _ in 0..<5 {
            let before = read()
            let old: [UInt8]?
            switch before {
            case .missing, .empty: old = nil
            case .unreadable(let reason):
                // A rollback must be possible also when something has overwritten the file.
                guard Damage(rawValue: reason) != nil else { throw failure(reason) }
                old = nil
            case .bytes(let bytes): old = bytes
            }
            let aside = try writeAside(change(old), target)
            guard read() == before else {
                unlink(aside)
                continue
            }
            if case .unreadable = before {
                unlink(target + ".damaged")
                link(target, target + ".damaged")
            }
            onReplace()
            guard rename(aside, target) == 0 else {
                let code = errno
                unlink(aside)
                throw failure(Self.text(code))
            }
            Self.flushFolder(folder)
            return
        }
        throw failure("somebody else keeps changing it")
    }

    /// - Returns: a descriptor; closing it ends the lock, and so does the end of the process.
    private func lock(_ target: String) throws(Failure) -> Int32 {
        let descriptor = open(target + ".lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw failure("\(Self.text(errno)) (its lock file)") }
        let deadline = ContinuousClock.now + .seconds(patience)
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            guard errno == EWOULDBLOCK || errno == EINTR, ContinuousClock.now < deadline else {
                close(descriptor)
                throw failure("somebody else holds \(target).lock")
            }
            usleep(5_000)
        }
        return descriptor
    }

    func writeAside(_ bytes: [UInt8], _ target: String) throws(Failure) -> String {
        let aside = target + ".\(getpid()).\(UInt32.random(in: .min ... .max)).tmp"
        let descriptor = open(aside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw failure(Self.text(errno)) }
        let code = Self.fill(descriptor, bytes, like: target)
        close(descriptor)
        guard code == 0 else {
            unlink(aside)
            throw failure(Self.text(code))
        }
        return aside
    }

    /// - Returns: 0 or an `errno`.
    private static func fill(_ descriptor: Int32, _ bytes: [UInt8], like target: String) -> Int32 {
        var info = stat()
        if stat(target, &info) == 0 {
            // Only root can give a file away; for everybody else owner and group are right already.
            if fchown(descriptor, info.st_uid, info.st_gid) != 0, geteuid() == 0 { return errno }
            if fchmod(descriptor, info.st_mode & 0o7777) != 0 { return errno }
        }
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            if count <= 0 { return count < 0 ? errno : EIO }
            rest = rest.dropFirst(count)
        }
        return fsync(descriptor) == 0 ? 0 : errno
    }

    /// The new name is on the disk, too. Some file systems cannot; the file is in place all the same.
    private static func flushFolder(_ folder: String) {
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        fsync(descriptor)
        close(descriptor)
    }

    private func failure(_ reason: String) -> Failure { Failure(path: path, reason: reason) }

    static func text(_ code: Int32) -> String { String(cString: strerror(code)) }
}
