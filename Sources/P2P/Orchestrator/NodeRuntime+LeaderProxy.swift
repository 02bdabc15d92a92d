import Effects
import HTTPService
import P2PModel
import PythonSemantics

extension NodeRuntime {
    /// `_is_leader()`, with its repairs.
    func checkedIsLeader() async throws(PyException) -> Bool {
        try await turn { turn throws(PyException) in try turn.isLeader() }
    }

    /// Hands a request to the leader and its answer back; contract 01 section 3.9.
    ///
    /// - Returns: the leader's answer of any status; 503 when there is none, 502 when it cannot be reached.
    /// - Throws: what a leader's record with a wrong type throws.
    func proxyToLeader(_ request: ServiceRequest) async throws(PyException) -> ServiceResponse {
        let path = PyString(request.rawTarget)
        let leader = try await turn { turn throws(PyException) -> (urls: [String]?, id: PyValue) in
            guard let peer = try turn.leaderPeer() else { return (nil, turn.leadership.leaderID) }
            let urls = PeerURLs(selfInfo: turn.selfInfo)
            var found = try urls.candidates(peer, path.description)
            if found.isEmpty { found = [try urls.single(peer, path.description)] }
            return (found, turn.leadership.leaderID)
        }
        guard let urls = leader.urls else {
            return try .json(
                .dict(["success": false, "error": "leader_unknown", "leader_id": leader.id]), status: 503)
        }
        var body: [UInt8]?
        if !["GET", "HEAD", "OPTIONS"].contains(request.method) { body = try await request.readBody() }
        var headers: [String: String] = [:]
        for name in ["Authorization", "X-RingRift-Auth", "Content-Type"] { headers[name] = request.header(name) }
        // As aiohttp's client names the type of bytes.
        if body != nil, headers["Content-Type"] == nil { headers["Content-Type"] = "application/octet-stream" }
        var message = ""
        for url in urls {
            do throws(PyException) {
                let answer = try await effects.peers.send(
                    PeerRequest(
                        method: request.method, url: RequotedURL.text(url), headers: headers, body: body, timeout: 10))
                return passedOn(answer, from: url)
            } catch {
                message = error.message
            }
        }
        // Who leads may have changed meanwhile.
        let id = store.snapshot.leadership.leaderID
        return try .json(
            .dict([
                "success": false, "error": "leader_proxy_failed", "message": .string(PyString(message)),
                "leader_id": id, "attempted_urls": .list(urls.map { .string(PyString($0)) }),
            ]), status: 502)
    }

    private func passedOn(_ answer: PeerResponse, from url: String) -> ServiceResponse {
        var headers: [(name: String, value: String)] = []
        if !answer.contentType.isEmpty { headers.append(("Content-Type", answer.contentType)) }
        headers.append(("X-RingRift-Proxied-By", configuration.nodeID.description))
        headers.append(("X-RingRift-Proxied-To", url))
        if answer.contentType.isEmpty { headers.append(("Content-Type", "application/octet-stream")) }
        return ServiceResponse(status: answer.status, headers: headers, body: .bytes(answer.body))
    }
}

/// A URL as aiohttp's client writes it on the wire: needless escapes are resolved, missing ones made.
enum RequotedURL {
    static func text(_ url: String) -> String {
        let bytes = Array(url.utf8)
        guard let start = pathStart(bytes) else { return url }
        let end = bytes.firstIndex(of: UInt8(ascii: "?")) ?? bytes.count
        var text = Array(bytes[..<start])
        requote(bytes[start..<end], plain: common + Array("@:&=;".utf8), kept: Array("/+".utf8), to: &text)
        if end < bytes.count {
            text.append(UInt8(ascii: "?"))
            requote(bytes[(end + 1)...], plain: common + Array("?/:@".utf8), kept: Array("=+&;".utf8), to: &text)
        }
        return String(decoding: text, as: UTF8.self)
    }

    private static let common = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$'()*,".utf8)

    private static func pathStart(_ bytes: [UInt8]) -> Int? {
        let slash = UInt8(ascii: "/")
        let slashes = bytes.indices.filter { bytes[$0] == slash }
        return slashes.count > 2 ? slashes[2] : nil
    }

    /// - Parameters:
    ///   - plain: never escaped.
    ///   - kept: as they are given, escaped or not.
    private static func requote(_ bytes: ArraySlice<UInt8>, plain: [UInt8], kept: [UInt8], to text: inout [UInt8]) {
        var position = bytes.startIndex
        while position < bytes.endIndex {
            let byte = bytes[position]
            position += 1
            if byte == UInt8(ascii: "%"), let escaped = escaped(bytes[position...].prefix(2)) {
                position += 2
                if plain.contains(escaped) { text.append(escaped) } else { escape(escaped, to: &text) }
            } else if plain.contains(byte) || kept.contains(byte) {
                text.append(byte)
            } else {
                escape(byte, to: &text)
            }
        }
    }

    private static func escaped(_ digits: ArraySlice<UInt8>) -> UInt8? {
        guard digits.count == 2, digits.allSatisfy({ Character(UnicodeScalar($0)).isHexDigit }) else { return nil }
        return UInt8(String(decoding: digits, as: UTF8.self), radix: 16)
    }

    private static func escape(_ byte: UInt8, to text: inout [UInt8]) {
        text.append(UInt8(ascii: "%"))
        let digits = String(byte, radix: 16, uppercase: true)
        text.append(contentsOf: (digits.count == 1 ? "0" + digits : digits).utf8)
    }
}
