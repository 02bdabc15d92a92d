import Foundation
import Glibc

/// Where things are: this program, the project's `parity` folder, the bundled legacy, interpreters.
enum ParityPlaces {
    static var executable: String {
        (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
            ?? CommandLine.arguments.first ?? "ringrift"
    }

    /// A path of the project (`parity/rules.yaml`), looked for in the working directory and in the directories above
    /// this program.
    static func project(_ path: String) -> String {
        if FileManager.default.fileExists(atPath: path) { return absolute(path) }
        var directory = (executable as NSString).deletingLastPathComponent
        while directory.count > 1 {
            let candidate = directory + "/" + path
            if FileManager.default.fileExists(atPath: candidate) { return candidate }
            directory = (directory as NSString).deletingLastPathComponent
        }
        return absolute(path)
    }

    static func absolute(_ path: String) -> String {
        path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
    }

    /// The path of a tree that was named on the command line.
    /// - Throws: ``ParityError`` when there is none.
    static func tree(_ name: String) throws -> (path: String, kind: String) {
        let path = name == "bundled" ? project("Legacy/ai-service") : absolute(name)
        guard FileManager.default.fileExists(atPath: path + "/scripts") else {
            throw ParityError("\(path): no ai-service tree (no 'scripts' in it)")
        }
        return (path, name == "bundled" ? "bundled" : "real")
    }

    /// The first interpreter that is there: the named one, `RINGRIFT_PYTHON`, the tree's, `RINGRIFT_VENV`'s, `python3`.
    /// - Throws: ``ParityError`` when the named one is missing.
    static func python(named: String?, tree: String?) throws -> String? {
        let environment = ProcessInfo.processInfo.environment
        if let named {
            guard let found = program(named) else { throw ParityError("\(named): no such interpreter") }
            return found
        }
        let candidates = [
            environment["RINGRIFT_PYTHON"], tree.map { $0 + "/venv/bin/python" },
            environment["RINGRIFT_VENV"].map { $0 + "/bin/python" }, "python3",
        ]
        return candidates.compactMap { $0 }.compactMap(program).first
    }

    static func program(_ name: String) -> String? {
        if name.contains("/") {
            let path = absolute(name)
            return access(path, X_OK) == 0 ? path : nil
        }
        let directories = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin").split(separator: ":")
        return directories.map { "\($0)/\(name)" }.first { access($0, X_OK) == 0 }
    }

    /// What a node inherits: this process's variables without those that steer a node or an interpreter.
    /// - Parameter keeping: names that stay all the same.
    static func environment(keeping: Set<String> = []) -> [String: String] {
        ProcessInfo.processInfo.environment.filter { name, _ in
            keeping.contains(name)
                || !["RINGRIFT_", "P2P_", "PYTHON", "CUDA_"].contains { name.hasPrefix($0) }
        }
    }

    /// Text for `sh` that stands for exactly this word.
    static func quoted(_ word: String) -> String {
        "'" + word.replacing("'", with: "'\\''") + "'"
    }
}
