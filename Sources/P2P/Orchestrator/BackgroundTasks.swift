import ServiceLifecycle

/// Work that a handler or a step starts and does not wait for (an election, an alert), as children of one service, so
/// that none outlives the node.
package struct BackgroundTasks: Service {
    package typealias Job = @Sendable () async -> Void

    private let jobs: AsyncStream<Job>
    private let continuation: AsyncStream<Job>.Continuation
    private let refusal: (@Sendable () -> Void)?

    /// - Parameter refusal: called instead of starting anything; nil: jobs are started.
    package init(refusal: (@Sendable () -> Void)? = nil) {
        (jobs, continuation) = AsyncStream.makeStream()
        self.refusal = refusal
    }

    package func start(_ job: @escaping Job) {
        if let refusal { return refusal() }
        continuation.yield(job)
    }

    package func run() async throws {
        await withDiscardingTaskGroup { group in
            for await job in jobs.cancelOnGracefulShutdown() {
                group.addTask { await job() }
            }
            group.cancelAll()
        }
    }
}
