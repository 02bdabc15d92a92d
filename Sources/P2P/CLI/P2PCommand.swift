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
        let flags = FlagTable(environment: environment)
        for alarm in flags.alarms { console.log(.warning, "[Cutover] \(alarm)") }
        guard flags.commonMode(.p2p) == .swift else {
            console.error(
                "ringrift: this version serves all of p2p with one implementation: set RINGRIFT_IMPL_P2P to swift or "
                    + "legacy (modes per subsystem come with the cutover core)")
            return 2
        }
        return try await serve(options, arguments, constants, console, flags, effects)
    }

    private func serve(
        _ options: P2POptions, _ arguments: [String], _ constants: P2PConstants, _ console: StartConsole,
        _ flags: FlagTable, _ effects: Effects
    ) async throws(P2PStartupFailure) -> Int32 {
        guard
            let tree = NodeConfiguration.tree(
                ringriftPath: options.ringriftPath, environment: environment,
                currentDirectory: FileManager.default.currentDirectoryPath, files: effects.files)
        else {
            console.error(
                "ringrift: no ai-service directory to work in: set RINGRIFT_AI_SERVICE, pass --ringrift-path, or start "
                    + "in a directory that holds scripts/")
            return 2
        }
        guard effects.files.isDirectory(tree) else {
            console.error("ringrift: \(tree) is no directory (RINGRIFT_AI_SERVICE)")
            return 2
        }
        let legacy = LegacyTree.find(tree: tree, environment: environment, executable: executable)
        let worker = legacy?.workerConfiguration(arguments: arguments)
        let runtime = try await NodeAssembly(
            options: options, environment: environment, tree: tree, effects: effects, console: console,
            constants: constants, leavesImprovement: worker?.startsAtOnce ?? false
        ).build()
        let log = CutoverLog(tree: tree, now: { effects.clock.now() })
        for alarm in flags.alarms { log.write("alarm: \(alarm)") }
        guard let legacy, var configuration = worker else {
            log.write("no legacy worker: routes that are not native answer 501")
            return await NodeService(runtime: runtime, worker: nil).run()
        }
        log.write("legacy worker: \(legacy.description)")
        let exchange = runtime.exchange(log: { log.write($0) })
        configuration.startOptions = { start in
            ["--config", runtime.workerSettings(start: start, spoken: console.lines)]
        }
        let supervised = LegacyWorker(configuration: configuration, exchange: exchange) { log.write($0) }
        return await NodeService(runtime: runtime, worker: supervised, exchange: exchange).run()
    }

    private static func terminalWidth() -> Int? {
        var size = winsize()
        guard isatty(STDOUT_FILENO) == 1, ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0 else { return nil }
        return Int(size.ws_col)
    }
}
