import PythonSemantics

/// A job of this node (contract 02 section 4). Values other than `job_type` are kept as received.
package struct ClusterJob: Sendable, Equatable {
    package static let schema = RecordSchema(
        "ClusterJob",
        [
            .required("job_id"), .required("job_type"), .required("node_id"), .init("board_type", "square8"),
            .init("num_players", 2), .init("engine_mode", "descent-only"), .init("pid", 0), .init("started_at", 0.0),
            .init("status", "running"), .init("coordinator_node", ""), .init("worker_port", 8766),
            .init("config_json", ""),
        ])

    package var jobID: PyValue
    package var jobType: JobType
    package var nodeID: PyValue
    package var boardType: PyValue = "square8"
    package var numPlayers: PyValue = 2
    package var engineMode: PyValue = "descent-only"
    package var pid: PyValue = 0
    package var startedAt: PyValue = 0.0
    package var status: PyValue = "running"
    package var coordinatorNode: PyValue = ""
    package var workerPort: PyValue = 8766
    package var configJSON: PyValue = ""

    package init(jobID: PyValue, jobType: JobType, nodeID: PyValue) {
        self.jobID = jobID
        self.jobType = jobType
        self.nodeID = nodeID
    }

    /// `ClusterJob.from_dict`: a missing job_type means selfplay, unknown keys are errors.
    ///
    /// - Throws: `AttributeError`, `ValueError` (job type), `TypeError` (keys).
    package init(fromDict value: PyValue) throws(PyException) {
        var dict = try value.recordDict(method: "copy")
        let type: JobType = if let given = dict["job_type"] { try JobType(python: given) } else { .selfplay }
        dict["job_type"] = type.value
        let values = try Self.schema.construct(dict)
        self.init(jobID: values[0], jobType: type, nodeID: values[2])
        boardType = values[3]
        numPlayers = values[4]
        engineMode = values[5]
        pid = values[6]
        startedAt = values[7]
        status = values[8]
        coordinatorNode = values[9]
        workerPort = values[10]
        configJSON = values[11]
    }

    /// `to_dict`.
    package func toDict() -> PyDict {
        let values = [
            jobID, jobType.value, nodeID, boardType, numPlayers, engineMode, pid, startedAt, status, coordinatorNode,
            workerPort, configJSON,
        ]
        var dict = PyDict()
        for (field, value) in zip(Self.schema.fields, values) { dict[field.name] = value }
        return dict
    }
}
