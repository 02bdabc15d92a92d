import Crypto
import Foundation
import PythonSemantics

/// One case of a command-line file: what lies in the tree, how replaced programs behave, which commands are played one
/// after the other. Presets and what the file says for every case are merged in.
struct CommandLineCase: Sendable {
    struct Background: Sendable {
        var name: String
        var argv: [String]
        /// Waited for until it accepts a connection.
        var port: Int?
    }

    struct Command: Sendable {
        var arguments: [PyString]
        var environment: [(name: PyString, text: PyString)]
        var input: PyString
        /// Relative to the tree.
        var directory: String
        /// Seconds before it is started.
        var wait: Double
        /// Seconds until it is killed.
        var timeout: Double
        /// Goes on beside the next command.
        var detached: Bool
        var actions: [CommandLineAction]
    }

    var id: String
    /// Digest of everything that decides what happens, so that recordings of another version are noticed.
    var digest: String
    var files: [CommandLineFile]
    /// By script path or `bin:NAME`.
    var stubs: [(name: PyString, behaviours: [CommandLineBehaviour])]
    var background: [Background]
    var environment: [(name: PyString, text: PyString)]
    /// Size of the tree's file system, as `mount` reads it (`8g`).
    var disk: String
    /// Texts of files under `/proc`.
    var proc: [(name: String, text: PyString)]
    var umask: mode_t
    var commands: [Command]
    /// Seconds between the last command and the end.
    var after: Double
    /// With presets and common parts merged in; read again, it gives the same case.
    let document: PyDict

    private static let known: Set<PyString> = [
        "id", "about", "files", "stubs", "background", "env", "disk", "proc", "umask", "run", "after", "unordered",
        "ignore",
    ]

    /// - Parameters:
    ///   - value: a case as it stands in the file.
    ///   - common: what the file says for every case.
    init(_ value: PyValue, common: CommandLineCaseFile.Common) throws {
        let name = value["id"]?.asString?.description ?? ""
        guard !name.isEmpty, !name.contains("/"), !name.hasPrefix(".") else {
            throw ParityError("a case without a usable 'id'")
        }
        let place = "case '\(name)'"
        let given = try CommandLineFields(value, place: place, known: Self.known)
        let document = try common.merged(into: given)
        let fields = try CommandLineFields(.dict(document), place: place, known: Self.known)
        self.document = document
        id = name
        digest = try Self.digest(document)
        files = try CommandLineFile.all(fields.object("files"), place: place)
        stubs = try fields.object("stubs").map { name, list in
            let place = "\(place): stub '\(name)'"
            if !name.hasPrefix("bin:") { _ = try CommandLineFile.allowed(name.description, place: place) }
            return (name, try (list.asList ?? []).map { try CommandLineBehaviour($0, place: place) })
        }
        background = try fields.list("background").map { try Self.background($0, place: place) }
        environment = try fields.textObject("env")
        disk = try fields.text("disk")?.description ?? "8g"
        proc = try Self.proc(fields)
        let bits = try fields.text("umask")?.description ?? "022"
        guard let mask = mode_t(bits, radix: 8) else { throw ParityError("\(place): umask '\(bits)'") }
        umask = mask
        guard fields.has("run") else { throw ParityError("\(place): 'run' is missing") }
        commands = try fields.list("run").enumerated().map { index, run in
            try Command(run, place: "\(place): command \(index + 1)")
        }
        if commands.isEmpty { throw ParityError("\(place): 'run' is empty") }
        after = try fields.number("after") ?? 0
        for rule in try fields.list("ignore") { _ = try CommandLineRule.ignore(rule) }
        for rule in try fields.list("unordered") { _ = try CommandLineRule.unordered(rule) }
    }

    private static func background(_ value: PyValue, place: String) throws -> Background {
        let fields = try CommandLineFields(
            value, place: "\(place): background program", known: ["name", "argv", "port"])
        let argv = try fields.texts("argv").map(\.description)
        if argv.isEmpty { throw ParityError("\(fields.place): 'argv' is missing") }
        return Background(name: try fields.required("name").description, argv: argv, port: try fields.count("port"))
    }

    /// The `proc` object of a case or an action: plain file names.
    static func proc(_ fields: CommandLineFields) throws -> [(name: String, text: PyString)] {
        try fields.textObject("proc").map { name, text in
            guard ["meminfo", "stat", "loadavg"].contains(name.description) else {
                throw ParityError("\(fields.place): 'proc.\(name)' is none of meminfo, stat, loadavg")
            }
            return (name.description, text)
        }
    }

    private static func digest(_ document: PyDict) throws -> String {
        var relevant = document
        for key: PyString in ["about", "unordered", "ignore"] { relevant[key] = nil }
        return String(SHA256.hexadecimal(try PyJSON.dumps(.dict(relevant), sortKeys: true)).prefix(16))
    }

    /// `unordered` and `ignore` as the recording repeats them.
    var rules: PyDict {
        var rules = PyDict()
        for key: PyString in ["unordered", "ignore"] {
            if let list = document[key] { rules[key] = list }
        }
        return rules
    }

    /// Whether a command needs a Python interpreter for a helper program.
    var needsPython: Bool {
        background.contains { $0.argv.first.map { ($0 as NSString).lastPathComponent.hasPrefix("python") } ?? false }
    }
}

extension CommandLineCase.Command {
    private static let known: Set<PyString> = ["args", "env", "stdin", "cwd", "wait", "timeout", "detach", "do"]

    init(_ value: PyValue, place: String) throws {
        let fields = try CommandLineFields(value, place: place, known: Self.known)
        arguments = try fields.texts("args")
        environment = try fields.textObject("env")
        input = try fields.text("stdin") ?? ""
        directory = try fields.text("cwd")?.description ?? ""
        wait = try fields.number("wait") ?? 0
        timeout = try fields.number("timeout") ?? 60
        detached = try fields.flag("detach")
        actions = try fields.list("do").enumerated().map { index, action in
            try CommandLineAction(action, place: "\(place): action \(index + 1)")
        }
    }
}
