import HTTPService
import P2PModel
import P2PServices
import PythonSemantics

/// How many workers there should be (contract 06 sections 3.18 and 3.19); every answer has status 200.
extension NodeRuntime {
    /// GET /autoscale/metrics.
    func autoscaleMetrics() async throws -> ServiceResponse {
        do throws(PyException) {
            return try .json(.dict(try await autoscale().metrics))
        } catch {
            return try .json(.dict(["error": .string(PyString(error.message))]))
        }
    }

    /// GET /autoscale/recommendations.
    func autoscaleRecommendations() async throws -> ServiceResponse {
        do throws(PyException) {
            return try .json(.list(try await autoscale().table))
        } catch {
            return try .json(.list([.dict(["error": .string(PyString(error.message))])]))
        }
    }

    private func autoscale() async throws(PyException) -> Autoscale {
        let thresholds = try Autoscale.Thresholds(environment: configuration.environment)
        let state = store.snapshot
        let now = effects.clock.now()
        let (throughputs, newest, efficiency) = await reading.run { [reports] in
            (
                reports.analytics(now: now).configurations.map(\.value.throughput), reports.games.newestSelfplay,
                reports.efficiency(now: now).summary?.eloPerGPUHour ?? 0
            )
        }
        return Autoscale(
            Autoscale.Inputs(
                peers: state.peers, selfInfo: state.selfInfo, jobs: state.jobs, throughputs: throughputs,
                newestData: newest, efficiency: efficiency, now: now),
            thresholds)
    }
}
