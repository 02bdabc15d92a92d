import P2PModel
import PythonSemantics

/// 27 January 2027; the time of every test turn.
let testNow = 1_800_000_000.25

func testConstants() throws -> P2PConstants { try P2PConstants(environment: [:]) }

/// A peer that was heard of a second ago.
func peer(_ id: PyString, role: NodeRole = .follower, host: PyString? = nil) -> NodeInfo {
    var info = NodeInfo(nodeID: .string(id), host: .string(host ?? id + ".lan"), port: 8770)
    info[.lastHeartbeat] = .float(testNow - 1)
    info.setRole(role)
    return info
}

/// A turn of node `n5` with peers.
func turn(
    _ peers: [NodeInfo] = [], voters: [PyString] = [], now: Double = testNow, fromEnvironment: Bool = false,
    _ change: (inout LeadershipState) -> Void = { _ in }
) throws -> NodeTurn {
    var state = LeadershipState(now: now - 50)
    state.voterIDs = voters
    state.voterQuorumSize = min(3, voters.count)
    change(&state)
    var table = PeerTable()
    for info in peers { try table.store(info.nodeID, info) }
    var own = peer("n5")
    own[.lastHeartbeat] = .float(now)
    return NodeTurn(
        nodeID: "n5", selfInfo: own, leadership: state, peers: table, lastInboundHeartbeat: 0,
        constants: try testConstants(), now: now, votersFromEnvironment: fromEnvironment)
}

extension NodeTurn {
    /// The printed lines.
    var lines: [String] {
        effects.compactMap { if case .print(let line) = $0 { line.text } else { nil } }
    }
    var electionsStarted: Int { effects.count { $0 == .startElection } }
    var saves: Int { effects.count { $0 == .save } }
    var posts: [PeerPost] { effects.compactMap { if case .post(let post) = $0 { post } else { nil } } }
}

/// `Type: message` of what a call throws; nil when it does not.
func failure(_ body: () throws(PyException) -> Void) -> String? {
    do throws(PyException) {
        try body()
        return nil
    } catch {
        return "\(error.type): \(error.message)"
    }
}

func json(_ text: PyString) throws -> PyValue { try PyJSON.loads(text) }
func text(_ dict: PyDict) throws -> String { try PyJSON.dumpsText(.dict(dict)).description }
func key(_ text: PyString) -> PyKey { PyKey(text: text) }
