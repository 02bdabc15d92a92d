import PythonSemantics

/// The records that are nothing but fields (contract 02 sections 5-15). Values are kept as received.
///
/// Nested records are dicts inside the parent's list or dict field.
package struct Record: Sendable, Equatable {
    package let kind: RecordKind
    package private(set) var values: ContiguousArray<PyValue>

    /// `Class(**arguments)`.
    ///
    /// - Parameter now: unix seconds, the default of `created_at` of a training job.
    /// - Throws: `TypeError` for an unknown keyword or missing arguments.
    package init(_ kind: RecordKind, _ arguments: PyDict, now: Double) throws(PyException) {
        self.kind = kind
        values = try kind.schema.construct(arguments)
        if kind == .trainingJob, arguments["created_at"] == nil { self["created_at"] = .float(now) }
    }

    /// A field by its name on the wire. Names the record does not have read as nil; setting them does nothing.
    package subscript(name: PyString) -> PyValue? {
        get { kind.schema.index(of: name).map { values[$0] } }
        set {
            guard let newValue, let index = kind.schema.index(of: name) else { return }
            values[index] = newValue
        }
    }

    /// `to_dict`: the fields in order.
    package func toDict() -> PyDict {
        var dict = PyDict()
        for (field, value) in zip(kind.schema.fields, values) { dict[field.name] = value }
        return dict
    }
}

/// The classes a `Record` can be.
package enum RecordKind: Sendable, CaseIterable {
    case distributedCMAESState, distributedTournamentState, sshTournamentRun, improvementLoopState, trainingJob
    case trainingThresholds, dataFileInfo, nodeDataManifest, clusterDataManifest, dataSyncJob, clusterSyncPlan

    /// Names, order and defaults.
    package var schema: RecordSchema {
        switch self {
        case .distributedCMAESState: RecordSchema.distributedCMAESState
        case .distributedTournamentState: RecordSchema.distributedTournamentState
        case .sshTournamentRun: RecordSchema.sshTournamentRun
        case .improvementLoopState: RecordSchema.improvementLoopState
        case .trainingJob: RecordSchema.trainingJob
        case .trainingThresholds: RecordSchema.trainingThresholds
        case .dataFileInfo: RecordSchema.dataFileInfo
        case .nodeDataManifest: RecordSchema.nodeDataManifest
        case .clusterDataManifest: RecordSchema.clusterDataManifest
        case .dataSyncJob: RecordSchema.dataSyncJob
        case .clusterSyncPlan: RecordSchema.clusterSyncPlan
        }
    }
}

extension Record {
    /// `Class.from_dict(value)`. `SSHTournamentRun` has none in the legacy; here it constructs strictly.
    ///
    /// - Throws: the class's own error for a value that is no object, `TypeError` for unknown or missing fields.
    package init(_ kind: RecordKind, fromDict value: PyValue, now: Double) throws(PyException) {
        var dict: PyDict
        switch kind {
        case .nodeDataManifest, .clusterDataManifest, .clusterSyncPlan: dict = try value.recordDict(method: "copy")
        case .distributedCMAESState: dict = try value.recordDict(method: "setdefault")
        default:
            guard case .dict(let given) = value else {
                throw .typeError(
                    "__main__.\(kind.schema.className)() argument after ** must be a mapping, not \(value.typeName)")
            }
            dict = given
        }
        switch kind {
        case .distributedCMAESState: dict.setDefault("pending_results", [:])
        case .nodeDataManifest: dict["files"] = try Self.files(dict["files"] ?? [])
        case .clusterDataManifest:
            dict["node_manifests"] = try Self.manifests(dict["node_manifests"] ?? [:])
            dict["unique_files"] = try Self.unique(dict["unique_files"] ?? [])
        case .clusterSyncPlan: dict["sync_jobs"] = try Self.syncJobs(dict["sync_jobs"] ?? [])
        default: break
        }
        try self.init(kind, dict, now: now)
    }

    private static func files(_ value: PyValue) throws(PyException) -> PyValue {
        var files: [PyValue] = []
        for item in try value.iterated() {
            guard case .dict(let fields) = item else {
                files.append(item)
                continue
            }
            files.append(.dict(try Record(.dataFileInfo, fields, now: 0).toDict()))
        }
        return .list(files)
    }

    private static func manifests(_ value: PyValue) throws(PyException) -> PyValue {
        var manifests = PyDict()
        for (node, item) in try value.items() {
            manifests[node] = .dict(try Record(.nodeDataManifest, fromDict: item, now: 0).toDict())
        }
        return .dict(manifests)
    }

    private static func syncJobs(_ value: PyValue) throws(PyException) -> PyValue {
        var jobs: [PyValue] = []
        for item in try value.iterated() {
            jobs.append(.dict(try Record(.dataSyncJob, fromDict: item, now: 0).toDict()))
        }
        return .list(jobs)
    }

    /// `list(set(value))`, in the order of first appearance; Python's order is arbitrary.
    private static func unique(_ value: PyValue) throws(PyException) -> PyValue {
        var seen: Set<PyKey> = []
        var items: [PyValue] = []
        for item in try value.iterated() where seen.insert(try PyKey(item)).inserted { items.append(item) }
        return .list(items)
    }
}
