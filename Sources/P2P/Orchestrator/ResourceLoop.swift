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
        runtime.store.update { state in
            for id in finished { state.jobs.remove(PyKey(text: id)) }
        }
    }
}
