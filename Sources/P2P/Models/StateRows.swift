import PythonSemantics

/// The ten rows of the `state` table (contract 01 sections 6.2 and 6.3).
package enum StateRows {
    /// Key and value in the order of writing; nil is SQL NULL.
    ///
    /// - Throws: what fails the legacy's save: a lease expiry that is no number, an identifier that SQLite cannot hold.
    package static func rows(
        _ state: LeadershipState
    ) throws(PyException) -> [(key: PyString, value: PyString?)] {
        let leaseID = state.leaseID.isTruthy ? try column(state.leaseID) : ""
        let voters = PyValue.list(Set(state.voterIDs).sorted().map { .string($0) })
        return [
            ("leader_id", try column(state.leaderID)), ("leader_lease_id", leaseID),
            ("leader_lease_expires", floatText(try expiry(state.leaseExpires))),
            ("last_lease_renewal", floatText(state.lastLeaseRenewal)),
            ("role", PyString(state.role.rawValue)), ("voter_node_ids", try PyJSON.dumpsText(voters)),
            ("voter_config_source", PyString(state.voterSource.rawValue)),
            ("voter_grant_leader_id", state.grant.leaderID), ("voter_grant_lease_id", state.grant.leaseID),
            ("voter_grant_expires", floatText(state.grant.expires)),
        ]
    }

    private static func floatText(_ number: Double) -> PyString { PyString(PyNumber.repr(number)) }

    private static func expiry(_ value: PyValue) throws(PyException) -> Double {
        value.isTruthy ? try PyNumber.float(value) : 0
    }

    /// What a TEXT column holds after binding the value.
    private static func column(_ value: PyValue) throws(PyException) -> PyString? {
        switch value {
        case .none: return nil
        case .bool(let flag): return flag ? "1" : "0"
        case .string(let text): return text
        case .int, .float: return PyString(value.pyRepr)
        case .bigInt: throw .overflowError("Python int too large to convert to SQLite INTEGER")
        case .list, .dict:
            throw PyException(
                type: "ProgrammingError",
                message: "Error binding parameter 2: type '\(value.typeName)' is not supported", module: "sqlite3")
        }
    }
}

extension NodeTurn {
    /// Takes the loaded `state` rows; nulls, blanks and unreadable numbers are ignored. Voters are taken only when
    /// nothing else named any.
    package mutating func loadStateRows(_ rows: [PyString: PyString?]) {
        func text(_ key: PyString) -> PyString? {
            guard let value = rows[key] ?? nil, !value.isEmpty else { return nil }
            return value
        }
        func number(_ key: PyString) -> Double? { text(key).flatMap { try? PyNumber.float($0) } }
        if let id = text("leader_id") { leadership.leaderID = .string(id) }
        if let id = text("leader_lease_id") { leadership.leaseID = .string(id) }
        if let time = number("leader_lease_expires") { leadership.leaseExpires = .float(time) }
        if let time = number("last_lease_renewal") { leadership.lastLeaseRenewal = time }
        if let name = text("role"), let role = try? NodeRole(python: .string(name)) { leadership.role = role }
        if let id = text("voter_grant_leader_id") { leadership.grant.leaderID = id }
        if let id = text("voter_grant_lease_id") { leadership.grant.leaseID = id }
        if let time = number("voter_grant_expires") { leadership.grant.expires = time }
        if let voters = text("voter_node_ids"), leadership.voterIDs.isEmpty, leadership.voterSource == .none {
            adoptVoters(Self.storedVoters(voters), source: .state)
        }
        if leadership.role == .leader, !leadership.leaderID.isTruthy {
            log(.loadedLeaderWithoutID)
            leadership.role = .follower
            clearLease()
            leadership.lastLeaseRenewal = 0
        }
    }

    /// What the constructor does after loading: whoever is named as leader leads, lease or not.
    package mutating func resumeLeadership() {
        if leadership.leaderID.equals(nodeID) { leadership.role = .leader }
    }

    private static func storedVoters(_ text: PyString) -> [PyString] {
        guard let parsed = try? PyJSON.loads(text) else { return text.splitByComma() }
        return (parsed.asList ?? []).map { $0.pyString }
    }
}

/// Rows of the `peers` and `jobs` tables.
extension NodeTurn {
    /// Takes one loaded peer: `info_json` under the row's own node_id. The own row is skipped, a bad one is logged.
    package mutating func loadPeerRow(nodeID id: PyString, infoJSON: PyString?) {
        guard id != nodeID else { return }
        do throws(PyException) {
            guard let infoJSON else {
                throw .typeError("the JSON object must be str, bytes or bytearray, not NoneType")
            }
            peers[PyKey(text: id)] = try NodeInfo(fromDict: PyJSON.loads(infoJSON))
        } catch {
            log(.peerLoadFailed(id, error.message))
        }
    }
}

extension ClusterJob {
    /// A row of the `jobs` table (contract 01 section 6.1); the columns it lacks take their defaults.
    ///
    /// - Throws: `ValueError` for an unknown job type, which ends the whole load in the legacy.
    package init(row: PyDict) throws(PyException) {
        self.init(
            jobID: row["job_id"] ?? .none, jobType: try JobType(python: row["job_type"] ?? .none),
            nodeID: row["node_id"] ?? .none)
        boardType = row["board_type"] ?? .none
        numPlayers = row["num_players"] ?? .none
        engineMode = row["engine_mode"] ?? .none
        pid = row["pid"] ?? .none
        startedAt = row["started_at"] ?? .none
        status = row["status"] ?? .none
    }
}
