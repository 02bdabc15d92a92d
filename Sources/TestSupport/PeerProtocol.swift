import Effects
import PythonSemantics

/// What one node may ask another: contract 01 section 8.1 and 03 section 4.6. Key order is part of it.
enum PeerProtocol {
    private struct Rule {
        var method: String
        var path: String
        /// Allowed sets of keys; empty when the body is not fixed here.
        var keys: [[PyString]]
        /// Allowed total timeouts in seconds.
        var timeouts: Set<Double>
    }

    private static let announcement: [PyString] = ["leader_id", "lease_id", "lease_expires"]

    private static let rules = [
        Rule(method: "POST", path: "/election", keys: [["candidate_id"]], timeouts: [10]),
        Rule(
            method: "POST", path: "/election/lease", keys: [["leader_id", "lease_id", "lease_duration"]], timeouts: [5]),
        Rule(method: "GET", path: "/election/grant", keys: [], timeouts: [5]),
        Rule(
            method: "POST", path: "/coordinator",
            keys: [
                announcement + ["voter_node_ids"], announcement + ["lease_renewal", "voter_node_ids"],
                announcement + ["emergency"],
            ], timeouts: [3, 5]),
        Rule(method: "POST", path: "/heartbeat", keys: [], timeouts: [5, 10]),
        // A follower passes it on to its leader, query and all (contract 12).
        Rule(method: "GET", path: "/api/cluster/status", keys: [], timeouts: [10]),
        Rule(method: "POST", path: "/cleanup", keys: [[]], timeouts: [30]),
        Rule(method: "POST", path: "/reduce_selfplay", keys: [["target_selfplay_jobs", "reason"]], timeouts: [30]),
        Rule(method: "POST", path: "/restart_stuck_jobs", keys: [[]], timeouts: [30]),
        Rule(
            method: "POST", path: "/start_job",
            keys: [["job_id", "job_type", "board_type", "num_players", "engine_mode"]], timeouts: [10]),
        Rule(
            method: "POST", path: "/selfplay/start",
            keys: [["board_type", "num_players", "num_games", "engine_mode", "auto_scaled", "job_type"]],
            timeouts: [30]),
        Rule(method: "POST", path: "/relay/enqueue", keys: [["target_node_id", "type", "payload"]], timeouts: [10]),
    ]

    /// What is wrong with a request, as sentences.
    static func problems(_ request: PeerRequest, body: PyValue?) -> [String] {
        guard let address = address(of: request.url) else { return ["no URL that aiohttp accepts"] }
        let path = String(address.path.prefix { $0 != "?" })
        guard let rule = rules.first(where: { $0.method == request.method && $0.path == path }) else {
            return ["no node sends this"]
        }
        var problems: [String] = []
        if !rule.timeouts.contains(request.timeout) { problems.append("timeout \(request.timeout)") }
        if request.method == "GET" {
            if request.body != nil { problems.append("a GET with a body") }
            return problems
        }
        if request.headers["Content-Type"] != "application/json" { problems.append("no JSON content type") }
        guard case .dict(let fields)? = body else { return problems + ["a body that is no JSON object"] }
        if !rule.keys.isEmpty, !rule.keys.contains(fields.keys) { problems.append("keys \(fields.keys)") }
        if address.path == "/heartbeat" {
            for key in ["node_id", "host", "port", "role"] as [PyString] where fields[key] == nil {
                problems.append("no \(key)")
            }
        }
        if fields["lease_renewal"] != nil, request.timeout != 3 { problems.append("a renewal waits 3 s") }
        return problems
    }

    /// Host, port and path of an absolute http(s) URL.
    static func address(of url: String) -> (host: String, port: Int, path: String)? {
        for (scheme, usual) in [("http://", 80), ("https://", 443)] where url.hasPrefix(scheme) {
            let rest = url.dropFirst(scheme.count)
            let authority = rest.prefix { $0 != "/" }
            let parts = authority.split(separator: ":", omittingEmptySubsequences: false)
            guard let host = parts.first, !host.isEmpty, parts.count <= 2 else { return nil }
            guard parts.count == 2 else { return (String(host), usual, String(rest.dropFirst(authority.count))) }
            guard let port = Int(parts[1]), 1...65535 ~= port else { return nil }
            return (String(host), port, String(rest.dropFirst(authority.count)))
        }
        return nil
    }
}
