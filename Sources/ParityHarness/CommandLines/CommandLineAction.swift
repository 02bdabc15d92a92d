import PythonSemantics

/// What is done to a command while it runs, and when.
struct CommandLineAction: Sendable {
    enum Trigger: Sendable {
        /// The text occurs so often on stdout.
        case output(String, count: Int)
        case errors(String, count: Int)
        /// So many calls of replaced programs whose name holds this text.
        case spawned(String, count: Int)
        case file(String)
        /// Seconds after the start.
        case time(Double)
    }

    enum Receiver: Sendable {
        case process, group
        /// A file that holds a process id.
        case file(String)
    }

    enum Effect: Sendable {
        case signal(name: String, number: Int32, to: Receiver)
        case http(Request)
        case snapshot([PyString])
        /// Texts for files under `/proc`, then files put and taken away; all may be empty.
        case change(proc: [(name: String, text: PyString)], files: [CommandLineFile])
    }

    struct Request: Sendable {
        var method: String
        var path: String
        var port: Int
        var headers: [(name: String, value: String)]
        var body: PyString?
        var timeout: Double
    }

    var trigger: Trigger
    /// Seconds between trigger and effect.
    var sleep: Double
    var effect: Effect

    private static let known: Set<PyString> = [
        "on", "on_err", "spawn", "file", "at", "count", "sleep", "signal", "to", "http", "files", "delete", "proc",
        "snapshot",
    ]

    init(_ value: PyValue, place: String) throws {
        let fields = try CommandLineFields(value, place: place, known: Self.known)
        let count = try fields.count("count") ?? 1
        if fields.has("on") {
            trigger = .output(try fields.required("on").description, count: count)
        } else if fields.has("on_err") {
            trigger = .errors(try fields.required("on_err").description, count: count)
        } else if fields.has("spawn") {
            trigger = .spawned(try fields.text("spawn")?.description ?? "", count: count)
        } else if let path = try fields.text("file") {
            trigger = .file(path.description)
        } else {
            trigger = .time(try fields.number("at") ?? 0)
        }
        sleep = try fields.number("sleep") ?? 0
        effect = try Self.effect(fields)
    }

    private static func effect(_ fields: CommandLineFields) throws -> Effect {
        if let name = try fields.text("signal") {
            return .signal(name: name.description, number: try fields.signal(name), to: try receiver(fields))
        }
        if let http = fields.dict["http"] { return .http(try Request(http, place: "\(fields.place): http")) }
        if fields.has("snapshot") { return .snapshot(try fields.texts("snapshot")) }
        let files = try CommandLineFile.all(fields.object("files"), place: fields.place)
        let deleted = try fields.texts("delete").map {
            try CommandLineFile(path: $0, ["delete": true], place: fields.place)
        }
        return .change(
            proc: try CommandLineCase.proc(fields), files: files + deleted)
    }

    private static func receiver(_ fields: CommandLineFields) throws -> Receiver {
        let text = try fields.text("to")?.description ?? "process"
        switch text {
        case "process": return .process
        case "group": return .group
        default:
            guard text.hasPrefix("file:"), text.count > 5 else {
                throw ParityError("\(fields.place): 'to' is none of process, group, file:PATH")
            }
            return .file(String(text.dropFirst(5)))
        }
    }
}

extension CommandLineAction.Request {
    init(_ value: PyValue, place: String) throws {
        let fields = try CommandLineFields(
            value, place: place, known: ["method", "path", "port", "headers", "body", "timeout"])
        method = try fields.text("method")?.description ?? "GET"
        path = try fields.required("path").description
        port = try fields.count("port") ?? 9090
        headers = try fields.textObject("headers").map { ($0.name.description, $0.text.description) }
        body = try fields.text("body")
        timeout = try fields.number("timeout") ?? 5
    }
}
