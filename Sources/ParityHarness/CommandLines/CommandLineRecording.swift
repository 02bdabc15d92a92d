import Foundation
import PythonSemantics

/// What was observed of one case: the content of a recording `ID.json`.
struct CommandLineRecording: Sendable {
    struct Run: Sendable {
        var arguments: [PyString]
        /// Status, `SIGTERM`, `timeout` or `running`.
        var exit: PyValue
        /// Seconds.
        var duration: Double
        var actions: [PyValue]
        /// Commands of replaced programs that outlived this one.
        var leftRunning: [PyString]
        var output: [PyString]
        var errors: [PyString]
    }

    /// Files since the start by path; their content as ``CommandLineContent`` says it.
    struct Files: Sendable {
        var created = PyDict()
        var changed = PyDict()
        var deleted: [PyString] = []
        var directories: [PyString] = []
    }

    var id: String
    /// Of the case as it was when this was recorded.
    var digest: String
    /// `unordered` and `ignore` of the case.
    var rules: PyDict
    var runs: [Run]
    /// `{run, argv, cwd, env}` in order.
    var spawned: [PyValue]
    /// Ends of the helper programs by name.
    var background: PyDict
    var files: Files

    /// Seconds of all commands.
    var duration: Double { runs.reduce(0) { $0 + $1.duration } }

    init(
        id: String, digest: String, rules: PyDict, runs: [Run], spawned: [PyValue], background: PyDict, files: Files
    ) {
        self.id = id
        self.digest = digest
        self.rules = rules
        self.runs = runs
        self.spawned = spawned
        self.background = background
        self.files = files
    }

    /// - Throws: ``ParityError`` that names the file and what is wrong with it.
    init(contentsOf path: String) throws {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw ParityError("\(path): cannot be read")
        }
        do {
            try self.init(PyJSON.loads(Array(data)))
        } catch {
            throw ParityError("\(path): \(error)")
        }
    }

    init(_ value: PyValue) throws {
        let fields = try CommandLineFields(
            value, place: "recording", known: ["id", "case", "rules", "runs", "spawned", "background", "files"])
        for key: PyString in ["runs", "spawned", "background", "files"] where !fields.has(key) {
            throw ParityError("recording: '\(key)' is missing")
        }
        id = try fields.required("id").description
        digest = try fields.text("case")?.description ?? ""
        rules = try fields.object("rules")
        runs = try fields.list("runs").enumerated().map { try Run($1, place: "run \($0 + 1)") }
        spawned = try fields.list("spawned")
        for call in spawned {
            let argv = call["argv"]?.asList ?? [.none]
            if argv.contains(where: { $0.asString == nil }) {
                throw ParityError("recording: a spawned command without 'argv'")
            }
        }
        background = try fields.object("background")
        let changes = try CommandLineFields(
            fields.dict["files"], place: "files", known: ["created", "changed", "deleted", "dirs"])
        files = Files(
            created: try changes.object("created"), changed: try changes.object("changed"),
            deleted: try changes.texts("deleted"), directories: try changes.texts("dirs"))
    }

    var value: PyValue {
        [
            "id": PyValue(id), "case": PyValue(digest), "rules": .dict(rules), "runs": .list(runs.map(\.value)),
            "spawned": .list(spawned), "background": .dict(background),
            "files": [
                "created": .dict(files.created), "changed": .dict(files.changed), "deleted": .texts(files.deleted),
                "dirs": .texts(files.directories),
            ],
        ]
    }

    func write(to path: String) throws {
        guard CommandLinePaths.write(try CommandLineLayout.text(value), to: path) else {
            throw ParityError("\(path): cannot be written")
        }
    }
}

extension CommandLineRecording.Run {
    init(_ value: PyValue, place: String) throws {
        let known: Set<PyString> = ["args", "exit", "wall_s", "actions", "left_running", "stdout", "stderr"]
        let fields = try CommandLineFields(value, place: place, known: known)
        for key in known.subtracting(["wall_s"]) where !fields.has(key) {
            throw ParityError("\(place): '\(key)' is missing")
        }
        arguments = try fields.texts("args")
        exit = fields.dict["exit"] ?? .none
        duration = try fields.number("wall_s") ?? 0
        actions = try fields.list("actions")
        leftRunning = try fields.texts("left_running")
        output = try fields.texts("stdout")
        errors = try fields.texts("stderr")
    }

    var value: PyValue {
        [
            "args": .texts(arguments), "exit": exit, "wall_s": .float((duration * 100).rounded() / 100),
            "actions": .list(actions), "left_running": .texts(leftRunning), "stdout": .texts(output),
            "stderr": .texts(errors),
        ]
    }
}

extension PyValue {
    static func texts(_ texts: [PyString]) -> PyValue { .list(texts.map(PyValue.string)) }
}

/// JSON text in which what fits on a line of 160 columns stays on one, for recordings that people read and compare.
enum CommandLineLayout {
    private static let width = 160

    static func text(_ value: PyValue) throws -> [UInt8] {
        try text(value, depth: 0) + [UInt8(ascii: "\n")]
    }

    private static func text(_ value: PyValue, depth: Int) throws -> [UInt8] {
        let line = try PyJSON.dumps(value, ensureASCII: false)
        // Columns are code points; every one has exactly one byte that does not continue another.
        if line.count(where: { $0 & 0xC0 != 0x80 }) + depth <= width { return line }
        switch value {
        case .dict(let dict):
            let items = try dict.map { key, child in
                try PyJSON.dumps(.string(key), ensureASCII: false) + Array(": ".utf8) + text(child, depth: depth + 1)
            }
            return block("{", items, "}", depth: depth)
        case .list(let list): return block("[", try list.map { try text($0, depth: depth + 1) }, "]", depth: depth)
        default: return line
        }
    }

    private static func block(_ first: String, _ items: [[UInt8]], _ last: String, depth: Int) -> [UInt8] {
        let margin = Array(repeating: UInt8(ascii: " "), count: depth + 1)
        let body = items.map { margin + $0 }.joined(separator: Array(",\n".utf8))
        return Array((first + "\n").utf8) + body + [UInt8(ascii: "\n")] + margin.dropLast() + Array(last.utf8)
    }
}
