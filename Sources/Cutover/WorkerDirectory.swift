import Foundation

/// The private folder of a front's worker: its sockets, and a lock that the front holds while it lives.
///
/// A front that is ended by `kill -9` leaves the folder behind; the next start of any front of the same user removes it. The
/// process id in the name is not proof enough, because nodes in containers may share the parent folder: the lock is.
package struct WorkerDirectory: Sendable {
    /// `PARENT/ringrift-worker-PID-SUFFIX`
    package static let prefix = "ringrift-worker-"
    private static let lockName = "lock"

    private let path: String
    private let lock: Int32

    /// Makes the folder and takes its lock.
    package init(_ path: String) {
        self.path = path
        try? FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        lock = open(path + "/" + Self.lockName, O_CREAT | O_RDWR | O_CLOEXEC, 0o600)
        if lock >= 0 { _ = flock(lock, LOCK_EX | LOCK_NB) }
    }

    package func remove() {
        try? FileManager.default.removeItem(atPath: path)
        if lock >= 0 { close(lock) }
    }

    /// Removes what fronts that are gone have left beside `path`.
    /// - Returns: the names of the folders that were removed.
    @discardableResult
    package static func removeOrphans(beside path: String) -> [String] {
        let parent = (path as NSString).deletingLastPathComponent
        let names = (try? FileManager.default.contentsOfDirectory(atPath: parent)) ?? []
        return names.filter { name in
            let folder = parent + "/" + name
            guard folder != path, let pid = processID(name), isOrphan(folder, pid) else { return false }
            return (try? FileManager.default.removeItem(atPath: folder)) != nil
        }
    }

    /// The process id in a folder's name; nil for other names.
    package static func processID(_ name: String) -> Int32? {
        guard name.hasPrefix(prefix) else { return nil }
        let parts = name.dropFirst(prefix.count).split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[1].isEmpty, let pid = Int32(parts[0]), pid > 0 else { return nil }
        return pid
    }

    private static func isOrphan(_ folder: String, _ pid: Int32) -> Bool {
        var status = stat()
        guard lstat(folder, &status) == 0, status.st_mode & S_IFMT == S_IFDIR, status.st_uid == geteuid() else {
            return false
        }
        // The own id is another's when it was given twice: process 1 of a container always has the same.
        guard pid == getpid() || (kill(pid, 0) != 0 && errno == ESRCH) else { return false }
        let lock = open(folder + "/" + lockName, O_RDWR | O_CLOEXEC | O_NOFOLLOW)
        guard lock >= 0 else { return false }
        defer { close(lock) }
        return flock(lock, LOCK_EX | LOCK_NB) == 0
    }
}
