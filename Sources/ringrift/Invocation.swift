import Cutover
import Foundation
import P2PNode
import ParityHarness

/// What a command line asks for. Started under the name of a legacy program, the binary is that program.
struct Invocation {
    private let name: String
    private let arguments: [String]
    private let environment: [String: String]
    private let executable: String

    init(arguments: [String], environment: [String: String]) {
        name = arguments.first.map { ($0 as NSString).lastPathComponent } ?? "ringrift"
        self.arguments = Array(arguments.dropFirst())
        self.environment = environment
        executable =
            (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? arguments.first
            ?? "ringrift"
    }

    /// Runs the command to its end and gives the exit status.
    func run() -> Int32 {
        signal(SIGPIPE, SIG_IGN)
        if name == "p2p_orchestrator" || name == "p2p_orchestrator.py" { return p2p(arguments) }
        guard let command = arguments.first else {
            print(Self.usage)
            return 0
        }
        let rest = Array(arguments.dropFirst())
        switch command {
        case "-h", "--help", "help":
            print(Self.usage)
            return 0
        case "--version":
            print("ringrift \(Self.version)")
            return 0
        case "p2p": return p2p(rest)
        case "legacy-worker": return LegacyHost(environment: environment, executable: executable).runWorker(rest)
        case "candidate":
            switch CandidateHost(environment: environment).prepare(rest) {
            case .serve(let server): return blocking { await server.run() }
            case .repro(let repro): return blocking { await repro.run() }
            case nil:
                fail("candidate is started by p2p; by hand: ringrift candidate --repro FILE [--tree DIR]")
                return 2
            }
        case "parity":
            return blocking { await ParityCommand.main(arguments: rest) }
        case "cutover":
            return blocking { [environment] in await CutoverCommand(environment: environment).run(rest) }
        case "doctor": return Doctor(environment: environment, executable: executable).run(rest)
        default:
            fail("unknown command '\(command)'\n\n" + Self.usage)
            return 2
        }
    }

    private func p2p(_ arguments: [String]) -> Int32 {
        let command = P2PCommand(environment: environment, executable: executable)
        if command.isPure(arguments) {
            for alarm in FlagTable(environment: environment).alarms { fail("\(alarm)") }
            return LegacyHost(environment: environment, executable: executable).runPure(arguments)
        }
        return blocking { await command.run(arguments) }
    }

    /// Runs an asynchronous command while the main thread waits.
    private func blocking(_ body: @escaping @Sendable () async -> Int32) -> Int32 {
        let done = DispatchSemaphore(value: 0)
        let status = ExitStatus()
        // The one task without a parent: the root of everything asynchronous in this process.
        Task {
            status.value = await body()
            done.signal()
        }
        done.wait()
        return status.value
    }

    private func fail(_ text: String) { FileHandle.standardError.write(Data(("ringrift: " + text + "\n").utf8)) }

    static let version = "0.1.0"

    static let usage = """
        usage: ringrift COMMAND [ARGUMENT ...]

        A drop-in replacement for the RingRift orchestrators, and the tools to move
        a running cluster onto it.

        commands:
          p2p             the P2P cluster node, with the legacy's command line
          cutover         show and change which side serves what; roll back; drill
          parity          compare with the legacy: replay recordings, run both
          legacy-worker   host a legacy tree behind a unix socket (started by p2p)
          doctor          say what this machine lacks

        Started under the name p2p_orchestrator the binary is that program.
        RINGRIFT_IMPL_P2P=legacy runs the legacy tree's own code in this process.
        `ringrift COMMAND --help` tells more.
        """
}

/// Carries the status from the root task to the main thread.
private final class ExitStatus: @unchecked Sendable {  // guard: written before the semaphore is signalled, read after
    var value: Int32 = 1
}
