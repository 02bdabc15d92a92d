import PythonSemantics

/// What kind of machine a node is, by its name; contract 07 section 3.2.
package enum HostTier: String, Sendable, CaseIterable {
    case highEnd = "HIGH_END"
    case midTier = "MID_TIER"
    case lowTier = "LOW_TIER"
    case cpuOnly = "CPU_ONLY"

    private static let known: [PyString: HostTier] = [
        "lambda-h100": .highEnd, "lambda-h200": .highEnd, "gh200": .highEnd, "mac-studio": .highEnd,
        "mac-studio-ultra": .highEnd, "rtx4090": .midTier, "a6000": .midTier, "mac-pro": .midTier, "aws-g5": .midTier,
        "rtx3090": .lowTier, "m1-pro": .lowTier, "m1-max": .lowTier, "vast-rtx3090": .lowTier, "aws-c5": .cpuOnly,
        "local": .cpuOnly,
    ]

    /// - Throws: `AttributeError` for a name that is no string.
    package init(host: PyValue) throws(PyException) {
        if case .string(let text) = host, let tier = Self.known[text], tier != .lowTier {
            self = tier
            return
        }
        let name = try host.lower()
        if name.containsAny(["h100", "h200", "gh200", "studio-ultra"]) {
            self = .highEnd
        } else if name.containsAny(["4090", "a6000", "mac-pro"]) {
            self = .midTier
        } else {
            self = .lowTier
        }
    }

    /// Adjustments before the configuration's are merged over them.
    var adjustments: PyDict {
        switch self {
        case .highEnd: ["cpu_boost": 5.0, "gpu_boost": 5.0, "job_multiplier": 1.5]
        case .midTier: ["cpu_boost": 0.0, "gpu_boost": 0.0, "job_multiplier": 1.0]
        case .lowTier: ["cpu_boost": -5.0, "gpu_boost": -5.0, "job_multiplier": 0.7]
        case .cpuOnly: ["cpu_boost": 0.0, "gpu_boost": 0.0, "job_multiplier": 0.5]
        }
    }

    /// The limit of self-play jobs. The hardware table that should decide it is looked for in a database without it.
    var selfplayLimit: Int {
        switch self {
        case .highEnd: 48
        case .midTier: 16
        case .lowTier: 8
        case .cpuOnly: 12
        }
    }
}

/// The section `resource_targets` of the tree's configuration; contract 07 section 3.1. Values are as in the file.
package struct UtilizationTargets: Sendable, Equatable {
    package var cpuMinimum: PyValue = 60.0
    package var cpuTarget: PyValue = 70.0
    package var cpuMaximum: PyValue = 80.0
    package var cpuCritical: PyValue = 90.0
    package var gpuMinimum: PyValue = 60.0
    package var gpuTarget: PyValue = 75.0
    package var gpuMaximum: PyValue = 85.0
    package var gpuCritical: PyValue = 95.0
    package var memoryWarning: PyValue = 75.0
    package var memoryCritical: PyValue = 85.0
    package var jobsPerCore: PyValue = 0.5
    package var maxJobsPerNode: PyValue = 48
    /// By tier, the configuration's merged over the built-in ones.
    package var adjustments: [HostTier: PyDict]

    /// What an absent file or section gives.
    package init() {
        adjustments = Dictionary(uniqueKeysWithValues: HostTier.allCases.map { ($0, $0.adjustments) })
    }

    /// - Parameter section: nil for a file without it.
    /// - Throws: `AttributeError` for a section, or tiers of it, that are no mapping.
    package init(section: PyValue?) throws(PyException) {
        self.init()
        guard let section else { return }
        guard case .dict(let values) = section else { throw .noAttribute("get", on: section) }
        cpuMinimum = values["cpu_min"] ?? cpuMinimum
        cpuTarget = values["cpu_target"] ?? cpuTarget
        cpuMaximum = values["cpu_max"] ?? cpuMaximum
        cpuCritical = values["cpu_critical"] ?? cpuCritical
        gpuMinimum = values["gpu_min"] ?? gpuMinimum
        gpuTarget = values["gpu_target"] ?? gpuTarget
        gpuMaximum = values["gpu_max"] ?? gpuMaximum
        gpuCritical = values["gpu_critical"] ?? gpuCritical
        memoryWarning = values["memory_max"] ?? memoryWarning
        memoryCritical = values["memory_critical"] ?? memoryCritical
        jobsPerCore = values["jobs_per_core"] ?? jobsPerCore
        maxJobsPerNode = values["max_jobs_per_node"] ?? maxJobsPerNode
        for (name, tierValues) in try (values["tier_overrides"] ?? [:]).items() {
            guard let tier = HostTier(rawValue: name.uppercased().description) else { continue }
            for (key, value) in try tierValues.items() { adjustments[tier, default: [:]][key] = value }
        }
    }
}

/// The targets of one host; contract 07 section 3.3.
package struct HostTargets: Sendable, Equatable {
    package let cpuMinimum: PyValue
    package let cpuTarget: PyValue
    package let cpuMaximum: PyValue
    package let gpuMinimum: PyValue
    package let gpuTarget: PyValue
    package let gpuMaximum: PyValue
    package let maxJobs: PyValue
    package let maxSelfplay: Int

    /// - Parameter factor: what the training queue leaves of production, 0 to 1.
    package init(host: PyValue, base: UtilizationTargets, factor: Double) throws(PyException) {
        let tier = try HostTier(host: host)
        let adjustment = base.adjustments[tier] ?? tier.adjustments
        let cpuBoost = adjustment["cpu_boost"] ?? 0.0
        let gpuBoost = adjustment["gpu_boost"] ?? 0.0
        // Defaults are computed even where the configuration overrides them, so that a bad one fails all the same.
        let cpu = try PyNumber.add(base.cpuTarget, cpuBoost)
        let gpu = try PyNumber.add(base.gpuTarget, gpuBoost)
        let jobs = try PyNumber.int(PyNumber.mul(base.maxJobsPerNode, adjustment["job_multiplier"] ?? 1.0))
        let gpuLow = try PyNumber.add(base.gpuMinimum, gpuBoost)
        let gpuHigh = try PyNumber.add(base.gpuMaximum, gpuBoost)
        let scale = PyValue.float(factor)
        cpuMinimum = try PyNumber.mul(PyNumber.add(base.cpuMinimum, cpuBoost), scale)
        cpuTarget = try PyNumber.mul(adjustment["cpu_target"] ?? cpu, scale)
        cpuMaximum = try PyNumber.add(base.cpuMaximum, cpuBoost)
        gpuMinimum = try PyNumber.mul(adjustment["gpu_min"] ?? gpuLow, scale)
        gpuTarget = try PyNumber.mul(adjustment["gpu_target"] ?? gpu, scale)
        gpuMaximum = adjustment["gpu_max"] ?? gpuHigh
        maxJobs = adjustment["max_jobs_per_node"] ?? jobs
        maxSelfplay = tier.selfplayLimit
    }
}
