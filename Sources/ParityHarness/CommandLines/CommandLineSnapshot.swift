import Foundation
import Glibc
import PythonSemantics

/// Which files and directories there are below the tree and the directories beside it, and what is in them, as far as
/// it takes to see a change. Paths in the tree are relative to it.
struct CommandLineSnapshot {
    private(set) var files: [PyString: Mark] = [:]
    private(set) var directories: Set<PyString> = []

    enum Mark: Equatable {
        case link(String)
        /// Comparable within this process only, which is all it takes.
        case file(size: Int, hash: Int)
    }

    init() {
        walk(SandboxMounts.tree, named: "")
        for path in CommandLineMounts.outside { walk(path, named: path + "/") }
    }

    private static let unseen = [".pyc", "-wal", "-shm"]

    private mutating func walk(_ directory: String, named prefix: String) {
        for name in (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? [] {
            let path = directory + "/" + name
            let shown = prefix + name
            var info = stat()
            guard lstat(path, &info) == 0 else { continue }
            let kind = info.st_mode & S_IFMT
            if kind == S_IFDIR {
                if name == "__pycache__" { continue }
                directories.insert(PyString(shown))
                walk(path, named: shown + "/")
            } else if kind == S_IFLNK, Self.leadsToDirectory(path) {
                if name != "__pycache__" { directories.insert(PyString(shown)) }
            } else if !Self.unseen.contains(where: name.hasSuffix) {
                files[PyString(shown)] = Self.mark(path, kind)
            }
        }
    }

    private static func leadsToDirectory(_ path: String) -> Bool {
        var info = stat()
        return stat(path, &info) == 0 && info.st_mode & S_IFMT == S_IFDIR
    }

    private static func mark(_ path: String, _ kind: mode_t) -> Mark? {
        if kind == S_IFLNK {
            return (try? FileManager.default.destinationOfSymbolicLink(atPath: path)).map(Mark.link)
        }
        guard let bytes = CommandLinePaths.read(path) else { return nil }
        var hasher = Hasher()
        bytes.withUnsafeBytes { hasher.combine(bytes: $0) }
        return .file(size: bytes.count, hash: hasher.finalize())
    }

    /// What became of the files since `before`, as a recording holds it.
    func changes(since before: CommandLineSnapshot, text: CommandLineText) throws -> CommandLineRecording.Files {
        var changes = CommandLineRecording.Files()
        for (path, mark) in files.sorted(by: { $0.key < $1.key }) {
            guard let old = before.files[path] else {
                changes.created[path] = try CommandLineContent.read(path.description, text: text)
                continue
            }
            if old != mark { changes.changed[path] = try CommandLineContent.read(path.description, text: text) }
        }
        changes.deleted = before.files.keys.filter { files[$0] == nil }.sorted()
        changes.directories = directories.subtracting(before.directories).sorted()
        return changes
    }
}
