import Comparison
import Foundation
import Glibc
import PythonSemantics

/// `ringrift parity __inside JOB`: process 1 of the sandbox. Sets the scene, starts the node, plays the steps, stops
/// it, writes what was observed. When it ends, the kernel ends everything in the sandbox.
struct InsideCommand {
    let job: SandboxJob
    let scenario: Scenario
    private let time = SandboxTime()

    init(job: SandboxJob, scenario: Scenario) {
        self.job = job
        self.scenario = scenario
    }

    static func main(_ arguments: [String]) -> Int32 {
        guard let path = arguments.first, let job = try? SandboxJob(contentsOf: path),
            getpid() == 1 || !job.place.isSealed
        else {
            fail("__inside is for the harness itself")
            return 2
        }
        if !job.place.isSealed {
            // No namespace ends the node with us: nothing may end us before it.
            for number in [SIGINT, SIGTERM, SIGHUP, SIGPIPE] { signal(number, SIG_IGN) }
        }
        // Standard input is a pipe from the harness: at its end the harness is gone, and so are we.
        Thread.detachNewThread {
            var byte: UInt8 = 0
            while read(0, &byte, 1) > 0 {}
            job.place.endProcesses()
            _exit(3)
        }
        defer { job.place.endProcesses() }
        do {
            try InsideCommand(job: job, scenario: Scenario(contentsOf: job.scenario)).run()
            return 0
        } catch {
            fail("\(error)")
            return 2
        }
    }

    /// Said when everything was written.
    static let lastWord = "done"

    private static func fail(_ text: String) {
        _ = PlainFile.write(Array((text + "\n").utf8), to: 2)
    }

    /// A line for the harness: progress.
    private func say(_ text: String) {
        _ = PlainFile.write(Array((text + "\n").utf8), to: 1)
    }

