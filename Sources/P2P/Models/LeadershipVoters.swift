import PythonSemantics

/// Who may vote, and whether enough of them are visible (contract 01 section 4.4).
extension NodeTurn {
    /// Whether a node is among the voters. Without voters nobody is.
    package func isVoter(_ id: PyValue) -> Bool {
        if case .string(let text) = id { return leadership.voterIDs.contains(text) }
        return false
    }

    /// Voters whose last heartbeat is fresh; the node itself always is.
    package func votersAlive() throws(PyException) -> Int {
        var alive = 0
        for voter in leadership.voterIDs {
            if voter == nodeID {
                alive += 1
            } else if let peer = peers[PyKey(text: voter)], try isAlive(peer) {
                alive += 1
            }
        }
        return alive
    }

    /// Whether a quorum of voters is visible; without voters it always is.
    package func hasVoterQuorum() throws(PyException) -> Bool {
        if leadership.voterIDs.isEmpty { return true }
        return try votersAlive() >= quorum(of: leadership.voterIDs.count)
    }

    /// `min(VOTER_MIN_QUORUM, n)`.
    package func quorum(of voters: Int) -> Int { min(constants.voterMinQuorum, voters) }

    /// Replaces the voters by what a peer or a file says. Ignored when the environment decides, when nothing is left
    /// after trimming, and when the set is the one we have.
    @discardableResult
    package mutating func adoptVoters(_ given: [PyString], source: VoterSource) -> Bool {
        if votersFromEnvironment { return false }
        let voters = VoterList.normalised(given)
        guard !voters.isEmpty, voters != VoterList.normalised(leadership.voterIDs) else { return false }
        leadership.voterIDs = voters
        leadership.voterQuorumSize = quorum(of: voters.count)
        leadership.voterSource = source
        log(.updatedVoterSet(source: source, voters: voters, quorum: leadership.voterQuorumSize))
        return true
    }

    /// Leaves the old voters behind for a set of reachable nodes, when a partition hides the quorum. The caller has
    /// found a partition and no visible quorum.
    package mutating func enablePartitionVoters() throws(PyException) -> Bool {
        if votersFromEnvironment { return false }
        let needed = leadership.voterIDs.isEmpty ? 1 : leadership.voterQuorumSize
        if try votersAlive() >= needed { return false }
        var reachable: [PyValue] = [.string(nodeID)]
        for peer in peers where try isAlive(peer) && !isSelf(peer) { reachable.append(peer.nodeID) }
        guard reachable.count >= 2 else { return false }
        if leadership.originalVoters == nil {
            leadership.originalVoters = leadership.voterIDs
            leadership.partitionElectionStarted = now
        }
        let sorted = try PyNumber.sorted(reachable).map { $0.pyString }
        leadership.voterIDs = sorted
        leadership.voterQuorumSize = quorum(of: sorted.count)
        leadership.voterSource = .partitionLocal
        log(.partitionElection(voters: reachable, quorum: leadership.voterQuorumSize))
        return true
    }

    /// Brings the remembered voters back as soon as one of them, other than this node, is alive.
    package mutating func restoreVoters() throws(PyException) -> Bool {
        guard let original = leadership.originalVoters else { return false }
        var healed = false
        for voter in original where voter != nodeID && !healed {
            if let peer = peers[PyKey(text: voter)], try isAlive(peer) { healed = true }
        }
        guard healed else { return false }
        leadership.voterIDs = original
        leadership.voterQuorumSize = quorum(of: original.count)
        leadership.voterSource = .restored
        leadership.originalVoters = nil
        leadership.partitionElectionStarted = nil
        log(.partitionHealed(original))
        return true
    }
}

/// Reading voter lists out of text, JSON bodies and configuration.
package enum VoterList {
    /// Trimmed, without blanks, unique, by code point.
    package static func normalised(_ ids: [PyString]) -> [PyString] {
        Set(ids.map { $0.strip() }.filter { !$0.isEmpty }).sorted()
    }

    /// The text of RINGRIFT_P2P_VOTERS; nil when it is blank and the configuration decides.
    package static func fromEnvironment(_ text: PyString) -> [PyString]? {
        text.strip().isEmpty ? nil : normalised(text.splitByComma())
    }

    /// `voter_node_ids`, or `voters` when that is falsy: an array, or text with commas. Other types give nothing.
    package static func fromBody(_ body: PyDict) -> [PyString] {
        var given = body["voter_node_ids"] ?? .none
        if !given.isTruthy { given = body["voters"] ?? .none }
        switch given {
        case .list(let items): return items.map { $0.pyString.strip() }.filter { !$0.isEmpty }
        case .string(let text): return text.splitByComma().filter { !$0.isEmpty }
        default: return []
        }
    }

    /// The hosts of `distributed_hosts.yaml` whose `p2p_voter` is set.
    ///
    /// - Throws: `AttributeError` for a document or a `hosts` of the wrong shape; it ends the start of the node.
    package static func fromHosts(_ document: PyValue) throws(PyException) -> [PyString] {
        guard document.isTruthy else { return [] }
        guard case .dict(let root) = document else { throw .noAttribute("get", on: document) }
        guard let hosts = root["hosts"], hosts.isTruthy else { return [] }
        guard case .dict(let table) = hosts else { throw .noAttribute("items", on: hosts) }
        var voters: [PyString] = []
        for (name, entry) in table {
            guard case .dict(let host) = entry else { continue }
            if isSet(host["p2p_voter"] ?? .none) { voters.append(name) }
        }
        return normalised(voters)
    }

    private static func isSet(_ flag: PyValue) -> Bool {
        switch flag {
        case .bool(let flag): return flag
        case .int, .bigInt, .float:
            guard let number = try? PyNumber.int(flag) else { return false }
            return number == .int(1)
        case .string(let text):
            let lowered = text.strip().lowercased()
            return lowered == "1" || lowered == "true" || lowered == "yes" || lowered == "y"
        case .none, .list, .dict: return false
        }
    }
}
