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
        guard let path = arguments.first, getpid() == 1 else {
            fail("__inside is for the harness itself")
            return 2
        }
        // Standard input is a pipe from the harness: at its end the harness is gone, and so are we.
        Thread.detachNewThread {
            var byte: UInt8 = 0
            while read(0, &byte, 1) > 0 {}
            _exit(3)
        }
        do {
            let job = try SandboxJob(contentsOf: path)
            try InsideCommand(job: job, scenario: Scenario(contentsOf: job.scenario)).run()
            return 0
        } catch {
            fail("\(error)")
            return 2
        }
    }

    private static func fail(_ text: String) {
        FileHandle.standardError.write(Data((text + "\n").utf8))
    }

    /// A line for the harness: progress.
    private func say(_ text: String) {
        FileHandle.standardOutput.write(Data((text + "\n").utf8))
    }

    private func run() throws {
        try SandboxMounts.set(run: job.run)
        let tree = SandboxMounts.tree
        try time.begin(job.determinism, tree: tree, stubs: scenario.stubs)
        try SandboxSeeds.write(scenario.seeds, tree: tree, now: job.determinism == nil ? nil : time.start)
        let dump = StateDump(tree: tree, seeded: Set(scenario.seeds.map { SandboxSeeds.normalized($0.path) }))
        let record = job.run + "/spawned.jsonl"
        _ = FileManager.default.createFile(atPath: record, contents: nil)
        try SandboxSeeds.place(scenario.stubs, tree: tree, record: record, executable: job.executable)
        try SandboxSeeds.bind(proc: scenario.proc, run: job.run)
        let environment = nodeEnvironment()
        try startBackground(environment)

        let base = "\(job.output)/\(scenario.name)"
        let log = open(base + ".log", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard log >= 0 else { throw ParityError("\(base).log: \(String(cString: strerror(errno)))") }
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
        let exited = try play(node, to: base + ".jsonl", startup: startup)
        try time.pause(scenario.after)
        try stop(node, exited: exited, startup: startup, dump: dump, to: base)
        try? FileManager.default.removeItem(atPath: base + ".spawned.jsonl")
        try FileManager.default.copyItem(atPath: record, toPath: base + ".spawned.jsonl")
    }

    private func nodeEnvironment() -> [String: String] {
        var environment = job.environment
        environment["PYTHONUNBUFFERED"] = "1"
        environment["PYTHONPATH"] = SandboxMounts.tree
        environment["PATH"] = SandboxMounts.programs + ":" + (environment["PATH"] ?? "/usr/bin:/bin")
        environment["HOME"] = SandboxMounts.home
        environment["RINGRIFT_P2P_DISK_CRITICAL_THRESHOLD"] = "99"
        environment["RINGRIFT_P2P_DISK_WARNING_THRESHOLD"] = "98"
        environment["RINGRIFT_P2P_DISK_CLEANUP_THRESHOLD"] = "98"
        environment["RINGRIFT_MAX_DISK_PERCENT"] = "99"
        for (name, value) in time.environment { environment[name] = value }
        for (name, value) in scenario.environment { environment[name] = value }
        return environment
    }

    private func startBackground(_ environment: [String: String]) throws {
        for program in scenario.background {
            let argv = time.helper(program.argv, python: job.python ?? "python3")
            let child = try ChildProcess(
                ["/bin/sh", "-c", "cd \"$0\" && exec \"$@\"", SandboxMounts.tree] + argv, environment: environment)
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
                let text = String(decoding: FileManager.default.contents(atPath: log) ?? Data(), as: UTF8.self)
                let last = text.split(separator: "\n").last.map(String.init) ?? "no output"
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

    /// - Returns: the node's exit status when it ended before the last step.
    private func play(_ node: ChildProcess, to path: String, startup: Double) throws -> Int? {
        let writer = try RecordingWriter(path: path)
        defer { writer.close() }
        var environment = PyDict()
        for (name, value) in scenario.environment { environment[PyString(name)] = .string(value) }
        try writer.write([
            "scenario": .string(scenario.name), "args": .list(scenario.arguments.map { .string($0) }),
            "env": .dict(environment), "startup_s": .float(Self.rounded(startup)),
        ])
        var variables = Variables()
        for (index, step) in scenario.steps.enumerated() {
            try time.pause(step.sleep)
            guard step.method != nil else { continue }
            say("step \(index + 1)/\(scenario.steps.count)")
            let answer = try perform(step, &variables)
            try writer.write([
                "id": .string(step.id), "request": .dict(step.recordedRequest),
                "response": RecordingWriter.response(answer),
            ])
            if let code = node.poll() {
                try writer.write(["node_exited": .int(code)])
                return code
            }
        }
        return nil
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
            kill(node.pid, SIGTERM)
            if let code = try time.end(of: node, seconds: 20) {
                exit = .int(code)
            } else {
                kill(node.pid, SIGKILL)
                _ = node.wait()
                exit = "killed after 20 s"
            }
        }
        let stopped = Self.seconds(since: signalled)
        let (databases, files) = dump.read()
        let state: PyValue = [
            "exit": exit, "startup_s": .float(Self.rounded(startup)), "stop_s": .float(Self.rounded(stopped)),
            "proc": .dict(memory), "dbs": .dict(databases), "files": .dict(files),
        ]
        let bytes = try PyJSON.dumps(state, indent: 1)
        try Data(bytes).write(to: URL(fileURLWithPath: base + ".state.json"))
    }

    private static func seconds(since start: ContinuousClock.Instant) -> Double {
        let elapsed = (ContinuousClock.now - start).components
        return Double(elapsed.seconds) + Double(elapsed.attoseconds) / 1e18
    }

    private static func rounded(_ seconds: Double) -> Double {
        (seconds * 1000).rounded() / 1000
    }
}
