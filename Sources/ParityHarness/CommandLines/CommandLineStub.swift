import Foundation
import Glibc
import PythonSemantics

/// A program replaced by one that notes how it was called and behaves as the case says.
enum CommandLineStub {
    /// Always replaced, because they would reach other machines or other processes; they fail unless a case says more.
    static let programs = [
        "ssh", "rsync", "scp", "git", "nvidia-smi", "tailscale", "curl", "aria2c", "aws", "vastai", "systemctl",
        "pkill", "launchctl",
    ]

    /// Puts the programs in place and writes down how they behave.
    static func place(_ stubs: PyDict, executable: String) throws {
        var all = PyDict()
        for program in programs { all[PyString("bin:" + program)] = [["exit": 1]] }
        all.update(stubs)
        guard CommandLinePaths.write([], to: CommandLineMounts.calls),
            CommandLinePaths.write(try PyJSON.dumps(.dict(all)), to: CommandLineMounts.behaviours)
        else { throw ParityError("\(CommandLineMounts.stubs): \(String(cString: strerror(errno)))") }
        let text = Array(script(executable).utf8)
        for name in all.keys {
            let path =
                name.hasPrefix("bin:")
                ? SandboxMounts.programs + "/" + name.description.dropFirst(4)
                : CommandLineFile.absolute(name.description)
            try SandboxMounts.makeDirectory((path as NSString).deletingLastPathComponent)
            guard CommandLinePaths.write(text, to: path), chmod(path, 0o755) == 0 else {
                throw ParityError("stub '\(name)' cannot be written: \(String(cString: strerror(errno)))")
            }
        }
    }

    /// A shell script and a Python program at once: started directly the upper half hands over to us, an interpreter
    /// that is given the file does the same with its lower half. Handing over keeps the process, so that signals, wait
    /// status and process id are those of the call.
    private static func script(_ executable: String) -> String {
        """
        #!/bin/sh
        ''':'
        exec \(ParityPlaces.quoted(executable)) parity __clistub "$0" direct "$@"
        '''
        import os, sys
        whole = list(getattr(sys, "orig_argv", sys.argv))
        ours = \(PyValue(executable).pyRepr)
        os.execv(ours, [ours, "parity", "__clistub", os.path.abspath(sys.argv[0]), str(len(whole)), *whole, *sys.argv[1:]])

        """
    }

    /// `ringrift parity __clistub PROGRAM direct ARGS…` or `… PROGRAM COUNT WHOLE… ARGS…`, where WHOLE is the COUNT
    /// words of the call with its interpreter.
    static func main(_ arguments: [String]) -> Int32 {
        do {
            return try run(arguments)
        } catch {
            FileHandle.standardError.write(Data("stub: \(error)\n".utf8))
            return 1
        }
    }

    private static func run(_ words: [String]) throws -> Int32 {
        guard words.count >= 2 else { throw ParityError("is for the harness itself") }
        let here = FileManager.default.currentDirectoryPath
        let program = CommandLinePaths.normalized(words[0].hasPrefix("/") ? words[0] : here + "/" + words[0])
        let name = self.name(of: program)
        var arguments = Array(words.dropFirst(2))
        var whole: [String]
        if let count = Int(words[1]), count >= 0, count <= arguments.count {
            whole = Array(arguments.prefix(count))
            arguments.removeFirst(count)
        } else {
            // What an interpreter on the script's first line would have been given.
            whole = ["/usr/bin/python3", "-IS", words[0]] + arguments
        }
        if name.hasPrefix("bin:") { whole = [String(name.dropFirst(4))] + arguments }
        signal(SIGINT, SIG_DFL)
        let number = try note(name: name, argv: whole, directory: here)
        guard let specified = CommandLinePaths.read(CommandLineMounts.behaviours),
            let list = try PyJSON.loads(specified)[PyString(name)]?.asList
        else { return 0 }
        let behaviours = try list.map { try CommandLineBehaviour($0, place: "stub '\(name)'") }
        let joined = PyString(arguments.joined(separator: " "))
        guard let behaviour = CommandLineBehaviour.chosen(from: behaviours, number: number, arguments: joined) else {
            return 0
        }
        return try CommandLineStubCall(words: [words[0]] + arguments, number: number).perform(behaviour)
    }

    private static func name(of program: String) -> String {
        if program.hasPrefix(SandboxMounts.programs + "/") {
            return "bin:" + (program as NSString).lastPathComponent
        }
        let root = SandboxMounts.tree + "/"
        return program.hasPrefix(root) ? String(program.dropFirst(root.count)) : program
    }

    /// Appends the call to the log. Calls that come at once are told apart by a lock on the log.
    /// - Returns: the number of the call among those of this program, from 1.
    private static func note(name: String, argv: [String], directory: String) throws -> Int {
        let descriptor = open(CommandLineMounts.calls, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0, flock(descriptor, LOCK_EX) == 0 else {
            throw ParityError("\(CommandLineMounts.calls): \(String(cString: strerror(errno)))")
        }
        defer { close(descriptor) }
        let number = 1 + CommandLineCall.all().count { $0.stub == name }
        var seen = PyDict()
        for (name, value) in ProcessInfo.processInfo.environment.sorted(by: { $0.key < $1.key })
        where ["RINGRIFT_", "CUDA_", "PYTHONPATH"].contains(where: { name.hasPrefix($0) }) {
            seen[PyString(name)] = PyValue(value)
        }
        let line = try PyJSON.dumps([
            "stub": PyValue(name), "pid": .int(Int(getpid())), "argv": .list(argv.map { PyValue($0) }),
            "cwd": PyValue(directory), "env": .dict(seen),
        ])
        guard CommandLinePaths.write(line + [UInt8(ascii: "\n")], to: CommandLineMounts.calls, append: true) else {
            throw ParityError("\(CommandLineMounts.calls): \(String(cString: strerror(errno)))")
        }
        return number
    }
}

/// A call of a replaced program, as its log holds it.
struct CommandLineCall: Sendable {
    var stub: String
    var pid: pid_t
    var argv: [String]
    var directory: PyValue
    var environment: PyDict

    /// All calls so far, in order.
    static func all() -> [CommandLineCall] {
        (CommandLinePaths.read(CommandLineMounts.calls) ?? []).split(separator: UInt8(ascii: "\n")).compactMap { line in
            guard let value = try? PyJSON.loads(Array(line)), let stub = value["stub"]?.asString else { return nil }
            return CommandLineCall(
                stub: stub.description, pid: pid_t(truncatingIfNeeded: value["pid"]?.asInt ?? 0),
                argv: (value["argv"]?.asList ?? []).map(\.pyStr), directory: value["cwd"] ?? "",
                environment: value["env"]?.asDict ?? [:])
        }
    }

    /// Whether the process is there and not only waiting to be collected.
    var isAlive: Bool {
        guard let data = try? Data(contentsOf: URL(fileURLWithPath: "/proc/\(pid)/stat")),
            let state = String(decoding: data, as: UTF8.self).split(separator: ")").last?.split(separator: " ").first
        else { return false }
        return state != "Z" && state != "X"
    }
}
