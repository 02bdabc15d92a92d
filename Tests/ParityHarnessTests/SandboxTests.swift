import Foundation
import PythonSemantics
import Testing

@testable import ParityHarness

/// Needs namespaces and the built program beside the tests; says so when it has neither.
@Suite struct SandboxTests {
    static let executable: String? = {
        let directory = (ParityPlaces.executable as NSString).deletingLastPathComponent
        let places = [directory, Bundle.main.bundlePath, FileManager.default.currentDirectoryPath + "/.build/debug"]
        // `mini` is what a package of the harness alone builds.
        return places.flatMap { [$0 + "/ringrift", $0 + "/mini"] }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
    }()
    static let usable = executable != nil && Sandbox.obstacle() == nil

    private func scenario() throws -> Scenario {
        try Scenario([
            "name": "t", "node": ["args": ["--port", "8770"]], "settle": 0, "after": 0,
            "stubs": ["bin:ssh=3"], "files": ["data/a.db": ["sqlite": "CREATE TABLE t (a); INSERT INTO t VALUES (1);"]],
            "steps": [["id": "1", "method": "GET", "path": "/"]],
        ])
    }

    private func play(_ command: String, output: String) throws {
        let sandbox = Sandbox(
            tree: nil, command: command, environment: ParityPlaces.environment(), python: nil,
            executable: Self.executable ?? "", output: output)
        _ = try sandbox.play(scenario()) { _ in }
    }

    @Test(.enabled(if: usable, "no namespaces here, or ringrift is not built")) func aNodeThatDoesNotStart() throws {
        let output = FileManager.default.temporaryDirectory.appendingPathComponent("parity-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: output) }
        #expect(throws: ParityError("the node ended at start with status 3: no output")) {
            try play("sh -c 'exit 3' {args}", output: output)
        }
        // The view inside: seeded file, stub that records and exits as told, fixed places, no network but loopback.
        let look = "pwd; ssh -p 22 host; echo ssh $?; ls data; cat /proc/net/dev | grep -c :; exit 4"
        #expect(throws: ParityError.self) { try play("sh -c '\(look)' {args}", output: output) }
        let log = try String(contentsOfFile: output + "/t.log", encoding: .utf8)
        #expect(log == "/srv/ringrift/ai-service\nssh 3\na.db\n1\n")
    }
}
