import Comparison
import Cutover
import Effects
import Foundation
import HTTPService
import P2PModel
import P2PServices
import PythonSemantics
import Synchronization

/// A node that answers one request from a state it is given, beside the one that serves: it writes, starts and sends
/// nothing, and says when it would have.
package final class CandidateNode: Sendable {
    private let runtime: NodeRuntime
    private let application: HTTPApplication
    private let nativeRoutes: Set<String>
    private let ledger: EffectLedger
    /// What `nvidia-smi` would say, from the serving node's own figures: nothing is started here.
    private let graphics: GraphicsText
    private let rounds = Mutex(OpenRounds())
    private let noise = Mutex(KnownNoise())
    private let fault: String?

    /// - Parameters:
    ///   - settings: ``CandidateSettings``.
    ///   - environment: the node's.
    package init(settings: PyDict, environment: [String: String]) async throws {
        let ledger = EffectLedger()
        let graphics = GraphicsText()
        let effects = Effects.contained(ledger) { request in
            guard request.arguments.first == "nvidia-smi", let text = graphics.text else { return nil }
            return .exited(status: 0, output: text, errorOutput: "")
        }
        let constants = try P2PConstants(environment: environment)
        let given = CandidateSettings(settings, constants: constants, environment: environment)
        let configuration = given.configuration
        let improvement = ImprovementDatabase(path: configuration.improvementPath, databases: effects.databases)
        let targets = ResourceTargets.load(
            tree: configuration.tree, files: effects.files, environment: environment
        ).targets
        runtime = NodeRuntime(
            configuration: configuration, effects: effects, console: SilentConsole(),
            store: NodeStore(Self.blank(given)),
            resources: ResourceMonitor(
                effects: effects, path: configuration.ringriftPath, tree: configuration.tree, targets: targets,
                hasNVIDIA: true, environment: environment),
            database: StateDatabase(path: configuration.statePath, databases: effects.databases),
            improvement: try? improvement.peek(exists: effects.files.exists(improvement.path)),
            improvementThresholds: try ImprovementCycles.Thresholds.load(
                tree: configuration.tree, environment: environment, files: effects.files),
            startTime: given.startTime, modes: ServingModes(FlagTable(environment: [:])),
            background: BackgroundTasks { ledger.refuse("a background task") })
        let routes = NodeRoutes(runtime: runtime, proxy: nil)
        application = HTTPApplication(
            routes: try routes.table(), middleware: [routes.authorization()], log: SilentLog())
        nativeRoutes = routes.nativeRoutes
        self.ledger = ledger
        self.graphics = graphics
        fault = Self.fault(environment)
    }

    private static func blank(_ settings: CandidateSettings) -> NodeState {
        let info = NodeInfo(
            nodeID: .string(settings.configuration.nodeID),
            host: .string(PyString(settings.configuration.advertiseHost)),
            port: .int(settings.configuration.advertisePort))
        return NodeState(
            selfInfo: info, leadership: LeadershipState(now: settings.startTime),
            diversity: DiversityMetrics(now: settings.startTime))
    }

    /// Answers a sample and judges it against what the serving side said.
    /// - Parameter sample: `{round, last, route, method, target, headers, remote, state, views, old}`; rounds of one sample
    ///   come one after the other, from 1 on.
    /// - Returns: `{ms, refused}` and `unserved`, or `verdict` (equal, open, race, mismatch) with `differences` and `new`.
    package func answer(_ sample: PyDict) async -> PyDict {
        let route = (sample["route"] ?? .none).pyStr
        take(state: sample["state"]?.asDict ?? [:], views: sample["views"]?.asDict)
        // The look at the machine that a serving front has taken already.
        await ResourceLoop.sample(runtime)
        _ = ledger.take()
        guard nativeRoutes.contains(route) else { return ["unserved": true] }
        if route.hasPrefix("GET /metrics"), await runtime.needsPreparedRatings() { return ["unserved": true] }
        _ = ledger.take()
        let begun = Self.processorMilliseconds
        guard let observed = await ask(sample) else { return ["unserved": true] }
        let milliseconds = Self.processorMilliseconds - begun
        let refused = ledger.take()
        var reply: PyDict = [
            "ms": .float(milliseconds), "refused": .list(refused.map { .string(PyString($0)) }),
        ]
        if refused.isEmpty { judge(sample, route, observed, &reply) }
        return reply
    }

    /// Of this process, which does one thing at a time.
    private static var processorMilliseconds: Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) * 1000 + Double(time.tv_nsec) * 1e-6
    }

    private func take(state image: PyDict, views: PyDict?) {
        let settings = CandidateSettings(configuration: runtime.configuration, startTime: runtime.startTime)
        let state = NodeState(image: image, blank: Self.blank(settings))
        graphics.set(state.selfInfo)
        runtime.store.update { $0 = state }
        runtime.legacy.show(views)
    }

    private func ask(_ sample: PyDict) async -> ShadowObservation? {
        let request = ServiceRequest(
            method: (sample["method"] ?? .none).pyStr, target: (sample["target"] ?? .none).pyStr,
            headers: ShadowObservation.headers(sample["headers"]), remoteAddress: (sample["remote"] ?? .none).pyStr)
        guard let response = try? await application.respond(to: request),
            let body = try? await response.collect(limit: .max)
        else { return nil }
        return ShadowObservation(
            status: response.status, headers: response.headers, body: spoiled(body),
            now: runtime.effects.clock.now())
    }

    private func spoiled(_ body: [UInt8]) -> [UInt8] {
        guard let fault else { return body }
        return Array(String(decoding: body, as: UTF8.self).replacing(fault, with: "fault").utf8)
    }

    private func judge(_ sample: PyDict, _ route: String, _ observed: ShadowObservation, _ reply: inout PyDict) {
        let isFirst = (sample["round"]?.asInt ?? 1) == 1
        let new = observed.value
        let key = sample["case"]?.asString?.description ?? route
        let verdict = rounds.withLock { open in
            let before = isFirst ? nil : open.take(key)
            var all = before ?? AnswerRounds(route: route, rules: ShadowRules.all, start: runtime.startTime)
            all.add(old: ShadowObservation.timed(sample["old"] ?? .none), new: ShadowObservation.timed(new))
            // What was said in earlier rounds may be lost with an earlier process.
            let isKnown = isFirst || before != nil
            let verdict = all.verdict(isLast: isKnown && sample["last"]?.asBool ?? true)
            if case .open = verdict { open.put(key, all) }
            return verdict
        }
        var differences: [Difference] = []
        switch verdict {
        case .equal:
            reply["verdict"] = "equal"
            if !isFirst { noise.withLock { $0.learn(route, key) } }
        case .race: reply["verdict"] = "race"
        case .open(let found):
            if isFirst, noise.withLock({ $0.covers(route, key, found) }) {
                reply["verdict"] = "equal"
            } else {
                reply["verdict"] = "open"
                differences = found
            }
        case .mismatch(let found):
            reply["verdict"] = "mismatch"
            differences = found
        }
        if !differences.isEmpty {
            reply["new"] = new
            reply["differences"] = .list(differences.prefix(50).map { .dict($0.shadowValue) })
        }
    }
}

extension Difference {
    fileprivate var shadowValue: PyDict {
        [
            "path": .string(PyString(path.description)), "kind": .string(PyString(kind.rawValue)),
            "expected": .string(PyString(expected)), "got": .string(PyString(got)),
        ]
    }
}
