import Foundation
import Glibc
import PythonSemantics

/// What lies under `logs/` and `data/` of a tree and in the coordination directory after a run.
struct StateDump {
    /// The `ai-service` directory.
    let tree: String
    /// Files that were there before the run, by relative path: size and modification time in nanoseconds.
    private var before: [String: [Int]] = [:]

    /// Looks at the tree before the node starts.
    /// - Parameter seeded: relative paths the scenario seeded, which are always dumped.
    init(tree: String, seeded: Set<String>) {
        self.tree = tree
        for path in Self.files(tree) where !seeded.contains(path) {
            before[path] = Self.mark(tree + "/" + path)
        }
    }

    private static let texts = ["json", "jsonl", "pid", "txt", "yaml", "yml"]

    func read() -> (databases: PyDict, files: PyDict) {
        var databases = PyDict()
        var files = PyDict()
        for path in Self.files(tree) {
            let full = tree + "/" + path
            guard let mark = Self.mark(full) else { continue }
            if let old = before[path], old == mark { continue }
            let key = PyString(path)
            if path.hasSuffix(".db") {
                databases[key] = Self.database(full)
            } else if Self.texts.contains(where: { path.hasSuffix("." + $0) }), mark[0] < 200_000 {
                files[key] = Self.text(full)
            } else {
                files[key] = ["size": .int(mark[0])]
            }
        }
        let coordination = "/tmp/ringrift_coordination"
        for name in ((try? FileManager.default.contentsOfDirectory(atPath: coordination)) ?? []).sorted()
        where !name.hasPrefix(".") {
            let key = PyString("tmp/ringrift_coordination/" + name)
            if name.hasSuffix(".db") {
                databases[key] = Self.database(coordination + "/" + name)
            } else {
                files[key] = Self.text(coordination + "/" + name)
            }
        }
        return (databases, files)
    }

    private static func database(_ path: String) -> PyValue {
        do {
            return try SQLiteFile(path: path).dump()
        } catch let failure as SQLiteFile.Failure {
            return .string(failure.pyRepr)
        } catch {
            return .string("\(error)")
        }
    }

    private static func text(_ path: String) -> PyValue {
        .string(String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self))
    }

    /// Size and modification time; nil for what is no file behind its links.
    private static func mark(_ path: String) -> [Int]? {
        var info = stat()
        guard stat(path, &info) == 0, info.st_mode & S_IFMT == S_IFREG else { return nil }
        return [Int(info.st_size), info.st_mtim.tv_sec * 1_000_000_000 + info.st_mtim.tv_nsec]
    }

    private static func files(_ tree: String) -> [String] {
        var found: [String] = []
        func walk(_ directory: String) {
            for name in ((try? FileManager.default.contentsOfDirectory(atPath: tree + "/" + directory)) ?? []).sorted()
            {
                let path = directory + "/" + name
                var info = stat()
                guard lstat(tree + "/" + path, &info) == 0 else { continue }
                if info.st_mode & S_IFMT == S_IFDIR { walk(path) } else { found.append(path) }
            }
        }
        walk("logs")
        walk("data")
        return found
    }
}
