import Foundation
import PythonSemantics

/// What the part inside the namespaces has to know, as a JSON file written by the part outside.
struct CommandLineJob: Sendable {
    /// The case with everything filled in.
    var document: PyDict
    /// Directory of this run, outside the sandbox's own file systems.
    var run: String
    /// The recording goes there.
    var output: String
    /// Shell command with `{args}`.
    var command: String
    /// Directory that is copied to `/srv/ringrift/ai-service`; nil: an empty one.
    var tree: String?
    /// Interpreters shown as `PY` wherever they occur, beside those that are plain to see.
    var interpreters: [String]
    /// Variables of every command beside those of the case.
    var environment: [(name: PyString, text: PyString)]
    /// This program.
    var executable: String
    /// Where interpreters keep compiled modules; shared by the cases of a run.
    var compiled: String

    init(
        document: PyDict, run: String, output: String, command: String, tree: String?, interpreters: [String],
        environment: [(name: PyString, text: PyString)], executable: String, compiled: String
    ) {
        self.document = document
        self.run = run
        self.output = output
        self.command = command
        self.tree = tree
        self.interpreters = interpreters
        self.environment = environment
        self.executable = executable
        self.compiled = compiled
    }

    func text() throws -> [UInt8] {
        var variables = PyDict()
        for (name, value) in environment { variables[name] = .string(value) }
        return try PyJSON.dumps([
            "case": .dict(document), "run": PyValue(run), "output": PyValue(output), "command": PyValue(command),
            "tree": tree.map { PyValue($0) } ?? .none, "interpreters": .list(interpreters.map { PyValue($0) }),
            "environment": .dict(variables), "executable": PyValue(executable), "compiled": PyValue(compiled),
        ])
    }

    init(contentsOf path: String) throws {
        guard let data = FileManager.default.contents(atPath: path) else { throw ParityError("\(path): no job") }
        let fields = try CommandLineFields(
            PyJSON.loads(Array(data)), place: path,
            known: [
                "case", "run", "output", "command", "tree", "interpreters", "environment", "executable", "compiled",
            ])
        document = try fields.object("case")
        run = try fields.required("run").description
        output = try fields.required("output").description
        command = try fields.required("command").description
        tree = fields.dict["tree"]?.asString?.description
        interpreters = try fields.texts("interpreters").map(\.description)
        environment = try fields.textObject("environment").map { ($0.name, $0.text) }
        executable = try fields.required("executable").description
        compiled = try fields.required("compiled").description
    }
}

extension PyValue {
    init(_ text: String) { self = .string(PyString(text)) }
}
