import Comparison
import Foundation
import PythonSemantics

/// A file of command-line cases.
struct CommandLineCaseFile: Sendable {
    var cases: [CommandLineCase]

    /// What a file says for every case; a case adds to it and wins.
    struct Common: Sendable {
        var presets: PyDict
        var files: PyDict
        var stubs: PyDict
        var environment: PyDict
        var ignore: [PyValue]
        var unordered: [PyValue]

        /// The case's document with everything filled in.
        func merged(into own: CommandLineFields) throws -> PyDict {
            var document = own.dict
            document["files"] = .dict(files.merging(try own.object("files")))
            document["env"] = .dict(environment.merging(try own.object("env")))
            if !ignore.isEmpty { document["ignore"] = .list(ignore + (try own.list("ignore"))) }
            if !unordered.isEmpty { document["unordered"] = .list(unordered + (try own.list("unordered"))) }
            var all = PyDict()
            for (name, value) in stubs.merging(try own.object("stubs")) {
                let list = value.asList ?? [value]
                all[name] = .list(
                    try list.map {
                        .dict(
                            try CommandLineBehaviour.expanded(
                                $0, presets: presets, place: "\(own.place): stub '\(name)'"))
                    })
            }
            document["stubs"] = .dict(all)
            return document
        }
    }

    private static let known: Set<PyString> = ["presets", "files", "stubs", "env", "ignore", "unordered", "cases"]

    /// - Throws: ``ParityError`` that names file and place.
    init(contentsOf path: String) throws {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw ParityError("\(path): cannot be read")
        }
        do {
            try self.init(PyJSON.loads(Array(data)))
        } catch {
            throw ParityError("\(path): \(error)")
        }
    }

    init(_ value: PyValue) throws {
        let fields = try CommandLineFields(value, place: "case file", known: Self.known)
        guard fields.has("cases") else { throw ParityError("'cases' is missing") }
        let common = Common(
            presets: try fields.object("presets"), files: try fields.object("files"),
            stubs: try fields.object("stubs"), environment: try fields.object("env"),
            ignore: try fields.list("ignore"), unordered: try fields.list("unordered"))
        cases = try fields.list("cases").map { try CommandLineCase($0, common: common) }
        if let twice = Dictionary(grouping: cases, by: \.id).first(where: { $0.value.count > 1 }) {
            throw ParityError("two cases have the id '\(twice.key)'")
        }
    }

    /// All cases of these files; of a directory its `.json` files, by name.
    static func cases(at paths: [String]) throws -> [CommandLineCase] {
        var found: [CommandLineCase] = []
        for path in paths {
            var isDirectory: ObjCBool = false
            guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
                throw ParityError("\(path): no such file or directory")
            }
            guard isDirectory.boolValue else {
                found += try CommandLineCaseFile(contentsOf: path).cases
                continue
            }
            let names = ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).filter {
                $0.hasSuffix(".json")
            }.sorted()
            if names.isEmpty { throw ParityError("\(path): no case file (*.json) there") }
            for name in names { found += try CommandLineCaseFile(contentsOf: "\(path)/\(name)").cases }
        }
        if let twice = Dictionary(grouping: found, by: \.id).first(where: { $0.value.count > 1 }) {
            throw ParityError("two cases have the id '\(twice.key)'")
        }
        return found
    }
}
