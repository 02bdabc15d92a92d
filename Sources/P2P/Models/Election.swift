import PythonSemantics

/// A node that must be asked before this one may lead.
package struct ElectionQuestion: Sendable, Equatable {
    package let nodeID: PyValue
    package let post: PeerPost
}

/// What to do once all higher nodes were asked.
package enum ElectionVerdict: Sendable, Equatable {
    /// Nobody higher answered; go on with `prepareLeadership`.
    case becomeLeader
    /// Somebody higher takes over: wait, then `adoptLeaderFromPeers`.
    case wait(seconds: Double)
    case nothing
}

/// The bully election (contract 01 section 4.9). The shell refreshes the own record, calls `beginElection`, asks the
/// questions one after the other, calls `concludeElection`, acts, and always ends with `endElection`.
extension NodeTurn {
    /// Nil: no election takes place. Otherwise the node is a candidate and an election is in progress.
    package mutating func beginElection() throws(PyException) -> [ElectionQuestion]? {
        if selfInfo[.natBlocked].isTruthy { return nil }
        if !leadership.voterIDs.isEmpty {
            guard leadership.voterIDs.contains(nodeID), try hasVoterQuorum() else { return nil }
        }
        if leadership.leaderID.isTruthy, !leadership.leaderID.equals(nodeID) {
            if let leader = try peers.get(leadership.leaderID), leader.role == .leader,
                try isLeaderEligible(leader, conflictKeys()), try isLeaderLeaseValid()
            {
                return nil
            }
            leadership.leaderID = .none
            clearLease()
        }
        if try adoptLeaderFromPeers() || leadership.electionInProgress { return nil }
        leadership.electionInProgress = true
        leadership.role = .candidate
        log(.startingElection(nodeID))
        do throws(PyException) {
            return try electionQuestions()
        } catch {
            endElection()
            throw error
        }
    }

    private func electionQuestions() throws(PyException) -> [ElectionQuestion] {
        let conflicts = try conflictKeys()
        let urls = PeerURLs(selfInfo: selfInfo)
        var questions: [ElectionQuestion] = []
        for peer in peers where try PyNumber.isGreater(peer.nodeID, .string(nodeID)) {
            guard try isLeaderEligible(peer, conflicts), let url = try? urls.single(peer, "/election") else { continue }
            let post = PeerPost(
                url: url, body: ["candidate_id": .string(nodeID)], timeout: Double(P2PConstants.electionTimeout))
            questions.append(ElectionQuestion(nodeID: peer.nodeID, post: post))
        }
        return questions
    }

    /// Whether a 200 answer to `/election` means that a higher node takes over; logs it.
    package mutating func electionAnswered(by node: PyValue, _ answer: PyValue) -> Bool {
        guard case .dict(let body) = answer, body["response"]?.equals("ALIVE") == true else { return false }
        log(.higherNodeResponded(node))
        return true
    }

    /// Decides after the last question.
    package func concludeElection(gotResponse: Bool) throws(PyException) -> ElectionVerdict {
        if gotResponse { return .wait(seconds: Double(P2PConstants.electionTimeout) * 2) }
        return try isLeaderEligible(selfInfo, conflictKeys(), requireAlive: false) ? .becomeLeader : .nothing
    }

    /// Ends the election, whatever came of it.
    package mutating func endElection() {
        leadership.electionInProgress = false
        if leadership.role == .candidate { leadership.role = .follower }
    }
}

/// Taking office (contract 01 section 4.10).
extension NodeTurn {
    /// The lease to acquire, or nil when the node refuses to lead. `hex` are 8 digits of a random UUID,
    /// drawn only when they are needed, as the legacy draws them: the labelled streams of deterministic parity count draws.
    package mutating func prepareLeadership(hex: @autoclosure () -> PyString) throws(PyException) -> PyString? {
        if selfInfo[.natBlocked].isTruthy {
            log(.refusingNATBlocked(nodeID))
            return nil
        }
        if !leadership.voterIDs.isEmpty, try !hasVoterQuorum() {
            log(.refusingWithoutQuorum(nodeID))
            return nil
        }
        return newLeaseID(hex: hex())
    }

    /// `{node_id}_{unix seconds}_{8 hex}`.
    package func newLeaseID(hex: PyString) -> PyString {
        PyString(codePoints: Array(nodeID.codePoints) + Array("_\(Int(now))_\(hex)".unicodeScalars.map(\.value)))
    }

    /// Leads with an acquired lease, announcing it to every known peer; without one (and with voters) steps down.
    ///
    /// - Parameter expiry: what `LeaseRound` gave, nil when the quorum was not reached.
    package mutating func takeLeadership(leaseID: PyString, expiry: Double?) throws(PyException) -> Bool {
        if !leadership.voterIDs.isEmpty, expiry == nil {
            log(.leaseQuorumFailed(nodeID))
            stepDown()
            return false
        }
        log(.leading(nodeID))
        leadership.role = .leader
        leadership.leaderID = .string(nodeID)
        leadership.lastLeaderSeen = now
        leadership.leaseID = .string(leaseID)
        leadership.leaseExpires = .float(expiry ?? now + Double(P2PConstants.leaderLeaseDuration))
        leadership.lastLeaseRenewal = now
        try announce(to: Array(peers), timeout: 5)
        perform(.save)
        perform(.startMonitoring)
        return true
    }

    /// POST /coordinator to each record, by its single URL; a record without a usable address is passed over.
    mutating func announce(to records: [NodeInfo], timeout: Double, renewal: Bool = false) throws(PyException) {
        let urls = PeerURLs(selfInfo: selfInfo)
        var body: PyDict = [
            "leader_id": .string(nodeID), "lease_id": leadership.leaseID, "lease_expires": leadership.leaseExpires,
        ]
        if renewal { body["lease_renewal"] = true }
        body["voter_node_ids"] = .list(leadership.voterIDs.map { .string($0) })
        for record in records where !isSelf(record) {
            guard let url = try? urls.single(record, "/coordinator") else { continue }
            perform(.post(PeerPost(url: url, body: body, timeout: timeout)))
        }
    }
}
