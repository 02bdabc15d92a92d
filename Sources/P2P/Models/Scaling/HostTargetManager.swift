import PythonSemantics

/// The targets of all hosts, computed when first asked for and dropped every five minutes, when the training queue is
/// looked at again; contract 07 section 3.4.
package struct HostTargetManager: Sendable {
    private let configured: Result<UtilizationTargets, PyException>
    /// What the training queue left of production at the last look.
    package private(set) var factor = 1.0
    private var hosts: [PyKey: HostTargets] = [:]
    /// Unix seconds.
    private var lastLook = 0.0

    /// - Parameter configured: a failure fails every question but ``record(now:queueFactor:)``.
    package init(_ configured: Result<UtilizationTargets, PyException> = .success(UtilizationTargets())) {
        self.configured = configured
    }

    /// A change of the number of jobs, and why.
    package struct Advice: Sendable, Equatable {
        package let change: Int
        package let reason: String
    }

    package mutating func targets(_ host: PyValue) throws(PyException) -> HostTargets {
        let key = try PyKey(host)
        if let known = hosts[key] { return known }
        let made = try HostTargets(host: host, base: configured.get(), factor: factor)
        hosts[key] = made
        return made
    }

    /// Notes that a host was looked at.
    /// - Parameter queueFactor: what the training queue leaves of production now.
    /// - Returns: whether rows of the shared history have to be thrown away, which happens every five minutes.
    package mutating func record(now: Double, queueFactor: Double) -> Bool {
        guard case .success = configured, now - lastLook > 300 else { return false }
        factor = queueFactor
        hosts = [:]
        lastLook = now
        return true
    }

    /// `get_target_job_count`.
    package mutating func jobCount(
        _ host: PyValue, cores: Int, cpu: Double, gpu: Double
    ) throws(PyException) -> Int {
        let targets = try targets(host)
        let base = try configured.get()
        let start = try PyNumber.int(PyNumber.mul(.int(cores), base.jobsPerCore))
        let (target, used, share) = gpu > 0 ? (targets.gpuTarget, gpu, 15) : (targets.cpuTarget, cpu, 10)
        let gap = try PyNumber.int(PyNumber.div(PyNumber.sub(target, .float(used)), .int(share)))
        let wanted = try PyNumber.max(1, PyNumber.min(PyNumber.add(start, gap), targets.maxJobs))
        return max(1, try PyNumber.clampedInt(PyNumber.mul(wanted, .float(factor))))
    }

    /// `should_scale_up`; nil: not.
    package mutating func scaleUp(
        _ host: PyValue, cpu: Double, gpu: Double, jobs: Int
    ) throws(PyException) -> String? {
        let targets = try targets(host)
        func underused(_ name: String, _ used: Double, _ low: PyValue, _ target: PyValue) throws(PyException) -> String
        {
            let gap = try PyNumber.sub(target, .float(used))
            return "\(name) underutilized: \(PyNumber.fixed(used, 1))% < \(try PyNumber.format(low, ".1f"))% "
                + "(gap: \(try PyNumber.format(gap, ".1f"))%)"
        }
        if gpu > 0, try PyNumber.isLess(.float(gpu), targets.gpuMinimum) {
            return try underused("GPU", gpu, targets.gpuMinimum, targets.gpuTarget)
        }
        if try PyNumber.isLess(.float(cpu), targets.cpuMinimum) {
            return try underused("CPU", cpu, targets.cpuMinimum, targets.cpuTarget)
        }
        let room = try PyNumber.mul(targets.maxJobs, 0.8)
        if try PyNumber.isLess(.int(jobs), room) {
            return "Job headroom available: \(jobs) < \(try PyNumber.int(room).pyStr)"
        }
        return nil
    }

    /// `should_scale_down`; nil: not.
    package mutating func scaleDown(
        _ host: PyValue, cpu: Double, gpu: Double, memory: Double
    ) throws(PyException) -> Advice? {
        let targets = try targets(host)
        let base = try configured.get()
        func over(
            _ text: String, _ change: Int, _ used: Double, _ sign: String, _ limit: PyValue
        ) throws(PyException) -> Advice {
            Advice(
                change: change,
                reason: "\(text): \(PyNumber.fixed(used, 1))% \(sign) \(try PyNumber.format(limit, ".1f"))%")
        }
        func isAtLeast(_ used: Double, _ limit: PyValue) throws(PyException) -> Bool {
            try PyNumber.isGreaterOrEqual(.float(used), limit)
        }
        func tenths(_ used: Double, above target: PyValue) throws(PyException) -> Int {
            max(1, try PyNumber.clampedInt(PyNumber.div(PyNumber.sub(.float(used), target), 10)))
        }
        if try isAtLeast(memory, base.memoryCritical) {
            return try over("CRITICAL memory", 10, memory, ">=", base.memoryCritical)
        }
        if try isAtLeast(gpu, base.gpuCritical) { return try over("CRITICAL GPU", 6, gpu, ">=", base.gpuCritical) }
        if try isAtLeast(cpu, base.cpuCritical) { return try over("CRITICAL CPU", 4, cpu, ">=", base.cpuCritical) }
        if try isAtLeast(memory, base.memoryWarning) {
            return try over("High memory", 3, memory, ">=", base.memoryWarning)
        }
        if try PyNumber.isGreater(.float(gpu), targets.gpuMaximum) {
            return try over("GPU overloaded", tenths(gpu, above: targets.gpuTarget), gpu, ">", targets.gpuMaximum)
        }
        if try PyNumber.isGreater(.float(cpu), targets.cpuMaximum) {
            return try over("CPU overloaded", tenths(cpu, above: targets.cpuTarget), cpu, ">", targets.cpuMaximum)
        }
        return nil
    }
}
