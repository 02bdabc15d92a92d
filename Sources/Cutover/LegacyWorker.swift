import Foundation
import ServiceLifecycle
import Synchronization

/// Keeps one `ringrift legacy-worker` process running: starts it, notices its death, starts it again with back-off.
///
/// The worker may die at any time (a Python crash, `kill -9`): its routes then answer 503 with a reason, native routes
/// are untouched. DESIGN section 3 "Processes".
package final class LegacyWorker: Service {
    /// How to start it.
    package struct Configuration: Sendable {
        /// What it is called in the log.
        package var title = "legacy worker"
        /// Program and arguments.
        package var command: [String]
        package var directory: String
        package var environment: [String: String]
        /// Unix socket on which the worker serves the legacy's HTTP application.
        package var socketPath: String
        /// Start at once (`warm`), or when the first request needs it (`cold`).
        package var startsAtOnce: Bool
        /// Folder of the sockets and of the worker's copy of the databases, made when supervision begins and removed when
        /// it ends; nil: the folders exist already.
        package var privateDirectory: String?
        /// Unix socket for control messages; nil when there is no exchange.
        package var controlPath: String?
        /// The node opens its port and begins its work when the first worker is ready (`wait`), as a legacy node does when
        /// it is up; else at once.
        package var holdsNode: Bool
        /// Options put before `--` at a start; counted from 1.
        package var startOptions: @Sendable (_ start: Int) -> [String] = { _ in [] }

        package init(
            command: [String], directory: String, environment: [String: String], socketPath: String,
            startsAtOnce: Bool, privateDirectory: String? = nil, controlPath: String? = nil,
            holdsNode: Bool = false
        ) {
            self.command = command
            self.directory = directory
            self.environment = environment
            self.socketPath = socketPath
            self.startsAtOnce = startsAtOnce
            self.privateDirectory = privateDirectory
            self.controlPath = controlPath
            self.holdsNode = holdsNode
        }

        /// The arguments of a start.
        func arguments(start: Int) -> [String] {
            let all = Array(command.dropFirst())
            let options = startOptions(start)
            guard !options.isEmpty, let place = all.firstIndex(of: "--") else { return all }
            return Array(all[..<place]) + options + Array(all[place...])
        }
    }

    /// Seconds between a death and the next start.
    package struct Backoff: Sendable, Equatable {
        package var first: Double
        package var maximum: Double
        /// A worker that lived so long starts again with the first delay.
        package var healthyAfter: Double

        package init(first: Double = 0.5, maximum: Double = 30, healthyAfter: Double = 10) {
            self.first = first
            self.maximum = maximum
            self.healthyAfter = healthyAfter
        }

        /// The delay after a life of `lived` seconds that began after the delay `previous` (nil: the first life).
        package func delay(after previous: Double?, lived: Double) -> Double {
            guard let previous, lived <= healthyAfter else { return first }
            return min(maximum, previous * 2)
        }
    }

    package enum State: Sendable, Equatable {
        /// Not started yet (cold standby).
        case idle
        case starting
        case ready(pid: Int32)
        /// Dead; the next start is due in so many seconds.
        case waiting(reason: String, seconds: Double)
        case stopped
    }

    package let configuration: Configuration
    private let state = Mutex<State>(.idle)
    private let wake = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
    private let onEvent: @Sendable (String) -> Void
    private let backoff: Backoff
    private let pause: @Sendable (Double) async throws -> Void
    private let exchange: StoreExchange?
    private let starts = Mutex(0)

    /// - Parameters:
    ///   - pause: waits so many seconds.
    ///   - exchange: gives the worker the node's state; the worker is ready when it has it.
    ///   - onEvent: told about starts and deaths, one line each.
    package init(
        configuration: Configuration, backoff: Backoff = Backoff(), exchange: StoreExchange? = nil,
        pause: @escaping @Sendable (Double) async throws -> Void = { try await Task.sleep(for: .seconds($0)) },
        onEvent: @escaping @Sendable (String) -> Void
    ) {
        self.configuration = configuration
        self.backoff = backoff
        self.exchange = exchange
        self.pause = pause
        self.onEvent = onEvent
    }

    /// Passes a line to whoever is told about starts and deaths.
    package func note(_ line: String) { onEvent(line) }

    package var current: State { state.withLock { $0 } }

    /// Waits while the first worker of a warm standby starts: the legacy accepts connections only when it is up, so a
    /// client of a node that has just started waits, too. After a death nobody waits.
    /// - Parameter seconds: at most so long.
    package func waitForFirstStart(seconds: Double) async {
        guard configuration.startsAtOnce else { return }
        let deadline = ContinuousClock.now + .seconds(seconds)
        while ContinuousClock.now < deadline, !Task.isCancelled, starts.withLock({ $0 }) <= 1 {
            switch current {
            case .idle, .starting: try? await Task.sleep(for: .milliseconds(20))
            case .ready, .waiting, .stopped: return
            }
        }
    }

    /// Asks for a start when the standby is cold.
    package func wakeUp() { wake.continuation.yield() }

    /// Ends the worker at once and takes its folder away, for a process that is about to be replaced: the next one has the
    /// same id, so that the worker would not notice. Blocks until the worker is gone, for a second at most.
    package func endForRestart() {
        if case .ready(let pid) = current {
            kill(pid, SIGKILL)
            for _ in 0..<100 where kill(pid, 0) == 0 { usleep(10_000) }
        }
        if let folder = configuration.privateDirectory { try? FileManager.default.removeItem(atPath: folder) }
    }

    package func run() async throws {
        let folder = configuration.privateDirectory.map(WorkerDirectory.init)
        if let path = configuration.privateDirectory {
            for name in WorkerDirectory.removeOrphans(beside: path) {
                onEvent("removed \(name), left by a node that is gone")
            }
        }
        if !configuration.startsAtOnce {
            for await _ in wake.stream.cancelOnGracefulShutdown() { break }
        }
        var previous: Double?
        while !Task.isCancelled, !Task.isShuttingDownGracefully {
            let started = ContinuousClock.now
            let reason = await runOnce()
            if Task.isCancelled || Task.isShuttingDownGracefully { break }
            let lived = (ContinuousClock.now - started) / .seconds(1)
            let delay = backoff.delay(after: previous, lived: lived)
            previous = delay
            set(.waiting(reason: reason, seconds: delay))
            onEvent("\(configuration.title) ended (\(reason)); next start in \(delay) s")
            try? await cancelWhenGracefulShutdown { [pause] in try await pause(delay) }
        }
        set(.stopped)
        folder?.remove()
    }

    /// One life of the worker. Returns why it ended.
    private func runOnce() async -> String {
        set(.starting)
        unlink(configuration.socketPath)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: configuration.command[0])
        let start = starts.withLock { count in
            count += 1
            return count
        }
        process.arguments = configuration.arguments(start: start)
        process.currentDirectoryURL = URL(fileURLWithPath: configuration.directory)
        process.environment = configuration.environment
        process.standardInput = FileHandle.nullDevice
        let ended = AsyncStream<String>.makeStream()
        process.terminationHandler = { process in
            let how = process.terminationReason == .uncaughtSignal ? "signal" : "exit status"
            ended.continuation.yield("\(how) \(process.terminationStatus)")
            ended.continuation.finish()
        }
        do { try Self.unblockingSignals { try process.run() } } catch {
            return "cannot start \(configuration.command[0]): \(error)"
        }
        let pid = process.processIdentifier
        return await withTaskGroup(of: String?.self) { group in
            group.addTask { [self] in
                guard await waitUntilListening() else { return nil }
                guard let exchange, let control = configuration.controlPath else {
                    becomeReady(pid)
                    return nil
                }
                do {
                    try await exchange.serve(control: control) { becomeReady(pid) }
                } catch {
                    onEvent("legacy worker did not take the state: \(error)")
                }
                // Without the exchange it would work on a state of its own. A worker that died is noticed meanwhile.
                try? await Task.sleep(for: .seconds(1))
                if !Task.isCancelled { kill(pid, SIGKILL) }
                return nil
            }
            group.addTask {
                await withTaskCancellationHandler {
                    for await reason in ended.stream { return reason }
                    return "cancelled"
                } onCancel: {
                    kill(pid, SIGKILL)
                }
            }
            group.addTask { [exchange] in
                do { try await gracefulShutdown() } catch { return nil }
                // The legacy ends within a second; what hangs is not waited for.
                if await exchange?.endWorker(grace: 3) ?? false { try? await Task.sleep(for: .seconds(5)) }
                return Task.isCancelled ? nil : "stopped"
            }
            var reason = "ended"
            for await result in group where result != nil {
                reason = result ?? reason
                group.cancelAll()
            }
            return reason
        }
    }

    /// A child begins with the signal mask of the thread that starts it, and the pool's threads block nearly everything.
    private static func unblockingSignals(_ body: () throws -> Void) rethrows {
        var none = sigset_t()
        var before = sigset_t()
        sigemptyset(&none)
        pthread_sigmask(SIG_SETMASK, &none, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        try body()
    }

    private func becomeReady(_ pid: Int32) {
        set(.ready(pid: pid))
        onEvent("\(configuration.title) ready (pid \(pid))")
    }

    /// Polls the socket; Python needs seconds to import a real tree. False when cancelled.
    private func waitUntilListening() async -> Bool {
        while !Task.isCancelled {
            if Self.accepts(configuration.socketPath) { return true }
            try? await Task.sleep(for: .milliseconds(50))
        }
        return false
    }

    private func set(_ new: State) { state.withLock { $0 = new } }

    private static func accepts(_ path: String) -> Bool {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else { return false }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
            }
        }
    }
}
