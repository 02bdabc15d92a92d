import PythonSemantics

/// What a node says about itself, and what others remember of it (contract 02 section 3).
///
/// Nothing is coerced: every field keeps the value and the type it arrived with, and arithmetic on a wrong type fails
/// later with Python's own error. All fields sit in one copy-on-write array, so that copying a record costs one retain.
package struct NodeInfo: Sendable, Equatable {
    /// The 32 fields in the order of the wire.
    package enum Field: Int, CaseIterable, Sendable {
        case nodeID, host, port, scheme, role, lastHeartbeat, cpuCount, cpuPercent, memoryPercent, diskPercent
        case gpuPercent, gpuMemoryPercent, selfplayJobs, trainingJobs, hasGPU, gpuName, memoryGB, capabilities, version
        case reportedHost, reportedPort, consecutiveFailures, lastFailureTime, diskCleanupNeeded, oomEvents, lastOOMTime
        case natBlocked, natBlockedSince, lastNATProbe, relayVia, retired, retiredAt

        /// The key on the wire.
        package var key: PyString { NodeInfo.schema.fields[rawValue].name }
    }

    /// Keys and defaults; the single source of `from_dict`, `to_dict` and of the error texts.
    package static let schema = RecordSchema(
        "NodeInfo",
        [
            .required("node_id"), .required("host"), .required("port"), .init("scheme", "http"),
            .init("role", "follower"), .init("last_heartbeat", 0.0), .init("cpu_count", 0), .init("cpu_percent", 0.0),
            .init("memory_percent", 0.0), .init("disk_percent", 0.0), .init("gpu_percent", 0.0),
            .init("gpu_memory_percent", 0.0), .init("selfplay_jobs", 0), .init("training_jobs", 0),
            .init("has_gpu", false), .init("gpu_name", ""), .init("memory_gb", 0), .init("capabilities", []),
            .init("version", "1.0.0"), .init("reported_host", ""), .init("reported_port", 0),
            .init("consecutive_failures", 0), .init("last_failure_time", 0.0), .init("disk_cleanup_needed", false),
            .init("oom_events", 0), .init("last_oom_time", 0.0), .init("nat_blocked", false),
            .init("nat_blocked_since", 0.0), .init("last_nat_probe", 0.0), .init("relay_via", ""),
            .init("retired", false), .init("retired_at", 0.0),
        ])

    var values: ContiguousArray<PyValue> {
        didSet { if isKnownUniquelyReferenced(&memo) { memo.clear() } else { memo = NodeInfoMemo() } }
    }
    private(set) var memo = NodeInfoMemo()
    /// The role; `self[.role]` is its JSON form.
    package private(set) var role: NodeRole

    /// Attributes that legacy code has hung onto the record and no message carries (`_last_gpu_active_time`); lost when
    /// the node is heard of again, as there.
    package var attachments: PyDict?

    /// A record with defaults for all but the three required fields.
    package init(nodeID: PyValue, host: PyValue, port: PyValue) {
        values = Self.schema.defaults
        values[0] = nodeID
        values[1] = host
        values[2] = port
        role = .follower
    }

    /// `NodeInfo.from_dict`: unknown keys are dropped, a bad role is reported before missing fields.
    ///
    /// - Throws: `AttributeError` when the value is no object, `ValueError` for a bad role, `TypeError` for missing
    ///   `node_id`, `host` or `port`.
    package init(fromDict value: PyValue) throws(PyException) {
        let dict = try value.recordDict(method: "copy")
        role = .follower
        if let given = dict["role"] { role = try NodeRole(python: given) }
        values = Self.schema.defaults
        var missing: [PyString] = []
        for (index, field) in Self.schema.fields.enumerated() {
            if let given = dict[field.name] {
                values[index] = given
            } else if field.isRequired {
                missing.append(field.name)
            }
        }
        if !missing.isEmpty { throw Self.schema.missing(missing) }
    }

    /// A field as it was received. Setting `.role` to anything but one of the three role names has no effect.
    package subscript(field: Field) -> PyValue {
        get { values[field.rawValue] }
        set {
            if field == .role {
                guard let parsed = try? NodeRole(python: newValue) else { return }
                role = parsed
            }
            values[field.rawValue] = newValue
        }
    }

    /// Changes the role.
    package mutating func setRole(_ newRole: NodeRole) {
        role = newRole
        values[Field.role.rawValue] = newRole.value
    }

    /// The identifier as received (any JSON value; compare with `pyEquals` or through `PyKey`).
    package var nodeID: PyValue { values[0] }

    /// The fields by their keys, without derived ones.
    package var fields: PyDict { PyDict(zip(Self.schema.fields.map(\.name), values).map { ($0, $1) }) }

    /// Same fields, of the same types (`1` is not `1.0`).
    package static func == (left: NodeInfo, right: NodeInfo) -> Bool { left.values == right.values }
}
