import Foundation
import Glibc

/// Whether a process waits for events and does nothing else.
///
/// Python runs a signal's handler between two instructions of whatever its first thread does: told to end within a task,
/// the legacy leaves that task and prints what became of all others; told while its loop waits it just ends. Which of the
/// two is chance, so the harness asks for the end while the loop waits.
struct ProcessRest {
    let pid: pid_t

    #if arch(x86_64)
        /// epoll_wait, epoll_pwait, epoll_pwait2.
        private static let waits: Set<Substring> = ["232", "281", "441"]
    #else
        private static let waits: Set<Substring> = ["22", "441"]
    #endif
    /// How many looks in a row must show it, and microseconds between them.
    private static let looks = 5
    private static let interval: UInt32 = 2_000

    /// Waits until it rests; a program whose first thread never waits for events is not waited for longer than this.
    func wait(seconds: Double) {
        let end = ContinuousClock.now + .seconds(seconds)
        var alike = 0
        while alike < Self.looks, ContinuousClock.now < end {
            guard let rests = rests() else { return }
            alike = rests ? alike + 1 : 0
            usleep(Self.interval)
        }
    }

    /// nil: the kernel does not say.
    private func rests() -> Bool? {
        guard let call = try? String(contentsOfFile: "/proc/\(pid)/syscall", encoding: .utf8) else { return nil }
        return call.split(separator: " ").first.map { Self.waits.contains($0) } ?? false
    }
}
