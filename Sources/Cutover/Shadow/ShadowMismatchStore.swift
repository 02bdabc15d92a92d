import Foundation
import PythonSemantics

/// A directory of mismatches, a file each; the newest are kept.
package struct ShadowMismatchStore: Sendable {
    package let directory: String
    private let limit: Int

    /// - Parameter limit: how many are kept.
    package init(directory: String, limit: Int) {
        self.directory = directory
        self.limit = limit
    }

    /// `{tree}/logs/cutover/mismatches`
    package static func directory(tree: String) -> String { tree + "/logs/cutover/mismatches" }

    package func path(_ id: String) -> String { directory + "/" + id + ".json" }

    /// Writes one unless one of its id is there; then its file only becomes the newest. A full disk loses mismatches,
    /// never the node.
    /// - Returns: whether it is new.
    package func save(_ mismatch: ShadowMismatch) -> Bool {
        let path = path(mismatch.id)
        let files = FileManager.default
        if files.fileExists(atPath: path) {
            try? files.setAttributes([.modificationDate: Date()], ofItemAtPath: path)
            return false
        }
        try? files.createDirectory(atPath: directory, withIntermediateDirectories: true)
        guard let bytes = try? PyJSON.dumps(mismatch.value(), indent: 1, nestingLimit: PyJSON.responseNestingLimit)
        else { return true }
        try? Data(bytes + [UInt8(ascii: "\n")]).write(to: URL(fileURLWithPath: path), options: .atomic)
        prune()
        return true
    }

    /// Nil when there is none, or none that can be read.
    package func load(_ id: String) -> ShadowMismatch? { Self.load(path: path(id)) }

    package static func load(path: String) -> ShadowMismatch? {
        guard let data = FileManager.default.contents(atPath: path) else { return nil }
        return (try? PyJSON.loads([UInt8](data))).flatMap(ShadowMismatch.init)
    }

    /// Newest first.
    package func ids() -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        let dated = names.filter { $0.hasSuffix(".json") }.map { name -> (id: String, date: Date) in
            let attributes = try? FileManager.default.attributesOfItem(atPath: directory + "/" + name)
            return (String(name.dropLast(5)), attributes?[.modificationDate] as? Date ?? .distantPast)
        }
        return dated.sorted { $0.date == $1.date ? $0.id < $1.id : $0.date > $1.date }.map(\.id)
    }

    private func prune() {
        for id in ids().dropFirst(limit) { try? FileManager.default.removeItem(atPath: path(id)) }
    }
}
