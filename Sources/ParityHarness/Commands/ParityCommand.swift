import Foundation
import Glibc
import PythonSemantics

/// `ringrift parity …`. Exit status 0 equal, 1 different, 2 could not run or wrong usage.
package enum ParityCommand {
    private static let usage = """
        usage: ringrift parity replay [options]
               ringrift parity run [options]
               ringrift parity record [options]

        Plays scenarios against a node in a sandbox of its own (network, PID and mount
        namespaces) and compares what can be observed with what the legacy does.

          replay   compare with recordings of the real legacy (needs no Python)
          run      start a legacy, too, and compare with what it does now
          record   keep what one side does as recordings

        Exit status: 0 equal, 1 different, 2 could not run. More: parity/README.md
        """

    /// - Parameter arguments: what follows `ringrift parity`.
    package static func main(arguments: [String]) async -> Int32 {
        let rest = Array(arguments.dropFirst())
        switch arguments.first {
        case "__inside"?: return InsideCommand.main(rest)
        case "__stub"?: return StubProgram.main(rest)
        case "replay"?: return await play("replay", ParityOptions.replay, rest) { try await ReplayCommand($0).run() }
        case "record"?: return await record(rest)
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
        _ run: (ParityOptions) async throws -> ParityReport
    ) async -> Int32 {
        let table = own + ParityOptions.common
        do {
            let options = try ParityOptions(arguments, table: table)
            if options.has("--help") {
                print("usage: ringrift parity \(name) [options]\n\noptions:\n\(ParityOptions.help(table))")
                return 0
            }
            if options.has("--list") { return try say(ScenarioList.text(options)) }
            try prepare(options, name)
            let report = try await run(options)
            try write(report, json: options.text("--json"))
            for scenario in report.scenarios {
                if let error = scenario.error { complain("ringrift parity \(name): \(scenario.name): \(error)") }
                if let note = scenario.note {
                    complain("ringrift parity \(name): \(scenario.name): the candidate \(note)")
                }
            }
            return report.exitCode
        } catch {
            return failed(name, error)
        }
    }

    private static func record(_ arguments: [String]) async -> Int32 {
        let name = "record"
        do {
            let options = try ParityOptions(arguments, table: ParityOptions.record)
            if options.has("--help") {
                let help = ParityOptions.help(ParityOptions.record)
                print("usage: ringrift parity record [options]\n\noptions:\n\(help)")
                return 0
            }
            if options.has("--list") { return try say(ScenarioList.text(options)) }
            let command = try RecordCommand(options)
            try prepare(options, name)
            let outcomes = try await command.run()
            let report = command.report(outcomes)
            _ = try say(report.text)
            for outcome in outcomes {
                if let error = outcome.error { complain("ringrift parity record: \(outcome.name): \(error)") }
            }
            return report.exitCode
        } catch {
            return failed(name, error)
        }
    }

    /// What has to be in order before the first sandbox.
    private static func prepare(_ options: ParityOptions, _ name: String) throws {
        try Interruption.openStandardDescriptors()
        Interruption.listen()
        if options.has("--no-sandbox") {
            complain("ringrift parity \(name): \(Sandbox.warning)")
        } else if let obstacle = Sandbox.obstacle() {
            throw ParityError(obstacle)
        }
        Sandbox.sweep()
    }

    private static func failed(_ name: String, _ error: any Error) -> Int32 {
        switch error {
        case let error as ParityOptions.UsageError:
            complain("ringrift parity \(name): \(error.text)\nTry 'ringrift parity \(name) --help'.")
            return 2
        case let caught as Interruption.Caught:
            complain("ringrift parity \(name): \(caught)")
            return caught.exitCode
        default:
            complain("ringrift parity \(name): \(error)")
            return 2
        }
    }

    /// - Throws: ``ParityError`` when standard output is closed or full.
    private static func say(_ text: String) throws -> Int32 {
        if let code = PlainFile.write(Array(text.utf8), to: 1) {
            throw ParityError("standard output: \(String(cString: strerror(code)))")
        }
        return 0
    }

    private static func write(_ report: ParityReport, json path: String?) throws {
        let colour = isatty(1) == 1 && ProcessInfo.processInfo.environment["NO_COLOR"] == nil
        let table = TerminalReport(colour: colour).text(report)
        guard let path else { return _ = try say(table) }
        let text = try PyJSON.dumps(JSONReport.value(report), indent: 1)
        try PlainFile.write(text + [UInt8(ascii: "\n")], to: path)
        _ = try say(table)
    }

    private static func complain(_ text: String) {
        _ = PlainFile.write(Array((text + "\n").utf8), to: 2)
    }
}
