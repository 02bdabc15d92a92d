import Comparison
import Foundation
import PythonSemantics
import Testing

@testable import ParityHarness

/// `parity/scenario.schema.json` and the decoder must agree on what a scenario is.
@Suite struct ScenarioSchemaTests {
    private static func validator() throws -> SchemaValidator {
        let path = ProjectFiles.parity + "/scenario.schema.json"
        return SchemaValidator(root: try PyJSON.loads(Array(Data(contentsOf: URL(fileURLWithPath: path)))))
    }

    private static let files: [String] = [
        ProjectFiles.parity + "/scenarios", FailureLab.published + "/scenarios",
    ].flatMap { folder in
        ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
            .filter { $0.hasSuffix(".json") }.map { folder + "/" + $0 }
    }

    @Test(arguments: files) func acceptsEveryScenario(_ path: String) throws {
        let value = try PyJSON.loads(Array(Data(contentsOf: URL(fileURLWithPath: path))))
        #expect(try Self.validator().violation(value) == nil)
        #expect(throws: Never.self) { try Scenario(value) }
    }

    /// A scenario with one field put in: path of keys, JSON text, whether it is a scenario then.
    static let cases: [(path: [PyString], json: String, valid: Bool)] = [
        (["$schema"], "\"../scenario.schema.json\"", true), (["$schema"], "1", false),
        (["name"], "\"\"", false), (["name"], "\"a/b\"", false), (["name"], "\".a\"", false), (["name"], "7", false),
        (["name"], "\"a.b\"", true), (["about"], "[]", false), (["setle"], "1", false),
        (["settle"], "0", true), (["settle"], "1.5", true), (["settle"], "-1", false), (["settle"], "\"8\"", false),
        (["settle"], "true", false), (["after"], "null", false), (["steps"], "{}", false), (["node"], "[]", false),
        (["node", "args"], "\"--port\"", false), (["node", "args"], "[1]", false), (["node", "arg"], "[]", false),
        (["node", "env"], "{\"A\": 1}", false), (["node", "env"], "{\"A\": \"1\"}", true),
        (["node", "proc"], "{\"cpuinfo\": \"\"}", false), (["node", "proc"], "{\"stat\": 1}", false),
        (["node", "proc"], "{\"stat\": \"\"}", true),
        (["files", "a"], "\"text\"", true), (["files", "a"], "1", false), (["files", "a"], "{\"txt\": \"\"}", false),
        (["files", "a"], "{}", true), (["files", "a"], "{\"text\": \"x\", \"repeat\": 3}", true),
        (["files", "a"], "{\"repeat\": 3}", false), (["files", "a"], "{\"text\": \"x\", \"repeat\": -1}", false),
        (["files", "a"], "{\"text\": \"x\", \"repeat\": 1.5}", false),
        (["files", "a"], "{\"text\": \"x\", \"repeat\": 2.0}", true),
        (["files", "a"], "{\"hex\": \"00 fF\"}", true), (["files", "a"], "{\"hex\": \"0 0\"}", false),
        (["files", "a"], "{\"hex\": \"0g\"}", false), (["files", "a"], "{\"hex\": 0}", false),
        (["files", "a"], "{\"sqlite\": 1}", false), (["files", "a"], "{\"symlink\": []}", false),
        (["files", "a"], "{\"dir\": true}", true), (["files", "a"], "{\"dir\": false}", false),
        (["files", "a"], "{\"dir\": 1}", false), (["files", "a"], "{\"text\": \"\", \"hex\": \"\"}", false),
        (["files", "a"], "{\"symlink\": \"b\", \"dir\": true}", false),
        (["files", "a"], "{\"mode\": \"755\"}", true), (["files", "a"], "{\"mode\": \"0755\"}", true),
        (["files", "a"], "{\"mode\": \"789\"}", false), (["files", "a"], "{\"mode\": \"+75\"}", false),
        (["files", "a"], "{\"mode\": \"07755\"}", false), (["files", "a"], "{\"mode\": 755}", false),
        (["files", "a"], "{\"mtime_age\": 10.5}", true), (["files", "a"], "{\"mtime_age\": \"1\"}", false),
        (["files", "a"], "{\"mtime_age\": -1}", false),
        (["background"], "[{\"argv\": [\"x\"], \"port\": 9000}]", true), (["background"], "[{\"argv\": []}]", false),
        (["background"], "[{\"port\": 1}]", false), (["background"], "[{\"argv\": [\"x\"], \"port\": 0}]", false),
        (["background"], "[{\"argv\": [\"x\"], \"prot\": 1}]", false), (["background"], "[\"x\"]", false),
        (["background"], "[{\"argv\": [1]}]", false), (["background"], "[{\"argv\": [\"x\"], \"port\": 65536}]", false),
        (["stubs"], "[\"bin:ssh\", \"bin:ssh=1\", \"scripts/x.py\", \"scripts/x.py!\"]", true),
        (["stubs"], "[\"bin:ssh=x\"]", false), (["stubs"], "[\"bin:\"]", false), (["stubs"], "[\"bin:a/b\"]", false),
        (["stubs"], "[\"\"]", false), (["stubs"], "[\"!\"]", false), (["stubs"], "[1]", false),
        (["stop"], "{}", true), (["stop"], "{\"signal\": \"INT\", \"within\": 3}", true),
        (["stop"], "{\"signal\": \"none\"}", true), (["stop"], "{\"signal\": \"SIGTERM\"}", false),
        (["stop"], "{\"signal\": 15}", false), (["stop"], "{\"within\": 0}", false), (["stop"], "{\"kill\": 1}", false),
        (["stop"], "\"TERM\"", false),
        (["steps"], "[{\"sleep\": 1}]", true), (["steps"], "[1]", false), (["steps"], "[{\"method\": \"GET\"}]", false),
        (["steps"], "[{\"method\": \"GET\", \"path\": \"\"}]", false),
        (["steps"], "[{\"method\": \"\", \"path\": \"/\"}]", false),
        (["steps"], "[{\"method\": 1, \"path\": \"/\"}]", false),
        (["steps"], "[{\"methd\": \"GET\", \"path\": \"/\"}]", false), (["step"], "[]", false),
    ]

