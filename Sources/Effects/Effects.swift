import PythonSemantics

/// Everything a node can ask of the world outside its own memory.
///
/// Decisions never see this value: they take a snapshot and return a plan, and the shell that holds an `Effects` performs
/// it. There are three implementations: `Effects.live`, `Effects.recording(_:journal:)` and `Effects.replaying(_:)`.
package struct Effects: Sendable {
    package var clock: any WallClock
    package var identifiers: any IdentifierSource
    package var probes: any HostProbes
    package var processes: any ProcessRunner
    package var peers: any PeerTransport
    package var files: any FileAccess
    package var databases: any DatabaseAccess

    package init(
        clock: any WallClock, identifiers: any IdentifierSource, probes: any HostProbes,
        processes: any ProcessRunner, peers: any PeerTransport, files: any FileAccess,
        databases: any DatabaseAccess
    ) {
        self.clock = clock
        self.identifiers = identifiers
        self.probes = probes
        self.processes = processes
        self.peers = peers
        self.files = files
        self.databases = databases
    }
}

/// Wall-clock time.
package protocol WallClock: Sendable {
    /// Seconds since the Unix epoch, as Python's `time.time()` gives them.
    func now() -> Double
    /// Returns after `seconds` on this clock, or throws `CancellationError` when the task is cancelled.
    func sleep(seconds: Double) async throws
}

/// Fresh identifiers.
package protocol IdentifierSource: Sendable {
    /// 32 lower-case hexadecimal digits of a random (version 4) UUID. `label` names the call site, so that both sides
    /// of a deterministic comparison draw from the same stream.
    func uuidHex(label: String) -> String
    /// Python's `random.random()`: at least 0, below 1. `label` as in `uuidHex`.
    func fraction(label: String) -> Double
}

/// What one look at the machine gives; contract 06 section 4.1 and 4.2.
package protocol HostProbes: Sendable {
    /// Text of a file below `/proc`, or nil when it cannot be read.
    func procFile(_ name: String) -> String?
    /// Logical processors, 0 when unknown.
    func processorCount() -> Int
    /// Block counts of the file system that holds `path`, or nil.
    func fileSystem(at path: String) -> FileSystemUsage?
    /// Process ids and their command lines (arguments joined by blanks), for counting jobs.
    func commandLines() -> [ProcessCommand]
    /// What `kill(pid, 0)` says: alive (also when not permitted) or gone.
    func isAlive(pid: Int32) -> Bool
    /// The address of a UDP socket connected to a public address (nothing is sent); `127.0.0.1` when there is no route.
    func localAddress() -> String
    /// The host name.
    func hostName() -> String
}

/// Block counts of a file system, in units of its fragment size.
package struct FileSystemUsage: Sendable, Equatable {
    package var blocks: UInt64
    package var free: UInt64
    package var available: UInt64

    package init(blocks: UInt64, free: UInt64, available: UInt64) {
        self.blocks = blocks
        self.free = free
        self.available = available
    }
}

/// One process of this machine.
package struct ProcessCommand: Sendable, Equatable {
    package var pid: Int32
    package var line: String

    package init(pid: Int32, line: String) {
        self.pid = pid
        self.line = line
    }
}

/// A child process to run to its end.
package struct ProcessRequest: Sendable, Equatable {
    /// Program (looked up on PATH when it holds no slash) and arguments.
    package var arguments: [String]
    /// Working directory, nil for the node's own.
    package var directory: String?
    /// Seconds until the child is killed.
    package var timeout: Double

    package init(_ arguments: [String], directory: String? = nil, timeout: Double) {
        self.arguments = arguments
        self.directory = directory
        self.timeout = timeout
    }
}

/// How a child process ended.
package enum ProcessOutcome: Sendable, Equatable {
    /// The status is Python's `returncode`: negative, the signal's number, for a child that a signal ended.
    case exited(status: Int32, output: String, errorOutput: String)
    /// The program is not on PATH or cannot be executed.
    case notStarted(String)
    case timedOut
}

/// A child process that is started and left to itself; contract 06 section 7.
///
/// It shares standard input, session and process group with the node, and nothing else of its descriptors and signals.
package struct ChildRequest: Sendable, Equatable {
    /// Program (looked up on PATH when it holds no slash) and arguments, as a request gave them: what is no string is
    /// Python's `TypeError`.
    package var arguments: [PyValue]
    package var directory: PyString
    /// Set on top of the node's own environment.
    package var environment: [String: PyString]
    /// The file that takes standard output and error output.
    package var log: PyString
    /// Whether the file keeps what it holds.
    package var appendsToLog: Bool

    package init(
        _ arguments: [PyValue], directory: PyString, environment: [String: PyString], log: PyString,
        appendsToLog: Bool = true
    ) {
        self.arguments = arguments
        self.directory = directory
        self.environment = environment
        self.log = log
        self.appendsToLog = appendsToLog
    }
}

