import Cutover
import P2PModel
import PythonSemantics

/// A node's store for the exchange with a worker.
private struct NodeExchange: ExchangedStore {
    let runtime: NodeRuntime

    var version: UInt64 { runtime.store.version }

    func image() -> PyDict { runtime.store.snapshot.image() }

    func take(_ patch: StatePatch) -> [StatePatch.Path] {
        runtime.resources.distrust()
        return runtime.store.update { state in state.apply(patch) }
    }

    func adopt(_ attributes: PyDict) {
        runtime.store.update { state in
            for (name, value) in attributes where !NodeState.isNative(name) { state.carried.setDefault(name, value) }
        }
    }

    func legacyRan() { runtime.resources.distrust() }

    func save() async { await runtime.save() }

    func perform(_ step: PyString) async -> PyValue {
        do throws(PyException) {
            if let step = LegacyStep(rawValue: step.description), let result = try await runtime.performLeadership(step)
            {
                return result
            }
        } catch {
            runtime.console.print("[P2P] Heartbeat error: \(error.message)")
            return .none
        }
        switch step {
        case "_check_and_resolve_split_brain":
            do throws(PyException) {
                return .bool(try await runtime.resolveSplitBrain())
            } catch {
                // In the legacy the exception ends the job round with this line.
                runtime.console.print("[P2P] Job management error: \(error.message)")
                return true
            }
        default:
            guard runtime.modes.isNative(.p2pScheduling), let step = SchedulingStep(rawValue: step.description) else {
                return .none
            }
            do throws(PyException) {
                return try await runtime.performScheduling(step)
            } catch {
                // Raised where the worker's round asked, which ends it with the legacy's line.
                return .dict(["$exception": .string(PyString(error.message))])
            }
        }
    }
}

extension NodeRuntime {
    /// Settings of a worker (`Legacy/shim/ringrift_shim/config.py`) that follow from how this node was built, as JSON.
    /// - Parameters:
    ///   - start: the first worker leaves out what the front has said; a later one says nothing of its start.
    ///   - spoken: the front's start lines.
    package func workerSettings(start: Int, spoken: [String]) -> String {
        let info = store.snapshot.selfInfo
        let settings: PyValue = [
            "probed": [
                "_detect_build_version": .string(PyString(configuration.buildVersion)),
                "_get_tailscale_ip": .string(PyString(configuration.tailscaleHost)),
                "_detect_gpu": [info[.hasGPU], info[.gpuName]],
            ],
            "spoken": .list(spoken.map { .string(PyString($0)) }), "quiet_start": .bool(start > 1),
        ]
        return (try? PyJSON.dumpsText(settings))?.description ?? "{}"
    }

    /// A node that waits for its worker at the start trusts it at every look, too.
    private var viewLimits: WorkerViews.Limits {
        configuration.environment["RINGRIFT_STANDBY"] == "wait" ? .init(doubt: 1) : .init()
    }

    /// The exchange with a worker of this node. From now on ``legacy`` asks it.
    /// - Parameters:
    ///   - loops: the loops that run in the worker; nil: as the modes say.
    ///   - log: told what the operator may want to know.
    package func exchange(
        loops: [String]? = nil, log: @escaping @Sendable (String) -> Void
    ) -> StoreExchange {
        let exchange = StoreExchange(
            store: NodeExchange(runtime: self),
            duties: duties(loops: loops), onEvent: log,
            beforeRelease: { [firstPause] in await firstPause.wait() },
            onFirstFill: { [legacy] _ in _ = try? await legacy.run(.bootstrap) }, question: LegacyStatus.views,
            views: WorkerViews(limits: viewLimits))
        legacy.connect(exchange)
        return exchange
    }

    /// What a worker does beside its routes, as the modes are now.
    func duties(loops: [String]? = nil) -> WorkerDuties {
        let modes = modes.current
        return WorkerDuties(
            loops: loops ?? LegacyBorder.workerLoops(modes), natives: LegacyBorder.nativeMethods(modes),
            startTime: startTime)
    }
}

extension Alert {
    /// Arguments of the legacy's `send`.
    var keywords: PyDict {
        [
            "title": .string(title), "message": .string(message), "level": .string(level.name),
            "fields": .dict(fields), "node_id": .string(nodeID),
        ]
    }
}
