import Comparison
import Foundation
import Glibc

/// Time inside a sandbox: the machine's, or a clock that we move (`--deterministic`).
final class SandboxTime {
    private var determinism: Determinism?
    private var virtual: VirtualTime?
    private var helpers: Set<pid_t> = []

    /// Unix seconds at which files are seeded; nil: the machine's time.
    var virtualStart: Double? { determinism == nil ? nil : Determinism.start }
    /// Variables for the node and its helpers.
    var environment: [String: String] { determinism?.environment ?? [:] }

    /// Starts the clock of a deterministic run; call it once, after the mounts and before anything else.
    func begin(_ determinism: Determinism?, tree: String, stubs: [Stub]) throws {
        guard let determinism else { return }
        self.determinism = determinism
        try determinism.writeDirectory()
        Determinism.ageFiles(of: tree)
        let virtual = try VirtualTime(path: Determinism.directory + "/clock.sock", start: Determinism.start)
        virtual.stillness.stubs =
            ["__stub"]
            + stubs.map { stub in
                switch stub.place {
                case .program(let name): SandboxMounts.programs + "/" + name
                case .file(let path): path
                }
            }
        self.virtual = virtual
    }

    /// The command of a helper program, on the clock when it is one of Python's.
    func helper(_ argv: [String], python: String) -> [String] {
        let words = argv.map { $0.replacing("{python}", with: python) }
        guard argv.first == "{python}", argv.count > 1, let script = determinism?.script else { return words }
        return [words[0], script, "--script"] + words.dropFirst()
    }

    func started(helper pid: pid_t) {
        helpers.insert(pid)
        virtual?.stillness.residents.insert(pid)
    }

    /// Gives the node that is started next the same process id in every run, where that is allowed.
    func prepareNode() {
        if virtual == nil { return }
        try? String(Determinism.lastProcess).write(
            toFile: "/proc/sys/kernel/ns_last_pid", atomically: false, encoding: .utf8)
    }

    /// A short pause while the node starts.
    func tick() throws {
        guard let virtual, virtual.isFollowed(except: helpers) else {
            usleep(20_000)
            return
        }
        let end = ContinuousClock.now + .milliseconds(300)
        try virtual.moveOn(after: 0.2) { ContinuousClock.now > end }
    }

    /// - Throws: ``ParityError`` when the node that is up does not follow the clock.
    func checkFollowed() throws {
        guard let virtual, !virtual.isFollowed(except: helpers) else { return }
        throw ParityError("the node does not follow the virtual clock: --deterministic is not supported by it")
    }

    func pause(_ seconds: Double) throws {
        if seconds <= 0 { return }
        if let virtual { try virtual.advance(seconds) } else { Thread.sleep(forTimeInterval: seconds) }
    }

    /// Sends a request; the clock stands still meanwhile.
    func step(_ request: @escaping @Sendable () -> AnswerObservation) throws -> AnswerObservation {
        guard let virtual else { return request() }
        var answer = try virtual.during(request)
        answer.milliseconds = 0
        return answer
    }

    /// The exit status of a node that was told to end; nil when it still runs after this many real seconds.
    func end(of node: ChildProcess, seconds: Double) throws -> Int? {
        guard let virtual else { return node.wait(seconds: seconds) }
        let end = ContinuousClock.now + .seconds(seconds)
        var code: Int?
        while code == nil, ContinuousClock.now < end {
            try virtual.moveOn(after: 0.03) {
                code = code ?? node.poll()
                return code != nil || ContinuousClock.now > end
            }
        }
        return code
    }
}
