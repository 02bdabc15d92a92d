import Comparison
import Foundation
import PythonSemantics

/// A scenario file: how a node is started, what it finds, what it is asked. The format is that of the recorder
/// (parity/README.md); what the harness does not know in it is an error, so that nothing is played half.
package struct Scenario: Sendable {
    package var name: String
    package var about: String
    /// Arguments and environment of the node.
    package var arguments: [String]
    package var environment: [(name: String, value: String)]
    /// `loadavg`, `meminfo`, `stat` → text, bound over the file of that name under `/proc`.
    package var proc: [(name: String, text: String)]
    package var seeds: [SeedFile]
    package var background: [BackgroundProgram]
    package var stubs: [Stub]
    package var steps: [Step]
    /// Seconds between the first connection and the first step.
    package var settle: Double
    /// Seconds between the last step and SIGTERM.
    package var after: Double

    /// A helper program of the scenario, started before the node.
    package struct BackgroundProgram: Sendable {
        package var argv: [String]
        /// Waited for until it accepts a connection.
        package var port: Int?
    }

    /// The document as it was read, so that a cut copy can be written.
    private(set) var document: PyDict

    private static let known: Set<PyString> = [
        "name", "about", "node", "files", "background", "stubs", "steps", "settle", "after",
    ]

    /// - Throws: ``ParityError`` that names file and place.
    package init(contentsOf path: String) throws {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw ParityError("\(path): cannot be read")
        }
        do {
            try self.init(PyJSON.loads(Array(data)))
        } catch let error as ParityError {
            throw ParityError("\(path): \(error)")
        } catch {
            throw ParityError("\(path): \(error)")
        }
    }

    package init(_ value: PyValue) throws {
        guard case .dict(let document) = value else { throw ParityError("a scenario is a JSON object") }
        if let key = document.keys.first(where: { !Self.known.contains($0) }) {
            throw ParityError("unknown key '\(key)'")
        }
        guard let name = document["name"]?.asString?.description, !name.isEmpty, !name.contains("/") else {
            throw ParityError("'name' is missing")
        }
        guard let node = document["node"]?.asDict, let arguments = node["args"]?.asList else {
            throw ParityError("'node.args' is missing")
        }
        self.document = document
        self.name = name
        about = document["about"]?.asString?.description ?? ""
        self.arguments = arguments.compactMap { $0.asString?.description }
        environment = Self.texts(node["env"])
        proc = Self.texts(node["proc"]).map { ($0.name, $0.value) }
        if let odd = proc.first(where: { !["loadavg", "meminfo", "stat"].contains($0.name) }) {
            throw ParityError("'node.proc.\(odd.name)' is none of loadavg, meminfo, stat")
        }
        seeds = []
        for (path, spec) in document["files"]?.asDict ?? [:] {
            seeds.append(try SeedFile(path: path.description, spec))
        }
        background = try (document["background"]?.asList ?? []).map { entry in
            guard let argv = entry["argv"]?.asList?.compactMap({ $0.asString?.description }), !argv.isEmpty else {
                throw ParityError("a background program without 'argv'")
            }
            return BackgroundProgram(argv: argv, port: entry["port"]?.asInt)
        }
        stubs = (document["stubs"]?.asList ?? []).compactMap { $0.asString.map { Stub($0.description) } }
        steps = []
        guard let list = document["steps"]?.asList else { throw ParityError("'steps' is missing") }
        for (index, step) in list.enumerated() { steps.append(try Step(step, index: index)) }
        let ids = steps.filter { $0.method != nil }.map(\.id)
        if let twice = Dictionary(grouping: ids, by: { $0 }).first(where: { $0.value.count > 1 }) {
            throw ParityError("two steps have the id '\(twice.key)'")
        }
        settle = document["settle"]?.asDouble ?? 8
        after = document["after"]?.asDouble ?? 1
    }

    /// Node id and port as the arguments say them.
    package var nodeID: String? { argument("--node-id") }
    package var port: Int { argument("--port").flatMap(Int.init) ?? 8770 }

    /// Whether a background program needs a Python interpreter.
    package var needsPython: Bool {
        background.contains { $0.argv.contains { $0.contains("{python}") } }
    }

    private func argument(_ name: String) -> String? {
        guard let index = arguments.firstIndex(of: name), arguments.indices.contains(index + 1) else { return nil }
        return arguments[index + 1]
    }

    private static func texts(_ value: PyValue?) -> [(name: String, value: String)] {
        (value?.asDict ?? [:]).compactMap { pair in
            pair.value.asString.map { (pair.key.description, $0.description) }
        }
    }

    /// The same scenario with the steps of these ids and all pauses; the pause in front of a step that is left out
    /// stays, so that time passes as it did.
    package func keeping(_ ids: Set<String>) -> Scenario {
        var copy = self
        copy.steps = steps.compactMap { step in
            if step.method == nil || ids.contains(step.id) { return step }
            return step.sleep > 0 ? step.pauseOnly : nil
        }
        copy.document["steps"] = .list(copy.steps.map(\.document))
        return copy
    }

    /// The JSON text of the scenario.
    package func text() throws -> [UInt8] {
        try PyJSON.dumps(.dict(document))
    }
}
