import Effects
import Foundation
import P2PModel
import P2PServices
import PythonSemantics

// What a leader asks of other nodes (contract 06 section 8). A peer that nobody can reach gets it through a relay.

extension NodeRuntime {
    /// `_request_remote_cleanup`.
    func requestCleanup(_ node: NodeInfo) async {
        let id = node.nodeID.pyStr
        do throws(PyException) {
            if node[.natBlocked].isTruthy {
                console.print(
                    try await relay("cleanup", [:], to: node) != nil
                        ? "[P2P] Enqueued relay cleanup for \(id)"
                        : "[P2P] Relay queue full; skipping cleanup enqueue for \(id)")
                return
            }
            try await send(
                node, "/cleanup", [:], timeout: 30, failure: nil, done: "[P2P] Cleanup requested on \(id)",
                failed: "[P2P] Cleanup request failed on \(id)")
        } catch {
            console.print("[P2P] Failed to request cleanup from \(id): \(error.message)")
        }
    }

    /// `_request_reduce_selfplay`.
    func requestReduction(_ node: NodeInfo, to wanted: Int, reason: String) async throws(PyException) {
        let id = node.nodeID.pyStr
        let target = max(0, wanted)
        let body: PyDict = ["target_selfplay_jobs": .int(target), "reason": .string(PyString(reason))]
        if node[.natBlocked].isTruthy {
            console.print(
                try await relay("reduce_selfplay", body, to: node) != nil
                    ? "[P2P] Enqueued relay reduce_selfplay for \(id) (target=\(target), reason=\(reason))"
                    : "[P2P] Relay queue full for \(id); skipping reduce_selfplay enqueue")
            return
        }
        try await send(
            node, "/reduce_selfplay", body, timeout: 30, failure: nil,
            done: "[P2P] Requested load shedding on \(id) (target=\(target), reason=\(reason))",
            failed: "[P2P] reduce_selfplay request failed on \(id)")
    }

    /// `_request_job_restart`.
    func requestRestart(_ node: NodeInfo) async {
        let id = node.nodeID.pyStr
        do throws(PyException) {
            if node[.natBlocked].isTruthy {
                console.print(
                    try await relay("restart_stuck_jobs", [:], to: node) != nil
                        ? "[P2P] Enqueued relay restart_stuck_jobs for \(id)"
                        : "[P2P] Relay queue full for \(id); skipping restart enqueue")
                return
            }
            try await send(
                node, "/restart_stuck_jobs", [:], timeout: 30, failure: "restart_failed",
                done: "[P2P] Job restart requested on \(id)", failed: "[P2P] Job restart request failed on \(id)")
        } catch {
            console.print("[P2P] Failed to request job restart from \(id): \(error.message)")
        }
    }

    /// `_request_remote_job`: only while nothing forbids a start here.
    func requestJob(_ node: NodeInfo, _ type: JobType, _ config: SelfplayConfig) async {
        let id = node.nodeID.pyStr
        if let reason = scheduling.safeguards.blockReason() {
            console.print("[P2P] SAFEGUARD blocked remote \(type.rawValue) on \(id): \(reason)")
            return
        }
        let digits = effects.identifiers.uuidHex(label: Self.site("_request_remote_job")).prefix(6)
        let jobID = "\(type.rawValue)_\(config.key)_\(Int(effects.clock.now()))_\(digits)"
        let body: PyDict = [
            "job_id": .string(PyString(jobID)), "job_type": type.value, "board_type": .string(config.boardType),
            "num_players": .int(config.numPlayers), "engine_mode": .string(config.engineMode),
        ]
        let job = "\(config.boardType) \(config.numPlayers)p"
        do throws(PyException) {
            if node[.natBlocked].isTruthy {
                console.print(
                    try await relay("start_job", body, to: node) != nil
                        ? "[P2P] Enqueued relay job for \(id): \(type.rawValue) \(job) (\(jobID))"
                        : "[P2P] Relay queue full for \(id); skipping enqueue")
                return
            }
            try await send(
                node, "/start_job", body, timeout: 10, failure: "start_failed",
                done: "[P2P] Started remote \(job) job on \(id)",
                failed: "[P2P] Failed to start remote job on \(id)")
        } catch {
            console.print("[P2P] Failed to request remote job from \(id): \(error.message)")
        }
    }

