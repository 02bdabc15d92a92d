import Foundation
import PythonSemantics
import Testing

@testable import PythonBridge

/// All suites that share the process's one interpreter; serialized, since counters and object counts are global to it.
@Suite(.serialized, .enabled(if: TestPython.missing == nil, TestPython.skipReason))
enum BridgeSuites {}

enum TestPython {
    /// Why libCPythonEmbed.so cannot be opened; nil when it can.
    static let missing: String? = {
        do {
            _ = try CPythonLibrary.load()
            return nil
        } catch {
            return "\(error)"
        }
    }()

    static var skipReason: Comment {
        Comment(rawValue: "\(missing ?? "") (swift build --product CPythonEmbed builds it)")
    }

    /// One entry on `sys.path` that only this configuration knows.
    static let pathEntry = NSTemporaryDirectory() + "ringrift-bridge-tests-\(ProcessInfo.processInfo.processIdentifier)"

    private static let started = Result {
        try FileManager.default.createDirectory(atPath: pathEntry, withIntermediateDirectories: true)
        return try PythonInterpreter.start(
            PythonConfiguration(
                pathEntries: [pathEntry], arguments: ["bridge-tests", "-x"],
                environment: ["RINGRIFT_TEST_OVERRIDE": "set", "PYTHONDONTWRITEBYTECODE": "1"]))
    }

    /// The interpreter of this test process, running the Python that belongs to libpython.
    static var shared: PythonInterpreter {
        get throws { try started.get() }
    }

    /// A virtual environment to try, if this machine has one.
    static let venvPython: String? = {
        let root = ProcessInfo.processInfo.environment["RINGRIFT_TEST_VENV"] ?? "/opt/venv"
        let python = "\(root)/bin/python"
        return FileManager.default.isExecutableFile(atPath: python) ? python : nil
    }()

    static let soak = ProcessInfo.processInfo.environment["RINGRIFT_SOAK"] == "1"

    /// Resident memory of this process in bytes.
    static func residentBytes() throws -> Int {
        let fields = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8).split(separator: " ")
        return try #require(Int(fields[1])) * sysconf(Int32(_SC_PAGESIZE))
    }
}

struct Finished: Equatable {
    /// Exit status, or the signal's number.
    var status: Int32
    var signalled: Bool
    var output: String
    var error: String
}

/// Dispatch's threads block most signals, and children and new threads inherit that. A test run started in the
/// background of a script ignores SIGINT, which children inherit, too.
func unblockingSignals<Result>(_ body: () throws -> Result) rethrows -> Result {
    var none = sigset_t()
    var before = sigset_t()
    sigemptyset(&none)
    pthread_sigmask(SIG_SETMASK, &none, &before)
    let interrupt = signal(SIGINT, SIG_DFL)
    defer {
        signal(SIGINT, interrupt)
        pthread_sigmask(SIG_SETMASK, &before, nil)
    }
    return try body()
}

/// Runs a program to its end.
func run(_ path: String, _ arguments: [String], environment: [String: String] = [:]) throws -> Finished {
    let process = Process()
    let output = Pipe()
    let error = Pipe()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.standardOutput = output
    process.standardError = error
    process.standardInput = FileHandle.nullDevice
    try unblockingSignals { try process.run() }
    let text = output.fileHandleForReading.readDataToEndOfFile()
    let errors = error.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return Finished(
        status: process.terminationStatus, signalled: process.terminationReason == .uncaughtSignal,
        output: String(decoding: text, as: UTF8.self),
        error: String(decoding: errors, as: UTF8.self))
}
