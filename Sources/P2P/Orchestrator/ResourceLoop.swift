import P2PModel
import P2PServices
import PythonSemantics
import ServiceLifecycle

/// Samples the machine once a second and drops tracked jobs whose process is gone.
package struct ResourceLoop: Service {
    private let runtime: NodeRuntime

    package init(runtime: NodeRuntime) { self.runtime = runtime }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                await Self.sample(runtime)
                do { try await runtime.effects.clock.sleep(seconds: 1) } catch { return }
            }
        }
    }

    /// One round; also run once before the node answers, so that the first answer has figures.
    /// - Parameter readsCluster: others may have written to the shared database.
    package static func sample(_ runtime: NodeRuntime, readsCluster: Bool = false) async {
        runtime.scheduling.safeguards.observe()
        let state = runtime.store.snapshot
        let finished = await runtime.resources.refresh(
            jobs: Array(state.jobs), selfInfo: state.selfInfo, readsCluster: readsCluster)
        guard !finished.isEmpty else { return }
        if runtime.modes.isNative(.p2pScheduling) || !runtime.legacy.isServed {
            runtime.forgetFinishedJobs()
            return
        }
        // Legacy code that ends a process says so in the job's status, which may be under way still.
        runtime.background.start { if await runtime.legacy.settle() { runtime.forgetFinishedJobs() } }
    }
}

extension NodeRuntime {
    /// Drops tracked jobs that should run and whose process is gone.
    /// - Returns: the processes of the others.
    @discardableResult
    func forgetFinishedJobs() -> (selfplay: Set<Int32>, training: Set<Int32>) {
        let tracked = JobCount.tracked(Array(store.snapshot.jobs), isAlive: effects.processes.isRunning(pid:))
        if !tracked.finished.isEmpty {
            store.update { state in
                // One that was stopped this moment stays.
                for key in tracked.finished.map({ PyKey(text: $0) })
                where state.jobs[key]?.status.pyEquals("running") ?? false {
                    state.jobs.remove(key)
                }
            }
        }
        return (tracked.selfplay, tracked.training)
    }
}
