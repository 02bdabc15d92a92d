import PythonSemantics

/// POST /election, POST /election/lease and GET /election/grant (contract 01 sections 3.4-3.6). The shell has
/// refreshed the own record and checked the token.
extension NodeTurn {
    /// POST /election: a lower candidate is told that this node is alive, and an election starts here.
    package mutating func handleElection(_ body: PyValue) -> NodeReply {
        do throws(PyException) {
            guard case .dict(let fields) = body else { throw .noAttribute("get", on: body) }
            let candidate = fields["candidate_id"] ?? .none
            guard candidate.isTruthy else { return NodeReply(400, ["error": "missing_candidate_id"]) }
            let eligible = try isEligibleForElection()
            let alive = nodeID > candidate.pyString && eligible
            if alive { perform(.startElection) }
            return NodeReply(
                200,
                ["response": alive ? "ALIVE" : "OK", "node_id": .string(nodeID), "eligible": .bool(eligible)])
        } catch {
            return .badRequest(error)
        }
    }

    private func isEligibleForElection() throws(PyException) -> Bool {
        guard try isLeaderEligible(selfInfo, conflictKeys(), requireAlive: false) else { return false }
        if leadership.voterIDs.isEmpty { return true }
        guard leadership.voterIDs.contains(nodeID) else { return false }
        return try hasVoterQuorum()
    }

    /// POST /election/lease: a voter lends its vote for some seconds.
    package mutating func handleLease(_ body: PyValue) -> LeaseOutcome {
        guard case .dict(let fields) = body else {
            return .refused(
                NodeReply(
                    400,
                    ["granted": false, "error": .string(PyString(PyException.noAttribute("get", on: body).message))]))
        }
        let leader = (fields["leader_id"] ?? .none).strippedText()
        let candidate =
            leader.isEmpty && fields["leader_id"]?.isTruthy != true
            ? (fields["candidate_id"] ?? .none).strippedText() : leader
        let leaseID = (fields["lease_id"] ?? .none).strippedText()
        let duration = Self.leaseSeconds(fields["lease_duration"], default: Int(P2PConstants.leaderLeaseDuration))
        guard !candidate.isEmpty, !leaseID.isEmpty else { return .refuse(400, "missing_fields") }
        if !leadership.voterIDs.isEmpty {
            guard leadership.voterIDs.contains(nodeID) else { return .refuse(403, "not_a_voter") }
            guard leadership.voterIDs.contains(candidate) else { return .refuse(403, "leader_not_voter") }
        }
        let grant = leadership.grant
        if !grant.leaderID.isEmpty, grant.expires > now, grant.leaderID != candidate {
            return .refused(
                NodeReply(
                    409,
                    [
                        "granted": false, "reason": "lease_already_granted",
                        "current_leader_id": .string(grant.leaderID), "current_lease_id": .string(grant.leaseID),
                        "lease_expires": .float(grant.expires),
                    ]))
        }
        leadership.grant = VoterGrant(leaderID: candidate, leaseID: leaseID, expires: now + Double(duration))
        perform(.save)
        return .granted(leadership.grant, voter: nodeID)
    }

    /// `int(value)`, 180 for what Python cannot convert, clamped to 10...360.
    static func leaseSeconds(_ given: PyValue?, default fallback: Int) -> Int {
        guard let given else { return max(10, min(fallback, fallback * 2)) }
        guard let converted = try? PyNumber.int(given) else { return fallback }
        guard case .int(let seconds) = converted else {
            return (try? PyNumber.isLess(converted, 0)) == true ? 10 : fallback * 2
        }
        return max(10, min(seconds, fallback * 2))
    }

    /// GET /election/grant. The names of a lease that ran out stay.
    package func grantReply() -> NodeReply {
        let grant = leadership.grant
        return NodeReply(
            200,
            [
                "voter_id": .string(nodeID), "now": .float(now), "leader_id": .string(grant.leaderID),
                "lease_id": .string(grant.leaseID), "lease_expires": .float(grant.expires),
                "lease_ttl_seconds": .float(max(0.0, grant.expires - now)),
            ])
    }
}

/// The answer to a request for a lease.
package enum LeaseOutcome: Sendable, Equatable {
    case refused(NodeReply)
    /// The state must be saved before the reply is made; the remaining seconds are counted after that.
    case granted(VoterGrant, voter: PyString)

    static func refuse(_ status: Int, _ reason: PyValue) -> LeaseOutcome {
        .refused(NodeReply(status, ["granted": false, "reason": reason]))
    }

    /// The reply; `now` is read after the save.
    package func reply(now: Double) -> NodeReply {
        switch self {
        case .refused(let reply): return reply
        case .granted(let grant, let voter):
            return NodeReply(
                200,
                [
                    "granted": true, "leader_id": .string(grant.leaderID), "lease_id": .string(grant.leaseID),
                    "lease_expires": .float(grant.expires),
                    "lease_ttl_seconds": .float(max(0.0, grant.expires - now)), "voter_id": .string(voter),
                ])
        }
    }
}
