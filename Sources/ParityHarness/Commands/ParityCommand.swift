import Foundation
import Glibc
import PythonSemantics

/// `ringrift parity …`. Exit status 0 equal, 1 different, 2 could not run or wrong usage.
package enum ParityCommand {
    private static let usage = """
        usage: ringrift parity replay [options]
               ringrift parity run [options]
               ringrift parity repro ID [options]

        Plays scenarios against a node in a sandbox of its own (network, PID and mount
        namespaces) and compares what can be observed with what the legacy does.

          replay   compare with recordings of the real legacy (needs no Python)
          run      start a legacy, too, and compare with what it does now
          repro    play one mismatch again, by the id that a report shows

        Exit status: 0 equal, 1 different, 2 could not run. More: parity/README.md
        """

    /// - Parameter arguments: what follows `ringrift parity`.
    package static func main(arguments: [String]) async -> Int32 {
        let rest = Array(arguments.dropFirst())
        switch arguments.first {
        case "__inside"?: return InsideCommand.main(rest)
        case "__stub"?: return StubProgram.main(rest)
        case "replay"?: return await play("replay", ParityOptions.replay, rest) { try await ReplayCommand($0).run() }
        case "run"?: return await play("run", ParityOptions.run, rest) { try await RunCommand($0).run() }
        case "repro"?: return await ReproCommand.main(rest)
        case "--help"?, "-h"?, "help"?:
            print(usage)
            return 0
        case let word?:
            complain("ringrift parity: unknown command '\(word)'\n\n\(usage)")
            return 2
        case nil:
            complain(usage)
            return 2
        }
    }

    private static func play(
        _ name: String, _ own: [ParityOptions.Option], _ arguments: [String],
        _ run: (ParityOptions) async throws -> ParityReport
    ) async -> Int32 {
        let table = own + ParityOptions.common
        do {
            let options = try ParityOptions(arguments, table: table)
            if options.has("--help") {
                print("usage: ringrift parity \(name) [options]\n\noptions:\n\(ParityOptions.help(table))")
                return 0
            }
            if let obstacle = Sandbox.obstacle() { throw ParityError(obstacle) }
            Sandbox.sweep()
            let report = try await run(options)
            try ReportFiles(options).write(report)
            return report.exitCode
        } catch let error as ParityOptions.UsageError {
            complain("ringrift parity \(name): \(error.text)\nTry 'ringrift parity \(name) --help'.")
            return 2
        } catch {
            complain("ringrift parity \(name): \(error)")
            return 2
        }
    }

    static func complain(_ text: String) {
        FileHandle.standardError.write(Data((text + "\n").utf8))
    }
}
