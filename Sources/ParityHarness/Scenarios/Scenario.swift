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
    /// Seconds between the last step and the stop.
    package var after: Double
    /// How the node is ended.
    package var stop: StopExpectation

    /// A helper program of the scenario, started before the node.
    package struct BackgroundProgram: Sendable {
        package var argv: [String]
        /// Waited for until it accepts a connection.
        package var port: Int?

        init(_ value: PyValue, index: Int) throws {
            let place = "background program \(index)"
            guard case .dict(let document) = value else { throw ParityError("\(place) is no object") }
            let fields = try ScenarioFields(document, place: place, known: ["argv", "port"])
            guard let argv = try fields.texts("argv"), !argv.isEmpty else {
                throw ParityError("a background program without 'argv'")
            }
            self.argv = argv
            port = try fields.whole("port", in: 1...65535)
        }
    }

    /// The document as it was read, so that a cut copy can be written.
    private(set) var document: PyDict

    private static let known: Set<PyString> = [
        "$schema", "name", "about", "node", "files", "background", "stubs", "steps", "settle", "after", "stop",
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
        } catch let error as PyException {
            throw ParityError("\(path): \(error.message)")
        }
    }

    package init(_ value: PyValue) throws {
        guard case .dict(let document) = value else { throw ParityError("a scenario is a JSON object") }
        let fields = try ScenarioFields(document, known: Self.known)
        _ = try fields.text("$schema")
        guard let name = try fields.text("name"), !name.isEmpty else { throw ParityError("'name' is missing") }
        if name.contains("/") || name.hasPrefix(".") { throw ParityError("'name' is no file name") }
        let node = try ScenarioFields(
            fields.object("node") ?? [:], prefix: "node.", known: ["args", "env", "proc"])
        guard let arguments = try node.texts("args") else { throw ParityError("'node.args' is missing") }
        self.document = document
        self.name = name
        about = try fields.text("about") ?? ""
        self.arguments = arguments
        environment = try node.pairs("env")
        proc = try node.pairs("proc").map { ($0.name, $0.value) }
        if let odd = proc.first(where: { !["loadavg", "meminfo", "stat"].contains($0.name) }) {
            throw ParityError("'node.proc.\(odd.name)' is none of loadavg, meminfo, stat")
        }
        seeds = try (fields.object("files") ?? [:]).map { try SeedFile(path: $0.description, $1) }
        background = try (fields.list("background") ?? []).enumerated().map {
            try BackgroundProgram($0.element, index: $0.offset)
        }
        stubs = try (fields.texts("stubs") ?? []).map { text in
            guard Stub.isWellFormed(text) else {
                throw ParityError("stub '\(text)' is neither bin:NAME, bin:NAME=STATUS nor a path")
            }
            return Stub(text)
        }
        guard let list = try fields.list("steps") else { throw ParityError("'steps' is missing") }
        steps = try list.enumerated().map { try Step($0.element, index: $0.offset) }
        let ids = steps.filter { $0.method != nil }.map(\.id)
        if let twice = Dictionary(grouping: ids, by: { $0 }).first(where: { $0.value.count > 1 }) {
            throw ParityError("two steps have the id '\(twice.key)'")
        }
        settle = try fields.number("settle") ?? 8
        after = try fields.number("after") ?? 1
        stop = try StopExpectation(fields.object("stop") ?? [:])
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

    /// Seconds that a step takes a legacy, in the mean of the recordings.
    static let legacyStep = 0.018

    /// The same scenario with the steps of these ids. Of a step that is left out the time stays, the pause in front of it
    /// and what a legacy needs for it: a scenario that looks just after a round of the node would look just before it.
    package func keeping(_ ids: Set<String>) -> Scenario {
        var copy = self
        copy.steps = steps.map { step in
            step.method == nil || ids.contains(step.id) ? step : step.pause(adding: Self.legacyStep)
        }
        copy.document["steps"] = .list(copy.steps.map(\.document))
        return copy
    }

    /// The JSON text of the scenario.
    package func text() throws -> [UInt8] {
        try PyJSON.dumps(.dict(document))
    }
}
