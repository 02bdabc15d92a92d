import Foundation
import HTTPService
import P2PModel
import P2PServices
import PythonSemantics

extension NodeRuntime {
    /// GET /health; contract 06 section 3.12.
    func health() async throws -> ServiceResponse {
        await resampleIfDue()
        let sample = resources.latest
        let utilization = sample.cluster.healthValue(targets: resources.targets)
        let start = startTime
        let reply = try await turn(refreshingSelf: true) { turn throws(PyException) in
            HealthBody.reply(
                turn, uptime: turn.now - start, timestamp: PyString(UTCTimestamp.text(turn.now)),
                clusterUtilization: utilization)
        }
        return try .json(reply)
    }

    /// GET /status; contract 03 section 3.2. A record that cannot be shown makes it a plain 500, as in the legacy.
    func status() async throws -> ServiceResponse {
        var body = StatusBody()
        let state = store.snapshot
        body.jobs = state.jobs
        let now = effects.clock.now()
        let thresholds = improvementThresholds
        body.improvementCycleManager = improvement.withLock { cycles in
            cycles?.status(thresholds: thresholds, now: now) ?? .none
        }
        body.diversityMetrics = try DiversityMetrics.shown(
            state.carried["diversity_metrics"]?.asDict ?? state.diversity.attribute, now: now)
        SubsystemCounters().fill(&body)
        let gossip = CarriedValue.plain(state.carried["_gossip_peer_states"] ?? [:]).asDict ?? [:]
        body.distributedTraining = DistributedTraining.summary(jobs: state.jobs, nodeID: configuration.nodeID)
        if let views = await legacy.views() {
            do throws(PyException) { try LegacyStatus.fill(&body, views) } catch {
                // As in the legacy, where such an exception leaves the handler after its look at the machine.
                try await turn(refreshingSelf: true) { turn throws(PyException) in }
                throw error
            }
        }
        let parts = body
        let bytes = try await turn(refreshingSelf: true) { turn throws(PyException) in
            let leader = try turn.leaderPeer()?.nodeID ?? .none
            var body = parts
            do throws(PyException) {
                let consensus = try turn.leaderConsensus(gossip: gossip)
                turn.alertOnLowConsensus(consensus)
                body.leaderConsensus = .dict(consensus)
            } catch {
                body.leaderConsensus = .dict(["error": .string(PyString(error.message))])
            }
            var bytes: [UInt8] = []
            try body.appendJSON(turn, effectiveLeader: leader, to: &bytes)
            return bytes
        }
        return .json(bytes: bytes)
    }
}

/// `datetime.utcnow().isoformat()`.
package enum UTCTimestamp {
    /// - Parameter seconds: unix seconds; microseconds are shown unless they are zero, as Python does.
    package static func text(_ seconds: Double) -> String {
        let microseconds = (seconds * 1e6).rounded(.toNearestOrEven)
        var time = time_t((microseconds / 1e6).rounded(.down))
        let fraction = Int(microseconds - Double(time) * 1e6)
        var parts = tm()
        gmtime_r(&time, &parts)
        func digits(_ value: Int, _ count: Int) -> String {
            let text = String(value)
            return String(repeating: "0", count: max(0, count - text.count)) + text
        }
        let date =
            "\(digits(Int(parts.tm_year) + 1900, 4))-\(digits(Int(parts.tm_mon) + 1, 2))-\(digits(Int(parts.tm_mday), 2))"
        let clock = "\(digits(Int(parts.tm_hour), 2)):\(digits(Int(parts.tm_min), 2)):\(digits(Int(parts.tm_sec), 2))"
        return "\(date)T\(clock)" + (fraction == 0 ? "" : ".\(digits(fraction, 6))")
    }
}
