import Foundation
import Glibc
import PythonSemantics

/// `ringrift parity …`. Exit status 0 equal, 1 different, 2 could not run or wrong usage.
package enum ParityCommand {
    private static let usage = """
        usage: ringrift parity replay [options]
               ringrift parity run [options]
               ringrift parity cli [options]

        Plays scenarios against a node in a sandbox of its own (network, PID and mount
        namespaces) and compares what can be observed with what the legacy does.

          replay   compare with recordings of the real legacy (needs no Python)
          run      start a legacy, too, and compare with what it does now
          cli      play command lines of the two loops and compare what came of them

        Exit status: 0 equal, 1 different, 2 could not run. More: parity/README.md
        """

    /// - Parameter arguments: what follows `ringrift parity`.
    package static func main(arguments: [String]) async -> Int32 {
        let rest = Array(arguments.dropFirst())
        switch arguments.first {
        case "__inside"?: return InsideCommand.main(rest)
        case "__stub"?: return StubProgram.main(rest)
        case "__cli"?: return CommandLineInside.main(rest)
        case "__clistub"?: return CommandLineStub.main(rest)
        case "cli"?: return await play("cli", CLICommand.options, rest, common: []) { try await CLICommand($0).run() }
        case "replay"?: return await play("replay", ParityOptions.replay, rest) { try await ReplayCommand($0).run() }
        case "run"?: return await play("run", ParityOptions.run, rest) { try await RunCommand($0).run() }
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
        common: [ParityOptions.Option] = ParityOptions.common, _ run: (ParityOptions) async throws -> ParityReport
    ) async -> Int32 {
        let table = own + common
        do {
            let options = try ParityOptions(arguments, table: table)
            if options.has("--help") {
                print("usage: ringrift parity \(name) [options]\n\noptions:\n\(ParityOptions.help(table))")
                return 0
            }
            if let obstacle = Sandbox.obstacle() { throw ParityError(obstacle) }
            Sandbox.sweep()
            let report = try await run(options)
            try write(report, json: options.text("--json"))
            return report.exitCode
        } catch let error as ParityOptions.UsageError {
            complain("ringrift parity \(name): \(error.text)\nTry 'ringrift parity \(name) --help'.")
            return 2
        } catch {
            complain("ringrift parity \(name): \(error)")
            return 2
        }
    }

    private static func write(_ report: ParityReport, json path: String?) throws {
        let colour = isatty(1) == 1 && ProcessInfo.processInfo.environment["NO_COLOR"] == nil
        FileHandle.standardOutput.write(Data(TerminalReport(colour: colour).text(report).utf8))
        guard let path else { return }
        let text = try PyJSON.dumps(JSONReport.value(report), indent: 1)
        do {
            try Data(text + [UInt8(ascii: "\n")]).write(to: URL(fileURLWithPath: path))
        } catch {
            throw ParityError("\(path): cannot be written")
        }
    }

    private static func complain(_ text: String) {
        FileHandle.standardError.write(Data((text + "\n").utf8))
    }
}
