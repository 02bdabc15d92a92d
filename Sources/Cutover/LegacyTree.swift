import Foundation

/// Which legacy serves what is not native, found by the rules of DESIGN section 4 "Which legacy".
package struct LegacyTree: Sendable, CustomStringConvertible {
    /// The `ai-service` directory with the legacy's files.
    package var path: String
    /// Whether this is the project's own test double.
    package var isBundled: Bool
    /// Interpreter or virtual environment for the legacy's Python packages; nil for the system's.
    package var virtualEnvironment: String?
    private var directory: String
    private var executable: String
    private var environment: [String: String]

    package var description: String { (isBundled ? "bundled " : "") + path }

    /// The file that makes a directory a legacy tree.
    package static let marker = "scripts/p2p_orchestrator.py"

    /// - Parameters:
    ///   - tree: the directory the program works in.
    ///   - executable: this program; the bundled tree is looked for beside it.
    /// - Returns: nil when there is none; then only native routes are served.
    package static func find(tree: String, environment: [String: String], executable: String) -> LegacyTree? {
        let named = environment["RINGRIFT_LEGACY_ROOT"] ?? ""
        var found = LegacyTree(
            path: tree, isBundled: false, virtualEnvironment: nil, directory: tree, executable: executable,
            environment: environment)
        if isLegacy(tree), !isBundled(tree) {
            found.path = tree
        } else if named == "bundled", isLegacy(tree), isBundled(tree) {
            // A copy of the double: its own state directory, not the checkout's.
            found.isBundled = true
        } else if named == "bundled" {
            guard let bundled = bundledTree(executable: executable) else { return nil }
            found.path = bundled
            found.isBundled = true
        } else if !named.isEmpty, isLegacy(named) {
            found.path = named
            found.isBundled = isBundled(named)
        } else {
            return nil
        }
        let own = found.path + "/venv"
        if FileManager.default.isExecutableFile(atPath: own + "/bin/python") {
            found.virtualEnvironment = own
        } else if let given = environment["RINGRIFT_VENV"], !given.isEmpty {
            found.virtualEnvironment = given
        }
        return found
    }

    package static func isLegacy(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: path + "/" + marker)
    }

    /// The double carries a marker file, so that a copy of it is never taken for a real tree.
    package static func isBundled(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: path + "/.ringrift-bundled")
    }

    /// `Legacy/ai-service` of a checkout, or `share/ringrift/ai-service` of an installation.
    package static func bundledTree(executable: String) -> String? { resource("ai-service", executable) }

    /// `Legacy/shim`, the Python code that hosts a tree.
    package static func shim(executable: String) -> String? { resource("shim", executable) }

    private static func resource(_ name: String, _ executable: String) -> String? {
        var directory = URL(fileURLWithPath: executable).resolvingSymlinksInPath().deletingLastPathComponent()
        for _ in 0..<6 {
            for candidate in ["Legacy/\(name)", "share/ringrift/\(name)"] {
                let path = directory.appendingPathComponent(candidate).path
                if FileManager.default.fileExists(atPath: path) { return path }
            }
            directory.deleteLastPathComponent()
        }
        return nil
    }

    /// How to start the worker; nil when `RINGRIFT_STANDBY=off`.
    /// - Parameter arguments: the node's own command line.
    package func workerConfiguration(arguments: [String]) -> LegacyWorker.Configuration? {
        let standby = environment["RINGRIFT_STANDBY"] ?? "warm"
        guard standby != "off" else { return nil }
        // A process id alone is not unique: nodes in containers may share the directory.
        let suffix = String(UInt64.random(in: .min ... .max), radix: 36)
        let runtimeDirectory = NSTemporaryDirectory() + "/\(WorkerDirectory.prefix)\(getpid())-\(suffix)"
        let socketPath = runtimeDirectory + "/http.sock"
        let controlPath = runtimeDirectory + "/control.sock"
        // The store writes peers, jobs and state rows; the other tables of the node's databases are the legacy's own.
        let state =
            path == directory
            ? ["--own-state"] : ["--state-dir", directory + "/logs/p2p_orchestrator", "--no-seed"]
        return LegacyWorker.Configuration(
            command: [
                executable, "legacy-worker", "--tree", path, "--socket", socketPath, "--control", controlPath,
                // Started from a pool thread, whose end would count as the parent's death.
                "--parent-watch", "poll",
                // What only the worker does is said by it: on the node's own stdout and stderr.
                "--output", "inherit",
            ] + state + ["--"] + arguments,
            directory: directory, environment: environment, socketPath: socketPath, startsAtOnce: standby != "cold",
            privateDirectory: runtimeDirectory, controlPath: controlPath, holdsNode: standby == "wait")
    }
}
