import PythonSemantics

/// One attempt to get a lease from a quorum of voters (contract 01 section 4.11). The shell asks `voters` in order,
/// trying the voter URLs of each, until `isComplete`.
package struct LeaseRound: Sendable, Equatable {
    package let leaseID: PyString
    /// Whole seconds, 10 to 360.
    package let duration: Int
    package let quorum: Int
    /// Unix seconds at the start; the expiry counts from here.
    package let startedAt: Double
    /// The voters to ask, alive at the start.
    package let voters: [NodeInfo]
    package private(set) var acks: Int
    private var ttls: [Double]
    private let needsVoters: Bool
    private let leader: PyString

    init(
        leader: PyString, leaseID: PyString, duration: Int, quorum: Int, startedAt: Double, voters: [NodeInfo],
        selfGranted: Bool, needsVoters: Bool
    ) {
        self.leader = leader
        self.leaseID = leaseID
        self.duration = duration
        self.quorum = quorum
        self.startedAt = startedAt
        self.voters = voters
        self.needsVoters = needsVoters
        acks = selfGranted ? 1 : 0
        ttls = selfGranted ? [Double(duration)] : []
    }

    /// Nobody else needs to be asked.
    package var isComplete: Bool { !needsVoters || acks >= quorum }

    /// The body of POST /election/lease.
    package var body: PyDict {
        ["leader_id": .string(leader), "lease_id": .string(leaseID), "lease_duration": .int(duration)]
    }

    /// Takes the JSON of a 200 answer. The voter is done with, whatever it said.
    ///
    /// - Throws: what Python throws for an answer that is no object; then the voter's next URL is tried.
    package mutating func record(_ answer: PyValue) throws(PyException) {
        guard case .dict(let body) = answer else { throw .noAttribute("get", on: answer) }
        guard body["granted"]?.isTruthy == true else { return }
        acks += 1
        let ttl = LeaseTTL.seconds(in: body)
        ttls.append(ttl.flatMap { $0 > 0 ? $0 : nil } ?? Double(duration))
    }

    /// Unix seconds until which the lease holds; nil without a quorum.
    package var expiry: Double? {
        guard needsVoters else { return startedAt + Double(duration) }
        guard acks >= quorum else { return nil }
        let shortest = ttls.min() ?? Double(duration)
        return startedAt + max(10.0, min(Double(duration), shortest))
    }
}

/// The remaining seconds of a lease as voters report them.
enum LeaseTTL {
    /// `lease_ttl_seconds`, else `ttl_seconds`, as a float; nil when absent or not a number.
    static func seconds(in body: PyDict) -> Double? {
        var given = body["lease_ttl_seconds"] ?? .none
        if given == .none { given = body["ttl_seconds"] ?? .none }
        return given == .none ? nil : try? PyNumber.float(given)
    }
}

extension NodeTurn {
    /// Starts an attempt. A voter grants to itself at once, even when its grant belongs to somebody else.
    package mutating func beginLeaseRound(leaseID: PyString, duration: Int) throws(PyException) -> LeaseRound {
        let needsVoters = !leadership.voterIDs.isEmpty
        let clamped = needsVoters ? max(10, min(360, duration)) : duration
        let isVoter = leadership.voterIDs.contains(nodeID)
        if isVoter {
            leadership.grant = VoterGrant(leaderID: nodeID, leaseID: leaseID, expires: now + Double(clamped))
        }
        var voters: [NodeInfo] = []
        for id in leadership.voterIDs where id != nodeID {
            if let peer = peers[PyKey(text: id)], try isAlive(peer) { voters.append(peer) }
        }
        let size = leadership.voterQuorumSize
        return LeaseRound(
            leader: nodeID, leaseID: leaseID, duration: clamped,
            quorum: size != 0 ? size : quorum(of: leadership.voterIDs.count), startedAt: now, voters: voters,
            selfGranted: isVoter, needsVoters: needsVoters)
    }
}

/// The lease holder according to the voters, read only (contract 01 section 4.12).
package struct GrantPoll: Sendable, Equatable {
    private var votes: [(leader: PyString, count: Int)] = []
    private let quorum: Int
    /// The voters to ask, alive at the start.
    package let voters: [NodeInfo]

    init(quorum: Int, voters: [NodeInfo], ownGrant: PyString?) {
        self.quorum = quorum
        self.voters = voters
        if let ownGrant { votes.append((leader: ownGrant, count: 1)) }
    }

    /// Takes the JSON of a 200 answer to GET /election/grant.
    ///
    /// - Throws: what Python throws for an answer that is no object; then the voter's next URL is tried.
    package mutating func record(_ answer: PyValue, now: Double) throws(PyException) {
        guard case .dict(let body) = answer else { throw .noAttribute("get", on: answer) }
        let leader = (body["leader_id"] ?? .none).strippedText()
        guard !leader.isEmpty else { return }
        if let ttl = LeaseTTL.seconds(in: body) {
            guard ttl > 0 else { return }
        } else {
            let given = body["lease_expires"] ?? .none
            guard let expires = given.isTruthy ? try? PyNumber.float(given) : 0, expires > 0, expires + 180 >= now
            else {
                return
            }
        }
        if let place = votes.firstIndex(where: { $0.leader == leader }) {
            votes[place].count += 1
        } else {
            votes.append((leader: leader, count: 1))
        }
    }

    /// The id with a quorum of votes, the highest if there are several.
    package var holder: PyString? { votes.filter { $0.count >= quorum }.map(\.leader).max() }

    package static func == (left: GrantPoll, right: GrantPoll) -> Bool {
        left.quorum == right.quorum && left.voters == right.voters
            && left.votes.elementsEqual(right.votes) { $0 == $1 }
    }
}

extension NodeTurn {
    /// The poll to run, or nil when there are no voters.
    package func beginGrantPoll() throws(PyException) -> GrantPoll? {
        guard !leadership.voterIDs.isEmpty else { return nil }
        var voters: [NodeInfo] = []
        for id in leadership.voterIDs where id != nodeID {
            if let peer = peers[PyKey(text: id)], try isAlive(peer) { voters.append(peer) }
        }
        let grant = leadership.grant
        let counts = leadership.voterIDs.contains(nodeID) && !grant.leaderID.isEmpty && grant.expires > now
        let size = leadership.voterQuorumSize
        return GrantPoll(
            quorum: size != 0 ? size : quorum(of: leadership.voterIDs.count), voters: voters,
            ownGrant: counts ? grant.leaderID : nil)
    }
}
