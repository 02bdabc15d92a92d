import Foundation
import P2PModel
import P2PNode
import PythonSemantics
import Testing

/// The command line against recordings of the real program (contract 01 sections 2.1 and 2.2).
@Suite struct P2POptionsTests {
    static func contract(_ name: String) throws -> String {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return try String(contentsOf: root.appending(path: "docs/contract/data/\(name)"), encoding: .utf8)
    }

    @Test func helpAt80() throws {
        let help = try Self.contract("p2p_orchestrator.help.txt")
        for arguments in [["--help"], ["-h"], ["--he"], ["--node-id", "a", "-h", "--port", "xx"]] {
            #expect(P2POptions.parse(arguments, columns: 80) == .exit(status: 0, stdout: help, stderr: ""))
        }
    }

    @Test(arguments: [(25, P2PHelpRecordings.at25), (132, P2PHelpRecordings.at132)])
    func helpAtOtherWidths(_ columns: Int, _ help: String) {
        #expect(P2POptions.parse(["--help"], columns: columns) == .exit(status: 0, stdout: help, stderr: ""))
    }

    /// Arguments and the message after `error: `, as the real program answered.
    @Test(
        arguments: [
            ([], "the following arguments are required: --node-id"),
            (["--port", "xx"], "argument --port: invalid int value: 'xx'"),
            (["--port", "1.5", "--node-id", "a"], "argument --port: invalid int value: '1.5'"),
            (["--node-id", "a", "--port", ""], "argument --port: invalid int value: ''"),
            (["--node-id", "a", "--port", "٣x"], "argument --port: invalid int value: '٣x'"),
            (["--node-id", "a\nb", "--port", "\u{1b}"], "argument --port: invalid int value: '\\x1b'"),
            (["--advertise-port", "é"], "argument --advertise-port: invalid int value: 'é'"),
            (["--node-id", "a", "--port", "-5x"], "argument --port: expected one argument"),
            (
                ["--node-id", "a", "--storage-type", "xx"],
                "argument --storage-type: invalid choice: 'xx' (choose from 'disk', 'ramdrive')"
            ),
            (
                ["--node-id", "a", "--storage-type", "ram"],
                "argument --storage-type: invalid choice: 'ram' (choose from 'disk', 'ramdrive')"
            ),
            (["--p", "1"], "ambiguous option: --p could match --port, --peers"),
            (["--h"], "ambiguous option: --h could match --help, --host"),
            (["--a", "1"], "ambiguous option: --a could match --advertise-host, --advertise-port, --auth-token"),
            (["--re"], "ambiguous option: --re could match --relay-peers, --require-auth"),
            (
                ["--host", "127.0.0.1", "--node", "n1", "--adv", "x"],
                "ambiguous option: --adv could match --advertise-host, --advertise-port"
            ),
            (["--node-id"], "argument --node-id: expected one argument"),
            (["--node-id", "--port", "1"], "argument --node-id: expected one argument"),
            (["--node-id", "a", "extra", "more"], "unrecognized arguments: extra more"),
            (["--node-id", "a", "-x"], "unrecognized arguments: -x"),
            (["--node-id", "a", "--", "b"], "unrecognized arguments: -- b"),
            (["--node-id", "a", "--require-auth=1"], "argument --require-auth: ignored explicit argument '1'"),
            (["-hx"], "argument -h/--help: ignored explicit argument 'x'"),
        ] as [([String], String)])
    func usageErrors(_ arguments: [String], _ message: String) throws {
        let help = try Self.contract("p2p_orchestrator.help.txt")
        let usage = try #require(help.range(of: "\n\n").map { help[..<$0.lowerBound] })
        let stderr = "\(usage)\np2p_orchestrator.py: error: \(message)\n"
        #expect(P2POptions.parse(arguments, columns: 80) == .exit(status: 2, stdout: "", stderr: stderr))
    }

