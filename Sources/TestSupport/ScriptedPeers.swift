import Effects
import PythonSemantics
import Synchronization

/// Other nodes as a table: method and URL to what they answer. A request that is not in the table, or that no node of
/// the contract would send, is a violation.
package final class ScriptedPeers: PeerTransport {
    /// What a peer does with a request.
    package enum Answer: Sendable {
        /// JSON with status 200.
        case json(PyValue)
        /// Any answer.
        case response(PeerResponse)
        /// Nobody listens: aiohttp's ClientConnectorError.
        case refused
        /// The time is up: aiohttp's TimeoutError, without a text.
        case timeout
        /// Decided by looking at the request.
        case decide(@Sendable (PeerRequest) -> Answer)
    }

    /// A request as it arrived.
    package struct Call: Sendable {
        package var request: PeerRequest
        /// `POST http://host:1/path`
        package var name: String
        /// The body, `.none` without one.
        package var json: PyValue
    }

    private struct State {
        var answers: [String: Answer] = [:]
        var calls: [Call] = []
    }

    private let state = Mutex(State())
    private let onViolation: @Sendable (String) -> Void

    package init(onViolation: @escaping @Sendable (String) -> Void) { self.onViolation = onViolation }

    /// - Parameter name: `POST http://10.0.0.2:8770/heartbeat`.
    package func answer(_ name: String, _ answer: Answer) { state.withLock { $0.answers[name] = answer } }

    package var calls: [Call] { state.withLock { $0.calls } }
    /// `POST http://…` of every request so far.
    package var names: [String] { calls.map(\.name) }
    package func forgetCalls() { state.withLock { $0.calls = [] } }

    package func send(_ request: PeerRequest) async throws(PyException) -> PeerResponse {
        let name = "\(request.method) \(request.url)"
        let body = request.body.flatMap { try? PyJSON.decodeBody($0, charset: nil) }
        for problem in PeerProtocol.problems(request, body: body) { onViolation("\(name): \(problem)") }
        let answer = state.withLock { state in
            state.calls.append(Call(request: request, name: name, json: body ?? .none))
            return state.answers[name]
        }
        guard let answer else {
            onViolation("nobody expected \(name)")
            throw Self.refusal(request)
        }
        return try Self.perform(answer, request)
    }

    private static func perform(_ answer: Answer, _ request: PeerRequest) throws(PyException) -> PeerResponse {
        switch answer {
        case .json(let value):
            return PeerResponse(
                status: 200, contentType: "application/json; charset=utf-8", body: try PyJSON.dumps(value))
        case .response(let response): return response
        case .refused: throw refusal(request)
        case .timeout: throw PyException(type: "TimeoutError", message: "")
        case .decide(let choose): return try perform(choose(request), request)
        }
    }

    private static func refusal(_ request: PeerRequest) -> PyException {
        let address = PeerProtocol.address(of: request.url)
        let (host, port) = (address?.host ?? "", address?.port ?? 0)
        return PyException(
            type: "ClientConnectorError",
            message: "Cannot connect to host \(host):\(port) ssl:default [Connect call failed ('\(host)', \(port))]",
            module: "aiohttp.client_exceptions")
    }
}
