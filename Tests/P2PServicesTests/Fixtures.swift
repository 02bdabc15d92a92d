import Effects
import P2PModel
import PythonSemantics
import TestSupport
import Testing

/// 27 January 2027; the time of every test.
let testNow = 1_800_000_000.25

/// A world whose violations are failures.
func world() -> FakeEffects { FakeEffects(now: testNow) { Issue.record("\($0)") } }

func constants() throws -> P2PConstants { try P2PConstants(environment: [:]) }

/// A peer that was heard of a second ago.
func peer(_ id: PyString, _ change: (inout NodeInfo) -> Void = { _ in }) -> NodeInfo {
    var info = NodeInfo(nodeID: .string(id), host: .string(id + ".lan"), port: 8770)
    info[.lastHeartbeat] = .float(testNow - 1)
    change(&info)
    return info
}

/// A turn of node `n5`.
func turn(_ peers: [NodeInfo] = [], lastInbound: Double = 0) throws -> NodeTurn {
    var table = PeerTable()
    for info in peers { try table.store(info.nodeID, info) }
    return NodeTurn(
        nodeID: "n5", selfInfo: peer("n5"), leadership: LeadershipState(now: testNow - 50), peers: table,
        lastInboundHeartbeat: lastInbound, constants: try constants(), now: testNow, votersFromEnvironment: false)
}

func text(_ value: PyValue) throws -> String { String(decoding: try PyJSON.dumps(value), as: UTF8.self) }
func json(_ text: PyString) throws -> PyValue { try PyJSON.loads(text) }

/// `Type: message` of what a call throws; nil when it does not.
func failure<T>(_ body: () throws(PyException) -> T) -> String? {
    do throws(PyException) {
        _ = try body()
        return nil
    } catch {
        return error.description
    }
}
