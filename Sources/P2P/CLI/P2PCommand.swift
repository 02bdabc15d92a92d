import Cutover
import Effects
import Foundation
import HTTPService
import P2PModel
import P2PServices
import PythonSemantics
import ServiceLifecycle
import UnixSignals

/// `ringrift p2p …`: the P2P node with the legacy's command line, output and exit codes (contract 01 section 2).
package struct P2PCommand: Sendable {
    private let environment: [String: String]
    private let executable: String

    /// - Parameter executable: path of this program, started again for the legacy worker.
    package init(environment: [String: String], executable: String) {
        self.environment = environment
        self.executable = executable
    }

    /// Runs until the node ends.
    /// - Parameter arguments: what follows `ringrift p2p`.
    /// - Returns: the exit status.
    package func run(_ arguments: [String]) async -> Int32 {
        let effects: Effects
        let transport: LivePeers
        do throws(VirtualClockLink.Failure) {
            (effects, transport) = try Effects.chosen(environment: environment)
        } catch {
            FileHandle.standardError.write(Data("ringrift: \(Effects.deterministicVariable): \(error)\n".utf8))
            return 2
        }
        let status = await run(arguments, effects)
        await transport.shutdown()
        return status
    }

    private func run(_ arguments: [String], _ effects: Effects) async -> Int32 {
        let console = StartConsole(StandardConsole(now: { effects.clock.now() }))
        let columns = TerminalColumns.resolve(environment: environment["COLUMNS"], terminal: Self.terminalWidth())
        do throws(P2PStartupFailure) {
            let constants = try P2PConstants(environment: environment)
            switch P2POptions.parse(arguments, columns: columns) {
            case .exit(let status, let stdout, let stderr):
                FileHandle.standardOutput.write(Data(stdout.utf8))
                FileHandle.standardError.write(Data(stderr.utf8))
                return status
            case .options(let options):
                return try await run(options, arguments, constants, console, effects)
            }
        } catch {
            console.error(String(error.traceback.dropLast()))
            return P2PStartupFailure.exitStatus
        }
    }

    private func run(
        _ options: P2POptions, _ arguments: [String], _ constants: P2PConstants, _ console: StartConsole,
        _ effects: Effects
    ) async throws(P2PStartupFailure) -> Int32 {
        guard let tree = tree(options, effects.files) else {
            console.error(
                "ringrift: no ai-service directory to work in: set RINGRIFT_AI_SERVICE, pass --ringrift-path, or start "
                    + "in a directory that holds scripts/")
            return 2
        }
        guard effects.files.isDirectory(tree) else {
            console.error("ringrift: \(tree) is no directory (RINGRIFT_AI_SERVICE)")
            return 2
        }
        let log = CutoverLog(tree: tree, now: { effects.clock.now() })
        let flags = FlagStore(
            environment: environment, tree: tree, keepsLastGood: true, now: { effects.clock.now() },
            onEvent: { log.write($0) })
        for alarm in flags.status.alarms { console.log(.warning, "[Cutover] \(alarm.text)") }
        return try await serve(options, arguments, constants, console, flags, effects, tree: tree, log: log)
    }

    private func tree(_ options: P2POptions, _ files: any FileAccess) -> String? {
        NodeConfiguration.tree(
            ringriftPath: options.ringriftPath, environment: environment,
            currentDirectory: FileManager.default.currentDirectoryPath, files: files)
    }

    /// Whether the flags put the whole node on the legacy, so that the tree's own program runs and nothing of ours.
    /// - Parameter arguments: what follows `ringrift p2p`.
    package func isPure(_ arguments: [String]) -> Bool {
        var table = FlagTable(environment: environment)
        if case .options(let options) = P2POptions.parse(arguments, columns: 80), let tree = tree(options, LiveFiles())
        {
            // Kept also by a process that then runs nothing of ours: a rollback must survive what becomes of the file.
            table =
                FlagStore(environment: environment, tree: tree, keepsLastGood: true, now: { 0 }, onEvent: { _ in })
                .table
        }
        return table.commonMode(.p2p) == .legacy
    }

    private func serve(
        _ options: P2POptions, _ arguments: [String], _ constants: P2PConstants, _ console: StartConsole,
        _ flags: FlagStore, _ effects: Effects, tree: String, log: CutoverLog
    ) async throws(P2PStartupFailure) -> Int32 {
        let legacy = LegacyTree.find(tree: tree, environment: environment, executable: executable)
        var worker = legacy?.workerConfiguration(arguments: arguments)
        let modes = ServingModes(flags.table)
        if ModeSwitch.needsLegacy(modes.current) {
            guard worker != nil else {
                console.error("ringrift: \(Self.missing(legacy, modes.current))")
                return 2
            }
            // Its loops and steps have to run, whatever the standby.
            worker?.startsAtOnce = true
        }
        let runtime = try await NodeAssembly(
            options: options, environment: environment, tree: tree, effects: effects, console: console,
            constants: constants, leavesImprovement: worker?.startsAtOnce ?? false, modes: modes
        ).build()
        let note: @Sendable (String) -> Void = { log.write($0) }
        for line in ModeSwitch.remarks(modes.current) { note(line) }
        guard let legacy, var configuration = worker else {
            log.write("no legacy worker: routes that are not native answer 501")
            let modeSwitch = ModeSwitch(runtime: runtime, flags: flags, worker: nil, exchange: nil, log: note)
            return await NodeService(runtime: runtime, worker: nil, flags: (flags, modeSwitch)).run()
        }
        log.write("legacy worker: \(legacy.description)")
        let exchange = runtime.exchange(log: { log.write($0) })
        configuration.startOptions = { start in
            ["--config", runtime.workerSettings(start: start, spoken: console.lines)]
        }
        let supervised = LegacyWorker(configuration: configuration, exchange: exchange, onEvent: note)
        let again = FrontRestart(executable: executable, arguments: CommandLine.arguments)
        exchange.onRestart {
            supervised.endForRestart()
            note("alarm: the node could not replace its process: \(again.now())")
        }
        let modeSwitch = ModeSwitch(
            runtime: runtime, flags: flags, worker: supervised, exchange: exchange, log: note)
        return await NodeService(
            runtime: runtime, worker: supervised, exchange: exchange, flags: (flags, modeSwitch),
            candidate: CandidateLaunch(executable: executable, environment: environment, tree: tree, log: note)
        ).run()
    }

    /// Why nothing can serve what the flags put on the legacy.
    private static func missing(_ legacy: LegacyTree?, _ table: FlagTable) -> String {
        let asked = Program.p2p.subsystems.filter { !table.mode($0).isNative }
        let first = asked.first.map { "\($0.rawValue) (\(table.entries[$0]?.source ?? "default"))" } ?? ""
        let others = asked.count > 1 ? " and \(asked.count - 1) more" : ""
        let reason =
            legacy == nil
            ? "there is no legacy tree to serve it (RINGRIFT_AI_SERVICE, RINGRIFT_LEGACY_ROOT)"
            : "RINGRIFT_STANDBY=off forbids the worker that would serve it"
        return "the flags put \(first)\(others) on the legacy, and \(reason)"
    }

    private static func terminalWidth() -> Int? {
        var size = winsize()
        guard isatty(STDOUT_FILENO) == 1, ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0 else { return nil }
        return Int(size.ws_col)
    }
}
