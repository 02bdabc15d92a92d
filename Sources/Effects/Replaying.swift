import PythonSemantics

extension Effects {
    /// Answers from `journal` and performs nothing. A question that was not recorded gets a refusing answer (an
    /// exception, nil, an empty value) and is kept in `journal.mismatches`, so that a replay never passes by luck.
    package static func replaying(_ journal: EffectJournal) -> Effects {
        let port = ReplayingPort(journal: journal)
        return Effects(
            clock: port, identifiers: port, probes: port, processes: port, peers: port, files: port, databases: port)
    }
}

private struct ReplayingPort: WallClock, IdentifierSource, HostProbes, ProcessRunner, PeerTransport, FileAccess,
    DatabaseAccess
{
    let journal: EffectJournal

    private func answer(_ kind: String, _ input: PyValue) throws(PyException) -> PyValue {
        guard let value = journal.next(kind, input) else {
            throw PyException(type: "ReplayMismatch", message: "\(kind) was not recorded")
        }
        if let exception = PyException(journalValue: value) { throw exception }
        return value
    }

    private func plain(_ kind: String, _ input: PyValue) -> PyValue { journal.next(kind, input) ?? .none }

    func now() -> Double { plain("clock.now", .none).asDouble ?? 0 }
    func sleep(seconds: Double) async throws {
        _ = plain("clock.sleep", .float(seconds))
        try Task.checkCancellation()
    }
    func uuidHex(label: String) -> String { plain("identifiers.uuid", .text(label)).asText ?? "" }
    func fraction(label: String) -> Double { plain("identifiers.fraction", .text(label)).asDouble ?? 0 }
    func procFile(_ name: String) -> String? { plain("probes.proc", .text(name)).asText }
    func processorCount() -> Int { plain("probes.processors", .none).asInt ?? 0 }
    func fileSystem(at path: String) -> FileSystemUsage? {
        FileSystemUsage(journalValue: plain("probes.filesystem", .text(path)))
    }
    func commandLines() -> [ProcessCommand] {
        plain("probes.commands", .none).journalList.compactMap { pair in
            guard let pid = pair.journalList.first?.asInt, let line = pair.journalList.last?.asText else { return nil }
            return ProcessCommand(pid: Int32(truncatingIfNeeded: pid), line: line)
        }
    }
    func isAlive(pid: Int32) -> Bool { plain("probes.alive", .int(Int(pid))) == .bool(true) }
    func localAddress() -> String { plain("probes.address", .none).asText ?? "127.0.0.1" }
    func hostName() -> String { plain("probes.hostname", .none).asText ?? "" }

    func run(_ request: ProcessRequest) async -> ProcessOutcome {
        ProcessOutcome(journalValue: plain("processes.run", request.asJournalValue))
    }

    func start(_ child: ChildRequest) throws(PyException) -> Int32 {
        Int32(truncatingIfNeeded: try answer("processes.start", child.asJournalValue).asInt ?? 0)
    }

    func signal(_ pid: Int32, _ number: Int32) throws(PyException) {
        _ = try answer("processes.signal", .list([.int(Int(pid)), .int(Int(number))]))
    }

    func isRunning(pid: Int32) -> Bool { plain("processes.isRunning", .int(Int(pid))) == .bool(true) }
    func collect() -> Bool { plain("processes.collect", .none) == .bool(true) }
    func ownProcesses() -> [Int32] {
        plain("processes.own", .none).journalList.compactMap { $0.asInt.map { Int32(truncatingIfNeeded: $0) } }
    }

    func send(_ request: PeerRequest) async throws(PyException) -> PeerResponse {
        try PeerResponse(journalValue: answer("peers.send", request.asJournalValue))
    }

    func read(_ path: String) throws(PyException) -> [UInt8] { try answer("files.read", .text(path)).journalBytes }
    func exists(_ path: String) -> Bool { plain("files.exists", .text(path)) == .bool(true) }
    func isDirectory(_ path: String) -> Bool { plain("files.isDirectory", .text(path)) == .bool(true) }
    func list(_ path: String) throws(PyException) -> [DirectoryEntry] {
        try answer("files.list", .text(path)).journalList.compactMap(DirectoryEntry.init(journalValue:))
    }
    func status(_ path: String) throws(PyException) -> FileStatus {
        try FileStatus(journalValue: answer("files.status", .text(path)))
    }
    func createDirectory(_ path: String) throws(PyException) { _ = try answer("files.createDirectory", .text(path)) }
    func replace(_ path: String, with bytes: [UInt8]) throws(PyException) {
        _ = try answer("files.replace", .list([.text(path), .bytes(bytes)]))
    }

    func remove(_ path: String) throws(PyException) { _ = try answer("files.remove", .text(path)) }
    func resolve(_ path: String) -> String { plain("files.resolve", .text(path)).asText ?? path }

    func transaction(_ path: String, _ statements: [SQLStatement]) throws(PyException) -> [SQLRows] {
        try answer("databases.transaction", .list([.text(path)] + statements.map(\.asJournalValue))).journalList
            .map { rows in rows.journalList.map(\.journalList) }
    }

    func query(
        _ path: String, busyTimeout: Double, _ statements: [SQLStatement]
    ) throws(PyException) -> [SQLRows] {
        try answer("databases.query", .list([.text(path)] + statements.map(\.asJournalValue))).journalList
            .map { rows in rows.journalList.map(\.journalList) }
    }

    func close(_ path: String) { _ = plain("databases.close", .text(path)) }
}
