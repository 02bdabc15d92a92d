import Foundation
import Glibc
import PythonSemantics

/// Plays a case inside its namespaces: sets the scene, runs the commands, ends what is left, records what came of it.
final class CommandLinePlayer {
    let job: CommandLineJob
    let plan: CommandLineCase
    let text: CommandLineText
    /// Process ids of the helper programs, for files that hold them.
    private(set) var pids: [String: pid_t] = [:]
    private var helpers: [(name: String, process: CommandLineProcess)] = []
    private var runs: [CommandLineRecording.Run] = []
    private var commands: [CommandLineProcess] = []
    /// How many replaced programs had been called when each command was over.
    private var callsAfter: [Int] = []

    init(job: CommandLineJob) throws {
        self.job = job
        let file = try CommandLineCaseFile(["cases": [.dict(job.document)]])
        guard let only = file.cases.first else { throw ParityError("a job without a case") }
        plan = only
        text = try CommandLineText(
            command: job.command, interpreters: job.interpreters, tree: job.tree ?? SandboxMounts.tree + "/no-tree")
    }

    func play() throws {
        umask(0o022)
        let run = job.run
        // Opened now: the sandbox may cover the directory.
        let output = open(job.output, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard output >= 0 else { throw ParityError("\(job.output): \(String(cString: strerror(errno)))") }
        try CommandLineMounts.set(run: run, tree: job.tree, disk: plan.disk)
        try CommandLineMounts.bind(proc: plan.proc)
        try prepare()
        let before = CommandLineSnapshot()
        umask(plan.umask)
        for index in plan.commands.indices { try playCommand(index) }
        pause(plan.after)
        let ends = PyDict(helpers.map { (PyString($0.name), CommandLineSignals.end($0.process.poll())) })
        for index in runs.indices where runs[index].exit == "running" {
            runs[index].exit = CommandLineSignals.end(commands[index].poll())
        }
        // Everything in this process namespace but its first process and this one.
        kill(-1, SIGKILL)
        pause(0.1)
        for index in runs.indices {
            runs[index].output = text.lines(said("out", index)).map { PyString($0) }
            runs[index].errors = text.lines(said("err", index)).map { PyString($0) }
        }
        let recording = CommandLineRecording(
            id: plan.id, digest: plan.digest, rules: plan.rules, runs: runs, spawned: calls(), background: ends,
            files: try CommandLineSnapshot().changes(since: before, text: text))
        try write(CommandLineLayout.text(recording.value), to: output)
    }

    private func write(_ bytes: [UInt8], to descriptor: Int32) throws {
        do {
            try FileHandle(fileDescriptor: descriptor, closeOnDealloc: true).write(contentsOf: bytes)
        } catch {
            throw ParityError("\(job.output): cannot be written")
        }
    }

    private func prepare() throws {
        for file in plan.files where !file.needsProcess { try file.write(pids: [:]) }
        for helper in plan.background {
            let process = try CommandLineProcess(
                helper.argv, environment: environment([]), directory: SandboxMounts.tree, session: false)
            helpers.append((helper.name, process))
            pids[helper.name] = process.pid
            try waitForPort(of: helper, process)
        }
        for file in plan.files where file.needsProcess { try file.write(pids: pids) }
        try CommandLineStub.place(plan.document["stubs"]?.asDict ?? [:], executable: job.executable)
    }

    private func waitForPort(of helper: CommandLineCase.Background, _ process: CommandLineProcess) throws {
        guard let port = helper.port else { return }
        let end = ContinuousClock.now + .seconds(60)
        while process.poll() == nil {
            if let socket = try? HTTPStepClient.connect(host: "127.0.0.1", port: port, timeout: 1) {
                close(socket)
                return
            }
            guard ContinuousClock.now < end else {
                throw ParityError("background program '\(helper.name)': nothing answers on port \(port)")
            }
            pause(0.05)
        }
    }

    /// The small, fixed environment of a command, then the job's variables, the case's, the command's.
    private func environment(_ own: [(name: PyString, text: PyString)]) -> [String: String] {
        var all = [
            "PATH": SandboxMounts.programs + ":/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "HOME": SandboxMounts.home, "LANG": "C.UTF-8", "TZ": "UTC", "COLUMNS": "80",
            "PYTHONPATH": SandboxMounts.tree, "PYTHONUNBUFFERED": "1", "PYTHONPYCACHEPREFIX": job.compiled,
        ]
        for (name, text) in job.environment + plan.environment + own { all[name.description] = text.description }
        return all
    }

    private func playCommand(_ index: Int) throws {
        let command = plan.commands[index]
        pause(command.wait)
        FileHandle.standardOutput.write(Data("command \(index + 1)/\(plan.commands.count)\n".utf8))
        let started = ContinuousClock.now
        let process = try start(command, index)
        let end = started + .seconds(command.timeout)
        let director = CommandLineDirector(player: self, process: process, index: index, started: started, end: end)
        let actions = try command.actions.map(director.perform)
        var exit: PyValue
        if command.detached {
            exit = "running"
        } else if let code = process.wait(until: end) {
            exit = CommandLineSignals.end(code)
            try complainUnlessStarted(code, command, index)
        } else {
            process.killGroup()
            exit = "timeout"
        }
        let elapsed = (ContinuousClock.now - started).components
        // A last call may still be on its way into the log.
        pause(0.15)
        let calls = CommandLineCall.all()
        callsAfter.append(calls.count)
        commands.append(process)
        runs.append(
            CommandLineRecording.Run(
                arguments: command.arguments, exit: exit,
                duration: Double(elapsed.seconds) + Double(elapsed.attoseconds) / 1e18, actions: actions,
                leftRunning: calls.filter(\.isAlive).map {
                    PyString(text.normalized($0.argv.joined(separator: " ")))
                }, output: [], errors: []))
    }

    private func start(_ command: CommandLineCase.Command, _ index: Int) throws -> CommandLineProcess {
        let input = CommandLineMounts.work + "/in"
        guard CommandLinePaths.write(command.input.utf8, to: input) else { throw ParityError("\(input): cannot write") }
        let words = command.arguments.map { ParityPlaces.quoted($0.description) }.joined(separator: " ")
        let descriptors = [
            open(input, O_RDONLY | O_CLOEXEC), create("out", index), create("err", index),
        ]
        defer { descriptors.forEach { close($0) } }
        guard descriptors.allSatisfy({ $0 >= 0 }) else { throw ParityError("\(CommandLineMounts.work): cannot open") }
        return try CommandLineProcess(
            ["sh", "-c", "exec " + job.command.replacing("{args}", with: words)],
            environment: environment(command.environment),
            directory: SandboxMounts.tree + "/" + command.directory, input: descriptors[0],
            output: (descriptors[1], descriptors[2]), session: true)
    }

    private func create(_ name: String, _ index: Int) -> Int32 {
        open("\(CommandLineMounts.work)/\(name)\(index)", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
    }

    /// A shell that could not start the program is no answer of the program.
    private func complainUnlessStarted(_ code: Int, _ command: CommandLineCase.Command, _ index: Int) throws {
        guard code == 126 || code == 127, said("out", index).isEmpty else { return }
        let errors = said("err", index)
        guard let line = errors.split(separator: "\n").last, errors.hasPrefix("sh: ") || errors.hasPrefix("/bin/sh: ")
        else { return }
        throw ParityError("the command cannot be started: \(line)")
    }

    /// What a command has printed so far.
    func said(_ name: String, _ index: Int) -> String {
        CommandLineText.decoded(CommandLinePaths.read("\(CommandLineMounts.work)/\(name)\(index)") ?? [])
    }

    /// Variables that only tell a candidate where things are.
    private static let steering = ["RINGRIFT_PYTHON", "RINGRIFT_FIXES", "RINGRIFT_IMPL", "RINGRIFT_LEGACY"]

    /// The calls of replaced programs, each with the command during which it came.
    private func calls() -> [PyValue] {
        CommandLineCall.all().enumerated().map { index, call in
            var seen = PyDict()
            for (name, value) in call.environment
            where name != "RINGRIFT_AI_SERVICE"
                && !Self.steering.contains(where: { name.description.hasPrefix($0) })
            {
                seen[name] = PyValue(text.normalized(value.pyStr))
            }
            let run = callsAfter.firstIndex { index < $0 } ?? callsAfter.count - 1
            return [
                "run": .int(run), "argv": .list(call.argv.map { PyValue(text.normalized($0)) }),
                "cwd": call.directory, "env": .dict(seen),
            ]
        }
    }

    func pause(_ seconds: Double) {
        if seconds > 0 { Thread.sleep(forTimeInterval: seconds) }
    }
}
