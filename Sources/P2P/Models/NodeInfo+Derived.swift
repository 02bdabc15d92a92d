import PythonSemantics

/// The five keys that `to_dict` computes (contract 02 sections 3.3-3.6). Wrong types fail with Python's error.
extension NodeInfo {
    /// 0 to 100 for sane input: CPU 40 %, memory 30 %, jobs 30 %, blended with the GPU where there is one.
    package func loadScore() throws(PyException) -> Double {
        if let load = fastLoad() { return load < 100.0 ? load : 100.0 }
        let jobs = try PyNumber.mul(
            PyNumber.add(self[.selfplayJobs], PyNumber.mul(self[.trainingJobs], 2)), 12.5)
        let jobScore: PyValue = try PyNumber.isLess(jobs, 100.0) ? jobs : 100.0
        var load = try PyNumber.add(
            PyNumber.add(
                PyNumber.mul(self[.cpuPercent], 0.4), PyNumber.mul(self[.memoryPercent], 0.3)),
            PyNumber.mul(jobScore, 0.3))
        if self[.hasGPU].isTruthy, try PyNumber.isGreater(self[.gpuPercent], 0) {
            load = try PyNumber.add(PyNumber.mul(load, 0.7), PyNumber.mul(self[.gpuPercent], 0.3))
        }
        guard case .float(let result) = load else { return 100.0 }
        return result < 100.0 ? result : 100.0
    }

    /// The same sum on plain numbers; nil sends the caller to the general path.
    private func fastLoad() -> Double? {
        guard let cpu = self[.cpuPercent].plainDouble, let memory = self[.memoryPercent].plainDouble,
            case .int(let selfplay) = self[.selfplayJobs], case .int(let training) = self[.trainingJobs],
            case .bool(let hasGPU) = self[.hasGPU]
        else { return nil }
        let (doubled, overflow) = training.multipliedReportingOverflow(by: 2)
        let (sum, overflowed) = selfplay.addingReportingOverflow(doubled)
        if overflow || overflowed { return nil }
        let jobs = Double(sum) * 12.5
        let load = cpu * 0.4 + memory * 0.3 + (jobs < 100.0 ? jobs : 100.0) * 0.3
        guard hasGPU else { return load }
        guard let gpu = self[.gpuPercent].plainDouble else { return nil }
        return gpu > 0 ? load * 0.7 + gpu * 0.3 : load
    }

    /// Relative GPU strength. The table is scanned in order; the first name contained in the GPU name wins.
    package func gpuPowerScore() throws(PyException) -> PyValue {
        guard self[.hasGPU].isTruthy, self[.gpuName].isTruthy else { return 0 }
        let name = try self[.gpuName].upper()
        guard let entry = Self.gpuRankings.first(where: { name.contains($0.name) }) else { return 10 }
        let memory = self[.memoryGB]
        guard memory.isTruthy, try PyNumber.isGreater(memory, 100) else { return .int(entry.score) }
        let units = try PyNumber.floorDiv(memory, 80)
        return try PyNumber.mul(.int(entry.score), PyNumber.isGreater(units, 1) ? units : 1)
    }

    /// CPU count, corrected by what the node's name says about the kind of machine.
    package func cpuPowerScore() throws(PyException) -> PyValue {
        let count = self[.cpuCount]
        guard count.isTruthy, try !PyNumber.isLessOrEqual(count, 0) else { return 0 }
        let name = try self[.nodeID].lower()
        let factor: PyValue
        if name.contains("vast") {
            factor = 1.5
        } else if name.contains("lambda") {
            factor = 0.5
        } else if name.contains("aws"), name.contains("cpu") {
            factor = 1.2
        } else {
            return count
        }
        return try PyNumber.int(PyNumber.mul(count, factor))
    }

    /// `not has_gpu`.
    package var isCPUOnlyNode: Bool { !self[.hasGPU].isTruthy }

    /// Whether the GPU runs CUDA. A falsy `has_gpu` is returned as it is, like Python's `and` does.
    package func isCUDAGPUNode() throws(PyException) -> PyValue {
        let name = self[.gpuName].isTruthy ? try self[.gpuName].upper() : ""
        guard self[.hasGPU].isTruthy else { return self[.hasGPU] }
        return .bool(!name.contains("MPS") && !name.contains("APPLE"))
    }

    private static let gpuRankings = P2PConstants.gpuPowerRankings.map {
        (name: PyString($0.name).uppercased(), score: $0.power)
    }
}

extension PyValue {
    /// A float, or an int of machine size as one.
    fileprivate var plainDouble: Double? {
        switch self {
        case .float(let number): number
        case .int(let number): Double(number)
        default: nil
        }
    }

    /// `value.upper()`.
    ///
    /// - Throws: `AttributeError` for anything but a string.
    func upper() throws(PyException) -> PyString {
        guard case .string(let text) = self else { throw .noAttribute("upper", on: self) }
        return text.uppercased()
    }

    /// `value.lower()`.
    func lower() throws(PyException) -> PyString {
        guard case .string(let text) = self else { throw .noAttribute("lower", on: self) }
        return text.lowercased()
    }
}
