import Foundation

/// What a path leads to: every directory entry that decides it, and the file at its end.
///
/// A change of any of these entries (a folder renamed, a symlink swapped) can put another file at the path.
struct ResolvedPath: Sendable, Equatable {
    struct Entry: Sendable, Hashable {
        /// Without symlinks.
        var directory: String
        var name: String
    }

    /// In the order in which the kernel looks them up; up to the first that is missing.
    private(set) var entries: [Entry] = []
    /// Where a file at this path is or would be, without symlinks as far as the path exists. Nil when it leads nowhere
    /// (too many symlinks, a file in the place of a folder).
    private(set) var file: String?

    private static let maximumLinks = 40

    /// - Parameter path: absolute, or relative to the working directory.
    init(_ path: String) {
        let absolute = path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
        var pending = Array(absolute.split(separator: "/").reversed())
        var directory = "/"
        var links = 0
        while let part = pending.popLast() {
            if part == "." { continue }
            if part == ".." {
                directory = (directory as NSString).deletingLastPathComponent
                continue
            }
            entries.append(Entry(directory: directory, name: String(part)))
            let full = (directory == "/" ? "" : directory) + "/" + part
            var info = stat()
            guard lstat(full, &info) == 0 else {
                file = ([full] + pending.reversed().map(String.init)).joined(separator: "/")
                return
            }
            switch info.st_mode & S_IFMT {
            case S_IFLNK:
                links += 1
                guard links <= Self.maximumLinks,
                    let target = try? FileManager.default.destinationOfSymbolicLink(atPath: full)
                else { return }
                if target.hasPrefix("/") { directory = "/" }
                pending.append(contentsOf: target.split(separator: "/").reversed())
            case S_IFDIR where !pending.isEmpty: directory = full
            default:
                if pending.isEmpty { file = full }
                return
            }
        }
    }
}
