import Cutover
import Foundation

/// How candidates are started.
package struct CandidateLaunch: Sendable {
    /// Path of this program.
    package var executable: String
    package var environment: [String: String]
    /// The `ai-service` directory.
    package var tree: String
    /// Takes a line for the cutover log.
    package var log: @Sendable (String) -> Void

    package init(
        executable: String, environment: [String: String], tree: String, log: @escaping @Sendable (String) -> Void
    ) {
        self.executable = executable
        self.environment = environment
        self.tree = tree
        self.log = log
    }

    /// A supervised candidate and the path of its socket.
    func process() -> (worker: LegacyWorker, socket: String) {
        let suffix = String(UInt64.random(in: .min ... .max), radix: 36)
        let folder = NSTemporaryDirectory() + "/ringrift-candidate-\(getpid())-\(suffix)"
        let socket = folder + "/candidate.sock"
        var configuration = LegacyWorker.Configuration(
            command: [
                executable, "candidate", "--socket", socket, "--parent", String(getpid()), "--log",
                tree + "/logs/cutover/candidate.log",
            ], directory: tree, environment: environment, socketPath: socket, startsAtOnce: true,
            privateDirectory: folder)
        configuration.title = "candidate"
        return (LegacyWorker(configuration: configuration, onEvent: log), socket)
    }
}
