import PythonSemantics

/// The answer to GET /nodes/table; contract 12 section 3.7.
package enum NodesTable {
    /// - Parameter selfplayJobs: running self-play jobs of this node.
    /// - Throws: what a record with a wrong type throws.
    package static func rows(_ turn: NodeTurn, selfplayJobs: Int) throws(PyException) -> [PyValue] {
        let info = turn.selfInfo
        let hasGPU = info[.hasGPU].isTruthy
        var rows = [
            try row(
                turn.nodeID.isEmpty ? "unknown" : .string(turn.nodeID),
                role: turn.leadership.role == .leader ? "Leader" : "Worker", isOnline: true, cpu: info[.cpuPercent],
                memory: info[.memoryPercent], gpu: hasGPU ? info[.gpuPercent] : 0,
                gpuMemory: hasGPU ? info[.gpuMemoryPercent] : 0, jobs: .int(selfplayJobs), hasGPU: hasGPU)
        ]
        func orZero(_ value: PyValue) -> PyValue { value.isTruthy ? value : 0 }
        for entry in turn.peers.entries {
            let peer = entry.record
            rows.append(
                try row(
                    entry.keyValue.isTruthy ? entry.keyValue : "unknown", role: "Worker",
                    isOnline: try turn.isAlive(peer), cpu: orZero(peer[.cpuPercent]),
                    memory: orZero(peer[.memoryPercent]), gpu: orZero(peer[.gpuPercent]),
                    gpuMemory: orZero(peer[.gpuMemoryPercent]), jobs: orZero(peer[.selfplayJobs]),
                    hasGPU: peer[.hasGPU].isTruthy))
        }
        return try sorted(rows)
    }

    private static func row(
        _ node: PyValue, role: PyValue, isOnline: Bool, cpu: PyValue, memory: PyValue, gpu: PyValue, gpuMemory: PyValue,
        jobs: PyValue, hasGPU: Bool
    ) throws(PyException) -> PyValue {
        .dict([
            "Node": node, "Role": role, "Status": isOnline ? "Online" : "Offline", "CPU": try PyNumber.round(cpu, 1),
            "Memory": try PyNumber.round(memory, 1), "GPU": try PyNumber.round(gpu, 1),
            "GPUMem": try PyNumber.round(gpuMemory, 1), "Jobs": jobs, "HasGPU": hasGPU ? "Yes" : "No",
        ])
    }

    /// Leaders first, then by name; equal names keep their order.
    private static func sorted(_ rows: [PyValue]) throws(PyException) -> [PyValue] {
        var sorted: [PyValue] = []
        for role: PyValue in ["Leader", "Worker"] {
            let group = rows.filter { $0["Role"] == role }
            let names = try PyNumber.sorted(group.map { $0["Node"] ?? .none })
            var left = group
            for name in names {
                guard let place = left.firstIndex(where: { $0["Node"]?.pyEquals(name) == true }) else { continue }
                sorted.append(left.remove(at: place))
            }
        }
        return sorted
    }
}
