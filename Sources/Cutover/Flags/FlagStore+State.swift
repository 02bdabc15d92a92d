extension FlagStore {
    /// What a status shows.
    package struct Status: Sendable {
        package var path: String
        package var table: FlagTable
        package var condition: Condition
        /// The newest last.
        package var alarms: [AlarmRecord]
        package var counters: Counters
        /// Demotions and rollbacks in force that could not be written yet.
        package var unwritten: [FlagEdit]
        /// Which content of the file is in force: ``FlagFile/revision``; nil when there was none.
        package var revision: String?
    }

    package struct AlarmRecord: Sendable, Equatable {
        package var text: String
        /// Unix seconds.
        package var first: Double
        package var last: Double
        /// How often it was raised.
        package var count: Int
        /// Whether its cause is there now.
        package var isActive: Bool
    }

    package struct Counters: Sendable, Equatable {
        /// The file's content, or its absence, was taken over so often.
        package var reads = 0
        /// The mode of a subsystem changed.
        package var changes = 0
        package var alarms = 0
        /// The last good content held.
        package var held = 0
        package var writes = 0
        package var failedWrites = 0
    }

    package var status: Status {
        state.withLock { state in
            Status(
                path: path, table: state.table, condition: state.condition, alarms: state.alarms,
                counters: state.counters, unwritten: state.unwritten, revision: state.good?.revision)
        }
    }

    /// Everything behind the lock.
    struct State: Sendable {
        static let maximumAlarms = 100

        var table: FlagTable
        /// `RINGRIFT_IMPL_FILE` names the file, so it is missed when it is not there.
        let isNamed: Bool
        var condition = Condition.absent
        /// The condition subscribers know.
        var published = Condition.absent
        /// The last good content of the file.
        var good: FlagFile?
        /// The good content was read from what an earlier process had kept.
        var isRestored = false
        /// What was kept last, and why the newest could not be.
        var kept: [UInt8]?
        var keepFailure: String?
        /// There was an unreadable file at the start and no good content since.
        var isUnknown = false
        var unwritten: [FlagEdit] = []
        var writeFailure: String?
        var watchProblem: String?
        /// What was taken over last, and what waits for a second look.
        var taken = FlagFileStorage.Content.missing
        var pending: FlagFileStorage.Content?
        var alarms: [AlarmRecord] = []
        var counters = Counters()
        var subscriptions = 0
        var subscribers: [Int: AsyncStream<Update>.Continuation] = [:]

        init(table: FlagTable, isNamed: Bool) {
            self.table = table
            self.isNamed = isNamed
        }

        /// The good content with what is not on the disk yet; nil when there is neither.
        var fileInForce: FlagFile? {
            guard let first = unwritten.first else { return good }
            return unwritten.dropFirst().reduce((good ?? FlagFile()).applying(first)) { $0.applying($1) }
        }

        func makeTable(_ environment: [String: String], _ fallback: Mode) -> FlagTable {
            FlagTable(environment: environment, file: fileInForce, fallback: fallback, isFileUnreadable: isUnknown)
        }

        /// Decides whether what was read counts; if so takes it over.
        mutating func judge(_ content: FlagFileStorage.Content, _ occasion: Occasion) -> Look {
            guard content != taken else {
                pending = nil
                return .same
            }
            let isSettled =
                switch (occasion, content) {
                case (.hangup, _), (.complete, .bytes): true
                // A file is gone or empty for a moment while it is replaced or rewritten.
                default: content == pending
                }
            guard isSettled else {
                pending = content
                return .unsettled
            }
            accept(content, atStart: false)
            return .changed
        }

        /// What an earlier process kept holds until there is something good at the path. Before the first content.
        mutating func restore(_ bytes: [UInt8]?) {
            good = bytes.map { FlagFile($0) }
            isRestored = bytes != nil
            kept = good?.bytes
        }

        /// Writes the good content beside the file when it is another than before. Blocks.
        mutating func keep(in storage: FlagFileStorage) {
            guard condition == .good, let bytes = good?.bytes, bytes != kept else { return }
            kept = bytes
            keepFailure = storage.keepLastGood(bytes)
        }

        mutating func accept(_ content: FlagFileStorage.Content, atStart: Bool) {
            taken = content
            pending = nil
            counters.reads += 1
            switch content {
            case .bytes(let bytes):
                good = FlagFile(bytes)
                condition = .good
                isUnknown = false
                isRestored = false
            case .missing: condition = good == nil && !isNamed ? .absent : .missing
            case .empty: condition = .empty
            case .unreadable(let reason):
                condition = .unreadable(reason)
                if atStart, good == nil { isUnknown = true }
            }
            if !atStart || isRestored, condition != .good, condition != .absent { counters.held += 1 }
        }

        /// Compares what is wrong now with what was.
        /// - Returns: a line for the log for every cause that came or went.
        mutating func raiseAlarms(path: String, now: Double) -> [String] {
            let causes = causes(path)
            var lines: [String] = []
            for index in alarms.indices where alarms[index].isActive && !causes.contains(alarms[index].text) {
                alarms[index].isActive = false
                lines.append("alarm over: \(alarms[index].text)")
            }
            for cause in causes where !alarms.contains(where: { $0.isActive && $0.text == cause }) {
                var record = AlarmRecord(text: cause, first: now, last: now, count: 1, isActive: true)
                if let index = alarms.firstIndex(where: { $0.text == cause }) {
                    record.first = alarms[index].first
                    record.count = alarms[index].count + 1
                    alarms.remove(at: index)
                }
                alarms.append(record)
                counters.alarms += 1
                lines.append("alarm: \(cause)")
            }
            alarms.removeFirst(max(0, alarms.count - Self.maximumAlarms))
            return lines
        }

        private func causes(_ path: String) -> [String] {
            let what: String? =
                switch condition {
                case .absent, .good: nil
                case .missing: "is not there"
                case .empty: "is empty"
                case .unreadable(let reason): "is unreadable (\(reason))"
                }
            let holds =
                isUnknown
                ? "everything is legacy"
                : good == nil
                    ? "nothing is set by it"
                    : isRestored ? "its last good content, \(path).last-good, holds" : "its last good content holds"
            var causes = what.map { ["\(path) \($0): \(holds)"] } ?? []
            // The file of a table can be long; the log cannot.
            causes += table.alarms.prefix(Self.maximumAlarms / 2).map(\.description)
            if let writeFailure { causes.append(writeFailure) }
            if let keepFailure { causes.append(keepFailure) }
            if let watchProblem { causes.append(watchProblem) }
            return causes
        }
    }
}
