import P2PModel
import PythonSemantics

// The attributes of `p2p.scheduling` and of what its routes show, in the forms of the exchange.

extension NodeState {
    /// When processes were started lately, unix seconds; the spawn limit counts them.
    package var spawnTimestamps: [Double] {
        get { (carried["spawn_timestamps"]?.asList ?? []).compactMap(\.asDouble) }
        set { carried["spawn_timestamps"] = .list(newValue.map { .float($0) }) }
    }

    /// What the `/api/jobs` routes show.
    package func jobListing(nodeID: PyString) -> JobListing {
        func records(_ name: PyString) -> PyDict { CarriedValue.plain(carried[name] ?? [:]).asDict ?? [:] }
        return JobListing(
            local: jobs, training: records("training_jobs"), tournaments: records("ssh_tournament_runs"),
            nodeID: nodeID)
    }

    /// Sets fields of a record in a carried map of records; nothing happens when there is none.
    mutating func setCarried(_ name: PyString, _ id: PyString, _ fields: PyDict) {
        guard case .dict(var map)? = carried[name], case .dict(var record)? = map[id] else { return }
        record.update(fields)
        map[id] = .dict(record)
        carried[name] = .dict(map)
    }
}
