import Effects
import P2PModel
import PythonSemantics
import Synchronization

/// The check before any job (contract 07 section 5). Of the legacy's five tests the limits, the circuit breakers and the
/// spawn rates never say no in this process; the emergency halt and the machine's state do.
package final class Safeguards: Sendable {
    /// Machine figures the check looks at.
    package struct Machine: Sendable, Equatable {
        /// 0 to 100, one decimal.
        package var diskPercent: Double
        package var memoryPercent: Double
        package var cpuPercent: Double
        package var load: Double
        package var processors: Int

        package init(
            diskPercent: Double, memoryPercent: Double, cpuPercent: Double, load: Double, processors: Int
        ) {
            self.diskPercent = diskPercent
            self.memoryPercent = memoryPercent
            self.cpuPercent = cpuPercent
            self.load = load
            self.processors = processors
        }

        /// What forbids a start; nil: nothing.
        package var critical: String? {
            func text(_ number: Double) -> String { PyNumber.fixed(number, 1) }
            if diskPercent >= 70 { return "Disk critical: \(text(diskPercent))%" }
            if memoryPercent >= 80 { return "Memory critical: \(text(memoryPercent))%" }
            if cpuPercent >= 80 { return "CPU critical: \(text(cpuPercent))%" }
            let ratio = load / Double(processors)
            return ratio >= 1.5 ? "Load critical: \(text(load)) (\(text(ratio))x)" : nil
        }

        /// Whether a start is to wait for a second.
        package var isStrained: Bool { diskPercent >= 65 || memoryPercent >= 70 }
    }

    private struct State {
        var machine: Machine?
        var takenAt = 0.0
        /// The two latest readings of the processor times, newest last.
        var readings: [ProcessorTimes] = []
    }

    /// While it is there no node starts anything.
    package static let haltFile = "/tmp/ringrift_coordination/EMERGENCY_HALT"
    private static let validSeconds = 5.0

    private let effects: Effects
    private let state = Mutex(State())

    package init(effects: Effects) { self.effects = effects }

    package var isEmergencyActive: Bool { effects.files.exists(Self.haltFile) }

    /// Why nothing may be started; nil: it may.
    package func blockReason() -> String? { isEmergencyActive ? "Emergency halt active" : machine()?.critical }

    /// Seconds to wait before a start.
    package func delay() -> Double { machine()?.isStrained == true ? 1 : 0 }

    /// Reads the processor times, once a second: the share of busy time is that since the last reading. (The legacy
    /// stands still for a tenth of a second instead.)
    package func observe() {
        guard let times = ProcessorTimes(effects.probes.procFile("stat")) else { return }
        state.withLock { state in
            state.readings.append(times)
            if state.readings.count > 2 { state.readings.removeFirst() }
        }
    }

    /// The machine now, at most five seconds old; nil when it cannot be looked at, which forbids nothing.
    private func machine() -> Machine? {
        let now = effects.clock.now()
        let known = state.withLock { state -> Machine? in
            now - state.takenAt < Self.validSeconds ? state.machine : nil
        }
        if let known { return known }
        guard let machine = look() else { return nil }
        state.withLock { state in
            state.machine = machine
            state.takenAt = now
        }
        return machine
    }

    private func look() -> Machine? {
        let probes = effects.probes
        guard let disk = probes.fileSystem(at: "/"), let meminfo = probes.procFile("meminfo"),
            let load = probes.procFile("loadavg")?.split(separator: " ").first.flatMap({ Double($0) })
        else { return nil }
        let before = state.withLock { $0.readings.last }
        let now = ProcessorTimes(probes.procFile("stat"))
        let processors = probes.processorCount()
        return Machine(
            diskPercent: Self.diskPercent(disk), memoryPercent: Self.memoryPercent(meminfo),
            cpuPercent: now.flatMap { now in before.map { now.busyPercent(since: $0) } } ?? 0, load: load,
            processors: processors == 0 ? 1 : processors)
    }

    /// Used of what users can use.
    static func diskPercent(_ disk: FileSystemUsage) -> Double {
        let used = Double(disk.blocks) - Double(disk.free)
        let usable = used + Double(disk.available)
        return usable > 0 ? PyNumber.rounded(used / usable * 100, 1) : 0
    }

    static func memoryPercent(_ meminfo: String) -> Double {
        let values = ResourceUsage.parseMeminfo(meminfo)
        guard let total = values["MemTotal"], total > 0 else { return 0 }
        let free = values["MemFree"] ?? 0
        let available = values["MemAvailable"] ?? free
        let used = total - (available > total ? free : available)
        return PyNumber.rounded(Double(used) / Double(total) * 100, 1)
    }
}

/// The first line of `/proc/stat`, in ticks.
struct ProcessorTimes: Sendable, Equatable {
    /// user, nice, system, idle, iowait, irq, softirq, steal, guest, guest_nice
    private let fields: [Double]

    init?(_ stat: String?) {
        guard let line = stat?.split(separator: "\n").first(where: { $0.hasPrefix("cpu ") }) else { return nil }
        fields = line.split(separator: " ").dropFirst().prefix(10).compactMap { Double($0) }
        if fields.count < 5 { return nil }
    }

    /// 0 to 100 with one decimal; guests are in user and nice already.
    func busyPercent(since before: ProcessorTimes) -> Double {
        let deltas = zip(fields, before.fields).map { max(0, $0 - $1) }
        let total = deltas.reduce(0, +) - deltas.dropFirst(8).reduce(0, +)
        let busy = total - deltas.dropFirst(3).prefix(2).reduce(0, +)
        return total > 0 ? PyNumber.rounded(busy / total * 100, 1) : 0
    }
}
