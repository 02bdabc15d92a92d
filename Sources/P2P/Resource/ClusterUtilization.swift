import PythonSemantics

/// Averages over the nodes that reported lately; contract 07 sections 4.2 and 4.5. Zeros do not count.
package struct ClusterUtilization: Sendable, Equatable {
    package var cpu = 0.0
    package var gpu = 0.0
    package var gpuNodes = 0
    package var memoryCritical = false
    package var memoryWarning = false
    /// Self-play games per hour that are asked for now.
    package var selfplayRate: PyValue = 1000

    package init() {}

    /// - Parameters:
    ///   - rows: `cpu_percent, gpu_percent, memory_percent, gpu_memory_percent, has_gpu` of each node.
    ///   - rate: the current rate, nil when the row is missing (then 1000).
    init(rows: SQLRowValues, rate: PyValue?) {
        var cpus: [Double] = []
        var gpus: [Double] = []
        for row in rows where row.count == 5 {
            let numbers = row.map { (try? PyNumber.float($0)) ?? 0 }
            if numbers[0] > 0 { cpus.append(numbers[0]) }
            guard row[4].isTruthy else { continue }
            gpuNodes += 1
            if numbers[1] > 0 { gpus.append(numbers[1]) }
            if numbers[3] > 90 { memoryCritical = true } else if numbers[3] > 80 { memoryWarning = true }
        }
        cpu = Self.average(cpus)
        gpu = Self.average(gpus)
        if let rate, rate != .none { selfplayRate = rate }
    }

    private static func average(_ values: [Double]) -> Double {
        values.isEmpty ? 0.0 : values.reduce(0, +) / Double(values.count)
    }

    /// `below`, `above`, `optimal`, `gpu_memory_critical` or `gpu_memory_warning`.
    package func status(minimum: Double, maximum: Double) -> String {
        let under = cpu < minimum || (gpuNodes > 0 && gpu < minimum)
        let over = cpu > maximum || (gpuNodes > 0 && gpu > maximum)
        if memoryCritical { return "gpu_memory_critical" }
        if under { return "below" }
        if over { return "above" }
        return memoryWarning ? "gpu_memory_warning" : "optimal"
    }

    /// The object `cluster_utilization` of `/health`.
    package func healthValue(targets: ResourceTargets) -> PyValue {
        .dict([
            "cpu_util": .float(cpu), "gpu_util": .float(gpu), "selfplay_rate": selfplayRate,
            "target_range": .string(PyString(targets.rangeText)),
            "status": .string(PyString(status(minimum: targets.minimum, maximum: targets.maximum))),
        ])
    }
}

/// Rows of a query.
package typealias SQLRowValues = [[PyValue]]
