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
        case "cli"?: return await play("cli", CLICommand.options, rest) { try await CLICommand($0).run() }
        case "replay"?:
            return await play("replay", ParityOptions.replay + ParityOptions.common, rest) {
                try await ReplayCommand($0).run()
            }
        case "record"?: return await record(rest)
        case "run"?:
            return await play("run", ParityOptions.run + ParityOptions.common, rest) {
                try await RunCommand($0).run()
            }
        case "compare"?:
            return await play("compare", CompareCommand.options, rest, offline: true) { try CompareCommand($0).run() }
        case "selftest"?: return await SelfTestCommand.main(rest)
        case "coverage"?:
            return await ParityInvocation(name: "coverage", table: CoverageCommand.options).run(rest) {
                try CoverageCommand($0).run()
            }
        case "repro"?:
            return await ParityInvocation(
                name: "repro", table: ReproCommand.options, about: ReproCommand.about, operands: ["ID"]
            ).run(rest, ReproCommand.run)
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

    /// A command that ends in a report.
    /// - Parameter offline: nothing is started.
    private static func play(
        _ name: String, _ table: [ParityOptions.Option], _ arguments: [String], offline: Bool = false,
        _ run: (ParityOptions) async throws -> ParityReport
    ) async -> Int32 {
        let invocation = ParityInvocation(name: name, table: table)
        return await invocation.run(arguments) { options in
            if options.has("--list") { return try say(ScenarioList.text(options)) }
            if !offline { try prepare(options, invocation) }
            let report = try await run(options)
            try ReportFiles(options).write(report)
            for scenario in report.scenarios {
                if let error = scenario.error { invocation.complain("\(scenario.name): \(error)") }
                if let note = scenario.note { invocation.complain("\(scenario.name): the candidate \(note)") }
            }
            return report.exitCode
        }
    }

    private static func record(_ arguments: [String]) async -> Int32 {
        let invocation = ParityInvocation(name: "record", table: ParityOptions.record)
        return await invocation.run(arguments) { options in
            if options.has("--list") { return try say(ScenarioList.text(options)) }
            let command = try RecordCommand(options)
            try prepare(options, invocation)
            let outcomes = try await command.run()
            let report = command.report(outcomes)
            _ = try say(report.text)
            for outcome in outcomes {
                if let error = outcome.error { invocation.complain("\(outcome.name): \(error)") }
            }
            return report.exitCode
        }
    }

    /// What has to be in order before the first sandbox.
    private static func prepare(_ options: ParityOptions, _ invocation: ParityInvocation) throws {
        try Interruption.openStandardDescriptors()
        Interruption.listen()
        if options.has("--no-sandbox") {
            invocation.complain(Sandbox.warning)
        } else if let obstacle = Sandbox.obstacle() {
            throw ParityError(obstacle)
        }
        Sandbox.sweep()
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
