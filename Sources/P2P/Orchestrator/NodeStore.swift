import P2PModel
import P2PServices
import PythonSemantics
import Synchronization

/// Everything a node remembers, as values. One of these per node, inside `NodeStore`.
package struct NodeState: Sendable {
    package var selfInfo: NodeInfo
    package var leadership: LeadershipState
    package var peers = PeerTable()
    package var jobs = JobTable()
    /// When another node last sent a heartbeat, unix seconds; 0 means never.
    package var lastInboundHeartbeat = 0.0
    package var diversity: DiversityMetrics
    /// Attributes of what is not native yet, by the legacy's names and in the forms of the exchange: carried for the
    /// worker, and read where an answer shows them.
    package var carried = PyDict()

    package init(selfInfo: NodeInfo, leadership: LeadershipState, diversity: DiversityMetrics) {
        self.selfInfo = selfInfo
        self.leadership = leadership
        self.diversity = diversity
    }
}

/// The only authority over a node's state: a value behind a lock.
///
/// Not an actor, because a patch from a worker must be taken and applied in one critical section. Nothing waits and
/// nothing leaves the process while the lock is held: decisions run on the value, what they ask for is performed after.
package final class NodeStore: Sendable {
    private let state: Mutex<NodeState>
    private let changes = Atomic<UInt64>(0)

    package init(_ state: NodeState) { self.state = Mutex(state) }

    /// Grows with every change (and with decisions that changed nothing).
    package var version: UInt64 { changes.load(ordering: .acquiring) }

    /// A copy of everything (records share storage until changed).
    package var snapshot: NodeState { state.withLock { $0 } }

    /// Changes the state in one critical section.
    package func update<T: Sendable>(_ change: (inout sending NodeState) -> sending T) -> T {
        defer { changes.add(1, ordering: .releasing) }
        return state.withLock(change)
    }

    /// Runs one decision on the state and keeps what it changed, also when it throws: the legacy's assignments before
    /// an exception stay as well.
    ///
    /// - Returns: the decision's result and the effects to perform, in order.
    package func decide<T: Sendable>(
        _ context: DecisionContext, _ decision: (inout NodeTurn) throws(PyException) -> T
    ) -> (result: Result<T, PyException>, effects: [NodeEffect]) {
        defer { changes.add(1, ordering: .releasing) }
        return state.withLock { state in
            var turn = NodeTurn(
                nodeID: context.nodeID, selfInfo: state.selfInfo, leadership: state.leadership, peers: state.peers,
                lastInboundHeartbeat: state.lastInboundHeartbeat, constants: context.constants, now: context.now,
                votersFromEnvironment: context.votersFromEnvironment)
            // The turn owns the only references now, so that its changes do not copy the tables.
            state.peers = PeerTable()
            let result: Result<T, PyException>
            do throws(PyException) {
                result = .success(try decision(&turn))
            } catch {
                result = .failure(error)
            }
            state.selfInfo = turn.selfInfo
            state.leadership = turn.leadership
            state.peers = turn.peers
            state.lastInboundHeartbeat = turn.lastInboundHeartbeat
            return (result, turn.effects)
        }
    }
}

/// What a decision needs besides the state.
package struct DecisionContext: Sendable {
    package var nodeID: PyString
    package var constants: P2PConstants
    package var now: Double
    package var votersFromEnvironment: Bool
}
