import PythonSemantics

/// Talks to other nodes for real, with time-outs that count on the virtual clock.
package struct VirtualPeers: PeerTransport {
    private let real: any PeerTransport
    private let clock: any WallClock

    package init(_ real: any PeerTransport, clock: any WallClock) {
        self.real = real
        self.clock = clock
    }

    /// Real seconds after which an exchange ends whatever the clock says: nothing in a sandbox takes as long.
    private static let bound = 600.0

    package func send(_ request: PeerRequest) async throws(PyException) -> PeerResponse {
        var patient = request
        patient.timeout = Self.bound
        let (real, clock, message) = (real, clock, patient)
        let outcome = await withTaskGroup(of: Result<PeerResponse, PyException>?.self) { group in
            group.addTask {
                do throws(PyException) {
                    return .success(try await real.send(message))
                } catch {
                    return .failure(error)
                }
            }
            group.addTask {
                do { try await clock.sleep(seconds: request.timeout) } catch { return nil }
                return .failure(PyException(type: "TimeoutError", message: ""))
            }
            defer { group.cancelAll() }
            while let result = await group.next() {
                if let result { return result }
            }
            return .failure(PyException(type: "CancelledError", message: "", module: "asyncio.exceptions"))
        }
        return try outcome.get()
    }
}
