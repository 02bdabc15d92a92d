import Cutover
import Foundation
import HTTPService
import PythonSemantics
import ServiceLifecycle
import Synchronization

/// `shadow` of the read routes: the legacy serves, and beside it a candidate process answers the same request from the same
/// state. Nothing here is waited for by a request: an answer is copied as it passes, and what cannot be compared is counted.
package final class ShadowService: Service {
    private let runtime: NodeRuntime
    private let launch: CandidateLaunch
    private let limits: ShadowLimits
    /// Asks the serving side.
    private let legacy: RouteHandler
    package let ledger: ShadowLedger
    private let store: ShadowMismatchStore
    private let intake = Mutex<AsyncStream<ShadowSample>.Continuation?>(nil)

    /// The subsystems whose GET routes are compared.
    package static let compared: [Subsystem] = [.p2pObservability, .p2pLeadership, .p2pScheduling]

    /// - Parameter legacy: asks the serving side.
    package init(
        runtime: NodeRuntime, launch: CandidateLaunch, limits: ShadowLimits, legacy: @escaping RouteHandler
    ) {
        self.runtime = runtime
        self.launch = launch
        self.limits = limits
        self.legacy = legacy
        ledger = ShadowLedger(limits: limits)
        store = ShadowMismatchStore(
            directory: ShadowMismatchStore.directory(tree: launch.tree), limit: limits.mismatches)
    }

    // MARK: beside the request

    /// Lets the legacy serve a request and looks at the answer as it passes.
    /// - Parameter isNative: whether a candidate could answer it.
    func serve(
        _ request: ServiceRequest, _ subsystem: Subsystem, _ route: String, isNative: Bool
    ) async throws -> ServiceResponse {
        let begun = ContinuousClock.now
        let response = try await legacy(request)
        var reason: NotCompared?
        if request.method != "GET" {
            reason = .notARead
        } else if !isNative {
            reason = .notNative
        } else if !response.isProxied || response.status == 501 {
            // The bundled double says 501 to what it does not have; a real tree never does.
            reason = .notServed
        } else if response.headers.contains(where: { $0.name.lowercased() == "content-encoding" }) {
            reason = .encoded
        }
        guard reason == nil, case .stream(let produce) = response.body else {
            ledger.skip(subsystem, route, reason ?? .notServed)
            return response
        }
        var observed = response
        observed.body = .stream { [self] writer in
            let copy = BodyCopy(limit: limits.maximumBody)
            do {
                try await produce(
                    ResponseBodyWriter { piece in
                        copy.add(piece)
                        try await writer.write(piece)
                    })
            } catch {
                ledger.skip(subsystem, route, .cutOff)
                throw error
            }
            offer(request, subsystem, route, response, copy, begun)
        }
        return observed
    }

    private func offer(
        _ request: ServiceRequest, _ subsystem: Subsystem, _ route: String, _ response: ServiceResponse,
        _ copy: BodyCopy, _ begun: ContinuousClock.Instant
    ) {
        let milliseconds = (ContinuousClock.now - begun) / .milliseconds(1)
        guard
            ledger.admit(subsystem, route, milliseconds: milliseconds, bytes: copy.count, now: Self.now),
            let bytes = copy.bytes
        else { return }
        let sample = ShadowSample(
            subsystem: subsystem, route: route, request: request,
            old: ShadowObservation(
                status: response.status, headers: response.headers, body: bytes, now: runtime.effects.clock.now()),
            state: runtime.store.snapshot)
        let continuation = intake.withLock { $0 }
        guard let continuation else { return finish(sample, .notCompared(.modeChanged)) }
        switch continuation.yield(sample) {
        case .enqueued: break
        case .dropped: finish(sample, .notCompared(.queueFull))
        default: finish(sample, .notCompared(.modeChanged))
        }
    }

    private func finish(_ sample: ShadowSample, _ outcome: ShadowOutcome, milliseconds: Double? = nil) {
        ledger.finish(
            sample.subsystem, sample.route, outcome, milliseconds: milliseconds, now: Self.now,
            time: runtime.effects.clock.now())
    }

    /// Seconds of a clock that does not go back.
    private static var now: Double { Double(DispatchTime.now().uptimeNanoseconds) * 1e-9 }

    // MARK: the candidate

    package func run() async throws {
        await cancelWhenGracefulShutdown { [self] in
            while !Task.isCancelled {
                if isWanted { await compareWhileWanted() }
                try? await Task.sleep(for: .milliseconds(250))
            }
        }
        writeEvidence()
    }

    private var isWanted: Bool {
        let modes = runtime.modes.current
        return Self.compared.contains { modes.mode($0) == .shadow }
    }

    private func compareWhileWanted() async {
        let (samples, continuation) = AsyncStream<ShadowSample>.makeStream(
            bufferingPolicy: .bufferingOldest(limits.queue))
        let (process, socket) = launch.process()
        let link = CandidateLink(
            process: process, path: socket,
            hello: CandidateSettings(configuration: runtime.configuration, startTime: runtime.startTime).value())
        intake.withLock { $0 = continuation }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { try? await process.run() }
            group.addTask { [self] in
                var rounds = 0
                while !Task.isCancelled, isWanted {
                    try? await Task.sleep(for: .milliseconds(250))
                    rounds += 1
                    if rounds.isMultiple(of: 20) { writeEvidence() }
                }
                intake.withLock { $0 = nil }
                continuation.finish()
            }
            var open = ShadowCases()
            for await sample in samples { await handle(sample, link, &open) }
            group.cancelAll()
        }
        link.drop()
        writeEvidence()
    }

    private func handle(_ sample: ShadowSample, _ link: CandidateLink, _ open: inout ShadowCases) async {
        guard runtime.modes.mode(sample.subsystem) == .shadow else {
            return finish(sample, .notCompared(.modeChanged))
        }
        if ledger.isBroken { return finish(sample, .notCompared(.breakerOpen)) }
        let (outcome, milliseconds) = await compare(sample, link, &open)
        finish(sample, outcome, milliseconds: milliseconds)
    }

    // MARK: one sample

    /// Asks the candidate and, while the two differ, both again. A request that would change the serving side is not made
    /// a second time: its case stays open until a client makes it.
    private func compare(
        _ sample: ShadowSample, _ link: CandidateLink, _ open: inout ShadowCases
    ) async -> (ShadowOutcome, Double?) {
        var sample = sample
        var found = open.take(sample.key) ?? ShadowCase(first: sample)
        var milliseconds: Double?
        while true {
            found.round += 1
            let isLast = found.round > limits.repetitions
            let views = sample.route == "GET /status" ? await runtime.legacy.views() : nil
            let arguments = sample.arguments(round: found.round, isLast: isLast, views: views)
            if found.round == 1 { found.asked = arguments }
            let reply: PyDict
            switch await link.ask(arguments, deadline: limits.deadline) {
            case .failure(let failure): return (.notCompared(failure.reason), milliseconds)
            case .success(let answer): reply = answer
            }
            if reply["unserved"]?.asBool == true { return (.notCompared(.notNative), milliseconds) }
            milliseconds = milliseconds ?? reply["ms"]?.asDouble
            if reply["refused"]?.asList?.isEmpty == false { return (.notCompared(.effectUnknown), milliseconds) }
            found.old.append(sample.old.value)
            if let observation = reply["new"] { found.new.append(observation) }
            switch reply["verdict"]?.asString {
            case "equal": return (.equal, milliseconds)
            case "race": return (.race, milliseconds)
            case "open" where isLast: return (.notCompared(.candidateDown), milliseconds)
            case "open" where P2PRoute.repeatable.contains(sample.route):
                try? await Task.sleep(for: .seconds(limits.repetitionPause))
                guard let again = await askAgain(sample) else { return (.notCompared(.notServed), milliseconds) }
                sample.old = again
                sample.state = runtime.store.snapshot
            case "open":
                open.put(found)
                return (.notCompared(.unrepeated), milliseconds)
            default:
                keep(found, (reply["differences"]?.asList ?? []).compactMap(\.asDict))
                return (.mismatch, milliseconds)
            }
        }
    }

    private func askAgain(_ sample: ShadowSample) async -> ShadowObservation? {
        guard let response = try? await legacy(sample.repeated), response.isProxied,
            let body = try? await response.collect(limit: limits.maximumBody)
        else { return nil }
        return ShadowObservation(
            status: response.status, headers: response.headers, body: body, now: runtime.effects.clock.now())
    }

    private func keep(_ found: ShadowCase, _ differences: [PyDict]) {
        let settings = CandidateSettings(configuration: runtime.configuration, startTime: runtime.startTime)
        let mismatch = ShadowMismatch(
            route: found.first.route, made: runtime.effects.clock.now(), node: settings.value(token: false),
            sample: found.asked, old: found.old, new: found.new, differences: differences)
        guard store.save(mismatch) else { return }
        let one = differences.first ?? [:]
        func text(_ key: PyString) -> String { String((one[key] ?? .none).pyStr.prefix(80)) }
        launch.log(
            "alarm: shadow: \(found.first.route) differs at \(text("path")): legacy \(text("expected")), "
                + "swift \(text("got")) (\(differences.count) in all; mismatches/\(mismatch.id).json)")
    }

    // MARK: what is known

    /// Of the subsystems that are compared.
    package var evidence: [SubsystemEvidence] { Self.compared.map { ledger.evidence($0) } }

    /// `logs/cutover/shadow.json`, for those who do not ask the node.
    private func writeEvidence() {
        let parts = evidence.filter { $0.served > 0 }.map { (PyString($0.subsystem.rawValue), $0.value()) }
        guard !parts.isEmpty, let bytes = try? PyJSON.dumps(.dict(PyDict(parts)), indent: 1) else { return }
        let path = launch.tree + "/logs/cutover/shadow.json"
        try? Data(bytes + [UInt8(ascii: "\n")]).write(to: URL(fileURLWithPath: path), options: .atomic)
    }
}
