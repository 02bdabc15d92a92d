internal import CPythonEmbedABI
import Foundation

/// Work for threads that belong to Python, in order of arrival.
///
/// `@unchecked Sendable`: `jobs` is read and written with `condition` locked only.
final class JobQueue: @unchecked Sendable {
    typealias Job = @Sendable (PythonThread) -> Void

    private let condition = NSCondition()
    private var jobs: [Job] = []
    private var head = 0

    var depth: Int {
        condition.withLock { jobs.count - head }
    }

    func push(_ job: @escaping Job) {
        condition.withLock {
            jobs.append(job)
            condition.signal()
        }
    }

    /// Runs jobs on the calling thread for ever.
    func serve(_ thread: PythonThread) -> Never {
        while true { next()(thread) }
    }

    private func next() -> Job {
        condition.withLock {
            while head == jobs.count { condition.wait() }
            let job = jobs[head]
            head += 1
            if head >= 64, head * 2 >= jobs.count {  // compact rarely: a shift per job would be quadratic
                jobs.removeFirst(head)
                head = 0
            } else {
                jobs[head - 1] = { _ in }  // let go of what the job holds
            }
            return job
        }
    }
}

/// OS threads of the bridge's own: Python waits must not occupy the cooperative pool, and need a larger stack.
enum OSThread {
    private final class Start {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }

    static func start(
        name: String, stackSize: Int, _ body: @escaping @Sendable () -> Void
    ) throws(PythonStartError) {
        let context = Unmanaged.passRetained(Start(body))
        let failure = cpe_thread_start(
            name, stackSize,
            { context in
                guard let context else { return }
                Unmanaged<Start>.fromOpaque(context).takeRetainedValue().body()
            }, context.toOpaque())
        if failure != 0 {
            context.release()
            throw .threadFailed(failure)
        }
    }
}
