import Comparison
import Dispatch
import Foundation
import Glibc

/// Plays scenarios in sandboxes, several at once, and gathers what was observed.
///
/// A scenario sleeps most of its time, so that more sandboxes than cores are fine; a node that starts needs a core for
/// seconds, so that only as many start at once as there are cores. The longest are begun first.
struct ParityRunner: Sendable {
    /// One sandbox to fill.
    struct Task: Sendable {
        var scenario: Scenario
        /// `candidate`, `legacy` or another word for who is played.
        var side: String
        var sandbox: Sandbox
        /// Seconds it is expected to take.
        var cost: Double

        /// For progress: `01-empty-node legacy`.
        var label: String { "\(scenario.name) \(side)" }
    }

    let jobs: Int
    /// Sandboxes whose node may be starting at one time.
    var starts = max(1, ProcessInfo.processInfo.activeProcessorCount)

    /// What `--jobs` is by default: two a core, as far as memory goes (a legacy node needs 350 MB).
    static var defaultJobs: Int {
        let cores = max(2, ProcessInfo.processInfo.activeProcessorCount)
        let text = (try? String(contentsOfFile: "/proc/meminfo", encoding: .utf8)) ?? ""
        let line = text.split(separator: "\n").first { $0.hasPrefix("MemAvailable:") }
        let kilobytes = line?.split(separator: " ").dropFirst().first.flatMap { Int($0) }
        return max(1, min(2 * cores, (kilobytes ?? .max) / 500_000))
    }

    /// The order of play: longest first, and what is equally long in the order it was given.
    static func order(_ tasks: [Task]) -> [Int] {
        tasks.indices.sorted { (tasks[$1].cost, $0) < (tasks[$0].cost, $1) }
    }

    /// - Returns: an observation or the reason why there is none, in the order of the tasks.
    /// - Throws: ``Interruption/Caught``, when every sandbox is gone.
    func play(_ tasks: [Task]) async throws -> [Result<RunObservation, ParityError>] {
        let board = ProgressBoard(total: tasks.count)
        let tokens = DispatchSemaphore(value: starts)
        var results = [Result<RunObservation, ParityError>?](repeating: nil, count: tasks.count)
        await withTaskGroup(of: (Int, Result<RunObservation, ParityError>).self) { group in
            var waiting = Self.order(tasks)[...]
            func start() {
                guard Interruption.caught == nil, let index = waiting.popFirst() else { return }
                group.addTask { (index, await Self.blocking(tasks[index], tokens, board)) }
            }
            for _ in 0..<jobs { start() }
            for await (index, result) in group {
                results[index] = result
                start()
            }
        }
        board.clear()
        try Interruption.check()
        return results.map { $0 ?? .failure(ParityError("not played")) }
    }

    /// A sandbox blocks its thread for a minute: not one of the cooperative pool's.
    private static func blocking(
        _ task: Task, _ tokens: DispatchSemaphore, _ board: ProgressBoard
    ) async -> Result<RunObservation, ParityError> {
        await withCheckedContinuation { continuation in
            let thread = Thread {
                tokens.wait()
                var holdsToken = true
                func release() {
                    if holdsToken { tokens.signal() }
                    holdsToken = false
                }
                board.show(task.label, "starting")
                let result: Result<RunObservation, ParityError>
                do {
                    let run = try task.sandbox.play(task.scenario) { line in
                        if line == "up" { release() }
                        board.show(task.label, line)
                    }
                    result = .success(run)
                } catch {
                    result = .failure(ParityError("the \(task.side): \(error)"))
                }
                release()
                board.finish(task.label)
                continuation.resume(returning: result)
            }
            thread.stackSize = 8 << 20
            thread.start()
        }
    }
}

/// Progress on stderr: one line that is rewritten on a terminal, a line per finished sandbox elsewhere.
/// `@unchecked Sendable`: everything mutable is guarded by `lock`.
final class ProgressBoard: @unchecked Sendable {
    private let lock = NSLock()
    private let terminal = isatty(2) == 1
    private let total: Int
    private var done = 0
    private var current: [String: String] = [:]

    init(total: Int) {
        self.total = total
    }

    func show(_ label: String, _ text: String) {
        lock.withLock {
            current[label] = text
            draw()
        }
    }

    func finish(_ label: String) {
        lock.withLock {
            current[label] = nil
            done += 1
            if !terminal { write("[\(done)/\(total)] \(label)\n") }
            draw()
        }
    }

    func clear() {
        lock.withLock { if terminal { write("\r\u{1B}[K") } }
    }

    private func draw() {
        guard terminal else { return }
        let running = current.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
        write("\r\u{1B}[K" + "[\(done)/\(total)] \(running)".prefix(79))
    }

    private func write(_ text: some StringProtocol) {
        _ = PlainFile.write(Array(text.utf8), to: 2)
    }
}
