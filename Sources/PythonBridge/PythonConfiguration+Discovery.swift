import Foundation

extension PythonConfiguration {
    /// The python of the tree's `venv`, else of `RINGRIFT_VENV`, else nil (DESIGN section 4, "Python packages").
    ///
    /// - Parameter tree: the `ai-service` directory the program works in.
    package static func interpreterPath(tree: String?, environment: [String: String]) -> String? {
        let tree = tree.map { "\($0)/venv/bin/python" }
        if let tree, FileManager.default.isExecutableFile(atPath: tree) { return tree }
        // A named environment that is missing is the user's mistake: return it, the start then says so.
        return environment["RINGRIFT_VENV"].flatMap { $0.isEmpty ? nil : "\($0)/bin/python" }
    }

    /// The interpreter to pin, checked to exist and to be libpython's version.
    func resolvedExecutable(for library: CPythonLibrary) throws(PythonStartError) -> String {
        let path = if let executable { executable } else { try Self.interpreterOf(library) }
        guard FileManager.default.isExecutableFile(atPath: path) else {
            throw .interpreterUnusable(path: path, reason: "there is no such executable file")
        }
        if let environment = VirtualEnvironment(executable: path) {
            if let home = environment.home, !FileManager.default.fileExists(atPath: home) {
                throw .interpreterUnusable(
                    path: path, reason: "its pyvenv.cfg names home \(home), which does not exist")
            }
            if environment.version == library.version { return path }
        }
        // pyvenv.cfg keeps the version of the day it was written, and a plain interpreter has none: ask itself.
        guard let version = Self.version(reportedBy: path) else {
            throw .interpreterUnusable(path: path, reason: "it does not run")
        }
        guard version == library.version else {
            throw .versionMismatch(path: path, version: version, library: library.version)
        }
        return path
    }

    /// `<prefix>/bin/python3.11` of the prefix that holds libpython. The first `python3` on PATH may be another build.
    private static func interpreterOf(_ library: CPythonLibrary) throws(PythonStartError) -> String {
        let name = "python" + library.version.split(separator: ".").prefix(2).joined(separator: ".")
        guard let path = library.libpythonPath else { return "/usr/bin/\(name)" }
        var directory = URL(fileURLWithPath: path).resolvingSymlinksInPath().deletingLastPathComponent()
        while directory.path != "/" {
            let candidate = directory.appendingPathComponent("bin/\(name)").path
            if FileManager.default.isExecutableFile(atPath: candidate) { return candidate }
            directory.deleteLastPathComponent()
        }
        throw .interpreterUnusable(path: "/usr/bin/\(name)", reason: "there is no interpreter beside \(path)")
    }

    private static func version(reportedBy executable: String) -> String? {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: executable)
        process.arguments = ["-I", "-S", "-c", "import sys; print(sys.version.split()[0].rstrip('+'))"]
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        process.standardInput = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return nil }
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return process.terminationStatus == 0 ? text.trimmingCharacters(in: .whitespacesAndNewlines) : nil
    }
}

/// What a `pyvenv.cfg` says.
struct VirtualEnvironment: Equatable {
    let root: String
    /// Directory of the interpreter it was made with.
    let home: String?
    /// "3.11.2"
    let version: String?

    /// Reads `pyvenv.cfg` beside the executable or one directory up, where `site` looks too; nil when there is none.
    init?(executable: String) {
        let directory = URL(fileURLWithPath: executable).deletingLastPathComponent()
        for root in [directory, directory.deletingLastPathComponent()] {
            let file = root.appendingPathComponent("pyvenv.cfg")
            if let text = try? String(contentsOf: file, encoding: .utf8) {
                self.init(root: root.path, configuration: text)
                return
            }
        }
        return nil
    }

    /// Keys are case-blind and surrounding blanks do not count. `version_info` ("3.11.2.final.0") is virtualenv's key.
    init(root: String, configuration: String) {
        var values: [String: String] = [:]
        for line in configuration.split(whereSeparator: \.isNewline) {
            guard let equals = line.firstIndex(of: "=") else { continue }
            let key = line[..<equals].trimmingCharacters(in: .whitespaces).lowercased()
            values[key] = line[line.index(after: equals)...].trimmingCharacters(in: .whitespaces)
        }
        self.root = root
        home = values["home"]
        version = (values["version"] ?? values["version_info"]).map {
            $0.split(separator: ".").prefix(3).joined(separator: ".")
        }
    }
}
