import PythonSemantics

/// POST /coordinator: another node announces itself as leader, or renews (contract 01 section 3.7).
extension NodeTurn {
    package mutating func handleCoordinator(_ body: PyValue) -> NodeReply {
        do throws(PyException) {
            guard case .dict(let fields) = body else { throw .noAttribute("get", on: body) }
            // Security repair D072: announcers always name themselves, so whoever names the receiver is somebody else,
            // who would make it leader without election or lease. It answers as the legacy does and changes nothing.
            if let leader = fields["leader_id"], leader.isTruthy, leader.pyString == nodeID {
                var rehearsal = self
                return try rehearsal.acceptLeader(fields)
            }
            return try acceptLeader(fields)
        } catch {
            return .badRequest(error)
        }
    }

    private mutating func acceptLeader(_ fields: PyDict) throws(PyException) -> NodeReply {
        let given = fields["leader_id"] ?? .none
        guard given.isTruthy else { return .refused(400, "missing_leader_id") }
        let leader = given.pyString
        let voters = VoterList.fromBody(fields)
        if !voters.isEmpty { adoptVoters(voters, source: .learned) }
        if !leadership.voterIDs.isEmpty {
            guard leadership.voterIDs.contains(leader) else {
                return .refused(
                    403, "leader_not_voter", [("voters", .list(leadership.voterIDs.map { .string($0) }))])
            }
            let grant = leadership.grant
            if leadership.voterIDs.contains(nodeID), !grant.leaderID.isEmpty, grant.leaderID != leader,
                grant.expires > now
            {
                return .refused(
                    409, "voter_lease_conflict",
                    [("granted_to", .string(grant.leaderID)), ("granted_until", .float(grant.expires))])
            }
        } else if leadership.role == .leader, leader < nodeID {
            guard try PyNumber.isGreater(leadership.leaseExpires, 0),
                try PyNumber.isGreaterOrEqual(.float(now), leadership.leaseExpires)
            else {
                log(.rejectingLowerPriority(.string(leader), own: nodeID))
                return .refused(200, "lower_priority")
            }
            log(.acceptingAfterExpiry(.string(leader)))
        }
        if leader != nodeID, let peer = peers[PyKey(text: leader)],
            try !isLeaderEligible(peer, conflictKeys(), requireAlive: false)
        {
            return .refused(200, "leader_ineligible")
        }
        let lease = fields["lease_expires"] ?? 0
        if fields["lease_renewal"]?.isTruthy == true, leadership.leaderID.equals(leader) {
            leadership.leaseExpires = lease
            leadership.leaseID = fields["lease_id"] ?? ""
            return NodeReply(200, ["accepted": true])
        }
        log(.acceptingLeader(.string(leader)))
        leadership.leaderID = .string(leader)
        leadership.leaseID = fields["lease_id"] ?? ""
        leadership.leaseExpires =
            lease.isTruthy ? lease : .float(now + Double(P2PConstants.leaderLeaseDuration))
        leadership.role = leader == nodeID ? .leader : .follower
        perform(.save)
        return NodeReply(200, ["accepted": true])
    }
}

extension NodeReply {
    fileprivate static func refused(
        _ status: Int, _ reason: PyValue, _ more: [(PyString, PyValue)] = []
    ) -> NodeReply {
        var body: PyDict = ["accepted": false, "reason": reason]
        for (key, value) in more { body[key] = value }
        return NodeReply(status, body)
    }
}
