import Foundation

/// Whether the legacy worker of a candidate can start. Without this look hundreds of routes would answer 503.
enum WorkerPackages {
    /// - Parameter environment: the candidate's variables.
    /// - Throws: ``ParityError`` when the interpreter of the tree's worker has not what a legacy node imports.
    static func require(tree: String, environment: [String: String]) throws {
        guard environment["RINGRIFT_STANDBY"] != "off" else { return }
        let candidates = [
            tree + "/venv/bin/python", environment["RINGRIFT_VENV"].map { $0 + "/bin/python" }, "python3",
        ]
        guard let interpreter = candidates.compactMap({ $0 }).compactMap(ParityPlaces.program).first else {
            throw ParityError("no Python for the legacy worker: \(advice)")
        }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: interpreter)
        process.arguments = ["-c", "import aiohttp"]
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        do { try process.run() } catch { throw ParityError("\(interpreter): \(error)") }
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw ParityError("\(interpreter) has no aiohttp, so the legacy worker cannot start: \(advice)")
        }
    }

    private static let advice = "set RINGRIFT_VENV, or --env RINGRIFT_STANDBY=off"
}
