import Comparison
import Dispatch
import Foundation
import Glibc

/// Plays scenarios in sandboxes, several at once, and gathers what was observed.
struct ParityRunner: Sendable {
    /// One sandbox to fill.
    struct Task: Sendable {
        /// For progress: `01-empty-node legacy`.
        var label: String
        var scenario: Scenario
        var sandbox: Sandbox
    }

    let jobs: Int

    /// - Returns: an observation or the reason why there is none, in the order of the tasks.
    func play(_ tasks: [Task]) async -> [Result<RunObservation, ParityError>] {
        let board = ProgressBoard(total: tasks.count)
        var results = [Result<RunObservation, ParityError>?](repeating: nil, count: tasks.count)
        await withTaskGroup(of: (Int, Result<RunObservation, ParityError>).self) { group in
            var next = 0
            func start() {
                guard next < tasks.count else { return }
                let index = next
                next += 1
                group.addTask { (index, await Self.blocking(tasks[index], board)) }
            }
            for _ in 0..<jobs { start() }
            for await (index, result) in group {
                results[index] = result
                start()
            }
        }
        board.clear()
        return results.map { $0 ?? .failure(ParityError("not played")) }
    }

    /// A sandbox blocks its thread for a minute: not one of the cooperative pool's.
    private static func blocking(_ task: Task, _ board: ProgressBoard) async -> Result<RunObservation, ParityError> {
        await withCheckedContinuation { continuation in
            let thread = Thread {
                board.show(task.label, "starting")
                let result: Result<RunObservation, ParityError>
                do {
                    result = .success(try task.sandbox.play(task.scenario) { board.show(task.label, $0) })
                } catch let error as ParityError {
                    result = .failure(error)
                } catch {
                    result = .failure(ParityError("\(error)"))
                }
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
        FileHandle.standardError.write(Data(text.utf8))
    }
}
