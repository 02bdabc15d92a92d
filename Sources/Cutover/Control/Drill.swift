import Foundation
import Synchronization

/// Rehearses a rollback of a running node under load and measures it: GETs on several connections, the flags file says
/// legacy, every answer tells which side gave it, and then the flags are as they were.
package struct Drill: Sendable {
    package struct Settings: Sendable {
        package var targets: [FlagTarget] = [.program(.p2p)]
        package var connections = 8
        /// Requests a second, all connections together, as far as the node keeps up.
        package var rate = 400.0
        /// Seconds of load before the flip and after the flags are restored.
        package var calm = 1.0
        /// Seconds of load on the legacy.
        package var hold = 2.0
        /// Seconds the node has to carry a change out.
        package var patience = 10.0
        /// Seconds a request has.
        package var timeout = 30.0
        /// Milliseconds.
        package var promise = 250.0
        /// Also without a ready worker; nothing is promised then.
        package var allowsCold = false

        package init() {}
    }

    /// Why there is no result. The flags are as they were.
    package enum Failure: Error, Sendable, Equatable, CustomStringConvertible {
        case cannotRun(String)
        case interrupted
        /// The worst: the flags could not be put back.
        case notRestored(String)

        package var description: String {
            switch self {
            case .cannotRun(let reason): reason
            case .interrupted: "interrupted; the flags are as before"
            case .notRestored(let reason): "THE FLAGS ARE STILL ON LEGACY: \(reason)"
            }
        }
    }

    /// What is known before anything is changed.
    package struct Plan: Sendable {
        package var subsystems: [Subsystem]
        package var paths: [String]
        package var hasWorker: Bool
        package var status: CutoverStatus
    }

    let client: NodeClient
    let storage: FlagFileStorage
    let settings: Settings
    let who: String
    let run: String

    package init(client: NodeClient, storage: FlagFileStorage, settings: Settings, who: String) {
        self.client = client
        self.storage = storage
        self.settings = settings
        self.who = who
        run = String(UInt64.random(in: .min ... .max), radix: 36)
    }

    var now: Double { Date().timeIntervalSince1970 }

    private var reason: String { "drill \(run)" }

    /// - Throws: `Failure.cannotRun`.
    package func plan() async throws -> Plan {
        switch await client.status() {
        case .unreachable(let reason): throw Failure.cannotRun("no node at \(client.address): \(reason)")
        case .notAFront(let reason):
            throw Failure.cannotRun("\(client.address) is no node that can change sides while it runs: \(reason)")
        case .status(let status): return try Self.plan(status, settings, now: now)
        }
    }

    /// Pure: what a status allows.
    static func plan(_ status: CutoverStatus, _ settings: Settings, now: Double) throws(Failure) -> Plan {
        if let other = status.drill, now - other.last < 1 { throw .cannotRun("another drill is running") }
        guard ["good", "absent"].contains(status.flags.condition) else {
            throw .cannotRun("the flags file is \(status.flags.condition): repair it first")
        }
        guard status.isInForce else { throw .cannotRun("a change of modes is still being carried out") }
        guard let standby = status.standby, standby.state != .absent else {
            throw .cannotRun("there is no worker to roll back to (RINGRIFT_STANDBY=off, or no legacy tree)")
        }
        let hasWorker = standby.state == .ready
        guard hasWorker || settings.allowsCold else {
            throw .cannotRun(
                "no worker is ready (\(StatusText.standby(standby))); --cold measures all the same")
        }
        let named = settings.targets.flatMap(\.subsystems)
        let native = Subsystem.allCases.filter { one in
            named.contains(one) && status.row(one).map { $0.since != nil && $0.mode.isNative } ?? false
        }
        let paths = DrillRoute.paths(native, isDouble: status.node?.isDouble ?? false)
        guard !paths.isEmpty else {
            let measurable = DrillRoute.all.map(\.subsystem.rawValue).joined(separator: ", ")
            throw .cannotRun("swift serves none of what a drill can measure: \(measurable)")
        }
        return Plan(subsystems: native, paths: paths, hasWorker: hasWorker, status: status)
    }

    /// Takes about `2 × calm + hold` seconds. Cancelling it restores the flags.
    package func perform(_ plan: Plan) async throws -> DrillResult {
        let samples = Samples()
        try await tryOut(plan, samples)
        let moments = try await withThrowingTaskGroup(of: Void.self) { group in
            for connection in 0..<settings.connections {
                group.addTask { await load(plan.paths, samples, connection) }
            }
            do {
                let moments = try await flipAndRestore(plan)
                samples.stop()
                try await group.waitForAll()
                return moments
            } catch {
                group.cancelAll()
                throw error
            }
        }
        var count: DrillLedger.Count?
        if case .status(let status) = await client.status() { count = status.drill }
        return DrillResult(
            run: run, subsystems: plan.subsystems, paths: plan.paths, moments: moments,
            promise: plan.hasWorker ? settings.promise : nil, samples: samples.all, count: count)
    }

    /// Asks every route once: nothing is flipped when one of them fails by itself.
    private func tryOut(_ plan: Plan, _ samples: Samples) async throws {
        for path in plan.paths {
            let sample = await ask(path, samples.begin() ?? 0)
            samples.add(sample)
            if Task.isCancelled { throw Failure.interrupted }
            guard sample.isGood, sample.side == .swift else {
                let what =
                    sample.problem ?? "status \(sample.status), answered by \(sample.side?.rawValue ?? "nobody known")"
                throw Failure.cannotRun("GET \(path) fails without a drill, too: \(what)")
            }
        }
    }

    private func flipAndRestore(_ plan: Plan) async throws -> DrillResult.Moments {
        do { try await Task.sleep(for: .seconds(settings.calm)) } catch { throw Failure.interrupted }
        let original = storage.read()
        let time = now
        let edits = settings.targets.map { FlagEdit(.rollback($0), time: time, who: who, reason: reason) }
        let change = CutoverChange(storage: storage, client: client)
        let flip: CutoverChange.Written
        do throws(FlagFileStorage.Failure) { flip = try change.write(edits) } catch {
            throw Failure.cannotRun("\(error)")
        }
        // Whatever happens from here on, the flags come back.
        let seen = await change.confirm(flip, seconds: settings.patience)
        var inForce: Double?
        if case .inForce(let status, let seconds) = seen {
            // The node's clock is this machine's; what it says cannot be later than when it was seen.
            let switched = plan.subsystems.compactMap { status.row($0)?.since }.filter { $0 >= flip.time }.max()
            inForce = min(switched ?? .infinity, flip.time + seconds)
        }
        var isInterrupted = Task.isCancelled
        if (try? await Task.sleep(for: .seconds(settings.hold))) == nil { isInterrupted = true }
        let back = try restore(original, flip)
        if isInterrupted { throw Failure.interrupted }
        var restored: Double?
        if case .inForce(_, let seconds) = await change.confirm(back, seconds: settings.patience) {
            restored = back.time + seconds
        }
        if (try? await Task.sleep(for: .seconds(settings.calm))) == nil { throw Failure.interrupted }
        return DrillResult.Moments(flip: flip.time, inForce: inForce, restore: back.time, restored: restored)
    }

    private func restore(
        _ original: FlagFileStorage.Content, _ flip: CutoverChange.Written
    ) throws(Failure) -> CutoverChange.Written {
        var time = now
        do throws(FlagFileStorage.Failure) {
            let restoration = FlagRestoration(original: original, written: flip.file, reason: reason, who: who)
            let file = try restoration.restore(storage, time: time, onReplace: { time = now })
            return CutoverChange.Written(file: file, time: time)
        } catch {
            throw .notRestored("\(error)")
        }
    }
}
