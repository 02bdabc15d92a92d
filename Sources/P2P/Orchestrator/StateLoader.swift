import P2PModel
import PythonSemantics

/// Takes what the state database holds into a fresh state; contract 01 section 6.2.
package struct StateLoader {
    private let nodeID: PyString
    private let constants: P2PConstants
    private let now: Double

    package init(nodeID: PyString, constants: P2PConstants, now: Double) {
        self.nodeID = nodeID
        self.constants = constants
        self.now = now
    }

    /// - Returns: the lines to print, in order.
    package func load(
        _ database: StateDatabase, into state: inout NodeState, votersFromEnvironment: Bool
    ) -> [String] {
        var turn = NodeTurn(
            nodeID: nodeID, selfInfo: state.selfInfo, leadership: state.leadership, peers: state.peers,
            lastInboundHeartbeat: 0, constants: constants, now: now, votersFromEnvironment: votersFromEnvironment)
        do throws(PyException) {
            let rows = try database.load()
            for row in rows.peers {
                guard row.count == 2, case .string(let id) = row[0] else { continue }
                turn.loadPeerRow(nodeID: id, infoJSON: row[1].asString)
            }
            for row in rows.jobs {
                let job = try ClusterJob(row: PyDict(zip(StateDatabase.jobColumns, row)))
                try state.jobs.store(job.jobID, job)
            }
            var values: [PyString: PyString?] = [:]
            for row in rows.state where row.count == 2 {
                if case .string(let key) = row[0] { values[key] = .some(row[1].asString) }
            }
            turn.loadStateRows(values)
            turn.log(.loadedState(peers: turn.peers.count, jobs: state.jobs.count))
        } catch {
            turn.log(.stateLoadFailed(error.message))
        }
        turn.resumeLeadership()
        state.peers = turn.peers
        state.leadership = turn.leadership
        return turn.effects.compactMap { if case .print(let line) = $0 { line.text } else { nil } }
    }
}
