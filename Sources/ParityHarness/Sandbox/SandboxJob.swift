import Foundation
import PythonSemantics

/// What the part inside the namespaces has to know, as a JSON file written by the part outside.
struct SandboxJob: Sendable {
    /// Path of the scenario file (cut to the steps that are played).
    var scenario: String
    /// Directory of this run; holds `ringrift/ai-service`, the copy of the tree.
    var run: String
    /// Where the observations go.
    var output: String
    /// Shell command with `{args}` for the node's arguments.
    var command: String
    /// Interpreter for `{python}` in background programs; nil: none on this machine.
    var python: String?
    /// Variables of the node beside those of the scenario.
    var environment: [String: String]
    /// This program.
    var executable: String
    /// nil: real time.
    var determinism: Determinism?
    /// The checkout root as the node sees it; another than `/srv/ringrift` when there are no namespaces.
    var root: String
    /// Virtual environment to be shown at ``SandboxVenv/inside``; nil: none.
    var venv: String?

    func text() throws -> [UInt8] {
        var variables = PyDict()
        for (name, value) in environment { variables[PyString(name)] = .string(value) }
        return try PyJSON.dumps([
            "scenario": .string(scenario), "run": .string(run), "output": .string(output),
            "command": .string(command), "python": python.map { .string($0) } ?? .none,
            "environment": .dict(variables), "executable": .string(executable),
            "root": .string(root), "venv": venv.map { .string($0) } ?? .none,
            "determinism": determinism?.value ?? .none,
        ])
    }

    init(
        scenario: String, run: String, output: String, command: String, python: String?,
        environment: [String: String], executable: String, root: String, venv: String? = nil,
        determinism: Determinism? = nil
    ) {
        self.scenario = scenario
        self.run = run
        self.output = output
        self.command = command
        self.python = python
        self.environment = environment
        self.executable = executable
        self.root = root
        self.venv = venv
        self.determinism = determinism
    }

    var place: SandboxPlace { SandboxPlace(root: root) }

    init(contentsOf path: String) throws {
        guard let data = FileManager.default.contents(atPath: path), let value = try? PyJSON.loads(Array(data)) else {
            throw ParityError("\(path): no sandbox job")
        }
        func text(_ key: PyString) throws -> String {
            guard let text = value[key]?.asString else { throw ParityError("\(path): '\(key)' is missing") }
            return text.description
        }
        scenario = try text("scenario")
        run = try text("run")
        output = try text("output")
        command = try text("command")
        executable = try text("executable")
        root = try text("root")
        venv = value["venv"]?.asString?.description
        determinism = Determinism(value["determinism"])
        python = value["python"]?.asString?.description
        environment = Dictionary(
            (value["environment"]?.asDict ?? [:]).map { ($0.key.description, $0.value.pyStr.description) },
            uniquingKeysWith: { $1 })
    }
}
