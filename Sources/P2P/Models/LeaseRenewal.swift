import PythonSemantics

/// What a renewal needs next.
package enum RenewalStep: Sendable, Equatable {
    /// Not yet, or the node stepped down.
    case none
    /// Run a `LeaseRound` with this lease.
    case acquire(leaseID: PyString)
}

/// The leader's lease renewal, each heartbeat round (contract 01 section 4.14).
extension NodeTurn {
    /// - Parameter hex: 8 digits of a random UUID, drawn only when there is no lease id (see `prepareLeadership`).
    package mutating func beginRenewal(hex: @autoclosure () -> PyString) throws(PyException) -> RenewalStep {
        guard leadership.role == .leader else { return .none }
        if !leadership.voterIDs.isEmpty, try !hasVoterQuorum() {
            log(.lostQuorum(nodeID))
            stepDown()
            return .none
        }
        guard now - leadership.lastLeaseRenewal >= Double(P2PConstants.leaderLeaseRenewInterval) else { return .none }
        let kept = leadership.leaseID
        return .acquire(leaseID: kept.isTruthy ? kept.pyString : newLeaseID(hex: hex()))
    }

    /// Whether the arbiter must be asked, because voters exist and gave no quorum; logs it.
    package mutating func renewalNeedsArbiter(expiry: Double?) -> Bool {
        guard !leadership.voterIDs.isEmpty, expiry == nil else { return false }
        log(.checkingArbiter)
        return true
    }

    /// Acts on what the arbiter said; returns the provisional expiry when leadership goes on.
    package mutating func arbiterAnswered(_ leader: PyValue) -> Double? {
        if leader.equals(nodeID) {
            log(.arbiterConfirmsUs)
            return now + Double(P2PConstants.leaderLeaseDuration) / 2
        }
        guard leader.isTruthy else {
            log(.renewalFailed(nodeID))
            stepDown()
            return nil
        }
        log(.arbiterReportsOther(leader))
        leadership.role = .follower
        leadership.leaderID = leader
        clearLease()
        leadership.lastLeaseRenewal = 0
        releaseOwnGrant()
        perform(.save)
        return nil
    }

    /// Stores the renewed lease and tells the alive peers. The turn's time must be that of `beginRenewal`.
    package mutating func finishRenewal(leaseID: PyString, expiry: Double?) throws(PyException) {
        leadership.leaseID = .string(leaseID)
        leadership.leaseExpires = .float(expiry ?? now + Double(P2PConstants.leaderLeaseDuration))
        leadership.lastLeaseRenewal = now
        var alive: [NodeInfo] = []
        for peer in peers where try isAlive(peer) { alive.append(peer) }
        try announce(to: alive, timeout: 3, renewal: true)
    }
}
