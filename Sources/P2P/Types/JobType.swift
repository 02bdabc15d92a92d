import PythonSemantics

/// What a cluster job does; the order of the cases is the order of declaration in the contract (02 section 2).
package enum JobType: String, Sendable, Hashable, CaseIterable {
    case selfplay
    case gpuSelfplay = "gpu_selfplay"
    case hybridSelfplay = "hybrid_selfplay"
    case cpuSelfplay = "cpu_selfplay"
    case training
    case cmaes
    case distributedCMAESCoordinator = "distributed_cmaes_coordinator"
    case distributedCMAESWorker = "distributed_cmaes_worker"
    case distributedTournamentCoordinator = "distributed_tournament_coordinator"
    case distributedTournamentWorker = "distributed_tournament_worker"
    case improvementLoop = "improvement_loop"
    case dataExport = "data_export"
    case dataAggregation = "data_aggregation"

    /// `JobType(value)` of Python.
    package init(python value: PyValue) throws(PyException) {
        self = try parseEnum(value, named: "JobType")
    }

    /// The JSON form.
    package var value: PyValue { .string(PyString(rawValue)) }
}
