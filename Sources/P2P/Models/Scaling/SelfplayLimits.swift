import PythonSemantics

/// How many self-play jobs a machine can carry, by its hardware alone; contract 07 section 4.7.
package struct SelfplayLimits: Sendable, Equatable {
    /// Jobs that use the GPU; on a machine without one, all jobs.
    package let gpuJobs: Int
    /// Jobs that fit beside them on the processors.
    package let cpuOnlyJobs: Int
    package var total: Int { gpuJobs + cpuOnlyJobs }

    package init(gpuJobs: Int, cpuOnlyJobs: Int) {
        self.gpuJobs = gpuJobs
        self.cpuOnlyJobs = cpuOnlyJobs
    }

    /// - Parameters:
    ///   - gpuName: in upper case; nil for a node without a GPU.
    ///   - memory: GB, 0 when unknown.
    package init(gpuName: PyString?, cores: Int, memory: Int) {
        let limit = Self.limit(gpuName: gpuName, cores: cores, memory: memory)
        self.init(gpuJobs: limit, cpuOnlyJobs: Self.cpuOnly(cores: cores, memory: memory, beside: limit))
    }

    /// One row: names, jobs a GPU (nil: not limited), share of the cores, whether many cores count more, jobs when the
    /// cores are unknown, and the most.
    private struct Row: Sendable {
        let names: [PyString]
        let perGPU: Int?
        let share: Double
        let growsWithCores: Bool
        let withoutCores: Int
        let most: Int
    }

    private static let rows = [
        Row(names: ["GH200"], perGPU: nil, share: 0.8, growsWithCores: false, withoutCores: 48, most: 64),
        Row(names: ["H100", "H200"], perGPU: 24, share: 0.5, growsWithCores: false, withoutCores: 32, most: 64),
        Row(names: ["A100", "L40"], perGPU: 16, share: 0.4, growsWithCores: false, withoutCores: 24, most: 64),
        Row(names: ["5090"], perGPU: 12, share: 0.3, growsWithCores: true, withoutCores: 48, most: 128),
        Row(names: ["A10", "4090", "3090"], perGPU: 10, share: 0.35, growsWithCores: true, withoutCores: 16, most: 32),
        Row(
            names: ["4080", "4060TI", "4060 TI"], perGPU: 8, share: 0.3, growsWithCores: true, withoutCores: 12,
            most: 32),
        Row(names: ["4070", "3080", "4060"], perGPU: 6, share: 0.25, growsWithCores: true, withoutCores: 10, most: 16),
        Row(
            names: ["3070", "3060", "2080", "2070", "2060"], perGPU: 4, share: 0.2, growsWithCores: true,
            withoutCores: 8, most: 10),
    ]
    private static let unknown = Row(
        names: [], perGPU: 4, share: 0.2, growsWithCores: true, withoutCores: 8, most: 16)

    /// GB of video memory by name, the first that fits; 8 for any other.
    private static let videoMemory: [(names: [PyString], size: Int)] = [
        (["GH200"], 480), (["H100", "H200"], 80), (["A100"], 80), (["L40"], 48), (["5090"], 32),
        (["4090", "3090", "A10"], 24), (["4060TI", "4060 TI"], 16), (["4080"], 16), (["4070"], 12), (["3080"], 10),
    ]

    /// `get_max_selfplay_for_node` for at most one GPU.
    package static func limit(gpuName: PyString?, cores: Int, memory: Int) -> Int {
        var limit = gpuName.map { gpu($0, cores) } ?? processors(cores, memory)
        if gpuName != nil, memory > 0 { limit = min(limit, memory / 2) }
        if memory > 0, memory < 16 { limit = min(limit, max(2, memory / 2)) }
        return max(1, limit)
    }

    private static func gpu(_ name: PyString, _ cores: Int) -> Int {
        let row = rows.first { name.containsAny($0.names) } ?? unknown
        let video = (videoMemory.first { name.containsAny($0.names) }?.size ?? 8) / 2
        var most = row.most
        if row.names.contains("3070"), cores >= 64 { most = 12 }
        let byCores =
            cores > 0 ? Int(Double(cores) * row.share * (row.growsWithCores ? growth(cores) : 1)) : row.withoutCores
        return min(row.perGPU ?? .max, byCores, video, most)
    }

    private static func growth(_ cores: Int) -> Double {
        switch cores {
        case 256...: 2.0
        case 128...: 1.5
        case 64...: 1.25
        default: 1.0
        }
    }

    private static func processors(_ cores: Int, _ memory: Int) -> Int {
        guard cores > 0 else { return 8 }
        let share = cores < 64 ? 0.3 : cores < 128 ? 0.4 : 0.5
        let most = cores < 64 ? 32 : cores < 256 ? 64 : 128
        return min(Int(Double(cores) * share), memory > 0 ? memory / 2 : 64, most)
    }

    /// `get_max_cpu_only_selfplay`.
    package static func cpuOnly(cores: Int, memory: Int, beside gpuJobs: Int) -> Int {
        guard cores > 0 else { return 0 }
        let free = max(0, cores - Int(Double(gpuJobs) * 1.5))
        let (share, most) =
            switch free {
            case ..<32: (0.3, 8)
            case ..<128: (0.4, 32)
            case ..<256: (0.5, 64)
            default: (0.6, 128)
            }
        let byMemory = memory > 0 ? Int(Double(max(0, memory - gpuJobs * 2)) / 1.5) : most
        return min(Int(Double(free) * share), byMemory, most)
    }
}
