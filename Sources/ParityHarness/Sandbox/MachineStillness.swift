import Foundation
import Glibc

/// Tells from the kernel whether anything in this sandbox is at work: no thread may be running or waiting for a disk, and
/// none may have run between looks. This holds for a Python and a Swift side alike and needs no help from them.
///
/// Bytes on their way through the loopback count as work, too: a small answer in two pieces waits 40 ms for an
/// acknowledgement (Nagle's algorithm and a delayed one), and meanwhile every thread sleeps.
///
/// What it cannot see is a thread that sleeps in real time, waiting for a name server, say: the Python side tells that
/// itself (`busy`), and a child process counts as work while it is young.
final class MachineStillness {
    /// Real seconds in which a started program is taken to be working, even when it sleeps.
    private static let youth = 3.0
    /// How many looks in a row must be alike, and microseconds between them.
    private static let looks = 3
    private static let interval: UInt32 = 1_500
    /// Bytes that nobody has taken for so long (real time) are not on their way.
    private static let travel = Duration.milliseconds(300)

    /// Processes that live as long as the scenario: the node, helpers, whoever follows the clock.
    var residents: Set<pid_t> = [1]
    private var traffic = Traffic()
    /// Texts in a command line that show a stubbed program, which does nothing but sleep.
    var stubs: [String] = []

    /// Waits until everything is still.
    /// - Parameters:
    ///   - seconds: real seconds to wait at most.
    ///   - unless: asked between looks; true ends the wait.
    /// - Returns: false when it was not still in time or `unless` ended it.
    func wait(seconds: Double, unless: () -> Bool = { false }) -> Bool {
        let end = ContinuousClock.now + .seconds(seconds)
        var last: [UInt64: UInt64]?
        var alike = 0
        while true {
            let seen = look()
            alike = seen != nil && seen == last ? alike + 1 : 0
            last = seen
            if alike == Self.looks - 1 { return true }
            if unless() || ContinuousClock.now > end { return false }
            usleep(Self.interval)
        }
    }

    /// How often each thread has run; nil when one is at work.
    private func look() -> [UInt64: UInt64]? {
        if traffic.moves(Self.sockets()) { return nil }
        var counts: [UInt64: UInt64] = [:]
        let own = Self.ownThread
        for pid in Self.numbers(in: "/proc") {
            var first = true
            for thread in Self.numbers(in: "/proc/\(pid)/task") where thread != own {
                let place = "/proc/\(pid)/task/\(thread)"
                guard let fields = Self.fields(place + "/stat"), let state = fields.first else { return nil }
                guard "STtZXI".contains(state) else { return nil }
                if first, state != "Z", isYoungStranger(pid, fields) { return nil }
                first = false
                let ran = Self.text(place + "/schedstat")?.split(separator: " ").last.flatMap {
                    UInt64($0.trimmingCharacters(in: .whitespacesAndNewlines))
                }
                counts[UInt64(UInt32(pid)) << 32 | UInt64(UInt32(thread))] = ran ?? 0
            }
        }
        return counts
    }

    /// The lines of sockets whose queues hold something.
    private static func sockets() -> [Substring] {
        ["/proc/net/tcp", "/proc/net/tcp6"].compactMap(longText).flatMap { text in
            text.split(separator: "\n").dropFirst().filter { line in
                // sl local remote state tx_queue:rx_queue …
                let words = line.split(separator: " ", maxSplits: 5)
                return words.count > 4 && words[4] != "00000000:00000000"
            }
        }
    }

    /// Bytes on their way: those that were seen for a short time only.
    private struct Traffic {
        private var first: [String: ContinuousClock.Instant] = [:]

        mutating func moves(_ lines: [Substring]) -> Bool {
            let now = ContinuousClock.now
            // The address pair, state and queues; what follows are timers, which change by themselves.
            let keys = lines.map { $0.split(separator: " ").dropFirst().prefix(4).joined(separator: " ") }
            first = Dictionary(keys.map { ($0, first[$0] ?? now) }, uniquingKeysWith: { $1 })
            return first.values.contains { now - $0 < MachineStillness.travel }
        }
    }

    /// The thread that looks: `/proc/thread-self` is a link to `PID/task/THREAD`.
    private static var ownThread: pid_t {
        let link = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/thread-self")
        return link.flatMap { $0.split(separator: "/").last }.flatMap { pid_t($0) } ?? 0
    }

    /// A process somebody started a moment ago, and that is no stub.
    private func isYoungStranger(_ pid: pid_t, _ fields: [Substring]) -> Bool {
        if residents.contains(pid) { return false }
        // The 22nd field of `stat`, the 20th from the state on: start in ticks (1/100 s) since boot.
        guard fields.count > 19, let ticks = Double(fields[19]) else { return false }
        var now = timespec()
        clock_gettime(CLOCK_BOOTTIME, &now)
        guard Double(now.tv_sec) + Double(now.tv_nsec) / 1e9 - ticks / 100 < Self.youth else { return false }
        let line = Self.text("/proc/\(pid)/cmdline") ?? ""
        return !stubs.contains { line.contains($0) }
    }

    /// The fields of a `stat` file from the state on; the name before them may hold anything.
    private static func fields(_ path: String) -> [Substring]? {
        guard let text = text(path), let end = text.lastIndex(of: ")") else { return nil }
        return text[text.index(after: end)...].split(separator: " ")
    }

    private static func numbers(in directory: String) -> [pid_t] {
        guard let stream = opendir(directory) else { return [] }
        defer { closedir(stream) }
        var found: [pid_t] = []
        while let entry = readdir(stream) {
            let number = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { pid_t(String(cString: $0)) }
            }
            if let number { found.append(number) }
        }
        return found
    }

    private static func longText(_ path: String) -> String? {
        (FileManager.default.contents(atPath: path)).map { String(decoding: $0, as: UTF8.self) }
    }

    private static func text(_ path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = read(descriptor, &buffer, buffer.count)
        return count >= 0 ? String(decoding: buffer[..<count], as: UTF8.self) : nil
    }
}
