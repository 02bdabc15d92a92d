import PythonSemantics

/// One decision turn: a snapshot of what a decision may read, the state it may change, and the effects it asks for,
/// in the order in which they are to happen. Take it from the store, call decisions, put it back, then perform.
///
/// A decision reads `now` once; the legacy reads the clock several times within the same milliseconds.
package struct NodeTurn: Sendable {
    /// The own node_id, a command line option.
    package let nodeID: PyString
    package var selfInfo: NodeInfo
    package var leadership: LeadershipState
    package var peers: PeerTable
    /// When another node last sent a heartbeat; 0 means never.
    package var lastInboundHeartbeat: Double
    package let constants: P2PConstants
    /// Unix seconds.
    package let now: Double
    /// Whether RINGRIFT_P2P_VOTERS holds text; then nobody may teach us voters.
    package let votersFromEnvironment: Bool
    package private(set) var effects: [NodeEffect] = []

    package init(
        nodeID: PyString, selfInfo: NodeInfo, leadership: LeadershipState, peers: PeerTable,
        lastInboundHeartbeat: Double, constants: P2PConstants, now: Double, votersFromEnvironment: Bool
    ) {
        self.nodeID = nodeID
        self.selfInfo = selfInfo
        self.leadership = leadership
        self.peers = peers
        self.lastInboundHeartbeat = lastInboundHeartbeat
        self.constants = constants
        self.now = now
        self.votersFromEnvironment = votersFromEnvironment
    }

    /// Appends an effect.
    package mutating func perform(_ effect: NodeEffect) { effects.append(effect) }
    /// Appends a log line.
    package mutating func log(_ line: LogLine) { effects.append(.print(line)) }
}

/// What a decision asks its shell to do; nothing here has happened yet.
package enum NodeEffect: Sendable, Equatable {
    /// Write the node's state (contract 01 section 6.3).
    case save
    /// Start an election in the background, if the node runs.
    case startElection
    /// A line on stdout.
    case print(LogLine)
    /// Send one request to one peer; the answer is not looked at. Posts of one turn go out one after the other.
    case post(PeerPost)
    /// Start the monitoring services (contract 01 section 4.16).
    case startMonitoring
    /// Send an alert through the webhooks.
    case alert(Alert)
}

/// A JSON POST to a peer.
package struct PeerPost: Sendable, Equatable {
    package let url: String
    package let body: PyDict
    /// Seconds, total.
    package let timeout: Double

    package init(url: String, body: PyDict, timeout: Double) {
        self.url = url
        self.body = body
        self.timeout = timeout
    }
}

/// An answer of a handler.
package struct NodeReply: Sendable, Equatable {
    package let status: Int
    package let body: PyDict

    package init(_ status: Int, _ body: PyDict) {
        self.status = status
        self.body = body
    }

    /// 400 `{"error": text}`, the answer of most handlers to any exception.
    package static func badRequest(_ error: PyException) -> NodeReply {
        NodeReply(400, ["error": .string(PyString(error.message))])
    }
}
