import Foundation
import PythonSemantics

/// A call of a program, as the kernel is asked to execute it.
struct ProgramStart: Sendable, Equatable {
    var pid: Int32
    /// The file that is executed.
    var file: String
    /// With the program's own name.
    var argv: [String]
    /// `NAME=value`.
    var environment: [String]
    var directory: String
}

/// Whether a call starts a stubbed program, and the line that notes it: what the stub itself would have noted.
struct StartedProgram: Sendable {
    /// Variables that are noted, by how their names begin.
    static let variables = ["RINGRIFT_", "CUDA_", "PYTHONPATH"]

    /// Absolute paths of all stubs.
    private let stubs: Set<String>

    init(stubs: [Stub], place: SandboxPlace) {
        self.stubs = Set(stubs.map { SandboxSeeds.path(of: $0, place: place) })
    }

    /// The words that the stubbed program is given, its own path first; nil: another program.
    func words(of start: ProgramStart) -> [String]? {
        if isStub(start.file, in: start.directory) { return [start.file] + start.argv.dropFirst() }
        let name = (start.file as NSString).lastPathComponent
        let isPython = name.hasPrefix("python")
        guard isPython || ["sh", "bash", "dash"].contains(name) else { return nil }
        var index = 1
        while index < start.argv.count, start.argv[index].hasPrefix("-") {
            let option = start.argv[index]
            if isPython, option == "-m" { return module(of: start, at: index + 1) }
            // What follows is code, and no file.
            if option == "-" || option == "-c" { return nil }
            index += isPython && ["-W", "-X"].contains(option) ? 2 : 1
        }
        guard index < start.argv.count, isStub(start.argv[index], in: start.directory) else { return nil }
        return Array(start.argv[index...])
    }

    /// `-m scripts.train_nnue`: the interpreter looks for the module's file and gives it its whole path.
    private func module(of start: ProgramStart, at index: Int) -> [String]? {
        guard index < start.argv.count else { return nil }
        let file = "/" + start.argv[index].replacing(".", with: "/") + ".py"
        let named = start.environment.first { $0.hasPrefix("PYTHONPATH=") }?.dropFirst("PYTHONPATH=".count)
        let directories = [start.directory] + (named ?? "").split(separator: ":").map(String.init)
        guard let found = directories.first(where: { isStub($0 + file, in: start.directory) }) else { return nil }
        return [SandboxSeeds.normalized(found + file)] + start.argv[(index + 1)...]
    }

    /// The line for a call; nil when it starts no stub.
    func line(of start: ProgramStart) -> [UInt8]? {
        guard let words = words(of: start) else { return nil }
        var pairs: [(String, String)] = []
        for variable in start.environment {
            let parts = variable.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2 { pairs.append((String(parts[0]), String(parts[1]))) }
        }
        return Self.line(pid: start.pid, argv: words, directory: start.directory, environment: pairs)
    }

    /// A line of the record, also of a stub that notes itself.
    static func line(pid: Int32, argv: [String], directory: String, environment: [(String, String)]) -> [UInt8]? {
        var seen = PyDict()
        for (name, value) in environment.sorted(by: { $0.0 < $1.0 })
        where variables.contains(where: { name.hasPrefix($0) }) {
            seen[PyString(name)] = .string(PyString(value))
        }
        let line: PyValue = [
            "pid": .int(Int(pid)), "argv": .list(argv.map { .string(PyString($0)) }),
            "cwd": .string(PyString(directory)), "env": .dict(seen),
        ]
        return (try? PyJSON.dumps(line)).map { $0 + [UInt8(ascii: "\n")] }
    }

    private func isStub(_ path: String, in directory: String) -> Bool {
        stubs.contains(SandboxSeeds.normalized(path.hasPrefix("/") ? path : directory + "/" + path))
    }
}

/// The record of all started stubs, to which the harness and the stubs append.
enum StartedPrograms {
    /// The recording: each program once, in the order of their starts, without process ids.
    ///
    /// A program that the harness noted notes itself, too, when it gets to run. A last line that is no JSON is of a stub
    /// that was killed while it wrote.
    static func recording(of record: [UInt8]) -> [UInt8] {
        var known: Set<String> = []
        var lines: [UInt8] = []
        for line in record.split(separator: UInt8(ascii: "\n")) {
            guard let value = try? PyJSON.loads(Array(line)), case .dict(var one) = value else { continue }
            let pid = one.removeValue(forKey: "pid")
            // The first word is the program's path, which an interpreter may have completed.
            let words: PyValue = [
                pid ?? .none, .list(Array((one["argv"]?.asList ?? []).dropFirst())), one["cwd"] ?? .none,
            ]
            guard let key = try? PyJSON.dumps(words), let text = try? PyJSON.dumps(.dict(one)) else { continue }
            guard pid == nil || known.insert(String(decoding: key, as: UTF8.self)).inserted else { continue }
            lines += text + [UInt8(ascii: "\n")]
        }
        return lines
    }
}
