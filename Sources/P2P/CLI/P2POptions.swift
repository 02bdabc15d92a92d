import P2PModel
import PythonSemantics

/// The command line of the P2P node (contract 01 section 2.1).
package struct P2POptions: Sendable, Equatable {
    /// Unique among the nodes; may be empty.
    package var nodeID: String
    /// Address to listen on.
    package var host: String
    /// TCP port to listen on; not checked here (the socket refuses what is no port).
    package var port: Int
    /// nil: `RINGRIFT_ADVERTISE_HOST` or found out.
    package var advertiseHost: String?
    /// nil: `RINGRIFT_ADVERTISE_PORT` or inferred.
    package var advertisePort: Int?
    /// Pieces between commas, without blanks around them; empty pieces are kept.
    package var peers: [String]
    /// Like `peers`; compared as text with known peers.
    package var relayPeers: [String]
    /// nil: the usual places are searched.
    package var ringriftPath: String?
    /// nil: `RINGRIFT_CLUSTER_AUTH_TOKEN` or a file.
    package var authToken: String?
    /// Whether starting without a token is an error.
    package var requireAuth: Bool
    /// `disk` or `ramdrive`.
    package var storageType: String

    package init(
        nodeID: String, host: String = "0.0.0.0", port: Int = P2PConstants.defaultPort, advertiseHost: String? = nil,
        advertisePort: Int? = nil, peers: [String] = [], relayPeers: [String] = [], ringriftPath: String? = nil,
        authToken: String? = nil, requireAuth: Bool = false, storageType: String = "disk"
    ) {
        self.nodeID = nodeID
        self.host = host
        self.port = port
        self.advertiseHost = advertiseHost
        self.advertisePort = advertisePort
        self.peers = peers
        self.relayPeers = relayPeers
        self.ringriftPath = ringriftPath
        self.authToken = authToken
        self.requireAuth = requireAuth
        self.storageType = storageType
    }
}

extension P2POptions {
    /// What a command line comes to.
    package enum ParseResult: Sendable, Equatable {
        case options(P2POptions)
        /// The program prints these texts and ends: help, a usage error, or a crash before the node exists.
        case exit(status: Int32, stdout: String, stderr: String)
    }

    /// Reads the arguments that follow the program's name.
    /// - Parameter columns: the terminal's width (`TerminalColumns.resolve`).
    package static func parse(_ arguments: [String], columns: Int) -> ParseResult {
        switch commandLine.parse(arguments, columns: columns) {
        case .exit(let status, let stdout, let stderr):
            return .exit(status: status, stdout: stdout, stderr: stderr)
        case .values(let values):
            if case .list? = values["port"] {
                let failure = P2PStartupFailure.listIsNoPort
                return .exit(status: P2PStartupFailure.exitStatus, stdout: "", stderr: failure.traceback)
            }
            return .options(P2POptions(values))
        }
    }

    /// `--x=--` leaves an empty list instead of a text (an argparse oddity): where the legacy tests for truth it is as if the
    /// option were absent, elsewhere its text is `[]`.
    private init(_ values: [String: ArgValue]) {
        func text(_ name: String) -> String { values[name]?.pyStr ?? "" }
        func optional(_ name: String) -> String? { values[name]?.stringValue }
        nodeID = text("node_id")
        host = text("host")
        port = Self.clamped(values["port"]) ?? 0
        advertiseHost = optional("advertise_host")
        advertisePort = Self.clamped(values["advertise_port"])
        peers = Self.pieces(optional("peers"))
        relayPeers = Self.pieces(optional("relay_peers"))
        ringriftPath = optional("ringrift_path")
        authToken = optional("auth_token")
        requireAuth = values["require_auth"]?.boolValue ?? false
        storageType = text("storage_type")
    }

    private static func clamped(_ value: ArgValue?) -> Int? {
        switch value {
        case .int(let number)?: number
        case .bigInt(let number)?: number.signum() < 0 ? .min : .max
        case .none?, .bool?, .float?, .string?, .list?, nil: nil
        }
    }

    private static func pieces(_ text: String?) -> [String] {
        guard let text, !text.isEmpty else { return [] }
        return ArgText.split(text, at: ",").map(ArgText.strip)
    }

    /// As argparse is told about it.
    package static let commandLine = ArgumentParserSpec(
        prog: "p2p_orchestrator.py", description: "P2P Orchestrator for RingRift cluster",
        [
            ArgumentSpec("--node-id", required: true, help: "Unique identifier for this node"),
            ArgumentSpec("--host", default: "0.0.0.0", help: "Host to bind to"),
            ArgumentSpec("--port", default: .int(P2PConstants.defaultPort), type: .int, help: "Port to listen on"),
            ArgumentSpec("--advertise-host", help: "Host to advertise to peers (or set RINGRIFT_ADVERTISE_HOST)"),
            ArgumentSpec(
                "--advertise-port", type: .int, help: "Port to advertise to peers (or set RINGRIFT_ADVERTISE_PORT)"),
            ArgumentSpec(
                "--peers", help: "Comma-separated list of known peers (host[:port] or http(s)://host[:port])"),
            ArgumentSpec(
                "--relay-peers",
                help: "Comma-separated list of peers to use relay heartbeats with (for NAT-blocked nodes)"),
            ArgumentSpec("--ringrift-path", help: "Path to RingRift installation"),
            ArgumentSpec("--auth-token", help: "Shared auth token (or set RINGRIFT_CLUSTER_AUTH_TOKEN)"),
            ArgumentSpec("--require-auth", action: .storeTrue, help: "Require auth token to be set"),
            ArgumentSpec(
                "--storage-type", default: "disk", choices: ["disk", "ramdrive"],
                help: "Storage type: 'disk' (default) or 'ramdrive' (/dev/shm for disk-constrained instances)"),
        ])
}
