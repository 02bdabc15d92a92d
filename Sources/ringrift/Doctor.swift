import Cutover
import Foundation
import PythonBridge

/// `ringrift doctor`: what this machine has and lacks, one line each; exit 1 when something is missing, 2 when
/// flags are refused (DESIGN section 3 "Flags").
struct Doctor {
    private let environment: [String: String]
    private let executable: String

    init(environment: [String: String], executable: String) {
        self.environment = environment
        self.executable = executable
    }

    func run(_ arguments: [String]) -> Int32 {
        if arguments.contains("-h") || arguments.contains("--help") {
            print(
                "usage: ringrift doctor\n\nSays what this machine has for native routes, the legacy and its embedding.")
            return 0
        }
        guard arguments.isEmpty else {
            FileHandle.standardError.write(Data("ringrift doctor: takes no arguments\n".utf8))
            return 2
        }
        var missing = 0
        func say(_ good: Bool, _ what: String, _ detail: String, bad: String = "missing") {
            print(
                "\(good ? "ok     " : bad) \(what.padding(toLength: 18, withPad: " ", startingAt: 0)) \(detail)")
            if !good { missing += 1 }
        }
        let tree = environment["RINGRIFT_AI_SERVICE"] ?? FileManager.default.currentDirectoryPath
        let executable = PythonConfiguration.interpreterPath(tree: tree, environment: environment)
        switch PythonInterpreter.examine(PythonConfiguration(executable: executable)) {
        case .success(let summary): say(true, "embedded Python", summary)
        case .failure(let error): say(false, "embedded Python", "\(error)")
        }
        if let shim = LegacyTree.shim(executable: self.executable) {
            say(true, "shim", shim)
        } else {
            say(false, "shim", "Legacy/shim is neither beside the binary nor above it")
        }
        if let legacy = LegacyTree.find(tree: tree, environment: environment, executable: self.executable) {
            say(true, "legacy tree", legacy.description)
        } else {
            say(false, "legacy tree", "none at \(tree) (RINGRIFT_AI_SERVICE, RINGRIFT_LEGACY_ROOT)")
        }
        let flags = FlagReport(environment: environment, tree: tree)
        for problem in flags.problems { say(false, "flags", problem, bad: "refused") }
        if !flags.problems.isEmpty {
            print(FlagReport.allowed)
            return 2
        }
        return missing == 0 ? 0 : 1
    }
}
