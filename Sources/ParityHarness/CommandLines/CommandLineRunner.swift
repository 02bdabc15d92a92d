import Foundation

/// Plays cases in sandboxes, several at once.
struct CommandLineRunner: Sendable {
    struct Task: Sendable {
        /// For progress: `loop-help legacy`.
        var label: String
        var play: CommandLineCase
        var sandbox: CommandLineSandbox
        var side: CommandLineSandbox.Side
    }

    let jobs: Int

    /// - Returns: a recording or the reason why there is none, in the order of the tasks.
    func play(_ tasks: [Task]) async -> [Result<CommandLineRecording, ParityError>] {
        let board = ProgressBoard(total: tasks.count)
        var results = [Result<CommandLineRecording, ParityError>?](repeating: nil, count: tasks.count)
        await withTaskGroup(of: (Int, Result<CommandLineRecording, ParityError>).self) { group in
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

    /// A sandbox blocks its thread for up to a minute and a half: not one of the cooperative pool's.
    private static func blocking(
        _ task: Task, _ board: ProgressBoard
    ) async -> Result<CommandLineRecording, ParityError> {
        await withCheckedContinuation { continuation in
            let thread = Thread {
                board.show(task.label, "starting")
                let result = Result { () throws -> CommandLineRecording in
                    try task.sandbox.play(task.play, task.side) { board.show(task.label, $0) }
                }
                board.finish(task.label)
                continuation.resume(
                    returning: result.mapError { $0 as? ParityError ?? ParityError("\($0)") })
            }
            thread.stackSize = 8 << 20
            thread.start()
        }
    }
}
