import Cutover
import ServiceLifecycle

/// Carries out what the flags say while the node runs: routes at once, loops between two of their rounds.
///
/// A request is answered by whoever served its subsystem when it was accepted. Native code goes on serving until there is a
/// worker to take over, and when there can be none.
package struct ModeSwitch: Service {
    private let runtime: NodeRuntime
    private let flags: FlagStore
    private let worker: LegacyWorker?
    private let exchange: StoreExchange?
    private let log: @Sendable (String) -> Void

    /// - Parameter log: told when a change is complete, and what cannot be done; a line each.
    package init(
        runtime: NodeRuntime, flags: FlagStore, worker: LegacyWorker?, exchange: StoreExchange?,
        log: @escaping @Sendable (String) -> Void
    ) {
        self.runtime = runtime
        self.flags = flags
        self.worker = worker
        self.exchange = exchange
        self.log = log
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            for await update in flags.updates() {
                // An edit that came meanwhile is in the table already.
                if update.new == flags.table { await apply(update.new) }
            }
        }
    }

    /// Makes a table the one in force. Returns when every loop runs on its new side.
    package func apply(_ new: FlagTable) async {
        let old = runtime.modes.current
        let changed = new.changed(since: old).filter { $0.program == .p2p }
        guard !changed.isEmpty else { return }
        runtime.ledger.begin()
        defer { runtime.ledger.end() }
        if Self.needsLegacy(new), !runtime.legacy.isServed {
            guard let worker else {
                log("alarm: the flags ask for the legacy, and there is none: swift goes on serving")
                return
            }
            worker.wakeUp()
            log("the flags ask for the legacy: swift goes on serving until the worker is up")
            await runtime.legacy.waitUntilServed()
            if Task.isCancelled { return }
        }
        runtime.modes.replace(new)
        runtime.ledger.note(changed)
        runtime.reports.drop()
        for line in Self.remarks(new) where !Self.remarks(old).contains(line) { log(line) }
        let (before, after) = (LegacyBorder.frontLoops(old), LegacyBorder.frontLoops(new))
        await runtime.loops.want(before.intersection(after))
        await exchange?.assign(runtime.duties(), dropsCaches: true)
        await runtime.loops.want(after)
        log("in force: " + changed.map { "\($0.rawValue)=\(new.mode($0).rawValue)" }.joined(separator: " "))
    }

    /// What a table asks for that this version does not do.
    package static func remarks(_ table: FlagTable) -> [String] {
        Program.p2p.subsystems.compactMap { subsystem in
            switch table.mode(subsystem) {
            case .shadow where ShadowService.compared.contains(subsystem):
                "\(subsystem.rawValue)=shadow: legacy serves it, a candidate answers its GET routes, too, and is compared"
            case .shadow: "alarm: \(subsystem.rawValue)=shadow: legacy serves it, nothing is compared in this version"
            case .live: "alarm: \(subsystem.rawValue)=live: swift serves it, nothing is compared in this version"
            case .legacy, .swift: nil
            }
        }
    }

    /// Whether a subsystem of the node is served by the legacy.
    package static func needsLegacy(_ table: FlagTable) -> Bool {
        Program.p2p.subsystems.contains { !table.mode($0).isNative }
    }
}
