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
        private static let futex: Substring = "202"
    #else
        private static let waits: Set<Substring> = ["22", "441"]
        private static let futex: Substring = "98"
    #endif
    /// How many looks in a row must show it, and microseconds between them.
    private static let looks = 5
    private static let interval: UInt32 = 2_000
    /// How many looks in a row show a first thread that is parked for good: in Python it would wait for the interpreter's
    /// lock, which comes round every 5 ms. Without this the end of a program that has its loop in another thread came a
    /// second later than the end of the legacy it is compared with.
    private static let parked = 25

    /// Waits until it rests; a program whose first thread does neither is not waited for longer than this.
    func wait(seconds: Double) {
        let end = ContinuousClock.now + .seconds(seconds)
        var (waiting, locked) = (0, 0)
        while waiting < Self.looks, locked < Self.parked, ContinuousClock.now < end {
            guard let call = call() else { return }
            waiting = Self.waits.contains(call) ? waiting + 1 : 0
            locked = call == Self.futex ? locked + 1 : 0
            usleep(Self.interval)
        }
    }

    /// The number of the call in which the first thread is, or `running`; nil: the kernel does not say.
    private func call() -> Substring? {
        guard let text = try? String(contentsOfFile: "/proc/\(pid)/syscall", encoding: .utf8) else { return nil }
        return text.split(whereSeparator: \.isWhitespace).first
    }
}
