import Cutover
import Effects
import HTTPService
import Logging
import P2PModel
import P2PServices
import PythonSemantics
import ServiceLifecycle
import Synchronization
import UnixSignals

/// Runs a built node: the HTTP server first, then the loops; contract 01 sections 2.2 and 2.7.
package struct NodeService {
    private let runtime: NodeRuntime
    private let worker: LegacyWorker?
    private let exchange: StoreExchange?

    private let flags: (store: FlagStore, modeSwitch: ModeSwitch)?
    private let candidate: CandidateLaunch?

    /// - Parameters:
    ///   - flags: the flags and who carries them out; nil: the modes stay as they are.
    ///   - candidate: how to start who is compared on `shadow`; nil: nothing is.
    package init(
        runtime: NodeRuntime, worker: LegacyWorker?, exchange: StoreExchange? = nil,
        flags: (store: FlagStore, modeSwitch: ModeSwitch)? = nil, candidate: CandidateLaunch? = nil
    ) {
        self.flags = flags
        self.candidate = candidate
        self.runtime = runtime
        self.worker = worker
        self.exchange = exchange
    }

    /// - Returns: the exit status: 0 after SIGINT or SIGTERM, 1 when the port cannot be bound or a loop fails.
    package func run() async -> Int32 {
        let configuration = runtime.configuration
        let console = runtime.console
        let proxy = worker.map { WorkerProxy(worker: $0, exchange: exchange) }
        let shadow = proxy.flatMap(shadow)
        let routes = NodeRoutes(runtime: runtime, proxy: proxy, shadow: shadow)
        do {
            guard (0...65535).contains(configuration.port) else {
                throw PyException(type: "OverflowError", message: "bind(): port must be 0-65535.")
            }
            let clock = runtime.effects.clock
            let application = HTTPApplication(
                routes: try routes.table(),
                middleware: [
                    CutoverRoutes(
                        runtime: runtime, worker: worker, flags: flags?.store, routes: routes,
                        evidence: shadow?.ledger ?? NoComparison()
                    ).middleware,
                    routes.authorization(),
                ], log: ConsoleHTTPLog(console: console))
            let gate = StartGate()
            let server = HTTPServer(
                application: application,
                configuration: .init(
                    address: .tcp(host: configuration.host, port: configuration.port), backlog: 1024),
                clock: HTTPClock { clock.now() },
                onListening: { _ in
                    console.print(serverLine)
                    Systemd.notify("READY=1", environment: configuration.environment)
                    for line in optimizerLines { console.log(.info, line) }
                    console.startEnded()
                    gate.open()
                })
            runtime.resources.prepare()
            await ResourceLoop.sample(runtime)
            let holdsNode = worker?.configuration.holdsNode ?? false
            let workerGate = StartGate()
            if holdsNode {
                for line in [serverLine] + optimizerLines { console.foretell(line) }
                console.startEnded()
            }
            var services: [any Service] = [
                holdsNode ? workerGate.holding(server) : server, runtime.background,
                gate.holding(ResourceLoop(runtime: runtime)),
                gate.holding(HeartbeatLoop(runtime: runtime)), gate.holding(VoterHeartbeatLoop(runtime: runtime)),
                gate.holding(StartElection(runtime: runtime)), gate.holding(TorchProbe(runtime: runtime)),
                gate.holding(SplitBrainLoop(runtime: runtime)),
            ]
            if let flags {
                var watching = FlagWatch.Settings()
                // A virtual clock goes on only while the sandbox rests; the file's own events are no unrest.
                if configuration.environment[Effects.deterministicVariable] != nil { watching.interval = 3600 }
                services += [FlagWatch(store: flags.store, settings: watching), flags.modeSwitch] as [any Service]
            }
            if let shadow { services.append(gate.holding(shadow)) }
            if let worker { services.append(holdsNode ? worker : gate.holding(worker)) }
            if let worker, holdsNode { services.append(WorkerWait(worker: worker, gate: workerGate)) }
            try await serve(services)
            await proxy?.shutdown()
            return 0
        } catch {
            report(error)
            await proxy?.shutdown()
            return 1
        }
    }

    /// None on a virtual clock, which goes on only while everything rests.
    private func shadow(_ proxy: WorkerProxy) -> ShadowService? {
        guard let candidate, candidate.environment[Effects.deterministicVariable] == nil else { return nil }
        return ShadowService(
            runtime: runtime, launch: candidate, limits: ShadowLimits(environment: candidate.environment),
            legacy: { request in try await proxy.forward(request) })
    }

    private func serve(_ services: [any Service]) async throws {
        var logger = Logger(label: "ringrift.lifecycle")
        logger.logLevel = .critical
        let shutdownNotice = ShutdownNotice(console: runtime.console)
        var group = ServiceGroupConfiguration(
            services: ([shutdownNotice] as [any Service] + services).map { .init(service: $0) },
            gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        group.maximumGracefulShutdownDuration = .seconds(15)
        try await ServiceGroup(configuration: group).run()
    }

    private var serverLine: String {
        "[P2P] HTTP server started on \(runtime.configuration.host):\(runtime.configuration.port) (backlog=1024)"
    }

    private var optimizerLines: [String] {
        let targets = runtime.resources.targets
        let name = runtime.configuration.environment["RINGRIFT_NODE_ID"] ?? runtime.effects.probes.hostName()
        let pid = targets.pid.map {
            "Loaded PID config from \($0.path): kp=\($0.kp.pyStr), ki=\($0.ki.pyStr), kd=\($0.kd.pyStr)"
        }
        return [pid, "ResourceOptimizer initialized: node=\(name), target=\(targets.rangeText)"].compactMap { $0 }
    }

    private func report(_ error: any Error) {
        let line: String
        switch error {
        case let error as HTTPBindError: line = "OSError: \(error.pythonText)"
        case let error as PyException: line = error.tracebackLine
        default: line = "RuntimeError: \(error)"
        }
        runtime.console.error("Traceback (most recent call last):")
        runtime.console.error(line)
    }
}

/// Prints the legacy's farewell when shutdown begins.
private struct ShutdownNotice: Service {
    let console: any Console

    func run() async throws {
        // A group that fails is cancelled, which throws here: the legacy says goodbye to signals only.
        do { try await gracefulShutdown() } catch { return }
        console.print("")
        console.print("[P2P] Shutting down...")
    }
}

/// The server's lines in the legacy's logging format.
private struct ConsoleHTTPLog: HTTPLog {
    let console: any Console

    func access(_ line: String) { console.log(.info, line) }
    func error(_ line: String, traceback: [String]) {
        console.log(.error, ([line] + traceback).joined(separator: "\n"))
    }
}

/// Holds loops back until the server listens.
private final class StartGate: Sendable {
    private let waiting = Mutex<[CheckedContinuation<Void, Never>]?>([])

    func open() {
        let all = waiting.withLock { waiting in
            defer { waiting = nil }
            return waiting ?? []
        }
        for one in all { one.resume() }
    }

    private func wait() async {
        await withCheckedContinuation { continuation in
            let isOpen = waiting.withLock { waiting in
                guard waiting != nil else { return true }
                waiting?.append(continuation)
                return false
            }
            if isOpen { continuation.resume() }
        }
    }

    func holding(_ service: some Service) -> some Service { Held(gate: self, service: service) }

    private struct Held<Inner: Service>: Service {
        let gate: StartGate
        let service: Inner

        func run() async throws {
            await withTaskCancellationOrGracefulShutdownHandler {
                await gate.wait()
            } onCancelOrGracefulShutdown: {
                gate.open()
            }
            if Task.isCancelled || Task.isShuttingDownGracefully { return }
            try await service.run()
        }
    }
}

/// Opens the node when the first worker has the state; after 30 seconds, or when it died, without one.
private struct WorkerWait: Service {
    let worker: LegacyWorker
    let gate: StartGate

    func run() async throws {
        await cancelWhenGracefulShutdown { await worker.waitForFirstStart(seconds: 30) }
        gate.open()
        try? await gracefulShutdown()
    }
}

/// Five seconds after the start a node without a leader adopts one or calls an election (contract 01 section 2.7).
private struct StartElection: Service {
    let runtime: NodeRuntime

    func run() async throws {
        await cancelWhenGracefulShutdown {
            do { try await runtime.effects.clock.sleep(seconds: 5) } catch { return }
            await runtime.decidesLeadership ? runtime.legacy.waitForRelease() : runtime.legacy.waitUntilServed()
            if !runtime.store.snapshot.leadership.leaderID.isTruthy, await !runtime.adoptLeader() {
                await runtime.elect()
            }
        }
        try? await gracefulShutdown()
    }
}

/// The leader's look for a second leader without a worker, every 60 seconds (contract 01 section 4.15); with one the worker's
/// job round asks for it, and for the steps of scheduling, at their places (contract 06 section 5).
private struct SplitBrainLoop: Service {
    let runtime: NodeRuntime

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                if !runtime.legacy.isServed { await runtime.runJobRound(schedules: false) }
                do { try await runtime.effects.clock.sleep(seconds: Double(P2PConstants.jobCheckInterval)) } catch {
                    return
                }
            }
        }
    }
}

/// Asks PyTorch for an Apple GPU once the node answers, where the legacy asks before: the answer takes a second and is
/// "no" everywhere but on a Mac.
private struct TorchProbe: Service {
    let runtime: NodeRuntime

    func run() async throws {
        if !runtime.store.snapshot.selfInfo[.hasGPU].isTruthy, await HostDescription.hasMPS(runtime.effects.processes) {
            runtime.store.update { state in
                state.selfInfo[.hasGPU] = true
                state.selfInfo[.gpuName] = "Apple MPS"
                guard case .list(let known) = state.selfInfo[.capabilities] else { return }
                state.selfInfo[.capabilities] = .list(
                    Array(known.prefix(1)) + ["training", "cmaes"] + Array(known.dropFirst()))
            }
        }
        try? await gracefulShutdown()
    }
}