    private func run() throws {
        let place = job.place
        if place.isSealed { try SandboxMounts.set(run: job.run, venv: job.venv) }
        let tree = place.tree
        try time.begin(job.determinism, tree: tree, stubs: scenario.stubs)
        try SandboxSeeds.write(scenario.seeds, tree: tree, now: time.virtualStart)
        let dump = StateDump(tree: tree, seeded: Set(scenario.seeds.map { SandboxSeeds.normalized($0.path) }))
        let record = job.run + "/spawned.jsonl"
        _ = FileManager.default.createFile(atPath: record, contents: nil)
        try SandboxSeeds.write(scenario.stubs, place: place, record: record, executable: job.executable)
        if place.isSealed { try SandboxSeeds.bind(proc: scenario.proc, run: job.run) }
        let environment = nodeEnvironment()
        if let port = ([scenario.port] + scenario.background.compactMap(\.port)).first(where: Self.answers) {
            throw ParityError("port \(port) is in use on this machine")
        }
        try startBackground(environment)
        if Self.answers(scenario.port) {
            throw ParityError("port \(scenario.port) is in use by a background program of the scenario")
        }

        let base = "\(job.output)/\(scenario.name)"
        let log = open(base + ".log", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard log >= 0 else { throw ParityError("\(base).log: \(String(cString: strerror(errno)))") }
        say("starting")
        let started = ContinuousClock.now
        let command = job.command.replacing("{args}", with: scenario.arguments.joined(separator: " "))
        time.prepareNode()
        let node = try ChildProcess(
            ["/bin/sh", "-c", "cd \(tree) && exec \(command)"], environment: environment, output: log, session: true)
        try waitUntilUp(node, log: base + ".log", since: started)
        let startup = Self.seconds(since: started)
        try time.checkFollowed()
        say("up")
        try time.pause(scenario.settle)
        let early = node.poll()
        if let code = early, Self.answers(scenario.port) {
            throw ParityError(
                "the node ended with status \(code), and another program answers on its port \(scenario.port): "
                    + Self.lastLine(of: base + ".log"))
        }
        let exited = try play(node, early: early, to: base + ".jsonl", startup: startup)
        try time.pause(scenario.after)
        say("stopping")
        try stop(node, exited: exited, startup: startup, dump: dump, to: base)
        guard let spawned = FileManager.default.contents(atPath: record) else {
            throw ParityError("\(record) is gone: something removed the files of this run")
        }
        try PlainFile.write(Array(spawned), to: base + ".spawned.jsonl")
        for path in [job.output, job.run] { try Self.requireSpace(path) }
        say(Self.lastWord)
    }

    /// A log that lost its end to a full disk would be taken for what the node said.
    private static func requireSpace(_ path: String) throws {
        var info = statvfs()
        if statvfs(path, &info) == 0, info.f_blocks > 0, info.f_bfree == 0 {
            throw ParityError("\(path): \(String(cString: strerror(ENOSPC)))")
        }
    }

    private static func lastLine(of log: String) -> String {
        let text = String(decoding: FileManager.default.contents(atPath: log) ?? Data(), as: UTF8.self)
        return text.split(separator: "\n").last.map(String.init) ?? "no output"
    }

    private func nodeEnvironment() -> [String: String] {
        var environment = job.environment
        environment["PYTHONUNBUFFERED"] = "1"
        environment["PYTHONPATH"] = job.place.tree
        environment["PATH"] = job.place.programs + ":" + (environment["PATH"] ?? "/usr/bin:/bin")
        environment["HOME"] = job.place.home
        environment["RINGRIFT_P2P_DISK_CRITICAL_THRESHOLD"] = "99"
        environment["RINGRIFT_P2P_DISK_WARNING_THRESHOLD"] = "98"
        environment["RINGRIFT_P2P_DISK_CLEANUP_THRESHOLD"] = "98"
        environment["RINGRIFT_MAX_DISK_PERCENT"] = "99"
        let fixedLoad = (job.executable as NSString).deletingLastPathComponent + "/libCFixedLoad.so"
        if scenario.proc.contains(where: { $0.name == "loadavg" }), access(fixedLoad, R_OK) == 0 {
            environment["LD_PRELOAD"] = fixedLoad
        }
        for (name, value) in time.environment { environment[name] = value }
        for (name, value) in scenario.environment { environment[name] = value }
        return environment
    }

    private func startBackground(_ environment: [String: String]) throws {
        for program in scenario.background {
            let argv = time.helper(program.argv, python: job.python ?? "python3")
            let child = try ChildProcess(
                ["/bin/sh", "-c", "cd \"$0\" && exec \"$@\"", job.place.tree] + argv, environment: environment)
            time.started(helper: child.pid)
            guard let port = program.port else { continue }
            let start = ContinuousClock.now
            while !Self.answers(port) {
                if let code = child.poll() { throw ParityError("\(argv.joined(separator: " ")) ended with \(code)") }
                if Self.seconds(since: start) > 30 { throw ParityError("nothing answers on port \(port)") }
                usleep(50_000)
            }
        }
    }

    private func waitUntilUp(_ node: ChildProcess, log: String, since start: ContinuousClock.Instant) throws {
        while !Self.answers(scenario.port) {
            let code = node.poll()
            if code != nil || Self.seconds(since: start) > 90 {
                let last = Self.lastLine(of: log)
                throw ParityError(
                    code.map { "the node ended at start with status \($0): \(last)" }
                        ?? "the node does not answer after 90 s: \(last)")
            }
            try time.tick()
        }
    }

    private static func answers(_ port: Int) -> Bool {
        guard let socket = try? HTTPStepClient.connect(host: "127.0.0.1", port: port, timeout: 1) else { return false }
        close(socket)
        return true
    }

    /// - Parameter early: the node's exit status when it ended before the first step.
    /// - Returns: the node's exit status when it ended before the last step.
    private func play(_ node: ChildProcess, early: Int?, to path: String, startup: Double) throws -> Int? {
        let writer = try RecordingWriter(path: path)
        defer { writer.close() }
        var environment = PyDict()
        for (name, value) in scenario.environment { environment[PyString(name)] = .string(value) }
        try writer.write(
            RecordingWriter.meta(
                scenario: scenario.name, arguments: scenario.arguments, environment: environment, startup: startup))
        var variables = Variables()
        var stubs = StubWatch(
            paths: Set(scenario.stubs.map { SandboxSeeds.path(of: $0, place: job.place) }),
            record: job.run + "/spawned.jsonl")
        for (index, step) in scenario.steps.enumerated() {
            try time.pause(step.sleep)
            guard step.method != nil else { continue }
            stubs.waitUntilNoted()
            say("step \(index + 1)/\(scenario.steps.count)")
            let answer = try perform(step, &variables)
            try writer.write(
                RecordingWriter.step(id: step.id, request: step.recordedRequest, answer: answer))
            if let code = early ?? Self.end(of: node, after: answer, to: step) {
                try writer.write(RecordingWriter.exited(.int(code)))
                return code
            }
        }
        return nil
    }

    /// The status of a node that has ended. One that cut the connection may just be ending: it is given a second.
    private static func end(of node: ChildProcess, after answer: AnswerObservation, to step: Step) -> Int? {
        let cut = ["RemoteDisconnected", "Connection", "IncompleteRead", "BrokenPipe"]
        guard step.port == nil, let error = answer.error, cut.contains(where: error.hasPrefix) else {
            return node.poll()
        }
        return node.wait(seconds: 1)
    }

    private func perform(_ step: Step, _ variables: inout Variables) throws -> AnswerObservation {
        var headers = step.headers.map { ($0.name, variables.substitute($0.value)) }
        var body: [UInt8]?
        switch step.body {
        case .hex(let bytes)?: body = bytes
        case .raw(let text)?: body = Array(variables.substitute(text.description).utf8)
        case .json(let value)?:
            body = Array(variables.substitute(String(decoding: try PyJSON.dumps(value), as: UTF8.self)).utf8)
        case nil: break
        }
        if step.document["pad"] != nil { body = (body ?? []) + Array(repeating: UInt8(ascii: " "), count: step.pad) }
        if body != nil, !headers.contains(where: { $0.0 == "Content-Type" }) {
            headers.append(("Content-Type", "application/json"))
        }
        let client = HTTPStepClient(port: step.port ?? scenario.port, timeout: step.timeout)
        let (method, path, sent, content) = (step.method ?? "GET", variables.substitute(step.path), headers, body)
        var answer = try time.step { client.request(method: method, path: path, headers: sent, body: content) }
        if !step.save.isEmpty, answer.error == nil {
            guard case .text(let text) = answer.body, let value = ParityText.parse(text) else {
                answer.error = "JSONDecodeError: nothing to save from"
                return answer
            }
            for (name, path) in step.save {
                do {
                    try variables.save(name, path: path, from: value)
                } catch {
                    answer.error = "KeyError: \(error)"
                }
            }
        }
        return answer
    }

    private func stop(
        _ node: ChildProcess, exited: Int?, startup: Double, dump: StateDump, to base: String
    ) throws {
        var memory = PyDict()
        if exited == nil, let text = try? String(contentsOfFile: "/proc/\(node.pid)/status", encoding: .utf8) {
            for line in text.split(separator: "\n") {
                let parts = line.split(separator: ":", maxSplits: 1)
                if parts.count == 2, ["VmRSS", "VmHWM", "Threads"].contains(String(parts[0])) {
                    memory[PyString(String(parts[0]))] = .string(
                        parts[1].trimmingCharacters(in: .whitespacesAndNewlines))
                }
            }
        }
        let signalled = ContinuousClock.now
        var exit: PyValue
        if let exited {
            exit = .int(exited)
        } else {
            if let number = scenario.stop.number { kill(node.pid, number) }
            if let code = try time.end(of: node, seconds: scenario.stop.within) {
                exit = .int(code)
            } else {
                kill(node.pid, SIGKILL)
                _ = node.wait()
                exit = .string(scenario.stop.killedText)
            }
        }
        let stopped = Self.seconds(since: signalled)
        let (databases, files) = dump.read()
        let state = StateObservation(
            exit: exit, stopSeconds: stopped, startupSeconds: startup, databases: databases, files: files)
        try PlainFile.write(
            RecordingWriter.state(Recording.State(observation: state, process: memory)), to: base + ".state.json")
    }

    private static func seconds(since start: ContinuousClock.Instant) -> Double {
        let elapsed = (ContinuousClock.now - start).components
        return Double(elapsed.seconds) + Double(elapsed.attoseconds) / 1e18
    }
}
