import Foundation
import Glibc
import PythonSemantics

/// `ringrift parity …`. Exit status 0 equal, 1 different, 2 could not run or wrong usage.
package enum ParityCommand {
    private static let usage = """
        usage: ringrift parity replay [options]
               ringrift parity run [options]
               ringrift parity record [options]
               ringrift parity compare --references DIR,DIR --candidate DIR
               ringrift parity selftest [options]
               ringrift parity cli [options]
               ringrift parity coverage [options]
               ringrift parity repro ID [options]

        Plays scenarios against a node in a sandbox of its own (network, PID and mount
        namespaces) and compares what can be observed with what the legacy does.

          replay   compare with recordings of the real legacy (needs no Python)
          run      start a legacy, too, and compare with what it does now
          record   keep what one side does as recordings
          compare  compare kept observations; nothing is started
          selftest edit recordings at random; the comparison must notice
          cli      play command lines of the two loops and compare what came of them
          coverage which answers of the contract the recordings show
          repro    play one mismatch again, by the id that a report shows

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
        case "record"?: return await record(rest)
        case "run"?: return await play("run", ParityOptions.run, rest) { try await RunCommand($0).run() }
        case "compare"?:
            return await play("compare", CompareCommand.options, rest, offline: true) { try CompareCommand($0).run() }
        case "selftest"?: return await SelfTestCommand.main(rest)
        case "coverage"?: return coverage(rest)
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

    private static func coverage(_ arguments: [String]) -> Int32 {
        do {
            let options = try ParityOptions(arguments, table: CoverageCommand.options)
            if options.has("--help") {
                print(
                    "usage: ringrift parity coverage [options]\n\noptions:\n"
                        + ParityOptions.help(CoverageCommand.options))
                return 0
            }
            return try CoverageCommand(options).run()
        } catch let error as ParityOptions.UsageError {
            complain("ringrift parity coverage: \(error.text)\nTry 'ringrift parity coverage --help'.")
        } catch {
            complain("ringrift parity coverage: \(error)")
        }
        return 2
    }

    private static func play(
        _ name: String, _ own: [ParityOptions.Option], _ arguments: [String],
        common: [ParityOptions.Option] = ParityOptions.common, offline: Bool = false,
        _ run: (ParityOptions) async throws -> ParityReport
    ) async -> Int32 {
        let table = offline ? own : own + common
        do {
            let options = try ParityOptions(arguments, table: table)
            if options.has("--help") {
                print("usage: ringrift parity \(name) [options]\n\noptions:\n\(ParityOptions.help(table))")
                return 0
            }
            if options.has("--list") { return try say(ScenarioList.text(options)) }
            if !offline { try prepare(options, name) }
            let report = try await run(options)
            try ReportFiles(options).write(report)
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
    static func say(_ text: String) throws -> Int32 {
        if let code = PlainFile.write(Array(text.utf8), to: 1) {
            throw ParityError("standard output: \(String(cString: strerror(code)))")
        }
        return 0
    }

    static func complain(_ text: String) {
        _ = PlainFile.write(Array((text + "\n").utf8), to: 2)
    }
}