    private static func options(_ arguments: String...) throws -> P2POptions {
        let result = P2POptions.parse(["--node-id", "n1"] + arguments, columns: 80)
        guard case .options(let options) = result else {
            Issue.record("\(arguments) gave \(result)")
            throw CancellationError()
        }
        return options
    }

    @Test func defaults() throws {
        let expected = P2POptions(
            nodeID: "n1", host: "0.0.0.0", port: 8770, advertiseHost: nil, advertisePort: nil, peers: [],
            relayPeers: [],
            ringriftPath: nil, authToken: nil, requireAuth: false, storageType: "disk")
        #expect(try Self.options() == expected)
    }

    @Test func everything() throws {
        let expected = P2POptions(
            nodeID: "n1", host: "127.0.0.1", port: 18770, advertiseHost: "h", advertisePort: 0,
            peers: ["x:1", "http://y"],
            relayPeers: ["r"], ringriftPath: "/srv/ringrift", authToken: " t ", requireAuth: true,
            storageType: "ramdrive")
        let options = try Self.options(
            "--ho=127.0.0.1", "--po", "1_8770", "--advertise-h", "h", "--advertise-p=0", "--peer", "x:1,http://y",
            "--rel=r",
            "--ringrift-path", "/srv/ringrift", "--auth", " t ", "--req", "--storage=ramdrive")
        #expect(options == expected)
    }

    /// What the legacy printed as `Known peers`.
    @Test(arguments: [
        (",a,", ["", "a", ""]), ("x, y ,,z", ["x", "y", "", "z"]), ("", []), (" ", [""]), (" b ,c", ["b", "c"]),
        ("\u{a0}a\u{1c},\tb", ["a", "b"]),
    ])
    func peers(_ text: String, _ pieces: [String]) throws {
        #expect(try Self.options("--peers", text).peers == pieces)
        #expect(try Self.options("--relay-peers=" + text).relayPeers == pieces)
    }

    @Test func lastOneWins() throws {
        #expect(try Self.options("--node-id", "n2").nodeID == "n2")
        #expect(try Self.options("--node-id", "").nodeID == "")
        #expect(try Self.options("--port", "1", "--port=-1").port == -1)
    }

    /// `--x=--` leaves an empty list: absent where the legacy tests for truth, `[]` where it prints it.
    @Test func emptiedOptions() throws {
        let options = try Self.options(
            "--peers=--", "--auth-token=--", "--ringrift-path=--", "--host=--", "--node-id=--")
        #expect(options.peers == [] && options.authToken == nil && options.ringriftPath == nil)
        #expect(options.host == "[]" && options.nodeID == "[]")
        let failure = P2POptions.parse(["--node-id", "n1", "--port=--"], columns: 80)
        let line = "TypeError: int() argument must be a string, a bytes-like object or a real number, not 'list'"
        #expect(failure == .exit(status: 1, stdout: "", stderr: "Traceback (most recent call last):\n\(line)\n"))
    }

    @Test func requiredToken() {
        let line =
            "ValueError: --require-auth set but RINGRIFT_CLUSTER_AUTH_TOKEN/RINGRIFT_CLUSTER_AUTH_TOKEN_FILE/--auth-token is empty"
        #expect(P2PStartupFailure.requiredTokenMissing.finalLine == line)
    }

    @Test func matchesTheContract() throws {
        struct Program: Decodable {
            struct Option: Decodable {
                let flags: [String]
                let dest: String
                let required: Bool
            }
            let prog: String
            let options: [Option]
        }
        let programs = try JSONDecoder().decode([String: Program].self, from: Data(Self.contract("cli.json").utf8))
        let program = try #require(programs["p2p_orchestrator"])
        #expect(P2POptions.commandLine.prog == program.prog)
        #expect(P2POptions.commandLine.arguments.map(\.optionStrings) == program.options.map(\.flags))
        #expect(P2POptions.commandLine.arguments.map(\.dest) == program.options.map(\.dest))
        #expect(P2POptions.commandLine.arguments.map(\.isRequired) == program.options.map(\.required))
    }
}
