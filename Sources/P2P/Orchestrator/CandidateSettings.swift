import P2PModel
import PythonSemantics

/// What a candidate is told of its node, over its socket: the token is on no command line.
struct CandidateSettings: Sendable {
    var configuration: NodeConfiguration
    /// Unix seconds.
    var startTime: Double

    /// - Parameter token: false where it is written to a file.
    func value(token: Bool = true) -> PyDict {
        func text(_ text: String) -> PyValue { .string(PyString(text)) }
        func list(_ texts: some Sequence<String>) -> PyValue { .list(texts.map(text)) }
        return [
            "node_id": .string(configuration.nodeID), "host": text(configuration.host),
            "port": .int(configuration.port), "known_peers": list(configuration.knownPeers),
            "relay_peers": list(configuration.relayPeers.sorted()), "ringrift_path": text(configuration.ringriftPath),
            "tree": text(configuration.tree), "advertise_host": text(configuration.advertiseHost),
            "advertise_port": .int(configuration.advertisePort), "reported_host": text(configuration.reportedHost),
            "tailscale_host": text(configuration.tailscaleHost), "token": text(token ? configuration.token : ""),
            "build_version": text(configuration.buildVersion), "start_time": .float(startTime),
        ]
    }

    init(configuration: NodeConfiguration, startTime: Double) {
        self.configuration = configuration
        self.startTime = startTime
    }

    init(_ value: PyDict, constants: P2PConstants, environment: [String: String]) {
        func text(_ key: PyString) -> String { value[key]?.pyStr ?? "" }
        func list(_ key: PyString) -> [String] { (value[key]?.asList ?? []).map(\.pyStr) }
        configuration = NodeConfiguration(
            nodeID: PyString(text("node_id")), host: text("host"), port: value["port"]?.asInt ?? 0,
            knownPeers: list("known_peers"), relayPeers: Set(list("relay_peers")),
            ringriftPath: text("ringrift_path"), tree: text("tree"), advertiseHost: text("advertise_host"),
            advertisePort: value["advertise_port"]?.asInt ?? 0, reportedHost: text("reported_host"),
            tailscaleHost: text("tailscale_host"), token: text("token"), buildVersion: text("build_version"),
            constants: constants, environment: environment)
        startTime = value["start_time"]?.asDouble ?? 0
    }
}
