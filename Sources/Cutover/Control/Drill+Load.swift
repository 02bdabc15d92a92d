import Foundation
import Synchronization

extension Drill {
    /// The requests of a drill, from many tasks.
    final class Samples: Sendable {
        private struct State {
            var next = 0
            var samples: [DrillResult.Sample] = []
            var isStopped = false
        }

        private let state = Mutex(State())

        /// The next request's number; nil: there shall be no more.
        func begin() -> Int? {
            state.withLock { state in
                guard !state.isStopped, state.next < DrillMark.maximumNumber else { return nil }
                state.next += 1
                return state.next - 1
            }
        }

        func add(_ sample: DrillResult.Sample) { state.withLock { $0.samples.append(sample) } }
        func stop() { state.withLock { $0.isStopped = true } }
        var all: [DrillResult.Sample] { state.withLock { $0.samples } }
    }

    /// One connection's share: a request every so often, or as soon as the one before has its answer.
    func load(_ paths: [String], _ samples: Samples, _ connection: Int) async {
        let interval = Duration.seconds(Double(settings.connections) / settings.rate)
        var next = ContinuousClock.now + interval * (Double(connection) / Double(settings.connections))
        while !Task.isCancelled {
            guard (try? await Task.sleep(until: next, clock: .continuous)) != nil, let number = samples.begin() else {
                return
            }
            samples.add(await ask(paths[number % paths.count], number))
            next = max(next + interval, .now)
        }
    }

    func ask(_ path: String, _ number: Int) async -> DrillResult.Sample {
        let sent = now
        do {
            let reply = try await client.get(path, DrillMark(run: run, number: number), seconds: settings.timeout)
            return DrillResult.Sample(
                number: number, path: path, sent: sent, done: now, status: reply.status, side: reply.side,
                accepted: reply.accepted)
        } catch {
            return DrillResult.Sample(
                number: number, path: path, sent: sent, done: now, status: 0, side: nil, accepted: nil,
                problem: NodeClient.reason(error))
        }
    }
}
