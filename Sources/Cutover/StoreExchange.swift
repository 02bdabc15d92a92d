import PythonSemantics
import ServiceLifecycle
import Synchronization

/// Keeps the store and a worker's node the same: what the store changed goes there before legacy code runs, what legacy
/// code changed comes here after it, whenever it saves, and while it runs.
///
/// `shared` is what both sides agreed on last. It changes together with the store under one lock, and patches leave in the
/// order in which they were made, so that neither side can see an older value after a newer one. Where both sides changed a
/// place, the one that the store took last is sent back explicitly: both end with the same value.
package final class StoreExchange: Sendable {
    /// What went over the border since start.
    package struct Counters: Sendable, Equatable {
        /// Workers that were filled from the store.
        package var fills = 0
        package var sent = 0
        package var received = 0
        package var saves = 0
        /// Places that both sides had changed.
        package var conflicts = 0
        /// Patches that could not be read.
        package var refused = 0
    }

    private struct Session {
        let commands: WorkerControl
        let notices: WorkerControl
        let path: String
        let pulse: WorkerPulse
        let depths: PyDict
        var shared: PyDict
        /// The store's version at the last comparison.
        var compared: UInt64
        /// Puts the worker has not answered yet.
        var open = 0
        /// Whether the worker's loops have begun.
        var isReleased = false
    }

    private let store: any ExchangedStore
    private let duties: Mutex<WorkerDuties>
    private let session = Mutex<Session?>(nil)
    private let counters = Mutex(Counters())
    private let onEvent: @Sendable (String) -> Void
    private let beforeRelease: @Sendable () async -> Void
    private let onFirstFill: @Sendable (StoreExchange) async -> Void
    private let restart = Mutex<(@Sendable () -> Void)?>(nil)
    private let limits: WorkerPulse.Limits
    private let question: PyDict
    private let views: WorkerViews

    /// - Parameters:
    ///   - onEvent: told what the operator may want to know, a line each.
    ///   - beforeRelease: waits until the worker's loops may begin.
    ///   - onFirstFill: done once, when the first worker has the state.
    ///   - question: what ``look()`` asks for, by name the method or attribute of the legacy node.
    package init(
        store: any ExchangedStore, duties: WorkerDuties, onEvent: @escaping @Sendable (String) -> Void,
        beforeRelease: @escaping @Sendable () async -> Void = {},
        onFirstFill: @escaping @Sendable (StoreExchange) async -> Void = { _ in }, question: PyDict = [:],
        views: WorkerViews = WorkerViews(), limits: WorkerPulse.Limits = WorkerPulse.Limits()
    ) {
        self.limits = limits
        self.question = question
        self.views = views
        self.store = store
        self.duties = Mutex(duties)
        self.onEvent = onEvent
        self.beforeRelease = beforeRelease
        self.onFirstFill = onFirstFill
    }

    /// Names what restarts the node when legacy code wants to replace its process.
    package func onRestart(_ restart: @escaping @Sendable () -> Void) { self.restart.withLock { $0 = restart } }

    package var counts: Counters { counters.withLock { $0 } }

    /// Whether a worker has the state.
    package var isAttached: Bool { session.withLock { $0 != nil } }

    /// Waits while a worker is there whose loops have not begun yet.
    package func waitForRelease(seconds: Double) async {
        let deadline = ContinuousClock.now + .seconds(seconds)
        while session.withLock({ $0?.isReleased == false }), ContinuousClock.now < deadline, !Task.isCancelled {
            try? await Task.sleep(for: .milliseconds(5))
        }
    }

    /// Fills the worker at `path` and serves it until it is gone or the task is cancelled.
    ///
    /// - Parameter ready: called when the worker has the state: from then on it may be asked.
    /// - Throws: what stopped the filling.
    package func serve(control path: String, ready: @Sendable () -> Void) async throws {
        let notices = try await WorkerControl.connect(path)
        defer { notices.close() }
        let commands = try await WorkerControl.connect(path)
        defer { commands.close() }
        let signs = try await WorkerControl.connect(path)
        defer { signs.close() }
        let pulse = WorkerPulse(control: signs, limits: limits)
        try await notices.request("subscribe")
        try await fill(
            Session(
                commands: commands, notices: notices, path: path, pulse: pulse, depths: [:], shared: [:],
                compared: 0))
        defer { session.withLock { $0 = nil } }
        let isFirst = counters.withLock { counters in
            counters.fills += 1
            return counters.fills == 1
        }
        ready()
        await withDiscardingTaskGroup { group in
            group.addTask { await self.pump() }
            group.addTask {
                await self.views.serve(pulse: pulse) {
                    try await self.ask("views", ["views": .dict(self.question)])?.asDict
                }
            }
            if isFirst { group.addTask { await self.onFirstFill(self) } }
            group.addTask { await self.release(commands, path) }
            for await event in notices.events {
                // A native step may take as long as an election; patches do not wait for it.
                if event["event"] == "native" {
                    group.addTask { await self.answerNative(event, notices) }
                } else {
                    await handle(event, notices)
                }
            }
            group.cancelAll()
        }
    }

    /// The worker's own values first (what the store does not know yet), then everything the store has.
    private func fill(_ draft: Session) async throws {
        let commands = draft.commands
        guard case .dict(let got) = try await commands.request("state.get"),
            case .dict(let attributes)? = got["attributes"]
        else { throw WorkerControl.Failure(type: "ProtocolError", message: "state.get gave no attributes") }
        store.adopt(attributes)
        let (version, image) = (store.version, store.image())
        try await commands.request("state.put", ["attributes": .dict(image)])
        var depths = PyDict()
        if case .dict(let given)? = got["depths"] { depths = given }
        var removed = attributes
        for key in image.keys { removed.removeValue(forKey: key) }
        let filled = Session(
            commands: commands, notices: draft.notices, path: draft.path, pulse: draft.pulse,
            depths: depths, shared: image.merging(removed), compared: version == 0 ? .max : version - 1)
        session.withLock { $0 = filled }
        // What came while the worker was filled, and what it had that the store does not know.
        try await synchronize()
    }

    private func release(_ commands: WorkerControl, _ path: String) async {
        await beforeRelease()
        do {
            let share = duties.withLock { $0 }
            try await commands.request(
                "release",
                Self.arguments(share).merging(["background": true, "start_time": .float(share.startTime)]))
            let waiting = try await WorkerControl.connect(path)
            defer { waiting.close() }
            try await waiting.request("begun")
            session.withLock { $0?.isReleased = true }
            let now = duties.withLock { $0 }
            if now != share { await assign(now, dropsCaches: true) }
        } catch {
            onEvent("the legacy worker's loops were not released: \(error)")
        }
    }

    private static func arguments(_ duties: WorkerDuties) -> PyDict {
        func list(_ names: [String]) -> PyValue { .list(names.map { .string(PyString($0)) }) }
        return ["loops": list(duties.loops), "natives": list(duties.natives)]
    }

    /// Gives this and every later worker another share of the work. Returns when no loop runs in the worker any more
    /// that must not.
    /// - Parameter dropsCaches: what the worker's node remembers of its own answers may be of another time.
    package func assign(_ share: WorkerDuties, dropsCaches: Bool) async {
        duties.withLock { $0 = share }
        guard session.withLock({ $0?.isReleased }) == true else { return }
        do {
            _ = try await ask("serve", Self.arguments(share).merging(["drop_caches": .bool(dropsCaches)]))
        } catch {
            onEvent("the legacy worker did not take its new share of the work: \(error)")
        }
    }

    /// Told when the worker has answered a request.
    package func legacyRan() { store.legacyRan() }

    // MARK: signs of life

    /// Returns when the worker has given a sign of life lately, or when there is none to ask.
    ///
    /// - Throws: `WorkerPulse.Silence` when it gives none.
    package func expectLife() async throws { try await session.withLock { $0?.pulse }?.expect() }

    /// Runs `body` and leaves it when the worker gives no sign of life meanwhile.
    ///
    /// - Throws: what `body` throws; `WorkerPulse.Silence`.
    package func watching<T: Sendable>(_ body: @escaping @Sendable () async throws -> T) async throws -> T {
        guard let pulse = session.withLock({ $0?.pulse }) else { return try await body() }
        return try await pulse.watching(body)
    }

    // MARK: to the worker

    /// Sends what the store changed since the last time and waits until the worker has it.
    package func synchronize() async throws {
        let sent: (commands: WorkerControl, number: Int, isPut: Bool)? = session.withLock { session in
            guard var current = session else { return nil }
            defer { session = current }
            let before = current.open
            if let number = Self.push(&current, store) {
                counters.withLock { $0.sent += 1 }
                return (current.commands, number, true)
            }
            // The worker answers in order: behind what others have sent and still wait for.
            return before == 0 ? nil : (current.commands, current.commands.begin("ping"), false)
        }
        guard let sent else { return }
        defer { if sent.isPut { session.withLock { $0?.open -= 1 } } }
        _ = try await sent.commands.answer(to: sent.number)
    }

    /// Returns when the store has what legacy code has changed so far.
    ///
    /// - Throws: `WorkerPulse.Silence` when the worker gives no sign of life, or why it could not be asked.
    package func settle() async throws {
        _ = try await watching { try await self.ask("views", ["views": [:]]) }
    }

    /// Makes and sends the patch; nil when there is nothing to send.
    private static func push(_ session: inout Session, _ store: any ExchangedStore, force: Bool = false) -> Int? {
        let version = store.version
        guard force || version != session.compared else { return nil }
        session.compared = version
        let image = store.image()
        let depths = session.depths
        let patch = StatePatch.between(session.shared, image) { depths[$0]?.asInt ?? 0 }
        session.shared = image
        guard !patch.isEmpty else { return nil }
        session.open += 1
        return session.commands.begin("state.put", ["patch": .dict(patch.json)])
    }

    /// Changes that no request waits for reach the worker's loops.
    private func pump() async {
        while !Task.isCancelled {
            try? await Task.sleep(for: .milliseconds(250))
            try? await synchronize()
        }
    }

    // MARK: from the worker

    private func handle(_ event: PyDict, _ notices: WorkerControl) async {
        switch event["event"]?.asString {
        case "state":
            take(event)
            if event["reason"] == "save" {
                counters.withLock { $0.saves += 1 }
                await store.save()
            }
            if let number = event["seq"] { notices.forget(notices.begin("ack", ["seq": number])) }
        case "exec":
            onEvent("the legacy restarts the node: \(PyValue.dict(event).pyRepr)")
            await store.save()
            restart.withLock { $0 }?()
        case "exit", "failed":
            onEvent("legacy worker: \(PyValue.dict(event).pyRepr)")
        default: break
        }
    }

    private func take(_ event: PyDict) {
        guard case .dict(let json)? = event["patch"] else { return }
        do throws(StatePatchError) {
            let patch = try StatePatch(json: json)
            let conflicts = session.withLock { session -> Int in
                guard var current = session else { return 0 }
                defer { session = current }
                let conflicts = store.take(patch)
                var there: [StatePatch.Path] = []
                current.shared = patch.applied(to: current.shared, conflicts: &there)
                guard !conflicts.isEmpty || !there.isEmpty else { return 0 }
                // What the worker has there now depends on what is under way: say it again.
                for path in conflicts + there { current.shared = Self.marking(path[...], in: current.shared) }
                if let number = Self.push(&current, store, force: true) {
                    current.open -= 1
                    current.commands.forget(number)
                }
                return conflicts.count
            }
            counters.withLock { counters in
                counters.received += 1
                counters.conflicts += conflicts
            }
        } catch {
            counters.withLock { $0.refused += 1 }
            onEvent("a patch of the legacy worker was not understood at \(error.key)")
        }
    }

    /// A value that is nowhere else, so that the next patch names the place.
    private static func marking(_ path: ArraySlice<PyString>, in image: PyDict) -> PyDict {
        var image = image
        guard let key = path.first else { return image }
        if path.count > 1, case .dict(let below)? = image[key] {
            image[key] = .dict(marking(path.dropFirst(), in: below))
        } else {
            image[key] = "\u{0}unknown"
        }
        return image
    }

    private func answerNative(_ event: PyDict, _ notices: WorkerControl) async {
        guard let number = event["seq"], let step = event["step"]?.asString else { return }
        let result = await store.perform(step)
        try? await synchronize()
        notices.forget(notices.begin("answer", ["seq": number, "result": result]))
    }

    /// Asks the worker to end as the legacy ends: connections closed, files in order.
    /// - Parameter grace: seconds after which it leaves whatever still runs.
    /// - Returns: whether there was a worker to ask.
    package func endWorker(grace: Double) async -> Bool {
        guard let path = session.withLock({ $0?.path }), let control = try? await WorkerControl.connect(path) else {
            return false
        }
        defer { control.close() }
        return (try? await control.request("shutdown", ["grace": .float(grace)])) != nil
    }

    // MARK: steps of the front's loops that are the worker's

    /// Runs a method of the legacy node and gives its result (None where that has no JSON form); nil without a worker.
    ///
    /// - Throws: `WorkerControl.Failure` with the exception that ended it.
    package func step(
        _ method: PyString, _ arguments: [PyValue] = [], keywords: PyDict = [:]
    ) async throws -> PyValue? {
        try await expectLife()
        return try await watching {
            try await self.ask(
                "step", ["method": .string(method), "args": .list(arguments), "kwargs": .dict(keywords)])
        }
    }

    /// What the legacy node says of its parts: by name `{"value": …}` or `{"error": text}`; the last known when it gives no
    /// sign of life or is gone.
    package func look() async -> PyDict? { await views.look() }

    /// On a connection of its own, because a step may take minutes.
    private func ask(_ command: PyString, _ arguments: PyDict) async throws -> PyValue? {
        guard let path = session.withLock({ $0?.path }) else { return nil }
        try await synchronize()
        let control = try await WorkerControl.connect(path)
        defer { control.close() }
        return try await control.request(command, arguments)
    }
}
