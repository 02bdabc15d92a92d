import P2PModel
import P2PServices
import PythonSemantics

extension NodeRuntime {
    /// Sends one heartbeat and reads the answer; contract 03 section 8.
    ///
    /// - Returns: the peer's record with the address that worked, nil when it did not answer with a usable record.
    package func exchangeHeartbeat(
        scheme: PyString, host: PyString, port: Int, timeout: Double
    ) async throws(PyException) -> NodeInfo? {
        let body = try await turn(refreshingSelf: true) { turn throws(PyException) in try turn.heartbeatBody() }
        firstPause.beginWaiting()
        let reply = await postJSON("\(scheme)://\(host):\(port)/heartbeat", body, timeout: timeout)
        // What begins while this loop waits begins before it goes on.
        if firstPause.endWaiting(answered: reply != nil) { await legacy.waitForRelease() }
        guard let answer = reply else { return nil }
        let address = PeerAddress(scheme: scheme, host: host, port: port)
        do throws(PyException) {
            return try await turn { turn throws(PyException) in
                try turn.readHeartbeatReply(answer, reachedAt: address)
            }
        } catch {
            return nil
        }
    }
}
