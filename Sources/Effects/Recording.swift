import PythonSemantics

extension Effects {
    /// Performs through `base` and writes every question and answer to `journal`.
    package static func recording(_ base: Effects, journal: EffectJournal) -> Effects {
        let port = RecordingPort(base: base, journal: journal)
        return Effects(
            clock: port, identifiers: port, probes: port, processes: port, peers: port, files: port, databases: port)
    }
}

/// All protocols of `Effects` in one type: each method performs, notes, returns.
private struct RecordingPort: WallClock, IdentifierSource, HostProbes, ProcessRunner, PeerTransport, FileAccess,
    DatabaseAccess
{
    let base: Effects
    let journal: EffectJournal

    private func note<T>(_ kind: String, _ input: PyValue, _ result: T, _ encode: (T) -> PyValue) -> T {
        journal.append(kind, input, encode(result))
        return result
    }

    private func note<T>(
        _ kind: String, _ input: PyValue, encode: (T) -> PyValue, _ body: () throws(PyException) -> T
    ) throws(PyException) -> T {
        do {
            return note(kind, input, try body(), encode)
        } catch {
            journal.append(kind, input, error.asJournalValue)
            throw error
        }
    }

    func now() -> Double { note("clock.now", .none, base.clock.now()) { .float($0) } }

    func sleep(seconds: Double) async throws {
        journal.append("clock.sleep", .float(seconds), .none)
        try await base.clock.sleep(seconds: seconds)
    }

    func uuidHex(label: String) -> String {
        note("identifiers.uuid", .text(label), base.identifiers.uuidHex(label: label)) { .text($0) }
    }

    func fraction(label: String) -> Double {
        note("identifiers.fraction", .text(label), base.identifiers.fraction(label: label)) { .float($0) }
    }

    func procFile(_ name: String) -> String? {
        note("probes.proc", .text(name), base.probes.procFile(name)) { $0.map { .text($0) } ?? .none }
    }

    func processorCount() -> Int { note("probes.processors", .none, base.probes.processorCount()) { .int($0) } }

    func fileSystem(at path: String) -> FileSystemUsage? {
        note("probes.filesystem", .text(path), base.probes.fileSystem(at: path)) { $0?.asJournalValue ?? .none }
    }

    func commandLines() -> [ProcessCommand] {
        note("probes.commands", .none, base.probes.commandLines()) { commands in
            .list(commands.map { .list([.int(Int($0.pid)), .text($0.line)]) })
        }
    }

    func isAlive(pid: Int32) -> Bool {
        note("probes.alive", .int(Int(pid)), base.probes.isAlive(pid: pid)) { .bool($0) }
    }

    func localAddress() -> String { note("probes.address", .none, base.probes.localAddress()) { .text($0) } }
    func hostName() -> String { note("probes.hostname", .none, base.probes.hostName()) { .text($0) } }

    func run(_ request: ProcessRequest) async -> ProcessOutcome {
        let outcome = await base.processes.run(request)
        return note("processes.run", request.asJournalValue, outcome) { $0.asJournalValue }
    }

    func start(_ child: ChildRequest) throws(PyException) -> Int32 {
        try note("processes.start", child.asJournalValue, encode: { .int(Int($0)) }) { () throws(PyException) in
            try base.processes.start(child)
        }
    }

    func signal(_ pid: Int32, _ number: Int32) throws(PyException) {
        try note(
            "processes.signal", .list([.int(Int(pid)), .int(Int(number))]), encode: { (_: Void) in .none }
        ) { () throws(PyException) in try base.processes.signal(pid, number) }
    }

    func isRunning(pid: Int32) -> Bool {
        note("processes.isRunning", .int(Int(pid)), base.processes.isRunning(pid: pid)) { .bool($0) }
    }

    func collect() -> Bool { note("processes.collect", .none, base.processes.collect()) { .bool($0) } }

    func ownProcesses() -> [Int32] {
        note("processes.own", .none, base.processes.ownProcesses()) { .list($0.map { .int(Int($0)) }) }
    }

    func send(_ request: PeerRequest) async throws(PyException) -> PeerResponse {
        do {
            let response = try await base.peers.send(request)
            return note("peers.send", request.asJournalValue, response) { $0.asJournalValue }
        } catch {
            journal.append("peers.send", request.asJournalValue, error.asJournalValue)
            throw error
        }
    }

    func read(_ path: String) throws(PyException) -> [UInt8] {
        try note("files.read", .text(path), encode: { .bytes($0) }) { () throws(PyException) in
            try base.files.read(path)
        }
    }

    func exists(_ path: String) -> Bool { note("files.exists", .text(path), base.files.exists(path)) { .bool($0) } }

    func isDirectory(_ path: String) -> Bool {
        note("files.isDirectory", .text(path), base.files.isDirectory(path)) { .bool($0) }
    }

    func list(_ path: String) throws(PyException) -> [DirectoryEntry] {
        try note("files.list", .text(path), encode: { .list($0.map(\.asJournalValue)) }) { () throws(PyException) in
            try base.files.list(path)
        }
    }

    func status(_ path: String) throws(PyException) -> FileStatus {
        try note("files.status", .text(path), encode: { $0.asJournalValue }) { () throws(PyException) in
            try base.files.status(path)
        }
    }

    func createDirectory(_ path: String) throws(PyException) {
        try note("files.createDirectory", .text(path), encode: { (_: Void) in .none }) { () throws(PyException) in
            try base.files.createDirectory(path)
        }
    }

    func replace(_ path: String, with bytes: [UInt8]) throws(PyException) {
        try note("files.replace", .list([.text(path), .bytes(bytes)]), encode: { (_: Void) in .none }) {
            () throws(PyException) in try base.files.replace(path, with: bytes)
        }
    }

    func remove(_ path: String) throws(PyException) {
        try note("files.remove", .text(path), encode: { (_: Void) in .none }) { () throws(PyException) in
            try base.files.remove(path)
        }
    }

    func resolve(_ path: String) -> String {
        note("files.resolve", .text(path), base.files.resolve(path)) { .text($0) }
    }

    func transaction(_ path: String, _ statements: [SQLStatement]) throws(PyException) -> [SQLRows] {
        try note(
            "databases.transaction", .list([.text(path)] + statements.map(\.asJournalValue)),
            encode: { $0.asJournalValue }
        ) { () throws(PyException) in try base.databases.transaction(path, statements) }
    }

    func query(
        _ path: String, busyTimeout: Double, _ statements: [SQLStatement]
    ) throws(PyException) -> [SQLRows] {
        try note(
            "databases.query", .list([.text(path)] + statements.map(\.asJournalValue)), encode: { $0.asJournalValue }
        ) { () throws(PyException) in
            try base.databases.query(path, busyTimeout: busyTimeout, statements)
        }
    }

    func close(_ path: String) {
        base.databases.close(path)
        journal.append("databases.close", .text(path), .none)
    }
}
