import PythonSemantics

/// What others conclude from a record (contract 02 section 3.2). A field of a wrong type fails with Python's error.
extension NodeInfo {
    /// Seconds since a remembered time: `now - field`.
    private func age(_ field: Field, now: Double) throws(PyException) -> PyValue {
        try PyNumber.sub(.float(now), self[field])
    }

    /// A heartbeat less than 90 s old; one from the future counts.
    package func isAlive(now: Double, constants: P2PConstants) throws(PyException) -> Bool {
        if case .float(let last) = self[.lastHeartbeat] { return now - last < Double(P2PConstants.peerTimeout) }
        return try PyNumber.isLess(age(.lastHeartbeat, now: now), .float(Double(P2PConstants.peerTimeout)))
    }

    /// Fit for new work: alive, not retired, disk, memory and load below their limits.
    package func isHealthy(now: Double, constants: P2PConstants) throws(PyException) -> Bool {
        guard try isAlive(now: now, constants: constants), !self[.retired].isTruthy else { return false }
        if try PyNumber.isGreaterOrEqual(self[.diskPercent], .int(constants.diskWarningThreshold)) { return false }
        if try PyNumber.isGreaterOrEqual(self[.memoryPercent], .int(constants.memoryWarningThreshold)) { return false }
        return try loadScore() < Double(constants.loadMaxForNewJobs)
    }

    /// Whether the heartbeat loop contacts this peer this round.
    package func shouldRetry(now: Double, constants: P2PConstants) throws(PyException) -> Bool {
        let interval: Int
        if self[.retired].isTruthy {
            interval = constants.retryRetiredNodeInterval
        } else if try PyNumber.isLess(self[.consecutiveFailures], .int(P2PConstants.maxConsecutiveFailures)) {
            return true
        } else {
            interval = P2PConstants.retryDeadNodeInterval
        }
        return try PyNumber.isGreater(age(.lastFailureTime, now: now), .int(interval))
    }
}
