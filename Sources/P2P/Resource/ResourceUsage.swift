import Effects
import PythonSemantics

/// One sample of the machine; contract 06 section 4.2. Percentages are 0 to 100.
package struct ResourceUsage: Sendable, Equatable {
    package var cpuPercent = 0.0
    package var memoryPercent = 0.0
    package var diskPercent = 0.0
    package var gpuPercent = 0.0
    package var gpuMemoryPercent = 0.0

    package init() {}

    /// Reads load average, memory and the file system of `path`. The GPU figures come from `gpuQuery`, the output of
    /// `nvidia-smi --query-gpu=utilization.gpu,memory.used,memory.total --format=csv,noheader,nounits`, or nil.
    package static func sample(_ probes: any HostProbes, path: String, gpuQuery: String?) -> ResourceUsage {
        var usage = ResourceUsage()
        usage.cpuPercent = cpuPercent(loadAverage: probes.procFile("loadavg"), processors: probes.processorCount())
        usage.memoryPercent = memoryPercent(meminfo: probes.procFile("meminfo"))
        if let disk = probes.fileSystem(at: path), disk.blocks > 0 {
            usage.diskPercent = 100.0 * (Double(disk.blocks) - Double(disk.free)) / Double(disk.blocks)
        }
        if let gpuQuery { (usage.gpuPercent, usage.gpuMemoryPercent) = gpuPercents(gpuQuery) }
        return usage
    }

    /// `min(100, load1 · 100 / processors)`: a load average, not CPU time.
    static func cpuPercent(loadAverage: String?, processors: Int) -> Double {
        guard let first = loadAverage?.split(separator: " ").first, let load = Double(first) else { return 0 }
        return min(100.0, load * 100.0 / Double(max(1, processors)))
    }

    /// `100 · (1 − MemAvailable / MemTotal)`, with MemFree where the kernel has no MemAvailable.
    static func memoryPercent(meminfo: String?) -> Double {
        guard let meminfo else { return 0 }
        let values = parseMeminfo(meminfo)
        guard let total = values["MemTotal"], total > 0 else { return 0 }
        let available = values["MemAvailable"] ?? values["MemFree"] ?? 0
        return 100.0 * (1.0 - Double(available) / Double(total))
    }

    /// kB by name.
    static func parseMeminfo(_ text: String) -> [String: Int] {
        var values: [String: Int] = [:]
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2, let number = parts[1].split(separator: " ").first.flatMap({ Int($0) }) else {
                continue
            }
            values[String(parts[0])] = number
        }
        return values
    }

    /// The highest utilisation and the highest memory share over all GPUs; lines that do not parse are skipped.
    static func gpuPercents(_ text: String) -> (Double, Double) {
        var utilisation = 0.0
        var memory = 0.0
        for line in text.split(separator: "\n") {
            let fields = line.split(separator: ",").map { $0.filter { $0 != " " } }
            guard fields.count >= 3, let busy = Double(fields[0]), let used = Double(fields[1]),
                let total = Double(fields[2])
            else { continue }
            utilisation = max(utilisation, busy)
            if total > 0 { memory = max(memory, 100.0 * used / total) }
        }
        return (utilisation, memory)
    }
}