    static let steps: [(field: String, valid: Bool)] = [
        ("\"id\": \"x\"", true), ("\"id\": 3", true), ("\"id\": []", false), ("\"id\": null", false),
        ("\"headers\": {\"A\": \"b\"}", true), ("\"headers\": {\"A\": 1}", false), ("\"headers\": []", false),
        ("\"body\": null", true), ("\"body\": [1]", true), ("\"raw\": \"x\"", true), ("\"raw\": {}", false),
        ("\"hex\": \"00\"", true), ("\"hex\": \"0\"", false), ("\"body\": 1, \"raw\": \"\"", false),
        ("\"raw\": \"\", \"hex\": \"\"", false), ("\"body\": 1, \"hex\": \"\"", false),
        ("\"pad\": 3", true), ("\"pad\": -1", false), ("\"pad\": \"3\"", false), ("\"pad\": 1.5", false),
        ("\"sleep\": 0.5", true), ("\"sleep\": -0.5", false), ("\"sleep\": \"1\"", false),
        ("\"timeout\": 0.5", true), ("\"timeout\": 0", false), ("\"timeout\": []", false),
        ("\"port\": 9000", true), ("\"port\": 70000", false), ("\"port\": \"9000\"", false),
        ("\"save\": {\"a\": \"b.0.*\"}", true), ("\"save\": {\"a\": 1}", false), ("\"save\": \"a\"", false),
    ]

    private static let plain = #"{"name": "x", "node": {"args": []}, "steps": []}"#

    private func agree(_ scenario: PyValue, _ valid: Bool, _ what: String) throws {
        let schema = try Self.validator().violation(scenario)
        #expect((schema == nil) == valid, "schema on \(what): \(schema ?? "valid")")
        do {
            _ = try Scenario(scenario)
            #expect(valid, "the decoder takes \(what)")
        } catch let error as ParityError {
            #expect(!valid, "the decoder refuses \(what): \(error)")
            #expect(!error.description.contains("\n"))
        }
    }

    @Test(arguments: cases.indices) func schemaAndDecoderAgree(_ index: Int) throws {
        let (path, json, valid) = Self.cases[index]
        var scenario = try PyJSON.loads(Array(Self.plain.utf8))
        let value = try PyJSON.loads(Array(json.utf8))
        if path.count == 1 { scenario[path[0]] = value }
        if path.count == 2 {
            var inner = scenario[path[0]] ?? .dict([:])
            inner[path[1]] = value
            scenario[path[0]] = inner
        }
        try agree(scenario, valid, "\(path) \(json)")
    }

    @Test(arguments: steps.indices) func schemaAndDecoderAgreeOnSteps(_ index: Int) throws {
        let (field, valid) = Self.steps[index]
        let step = #"{"method": "GET", "path": "/", "# + field + "}"
        var scenario = try PyJSON.loads(Array(Self.plain.utf8))
        scenario["steps"] = .list([try PyJSON.loads(Array(step.utf8))])
        try agree(scenario, valid, field)
    }

    @Test(arguments: ["name", "node", "steps"] as [PyString]) func whatIsMissingIsSaid(_ key: PyString) throws {
        guard case .dict(var fields) = try PyJSON.loads(Array(Self.plain.utf8)) else { return }
        _ = fields.removeValue(forKey: key)
        try agree(.dict(fields), false, "no \(key)")
    }

    /// Messages name the place.
    static let messages: [(json: String, says: String)] = [
        (#""settle": "8""#, "'settle' is a string, not a number"),
        (#""node": {"args": ["a", 1]}"#, "'node.args[1]' is a number, not a string"),
        (#""node": {"args": [], "env": {"A": null}}"#, "'node.env.A' is null, not a string"),
        (#""node": {"args": [], "arg": 1}"#, "unknown key 'node.arg'"),
        (#""steps": [{}, {"id": "002 x", "sleep": true}]"#, "step 002 x: 'sleep' is a boolean, not a number"),
        (#""steps": [{"id": "7", "port": 0}]"#, "step 7: 'port' is 0, not 1-65535"),
        (#""steps": [{"id": "7", "raw": "", "hex": ""}]"#, "step 7: 'raw' and 'hex' exclude each other"),
        (#""files": {"data/a": {"mode": "9"}}"#, "file 'data/a': 'mode' is no octal number such as 755"),
        (#""background": [{"argv": ["a"], "port": "1"}]"#, "background program 0: 'port' is a string, not a whole number"),
        (#""stop": {"signal": "HUP"}"#, "'stop.signal' is none of TERM, INT, KILL, none"),
    ]

    @Test(arguments: messages.indices) func namesThePlace(_ index: Int) throws {
        let (json, says) = Self.messages[index]
        let text = #"{"name": "x", "node": {"args": []}, "steps": [], "# + json + "}"
        #expect(throws: ParityError(says)) { try Scenario(PyJSON.loads(Array(text.utf8))) }
    }

    @Test func aSyntaxErrorHasLineAndColumn() throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("parity-\(UUID().uuidString).json").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Data("{\n  \"name\": \"x\",\n  \"node\" []\n}".utf8).write(to: URL(fileURLWithPath: path))
        #expect(throws: ParityError("\(path): Expecting ':' delimiter: line 3 column 10 (char 27)")) {
            try Scenario(contentsOf: path)
        }
    }
}
