import PythonSemantics

extension Effects {
    /// The world to look at, not to touch: files and databases are read, everything else is refused and noted.
    /// - Parameter answers: outcomes of programs that are known without running them.
    package static func contained(
        _ ledger: EffectLedger, answers: @escaping @Sendable (ProcessRequest) -> ProcessOutcome? = { _ in nil }
    ) -> Effects {
        Effects(
            clock: LiveClock(), identifiers: LiveIdentifiers(), probes: LiveProbes(),
            processes: ContainedProcesses(ledger: ledger, answers: answers), peers: ContainedPeers(ledger: ledger),
            files: ContainedFiles(ledger: ledger), databases: ReadOnlyDatabases(ledger: ledger))
    }
}

extension PyException {
    /// What contained code gets instead of an effect.
    static let contained = PyException(type: "PermissionError", message: "[Errno 1] Operation not permitted: contained")
}

/// Processes can be looked at, not started or signalled.
struct ContainedProcesses: ProcessRunner {
    let ledger: EffectLedger
    let answers: @Sendable (ProcessRequest) -> ProcessOutcome?
    private let live = LiveProcesses()

    init(ledger: EffectLedger, answers: @escaping @Sendable (ProcessRequest) -> ProcessOutcome?) {
        self.ledger = ledger
        self.answers = answers
    }

    func run(_ request: ProcessRequest) async -> ProcessOutcome {
        if let known = answers(request) { return known }
        ledger.refuse("run " + request.arguments.joined(separator: " "))
        return .notStarted(PyException.contained.message)
    }

    func start(_ child: ChildRequest) throws(PyException) -> Int32 {
        ledger.refuse("start " + child.arguments.map(\.pyStr).joined(separator: " "))
        throw .contained
    }

    func signal(_ pid: Int32, _ number: Int32) throws(PyException) {
        if number == 0 { return try live.signal(pid, 0) }
        ledger.refuse("signal \(number) to \(pid)")
        throw .contained
    }

    func isRunning(pid: Int32) -> Bool { live.isRunning(pid: pid) }
    func collect() -> Bool { false }
    func ownProcesses() -> [Int32] { live.ownProcesses() }
}

/// No other node is spoken to.
struct ContainedPeers: PeerTransport {
    let ledger: EffectLedger

    func send(_ request: PeerRequest) async throws(PyException) -> PeerResponse {
        ledger.refuse("\(request.method) \(request.url)")
        throw .contained
    }
}

/// Files are read.
struct ContainedFiles: FileAccess {
    let ledger: EffectLedger
    private let live = LiveFiles()

    init(ledger: EffectLedger) { self.ledger = ledger }

    func read(_ path: String) throws(PyException) -> [UInt8] { try live.read(path) }
    func exists(_ path: String) -> Bool { live.exists(path) }
    func isDirectory(_ path: String) -> Bool { live.isDirectory(path) }
    func list(_ path: String) throws(PyException) -> [DirectoryEntry] { try live.list(path) }
    func status(_ path: String) throws(PyException) -> FileStatus { try live.status(path) }
    func resolve(_ path: String) -> String { live.resolve(path) }

    func createDirectory(_ path: String) throws(PyException) {
        if live.isDirectory(path) { return }
        try refuse("create the directory \(path)")
    }

    func replace(_ path: String, with bytes: [UInt8]) throws(PyException) { try refuse("write \(path)") }
    func remove(_ path: String) throws(PyException) { try refuse("remove \(path)") }

    private func refuse(_ what: String) throws(PyException) {
        ledger.refuse(what)
        throw .contained
    }
}
