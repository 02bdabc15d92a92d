import Effects
import HTTPService
import P2PModel
import PythonSemantics

extension NodeRuntime {
    /// `_is_leader()`, with its repairs.
    package func checkedIsLeader() async throws(PyException) -> Bool {
        try await turn { turn throws(PyException) in try turn.isLeader() }
    }

    /// `_proxy_to_leader`: hands a request to the leader and its answer back (contract 01 section 8.4).
    ///
    /// - Throws: what reading the body raises, which the legacy does not catch.
    package func proxyToLeader(_ request: ServiceRequest) async throws(PyException) -> ServiceResponse {
        let target = request.rawTarget
        let urls = try await turn { turn throws(PyException) -> [String]? in
            guard let leader = try turn.leaderPeer() else { return nil }
            let urls = PeerURLs(selfInfo: turn.selfInfo)
            let candidates = try urls.candidates(leader, target)
            return candidates.isEmpty ? [try urls.single(leader, target)] : candidates
        }
        guard let urls else {
            return try .json(
                .dict([
                    "success": false, "error": "leader_unknown", "leader_id": store.snapshot.leadership.leaderID,
                ]), status: 503)
        }
        var headers: [String: String] = [:]
        for name in ["Authorization", "X-RingRift-Auth", "Content-Type"] {
            if let value = request.header(name) { headers[name] = value }
        }
        let body = ["GET", "HEAD", "OPTIONS"].contains(request.method) ? nil : try await request.readBody()
        if body != nil, headers["Content-Type"] == nil { headers["Content-Type"] = "application/octet-stream" }
        var failure = "unknown_error"
        for url in urls {
            do throws(PyException) {
                let answer = try await effects.peers.send(
                    PeerRequest(method: request.method, url: url, headers: headers, body: body, timeout: 10))
                return passOn(answer, from: url)
            } catch {
                failure = error.message
            }
        }
        return try .json(
            .dict([
                "success": false, "error": "leader_proxy_failed", "message": .string(PyString(failure)),
                "leader_id": store.snapshot.leadership.leaderID,
                "attempted_urls": .list(urls.map { .string(PyString($0)) }),
            ]), status: 502)
    }

    private func passOn(_ answer: PeerResponse, from url: String) -> ServiceResponse {
        var headers: [(name: String, value: String)] = []
        if !answer.contentType.isEmpty { headers.append(("Content-Type", answer.contentType)) }
        headers.append(("X-RingRift-Proxied-By", configuration.nodeID.description))
        headers.append(("X-RingRift-Proxied-To", url))
        if answer.contentType.isEmpty { headers.append(("Content-Type", "application/octet-stream")) }
        return ServiceResponse(status: answer.status, headers: headers, body: .bytes(answer.body))
    }
}
