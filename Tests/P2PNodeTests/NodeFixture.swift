import Effects
import HTTPService
import P2PModel
import P2PServices
import PythonSemantics
import Synchronization
import TestSupport
import Testing

@testable import P2PNode

/// Lines of a node instead of stdout and stderr.
final class RecordedConsole: Console {
    private let printed = Mutex<[String]>([])
    private let logged = Mutex<[String]>([])
    private let stream = AsyncStream<String>.makeStream()

    var lines: [String] { printed.withLock { $0 } }
    var records: [String] { logged.withLock { $0 } }
    /// Every printed line, to be awaited.
    var arriving: AsyncStream<String> { stream.stream }
    func forget() { printed.withLock { $0 = [] } }

    func print(_ line: String) {
        printed.withLock { $0.append(line) }
        stream.continuation.yield(line)
    }
    func log(_ level: LogLevel, _ message: String) { logged.withLock { $0.append("\(level.rawValue) \(message)") } }
    func error(_ line: String) { logged.withLock { $0.append(line) } }
}

/// A node on the machine of the recorded scenarios (two processors at load 0.52, 48 GB with a quarter in use), built
/// as `ringrift p2p` builds it, on fakes.
struct NodeFixture {
    static let tree = "/srv/ringrift/ai-service"

    let fake: FakeEffects
    let console: RecordedConsole
    let runtime: NodeRuntime

    /// - Parameters:
    ///   - change: prepares the world before the node is built.
    init(
        _ id: String = "alpha", peers: [String] = [], token: String? = nil, environment: [String: String] = [:],
        now: Double = 1_800_000_000.25, change: (FakeEffects) throws -> Void = { _ in }
    ) async throws {
        let fake = FakeEffects(now: now) { Issue.record("\($0)") }
        Self.prepare(fake)
        try change(fake)
        let console = RecordedConsole()
        let options = P2POptions(
            nodeID: id, host: "127.0.0.1", port: 8770, advertiseHost: "127.0.0.1", advertisePort: nil, peers: peers,
            relayPeers: [], ringriftPath: "/srv/ringrift", authToken: token, requireAuth: false, storageType: "disk")
        runtime = try await NodeAssembly(
            options: options, environment: environment, tree: Self.tree, effects: fake.effects, console: console,
            constants: P2PConstants(environment: environment)
        ).build()
        runtime.resources.prepare()
        await ResourceLoop.sample(runtime)
        self.fake = fake
        self.console = console
    }

    static func prepare(_ fake: FakeEffects) {
        fake.processes.withhold("git", "tailscale", "nvidia-smi", "python3")
        fake.files.putDirectory(tree + "/scripts")
        fake.files.put(
            tree + "/config/unified_loop.yaml",
            "resource_targets:\n  cpu_min: 60\n  cpu_max: 80\n  pid:\n    kp: 0.3\n    ki: 0.05\n    kd: 0.1\n")
        fake.probes.change { machine in
            machine.proc["loadavg"] = "0.52 0.48 0.44 1/150 4242\n"
            machine.proc["meminfo"] = "MemTotal: 50331648 kB\nMemAvailable: 37748736 kB\n"
            machine.fileSystems["/srv/ringrift"] = FileSystemUsage(blocks: 1000, free: 930, available: 900)
        }
    }

    /// A peer that was heard of a second ago, at `http://{id}.lan:8770`.
    func addPeer(_ id: PyString, _ change: (inout NodeInfo) -> Void = { _ in }) throws {
        var info = NodeInfo(nodeID: .string(id), host: .string(id + ".lan"), port: 8770)
        info[.lastHeartbeat] = .float(fake.clock.now() - 1)
        change(&info)
        let added = info
        runtime.store.update { state in try? state.peers.store(.string(id), added) }
    }

    func change(_ body: @Sendable (inout LeadershipState) -> Void) {
        runtime.store.update { state in body(&state.leadership) }
    }

    var leadership: LeadershipState { runtime.store.snapshot.leadership }

    func application() throws -> HTTPApplication {
        let routes = NodeRoutes(runtime: runtime, proxy: nil)
        return HTTPApplication(
            routes: try routes.table(), middleware: [routes.authorization()], log: SilentHTTPLog())
    }

    /// One request in process: status and text of the answer.
    func ask(
        _ method: String, _ target: String, _ body: String = "", headers: [(String, String)] = [],
        remote: String = "10.20.0.1"
    ) async throws -> (status: Int, text: String) {
        let request = ServiceRequest(
            method: method, target: target, headers: headers, body: Array(body.utf8), remoteAddress: remote)
        let response = try await application().respond(to: request)
        guard case .bytes(let bytes) = response.body else { return (response.status, "") }
        return (response.status, String(decoding: bytes, as: UTF8.self))
    }

    /// The rows of `state` as saved.
    func savedState() throws -> [String: PyValue] {
        let query = SQLStatement("SELECT key, value FROM state")
        let rows = try fake.databases.transaction(runtime.configuration.statePath, [query])[0]
        return Dictionary(rows.map { ($0[0].pyStr, $0[1]) }) { $1 }
    }
}

func json(_ text: String) throws -> PyValue { try PyJSON.loads(PyString(text)) }

/// `Type: message` of what a call throws; nil when it does not.
func failure<T>(_ body: () throws(PyException) -> T) -> String? {
    do throws(PyException) {
        _ = try body()
        return nil
    } catch {
        return error.description
    }
}

func key(_ text: PyString) -> PyKey { PyKey(text: text) }