    /// POSTs to one address of the peer after the other until one of them takes it.
    /// - Parameters:
    ///   - failure: what an answer without success and error means; nil: the answer is not looked at.
    ///   - failed: begins the line about the last failure, which a timeout does not have.
    private func send(
        _ node: NodeInfo, _ path: String, _ body: PyDict, timeout: Double, failure: String?, done: String,
        failed: String
    ) async throws(PyException) {
        let (isDone, last) = try await post(node, path, body, timeout: timeout, failure: failure) { _ in true }
        if isDone == true {
            console.print(done)
        } else if !last.isEmpty {
            console.print("\(failed): \(last)")
        }
    }

    private func post<T>(
        _ node: NodeInfo, _ path: String, _ body: PyDict, timeout: Double, failure: String?,
        _ result: (PyValue) throws(PyException) -> T
    ) async throws(PyException) -> (result: T?, lastError: String) {
        var last = ""
        for url in try PeerURLs(selfInfo: store.snapshot.selfInfo).candidates(node, path) {
            do throws(PyException) {
                let answer = try await command(url, body, timeout: timeout)
                guard answer.status == 200 else {
                    last = "http_\(answer.status)"
                    continue
                }
                guard let failure else { return (try result(.none), "") }
                let data = try answer.json(url: url)
                if try data.get("success").isTruthy { return (try result(data), "") }
                let error = try data.get("error")
                last = error.isTruthy ? error.pyStr : failure
            } catch {
                last = error.message
            }
        }
        return (nil, last)
    }

    /// One POST of JSON.
    func command(_ url: String, _ body: PyDict, timeout: Double) async throws(PyException) -> PeerResponse {
        var headers = peerHeaders
        headers["Content-Type"] = "application/json"
        return try await effects.peers.send(
            PeerRequest(
                method: "POST", url: url, headers: headers, body: try PyJSON.dumps(.dict(body)), timeout: timeout))
    }

    // MARK: relay

    /// `_enqueue_relay_command_for_peer`: the command's id; nil when the queue is full.
    private func relay(_ type: PyString, _ payload: PyDict, to node: NodeInfo) async throws(PyException) -> PyString? {
        let peerID = node.nodeID.strippedText()
        if peerID.isEmpty { return nil }
        let hubID = node[.relayVia].strippedText()
        if !hubID.isEmpty, hubID != configuration.nodeID,
            let hub = try store.snapshot.peers.get(.string(hubID))
        {
            let body: PyDict = [
                "target_node_id": .string(peerID), "type": .string(type), "payload": .dict(payload),
            ]
            let (id, last) = try await post(hub, "/relay/enqueue", body, timeout: 10, failure: "enqueue_failed") {
                data throws(PyException) -> PyString in
                let id = try data.get("id")
                return id.isTruthy ? id.pyString : ""
            }
            if let id { return id.isEmpty ? nil : id }
            if !last.isEmpty { console.print("[P2P] Relay enqueue via \(hubID) failed for \(peerID): \(last)") }
        }
        let now = effects.clock.now()
        let identifiers = effects.identifiers
        let id = try decideScheduling { _, attributes throws(PyException) in
            try RelayQueue.enqueue(type, payload, for: .string(peerID), &attributes, now: now) {
                identifiers.uuidHex(label: RelayQueue.label)
            }
        }
        return id?.isEmpty == true ? nil : id
    }
}

extension PeerResponse {
    /// `await resp.json()` of aiohttp's client.
    ///
    /// - Throws: for another content type (`ContentTypeError`), bytes that are no text, text that is no JSON.
    func json(url: String) throws(PyException) -> PyValue {
        let type = contentType.lowercased()
        guard type.range(of: #"^application/([\w.+-]+\+)?json"#, options: .regularExpression) != nil else {
            let message = PyValue.string(PyString("Attempt to decode JSON with unexpected mimetype: \(type)")).pyRepr
            throw PyException(
                type: "ContentTypeError",
                message: "\(status), message=\(message), url=\(PyValue.string(PyString(url)).pyRepr)",
                module: "aiohttp.client_exceptions")
        }
        let spaces: Set<UInt8> = [9, 10, 11, 12, 13, 32]
        guard let first = body.firstIndex(where: { !spaces.contains($0) }),
            let last = body.lastIndex(where: { !spaces.contains($0) })
        else { return .none }
        let charset = type.range(of: #"charset="?[\w.-]+"#, options: .regularExpression)
            .map { type[$0].dropFirst(8).filter { $0 != "\"" } }
        return try PyJSON.decodeBody(Array(body[first...last]), charset: charset.map { String($0) })
    }
}
