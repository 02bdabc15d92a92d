import Effects
import P2PModel
import PythonSemantics

extension NodeRuntime {
    /// Authorization for requests to other nodes.
    package var peerHeaders: [String: String] {
        configuration.token.isEmpty ? [:] : ["Authorization": "Bearer \(configuration.token)"]
    }

    /// POSTs JSON and gives the answer when it is JSON with status 200.
    package func postJSON(_ url: String, _ body: PyDict, timeout: Double) async -> PyValue? {
        guard let bytes = try? PyJSON.dumps(.dict(body)) else { return nil }
        var headers = peerHeaders
        headers["Content-Type"] = "application/json"
        return await json(PeerRequest(method: "POST", url: url, headers: headers, body: bytes, timeout: timeout))
    }

    /// GETs JSON; nil for anything but a JSON answer with status 200.
    package func getJSON(_ url: String, timeout: Double) async -> PyValue? {
        await json(PeerRequest(method: "GET", url: url, headers: peerHeaders, timeout: timeout))
    }

    private func json(_ request: PeerRequest) async -> PyValue? {
        guard let response = try? await effects.peers.send(request), response.status == 200,
            response.contentType.contains("json")
        else { return nil }
        return try? PyJSON.decodeBody(response.body, charset: nil)
    }
}
