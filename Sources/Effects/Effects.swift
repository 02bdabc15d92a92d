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

/// Runs child processes.
package protocol ProcessRunner: Sendable {
    func run(_ request: ProcessRequest) async -> ProcessOutcome
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
}
