import Foundation

/// A worker that is started again gives way to the node that serves meanwhile: importing a real tree takes seconds of a
/// core, and native routes would wait behind it. When it is ready it is as important as the node again.
///
/// Only where the priority can be taken back, which needs CAP_SYS_NICE: a worker that stayed behind would be slower than the
/// legacy it is.
struct StartPriority: Sendable {
    static let starting: Int32 = 10

    private let pid: pid_t
    /// Where the kernel says what processes and threads there are.
    private static let folder = "/proc"

    /// - Returns: nil when the priority could not be restored later; then it is left as it is.
    init?(lowering pid: pid_t) {
        guard Self.mayRestore else { return nil }
        self.pid = pid
        set(max(Self.starting, Self.priority(of: getpid())))
    }

    /// As the node's own again. A thread that is begun meanwhile has the priority of the one that begins it, so this looks
    /// until there is none left behind.
    func restore() {
        let own = Self.priority(of: getpid())
        for _ in 0..<5 where !set(own) { usleep(1000) }
    }

    /// - Returns: whether all threads had that priority already.
    @discardableResult
    private func set(_ nice: Int32) -> Bool {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "\(Self.folder)/\(pid)/task")) ?? []
        var wasThere = true
        for thread in names.compactMap(pid_t.init) where Self.priority(of: thread) != nice {
            wasThere = false
            setpriority(__priority_which_t(PRIO_PROCESS.rawValue), id_t(thread), nice)
        }
        return wasThere
    }

    private static func priority(of thread: pid_t) -> Int32 {
        getpriority(__priority_which_t(PRIO_PROCESS.rawValue), id_t(thread))
    }

    /// Bit 23 of the effective capabilities.
    private static var mayRestore: Bool {
        guard let text = try? String(contentsOfFile: "\(folder)/self/status", encoding: .utf8),
            let line = text.split(separator: "\n").first(where: { $0.hasPrefix("CapEff:") }),
            let bits = line.split(whereSeparator: \.isWhitespace).last.flatMap({ UInt64($0, radix: 16) })
        else { return false }
        return bits & (1 << 23) != 0
    }
}
