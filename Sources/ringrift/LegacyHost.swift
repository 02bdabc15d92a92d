import Cutover
import Foundation
import PythonBridge

/// Runs legacy code in this process: the whole program ("pure"), or a node behind a unix socket ("worker").
struct LegacyHost {
    private let environment: [String: String]
    private let executable: String

    init(environment: [String: String], executable: String) {
        self.environment = environment
        self.executable = executable
    }

    /// The tree's own `main()` with the same arguments, on this thread. No server, page or signal of ours in between.
    /// - Returns: its exit status; 2 when the legacy cannot be started.
    func runPure(_ arguments: [String]) -> Int32 {
        let named = environment["RINGRIFT_AI_SERVICE"] ?? ""
        let tree = named.isEmpty ? FileManager.default.currentDirectoryPath : named
        let option = Self.ringriftPath(arguments).map { $0 + "/ai-service" }
        let places = named.isEmpty ? [option, tree].compactMap { $0 } : [tree]
        let found = places.compactMap {
            LegacyTree.find(tree: $0, environment: environment, executable: executable)
        }.first
        guard let legacy = found else {
            return refuse(
                "the legacy is asked for, but there is no legacy tree: \(places.joined(separator: ", ")) has no "
                    + "\(LegacyTree.marker), and RINGRIFT_LEGACY_ROOT names none")
        }
        let script = legacy.path + "/" + LegacyTree.marker
        do {
            return try PythonInterpreter.runScript(
                script, arguments: arguments, configuration: configuration(tree: legacy.path))
        } catch {
            return refuse("the legacy cannot be started: \(error)")
        }
    }

    /// The tree is importable whatever `PYTHONPATH` says, as its unit files arrange it.
    private func configuration(tree: String) -> PythonConfiguration {
        PythonConfiguration(
            executable: PythonConfiguration.interpreterPath(tree: tree, environment: environment), pathEntries: [tree])
    }

    /// `ringrift legacy-worker --tree T --socket S …`: see `python -m ringrift_shim worker --help`.
    func runWorker(_ arguments: [String]) -> Int32 {
        guard let shim = LegacyTree.shim(executable: executable) else { return refuse("Legacy/shim is missing") }
        guard let tree = Self.value(of: "--tree", in: arguments) else {
            return refuse("legacy-worker needs --tree DIR, --socket PATH and, after --, the node's options")
        }
        do {
            return try PythonInterpreter.runScript(
                shim + "/run_worker.py", arguments: arguments, configuration: configuration(tree: tree))
        } catch {
            return refuse("the legacy worker cannot be started: \(error)")
        }
    }

    private func refuse(_ reason: String) -> Int32 {
        FileHandle.standardError.write(Data("ringrift: \(reason)\n".utf8))
        return 2
    }

    private static func ringriftPath(_ arguments: [String]) -> String? { value(of: "--ringrift-path", in: arguments) }

    private static func value(of option: String, in arguments: [String]) -> String? {
        for (index, argument) in arguments.enumerated() {
            if argument == option { return arguments.dropFirst(index + 1).first }
            if argument.hasPrefix(option + "=") { return String(argument.dropFirst(option.count + 1)) }
        }
        return nil
    }
}