/// Runs child processes.
///
/// Python keeps a child that has ended as a zombie until it starts another one; signals to it succeed until then. So
/// that answers are the same, a child of ours that has ended (it is reaped at once, for others to see) counts as there
/// until ``collect()``.
package protocol ProcessRunner: Sendable {
    func run(_ request: ProcessRequest) async -> ProcessOutcome
    /// Opens the log, starts the child and gives its process id.
    /// - Throws: what Python's `open` and `subprocess.Popen` raise, in this order.
    func start(_ child: ChildRequest) throws(PyException) -> Int32
    /// `os.kill(pid, number)`. A child of ours that has ended and was not collected takes any signal.
    /// - Throws: `ProcessLookupError`, `PermissionError` with Python's text.
    func signal(_ pid: Int32, _ number: Int32) throws(PyException)
    /// Whether `os.kill(pid, 0)` finds it (also when not permitted). What others have left as a zombie is gone.
    func isRunning(pid: Int32) -> Bool
    /// Forgets the children that have ended, as each start of a process does in Python.
    /// - Returns: whether there were any.
    @discardableResult
    func collect() -> Bool
    /// This process and those it descends from.
    func ownProcesses() -> [Int32]
}

/// A request to another node.
package struct PeerRequest: Sendable, Equatable {
    package var method: String
    package var url: String
    /// In order; `Authorization` included when a token is configured.
    package var headers: [String: String]
    package var body: [UInt8]?
    /// Seconds until the whole exchange is given up.
    package var timeout: Double

    package init(
        method: String, url: String, headers: [String: String] = [:], body: [UInt8]? = nil, timeout: Double
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.timeout = timeout
    }
}

/// What another node answered.
package struct PeerResponse: Sendable, Equatable {
    package var status: Int
    package var contentType: String
    package var body: [UInt8]

    package init(status: Int, contentType: String, body: [UInt8]) {
        self.status = status
        self.contentType = contentType
        self.body = body
    }
}

/// Talks to other nodes.
package protocol PeerTransport: Sendable {
    /// - Throws: `PyException` with the text aiohttp's client would give (empty for a timeout).
    func send(_ request: PeerRequest) async throws(PyException) -> PeerResponse
}

/// Small files.
package protocol FileAccess: Sendable {
    /// - Throws: `PyException` of type `FileNotFoundError`, `PermissionError`, … with Python's text.
    func read(_ path: String) throws(PyException) -> [UInt8]
    func exists(_ path: String) -> Bool
    func isDirectory(_ path: String) -> Bool
    /// What is in a directory, in the order of the file system.
    /// - Throws: `PyException` of type `FileNotFoundError`, `NotADirectoryError`, … with Python's text.
    func list(_ path: String) throws(PyException) -> [DirectoryEntry]
    /// `os.stat`: a link is followed.
    func status(_ path: String) throws(PyException) -> FileStatus
    func createDirectory(_ path: String) throws(PyException)
    /// Writes aside and renames, so that a reader never sees half a file.
    func replace(_ path: String, with bytes: [UInt8]) throws(PyException)
    /// `os.unlink`.
    func remove(_ path: String) throws(PyException)
    /// `Path(path).resolve()`: absolute, without links and `..`; what does not exist stays as it is named.
    func resolve(_ path: String) -> String
}

/// One SQL statement with its values (`none`, `int`, `float`, `string`; `bool` binds as 0 or 1).
package struct SQLStatement: Sendable, Equatable {
    package var sql: String
    package var values: [PyValue]

    package init(_ sql: String, _ values: [PyValue] = []) {
        self.sql = sql
        self.values = values
    }
}

/// Rows as column values in the order of the query.
package typealias SQLRows = [[PyValue]]

/// SQLite files.
package protocol DatabaseAccess: Sendable {
    /// Runs the statements in one transaction of the file at `path` and returns the rows of each.
    /// - Throws: `PyException` with the name of Python's sqlite3 exception and SQLite's message.
    func transaction(_ path: String, _ statements: [SQLStatement]) throws(PyException) -> [SQLRows]
    /// Runs the statements one by one on a connection of their own, which is closed afterwards: for reading a file that
    /// other programs write (an open connection of ours would keep their last changes out of the main file).
    /// - Parameter busyTimeout: seconds to wait for a writer; Python's `sqlite3.connect` waits 5.
    /// - Throws: as `transaction`.
    func query(
        _ path: String, busyTimeout: Double, _ statements: [SQLStatement]
    ) throws(PyException) -> [SQLRows]
    /// Lets go of a file that others own; the next transaction opens it again. Who closes a file last takes its
    /// write-ahead log away.
    func close(_ path: String)
}
