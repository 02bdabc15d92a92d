import P2PModel
import PythonSemantics

/// The steps of `p2p.scheduling`, by the legacy's method.
package enum SchedulingStep: String, Sendable, CaseIterable {
    case localStuck = "_check_local_stuck_jobs"
    case localCleanup = "_local_resource_cleanup"
    case localJobs = "_manage_local_jobs_decentralized"
    case localGPUScale = "_local_gpu_auto_scale"
    case clusterJobs = "_manage_cluster_jobs"
    case clusterBalance = "_check_cluster_balance"
    case stuckJobs = "_check_and_kill_stuck_jobs"
    case gpuScale = "_auto_scale_gpu_utilization"
    case diskCleanup = "_cleanup_local_disk"
}

extension NodeRuntime {
    /// One step; the result is the method's.
    ///
    /// - Throws: what ends the legacy's job round.
    @discardableResult
    package func performScheduling(_ step: SchedulingStep) async throws(PyException) -> PyValue {
        switch step {
        case .localStuck: return .int(try await checkLocalStuckJobs())
        case .localCleanup: try await cleanUpLocalResources()
        case .localJobs: return .int(try await manageLocalJobs())
        case .localGPUScale: return .int(try await scaleLocalGPU())
        case .clusterJobs: try await manageClusterJobs()
        case .clusterBalance: await balanceCluster()
        case .stuckJobs: try await checkStuckJobs()
        case .gpuScale: return .int(try await scaleClusterGPUs())
        case .diskCleanup: await cleanupLocalDisk()
        }
        return .none
    }

    /// One round of the job loop, as far as it is done here; an exception ends it with the legacy's line.
    /// - Parameter schedules: with the steps of scheduling, where that is native.
    package func runJobRound(schedules: Bool = true) async {
        let schedules = schedules && modes.isNative(.p2pScheduling)
        do throws(PyException) {
            for step in [SchedulingStep.localStuck, .localCleanup, .localJobs, .localGPUScale] where schedules {
                try await performScheduling(step)
            }
            guard store.snapshot.leadership.role == .leader else { return }
            if decidesLeadership, try await resolveSplitBrain() { return }
            for step in [SchedulingStep.clusterJobs, .clusterBalance, .stuckJobs, .gpuScale] where schedules {
                try await performScheduling(step)
            }
        } catch {
            console.print("[P2P] Job management error: \(error.message)")
        }
    }
}
