import PythonSemantics

/// POST /heartbeat (contract 03 section 3.1). The shell has parsed the body; it refreshes the own record before the
/// turn, which the legacy does after the sender's record was stored.
extension NodeTurn {
    /// - Parameter remoteHost: what `ForwardedHost` found; replaces the host the sender claims, unless empty.
    package mutating func handleHeartbeat(_ body: PyValue, remoteHost: PyString) -> NodeReply {
        do throws(PyException) {
            guard case .dict(let fields) = body else { throw .noAttribute("get", on: body) }
            let voters = VoterList.fromBody(fields)
            if !voters.isEmpty { adoptVoters(voters, source: .learned) }
            let sender = try NodeInfo(fromDict: body)
            if !isSelf(sender) { try store(sender, remoteHost: remoteHost) }
            return NodeReply(200, try heartbeatBody())
        } catch {
            return .badRequest(error)
        }
    }

    private mutating func store(_ sender: NodeInfo, remoteHost: PyString) throws(PyException) {
        lastInboundHeartbeat = now
        var info = sender
        info.defaultReportedEndpoint()
        info[.lastHeartbeat] = .float(now)
        if !remoteHost.isEmpty { info[.host] = .string(remoteHost) }
        if let known = try peers.get(info.nodeID) { try info.keepLocalKnowledge(of: known, now: now) }
        if info.role == .leader, leadership.leaderID.isTruthy, !leadership.leaderID.pyEquals(info.nodeID) {
            info.setRole(.follower)
        }
        try peers.store(info.nodeID, info)
    }

    /// The own record and the voters: the body of a heartbeat, sent and answered.
    package func heartbeatBody() throws(PyException) -> PyDict {
        var body = try selfInfo.toDict()
        if !leadership.voterIDs.isEmpty {
            body["voter_node_ids"] = .list(leadership.voterIDs.map { .string($0) })
            body["voter_quorum_size"] = .int(leadership.voterQuorumSize)
            body["voter_config_source"] = .string(PyString(leadership.voterSource.rawValue))
        }
        return body
    }
}

extension NodeInfo {
    /// `reported_host` and `reported_port` default to what the sender claims as host and port.
    mutating func defaultReportedEndpoint() {
        if !self[.reportedHost].isTruthy { self[.reportedHost] = self[.host] }
        if !self[.reportedPort].isTruthy { self[.reportedPort] = self[.port] }
    }

    /// Failure counters, NAT block, relay and retirement survive a new record from the peer itself.
    ///
    /// - Throws: `TypeError` or `ValueError` when what we knew of the failures is no number.
    mutating func keepLocalKnowledge(of known: NodeInfo, now: Double) throws(PyException) {
        let failures = known[.consecutiveFailures]
        self[.consecutiveFailures] = failures.isTruthy ? try PyNumber.int(failures) : 0
        let failed = known[.lastFailureTime]
        self[.lastFailureTime] = .float(failed.isTruthy ? try PyNumber.float(failed) : 0)
        let since = known[.natBlockedSince].isTruthy ? known[.natBlockedSince] : .float(now)
        switch (known[.natBlocked].isTruthy, self[.natBlocked].isTruthy) {
        case (true, _):
            if !self[.natBlocked].isTruthy { self[.natBlocked] = true }
            self[.natBlockedSince] = since
            self[.lastNATProbe] = known[.lastNATProbe]
        case (false, true): self[.natBlockedSince] = .float(now)
        case (false, false): break
        }
        if !self[.relayVia].isTruthy { self[.relayVia] = known[.relayVia] }
        if known[.retired].isTruthy {
            self[.retired] = true
            self[.retiredAt] = known[.retiredAt]
        }
    }
}

/// Where a request came from, by the headers proxies set (trusted blindly, as in the legacy).
package enum ForwardedHost {
    /// The first comma element of the first non-empty header, else the remote address; "" when there is none.
    package static func host(
        xForwardedFor: PyString?, xRealIP: PyString?, cfConnectingIP: PyString?, remote: PyString?
    ) -> PyString {
        for header in [xForwardedFor, xRealIP, cfConnectingIP] {
            if let header, !header.isEmpty { return header.splitByComma()[0] }
        }
        return remote ?? ""
    }
}
