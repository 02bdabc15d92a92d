import P2PModel
import P2PServices
import PythonSemantics

// Elections, leases and their renewal: the shell around the decisions of P2PModel (contract 01 sections 4.9 to 4.14).

extension NodeRuntime {
    /// One election from beginning to end; returns at once when none takes place.
    package func runElection() async {
        do throws(PyException) {
            guard
                let questions = try await turn(
                    refreshingSelf: true, { turn throws(PyException) in try turn.beginElection() })
            else { return }
            await conduct(questions)
            try await turn { turn throws(PyException) in turn.endElection() }
        } catch {
            // A task of the legacy that raises ends unseen; the election must not stay open, though.
            _ = try? await turn { turn throws(PyException) in turn.endElection() }
        }
    }

    private func conduct(_ questions: [ElectionQuestion]) async {
        do throws(PyException) {
            var gotResponse = false
            for question in questions {
                let post = question.post
                guard let answer = await postJSON(post.url.description, post.body, timeout: post.timeout) else {
                    continue
                }
                if try await turn({ turn throws(PyException) in turn.electionAnswered(by: question.nodeID, answer) }) {
                    gotResponse = true
                }
            }
            let answered = gotResponse
            switch try await turn({ turn throws(PyException) in try turn.concludeElection(gotResponse: answered) }) {
            case .becomeLeader: try await becomeLeader()
            case .wait(let seconds):
                do { try await effects.clock.sleep(seconds: seconds) } catch { return }
                _ = try await turn { turn throws(PyException) in try turn.adoptLeaderFromPeers() }
            case .nothing: break
            }
        } catch {
            return
        }
    }

    /// What makes a lease id unique.
    private func leaseDigits() -> PyString {
        PyString(String(effects.identifiers.uuidHex(label: "leader_lease").prefix(8)))
    }

    private func becomeLeader() async throws(PyException) {
        guard
            let leaseID = try await turn(
                refreshingSelf: true, { turn throws(PyException) in try turn.prepareLeadership(hex: leaseDigits()) })
        else { return }
        let expiry = try await acquireLease(leaseID)
        _ = try await turn { turn throws(PyException) in try turn.takeLeadership(leaseID: leaseID, expiry: expiry) }
    }

    /// Asks the voters in order until a quorum is reached; nil without one.
    func acquireLease(_ leaseID: PyString) async throws(PyException) -> Double? {
        let duration = P2PConstants.leaderLeaseDuration
        var (round, urls) = try await turn { turn throws(PyException) in
            (try turn.beginLeaseRound(leaseID: leaseID, duration: duration), PeerURLs(selfInfo: turn.selfInfo))
        }
        for voter in round.voters where !round.isComplete {
            let candidates = (try? urls.voter(voter, "/election/lease", registryAddress: "")) ?? []
            for url in candidates {
                guard let answer = await postJSON(url, round.body, timeout: 5) else { continue }
                do throws(PyException) { try round.record(answer) } catch { continue }
                break
            }
        }
        return round.expiry
    }

    /// The leader's renewal of a heartbeat round.
    package func renewLease() async throws(PyException) {
        guard
            case .acquire(let leaseID) = try await turn({ turn throws(PyException) in
                try turn.beginRenewal(hex: leaseDigits())
            })
        else { return }
        var expiry = try await acquireLease(leaseID)
        let acquired = expiry
        if try await turn({ turn throws(PyException) in turn.renewalNeedsArbiter(expiry: acquired) }) {
            let leader = await askArbiter()
            guard let provisional = try await turn({ turn throws(PyException) in turn.arbiterAnswered(leader) }) else {
                return
            }
            expiry = provisional
        }
        let renewed = expiry
        try await turn { turn throws(PyException) in try turn.finishRenewal(leaseID: leaseID, expiry: renewed) }
    }

    /// Contract 01 section 4.13. The expiry of the arbiter's grant is not looked at.
    private func askArbiter() async -> PyValue {
        let arbiter = configuration.constants.arbiterURL
        guard !arbiter.isEmpty else { return .none }
        var urls = [arbiter]
        for peer in configuration.knownPeers where !urls.contains(peer) { urls.append(peer) }
        for base in urls where base.contains("://") {
            let trimmed = base.hasSuffix("/") ? String(base.dropLast()) : base
            guard let answer = await getJSON(trimmed + "/election/grant", timeout: 5) else { continue }
            let leader = answer["leader_id"] ?? .none
            if leader.isTruthy {
                console.print("[P2P] Arbiter \(base) reports leader: \(leader.pyStr)")
                return leader
            }
        }
        return .none
    }

    /// Looks for a second leader; true when this node stepped down (contract 01 section 4.15).
    package func resolveSplitBrain() async throws(PyException) -> Bool {
        switch try await turn({ turn throws(PyException) in try turn.beginSplitBrainCheck() }) {
        case .clear: return false
        case .steppedDown: return true
        case .decide:
            return try await turn { turn throws(PyException) in try turn.resolveSplitBrain(holder: nil) }
        case .askVoters:
            let holder = try await pollGrants()
            return try await turn { turn throws(PyException) in try turn.resolveSplitBrain(holder: holder) }
        }
    }

    private func pollGrants() async throws(PyException) -> PyString? {
        let begun = try await turn { turn throws(PyException) in
            (try turn.beginGrantPoll(), PeerURLs(selfInfo: turn.selfInfo))
        }
        guard var poll = begun.0 else { return nil }
        for voter in poll.voters {
            for url in (try? begun.1.voter(voter, "/election/grant", registryAddress: "")) ?? [] {
                guard let answer = await getJSON(url, timeout: 5) else { continue }
                do throws(PyException) { try poll.record(answer, now: effects.clock.now()) } catch { continue }
                break
            }
        }
        return poll.holder
    }
}
