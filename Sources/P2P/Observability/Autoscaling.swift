import P2PModel
import PythonSemantics

/// How many workers there should be; contract 12 section 4.7.
package struct Autoscaling: Sendable {
    /// Limits from the environment.
    package struct Limits: Sendable {
        var maxWorkers: PyValue
        var minWorkers: PyValue
        var scaleUpGamesPerHour: PyValue
        var scaleDownGamesPerHour: PyValue
        var targetFreshnessHours: Double

        /// - Throws: `ValueError` for a variable that is no number.
        package init(environment: [String: String]) throws(PyException) {
            func number(_ name: String, _ fallback: String) throws(PyException) -> PyValue {
                try PyNumber.int(PyString(environment[name] ?? fallback))
            }
            maxWorkers = try number("RINGRIFT_AUTOSCALE_MAX_WORKERS", "46")
            minWorkers = try number("RINGRIFT_AUTOSCALE_MIN_WORKERS", "2")
            scaleUpGamesPerHour = try number("RINGRIFT_AUTOSCALE_SCALE_UP_GPH", "100")
            scaleDownGamesPerHour = try number("RINGRIFT_AUTOSCALE_SCALE_DOWN_GPH", "500")
            targetFreshnessHours = try PyNumber.float(
                PyString(environment["RINGRIFT_AUTOSCALE_TARGET_FRESHNESS_HOURS"] ?? "2"))
        }
    }

    /// Games per hour of the whole cluster, rounded; the int 0 when it is not known.
    package private(set) var gamesPerHour: PyValue = 0
    /// What the first recommendation says, else the number of nodes.
    package private(set) var suggestedWorkers: PyValue

    /// - Parameters:
    ///   - nodes: this one and all peers.
    ///   - throughput: games per hour by configuration; nil when it could not be found out.
    ///   - newestData: when self-play last wrote, unix seconds; 0 for never.
    ///   - eloPerGPUHour: of all configurations.
    ///   - now: unix seconds.
    package init(
        limits: Limits, nodes: Int, throughput: [PyValue]?, newestData: Double, eloPerGPUHour: PyValue, now: Double
    ) {
        suggestedWorkers = .int(nodes)
        // The legacy keeps what it had before a failure.
        try? decide(limits, .int(nodes), throughput, newestData, eloPerGPUHour, now)
    }

    private mutating func decide(
        _ limits: Limits, _ nodes: PyValue, _ throughput: [PyValue]?, _ newestData: Double, _ eloPerGPUHour: PyValue,
        _ now: Double
    ) throws(PyException) {
        guard let throughput else { return }
        let total = try PyNumber.sum(throughput)
        gamesPerHour = try PyNumber.round(total, 1)
        let age = newestData > 0 ? (now - newestData) / 3600 : 999
        let fewer = try PyNumber.max(PyNumber.sub(nodes, 1), limits.minWorkers)
        if try PyNumber.isLess(total, limits.scaleUpGamesPerHour), try PyNumber.isLess(nodes, limits.maxWorkers) {
            suggestedWorkers = try PyNumber.min(PyNumber.add(nodes, 2), limits.maxWorkers)
        } else if try PyNumber.isGreater(total, limits.scaleDownGamesPerHour),
            try PyNumber.isGreater(nodes, limits.minWorkers)
        {
            suggestedWorkers = fewer
        } else if age > limits.targetFreshnessHours {
            suggestedWorkers = try PyNumber.min(PyNumber.add(nodes, 1), limits.maxWorkers)
        } else if try PyNumber.isLess(eloPerGPUHour, 1), try PyNumber.isGreater(nodes, 2) {
            suggestedWorkers = fewer
        }
    }
}
