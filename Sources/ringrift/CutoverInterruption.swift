import Cutover
import Foundation
import UnixSignals

/// Ctrl-C, SIGTERM and a terminal that goes away end the work in an orderly way instead of the process.
enum CutoverInterruption {
    /// Runs the work; a signal cancels it, and it decides how it ends.
    static func ending<T: Sendable>(_ work: @escaping @Sendable () async throws -> T) async throws -> T {
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm, .sighup)
        return try await withThrowingTaskGroup(of: T?.self) { group in
            group.addTask { try await work() }
            group.addTask {
                for await _ in signals { break }
                return nil
            }
            while let result = try await group.next() {
                if let result {
                    group.cancelAll()
                    return result
                }
                // The signal: what is under way is put back first.
                group.cancelAll()
            }
            throw Drill.Failure.interrupted
        }
    }
}
