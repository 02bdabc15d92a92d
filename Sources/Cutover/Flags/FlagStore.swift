import Synchronization

/// The flags in force: environment and flags file, read again when the file changes, changed by commands and bounds.
///
/// ``table`` may be read from any thread at any time. The file is looked at by ``FlagWatch``, by ``look(_:)`` and by every
/// edit. When it vanishes, is cut to nothing or cannot be read, its last good content holds and an alarm says so; that is
/// kept beside the file, so that it holds across a restart, too.
package final class FlagStore: Sendable {
    /// Told to a subscriber: at once with the present state, then at every change of table or condition.
    package struct Update: Sendable, Equatable {
        package var old: FlagTable
        package var new: FlagTable
        package var condition: Condition
        /// `start`, `file changed`, `SIGHUP`, or the edit's action.
        package var reason: String

        package var changed: [Subsystem] { new.changed(since: old) }
    }

    /// How the file is.
    package enum Condition: Sendable, Equatable {
        /// There is none and there was none.
        case absent
        case good
        /// The last good content holds; of the following three, too.
        case missing
        case empty
        case unreadable(String)
    }

    /// What an observer of the file wants to know.
    package enum Look: Sendable, Equatable {
        case same
        case changed
        /// Perhaps a writer is at work: look again soon, and what is then unchanged counts.
        case unsettled
    }

    package enum Occasion: Sendable {
        /// A writer closed the file, or something was moved to its path: what it holds is complete.
        case complete
        /// Something happened, or it is time for a look.
        case glance
        /// An operator asked: what is there now counts.
        case hangup
    }

    let storage: FlagFileStorage
    let environment: [String: String]
    let fallback: Mode
    private let keepsLastGood: Bool
    let now: @Sendable () -> Double
    private let onEvent: @Sendable (String) -> Void
    /// One look or edit at a time. Taken before `state`, held while the file is read or written.
    let turn = Mutex<Void>(())
    let state: Mutex<State>

    /// Reads the file.
    /// - Parameters:
    ///   - tree: the directory the program works in.
    ///   - fallback: the mode when nothing is set: `swift`, or `legacy` under an installed shim.
    ///   - keepsLastGood: write the last good content beside the file. Who only looks does not.
    ///   - now: unix seconds.
    ///   - onEvent: told about changes and alarms, one line each; for the toolkit's log.
    package init(
        environment: [String: String], tree: String, fallback: Mode = .swift, keepsLastGood: Bool = false,
        now: @escaping @Sendable () -> Double, onEvent: @escaping @Sendable (String) -> Void
    ) {
        storage = FlagFileStorage(path: FlagFileStorage.path(environment: environment, tree: tree))
        self.environment = environment
        self.fallback = fallback
        self.keepsLastGood = keepsLastGood
        self.now = now
        self.onEvent = onEvent
        let content = storage.read()
        var state = State(
            table: FlagTable(environment: environment, fallback: fallback),
            isNamed: !(environment[FlagFile.pathVariable] ?? "").isEmpty)
        if case .bytes = content {} else { state.restore(storage.readLastGood()) }
        state.accept(content, atStart: true)
        if keepsLastGood { state.keep(in: storage) }
        state.table = state.makeTable(environment, fallback)
        let lines = state.raiseAlarms(path: storage.path, now: now())
        self.state = Mutex(state)
        for line in lines { onEvent(line) }
    }

    package var path: String { storage.path }

    /// The table in force.
    package var table: FlagTable { state.withLock { $0.table } }

    /// The content in force, with its notes; what could not be written yet included.
    package var file: FlagFile { state.withLock { $0.fileInForce ?? FlagFile() } }

    /// A stream of its own for every caller. It ends with its consumer's task.
    package func updates() -> AsyncStream<Update> {
        let (stream, continuation) = AsyncStream.makeStream(of: Update.self)
        let number = state.withLock { state in
            state.subscriptions += 1
            state.subscribers[state.subscriptions] = continuation
            continuation.yield(
                Update(old: state.table, new: state.table, condition: state.condition, reason: "start"))
            return state.subscriptions
        }
        continuation.onTermination = { [weak self] _ in
            _ = self?.state.withLock { $0.subscribers.removeValue(forKey: number) }
        }
        return stream
    }

    /// Reads the file and takes over what is new. Blocks while the file is read.
    @discardableResult
    package func look(_ occasion: Occasion) -> Look {
        turn.withLock { _ in
            let content = storage.read()
            let look = state.withLock { state in state.judge(content, occasion) }
            guard look == .changed else { return look }
            keepGood()
            if case .hangup = occasion { publish("SIGHUP") } else { publish("file changed") }
            return look
        }
    }

    /// Writes the content in force beside the file. The caller has the turn.
    func keepGood() {
        guard keepsLastGood else { return }
        // Only the turn's holder changes what is good, and readers of the table must not wait for the disk.
        var copy = state.withLock { $0 }
        copy.keep(in: storage)
        state.withLock { ($0.kept, $0.keepFailure) = (copy.kept, copy.keepFailure) }
    }

    /// Puts what the state says into force and tells everybody. The caller has the turn.
    func publish(_ reason: String) {
        let lines = state.withLock { state in
            let old = state.table
            let oldCondition = state.published
            state.table = state.makeTable(environment, fallback)
            state.published = state.condition
            var lines = state.raiseAlarms(path: path, now: now())
            let changed = state.table.changed(since: old)
            if !changed.isEmpty { state.counters.changes += 1 }
            lines += changed.map { subsystem in
                let source = state.table.entries[subsystem]?.source ?? ""
                return "\(subsystem.rawValue): \(old.mode(subsystem)) -> \(state.table.mode(subsystem)) "
                    + "(\(source)), \(reason)"
            }
            if old != state.table || oldCondition != state.condition {
                let update = Update(old: old, new: state.table, condition: state.condition, reason: reason)
                for subscriber in state.subscribers.values { subscriber.yield(update) }
            }
            return lines
        }
        for line in lines { onEvent(line) }
    }

    /// Says or takes back that the file is only looked at from time to time.
    func setWatchProblem(_ problem: String?) {
        let isNew = state.withLock { state in
            defer { state.watchProblem = problem }
            return state.watchProblem != problem
        }
        if isNew { turn.withLock { _ in publish("watch") } }
    }
}
