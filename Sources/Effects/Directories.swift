import PythonSemantics

/// One name in a directory.
package struct DirectoryEntry: Sendable, Equatable {
    package var name: String
    /// Whether it is a directory itself; a link to one is not.
    package var isDirectory: Bool

    package init(name: String, isDirectory: Bool) {
        self.name = name
        self.isDirectory = isDirectory
    }
}

/// What `os.stat` says of a path.
package struct FileStatus: Sendable, Equatable {
    /// Last change of the content, unix seconds, as Python makes a float of seconds and nanoseconds.
    package var modified: Double
    /// Bytes.
    package var size: Int
    package var isDirectory: Bool

    package init(modified: Double, size: Int, isDirectory: Bool) {
        self.modified = modified
        self.size = size
        self.isDirectory = isDirectory
    }
}

/// A file that was found.
package struct FileEntry: Sendable, Equatable {
    package var path: String
    /// Unix seconds; nil when it cannot be asked (a link to nothing).
    package var modified: Double?

    package init(path: String, modified: Double?) {
        self.path = path
        self.modified = modified
    }
}

extension FileAccess {
    /// What ``recursiveGlob(_:suffix:)`` finds, with the time of the last change.
    package func entries(below directory: String, suffix: String) -> [FileEntry] {
        recursiveGlob(directory, suffix: suffix).map { FileEntry(path: $0, modified: (try? status($0))?.modified) }
    }

    /// `Path(directory).glob("*" + suffix)`: paths in the order of the file system; none when there is no directory.
    package func glob(_ directory: String, suffix: String) -> [String] {
        let entries = (try? list(directory)) ?? []
        return entries.filter { $0.name.hasSuffix(suffix) }.map { directory + "/" + $0.name }
    }

    /// `Path(directory).rglob("*" + suffix)`: in each directory first its own entries, then what lies below; links to
    /// directories are not followed, directories that cannot be read are skipped.
    package func recursiveGlob(_ directory: String, suffix: String) -> [String] {
        let entries = (try? list(directory)) ?? []
        var paths = entries.filter { $0.name.hasSuffix(suffix) }.map { directory + "/" + $0.name }
        for entry in entries where entry.isDirectory {
            paths += recursiveGlob(directory + "/" + entry.name, suffix: suffix)
        }
        return paths
    }
}

extension DirectoryEntry {
    var asJournalValue: PyValue { .list([.text(name), .bool(isDirectory)]) }

    init?(journalValue: PyValue) {
        guard let name = journalValue.journalList.first?.asText else { return nil }
        self.init(name: name, isDirectory: journalValue.journalList.last == .bool(true))
    }
}

extension FileStatus {
    var asJournalValue: PyValue { .list([.float(modified), .int(size), .bool(isDirectory)]) }

    init(journalValue: PyValue) {
        let parts = journalValue.journalList
        self.init(
            modified: parts.first?.asDouble ?? 0, size: parts.dropFirst().first?.asInt ?? 0,
            isDirectory: parts.last == .bool(true))
    }
}
