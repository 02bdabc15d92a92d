import Foundation

extension CutoverStatus {
    /// What a running node knows beside its flags.
    package struct Serving: Sendable {
        package var node: Node
        package var standby: Standby
        package var table: FlagTable
        package var ledger: ServingLedger
        /// Native and all routes of each subsystem.
        package var routes: [Subsystem: (native: Int, all: Int)]
        package var evidence: any ComparisonEvidence

        package init(
            node: Node, standby: Standby, table: FlagTable, ledger: ServingLedger,
            routes: [Subsystem: (native: Int, all: Int)], evidence: any ComparisonEvidence
        ) {
            self.node = node
            self.standby = standby
            self.table = table
            self.ledger = ledger
            self.routes = routes
            self.evidence = evidence
        }
    }

    /// - Parameters:
    ///   - serving: nil: the flags alone.
    ///   - now: unix seconds.
    package init(flags store: FlagStore, serving: Serving?, now: Double) {
        let status = store.status
        let file = store.file
        time = now
        node = serving?.node
        standby = serving?.standby
        flags = Flags(status)
        isChanging = serving?.ledger.isChanging ?? false
        drill = serving?.ledger.drill.count
        subsystems = Subsystem.allCases.map { subsystem in
            let own = serving.flatMap { $0.node.program == subsystem.program ? $0 : nil }
            return Row(subsystem, wanted: status.table, file: file, own)
        }
    }
}

extension CutoverStatus.Flags {
    fileprivate init(_ status: FlagStore.Status) {
        let folder = FileManager.default.currentDirectoryPath
        path = status.path.hasPrefix("/") ? status.path : folder + "/" + status.path
        switch status.condition {
        case .absent: condition = "absent"
        case .good: condition = "good"
        case .missing: condition = "missing"
        case .empty: condition = "empty"
        case .unreadable(let reason):
            condition = "unreadable"
            detail = reason
        }
        revision = status.revision
        isRolledBack = status.table.environment.isRolledBack || status.table.file.isRolledBack
        alarms = status.alarms.map {
            .init(text: $0.text, first: $0.first, last: $0.last, count: $0.count, isActive: $0.isActive)
        }
        reads = status.counters.reads
        changes = status.counters.changes
        raised = status.counters.alarms
        held = status.counters.held
        writes = status.counters.writes
        failedWrites = status.counters.failedWrites
        unwritten = status.unwritten.count
    }
}

extension CutoverStatus.Row {
    fileprivate init(
        _ subsystem: Subsystem, wanted table: FlagTable, file: FlagFile, _ serving: CutoverStatus.Serving?
    ) {
        self.subsystem = subsystem
        wanted = table.mode(subsystem)
        mode = serving?.table.mode(subsystem) ?? wanted
        // Another source may have come to say the same.
        let deciding = mode == wanted ? table : serving?.table ?? table
        source = deciding.entries[subsystem]?.source ?? "default"
        if let variable = FlagSource(source).fileVariable, let name = FlagName(variable: variable),
            let note = file.note(name)
        {
            decision = .init(time: Double(note.time), who: note.who, reason: note.reason)
        }
        comparison = serving?.evidence.figures(subsystem) ?? ComparisonFigures()
        guard let serving else { return }
        // A mode that was there at the start has been decided before it.
        since = serving.ledger.since(subsystem) ?? min(decision?.time ?? .infinity, serving.node.started)
        nativeRoutes = serving.routes[subsystem]?.native ?? 0
        routes = serving.routes[subsystem]?.all ?? 0
        swift = serving.ledger.answers(subsystem, .swift)
        legacy = serving.ledger.answers(subsystem, .legacy)
    }
}

extension CutoverStatus.Standby {
    /// - Parameters:
    ///   - kind: `RINGRIFT_STANDBY`.
    ///   - state: nil: there is no worker.
    package init(kind: String, _ state: LegacyWorker.State?) {
        self.init(kind: kind, state: .absent)
        switch state {
        case nil: break
        case .idle: self.state = .idle
        case .starting: self.state = .starting
        case .ready(let pid):
            self.state = .ready
            self.pid = pid
        case .waiting(let reason, let seconds):
            self.state = .waiting
            self.reason = reason
            self.seconds = seconds
        case .stopped: self.state = .stopped
        }
    }
}
