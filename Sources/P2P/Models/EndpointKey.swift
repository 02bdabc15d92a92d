import PythonSemantics

/// What two nodes must not share if heartbeats are to reach the right one (contract 03 section 4.15).
package struct EndpointKey: Sendable, Hashable {
    package let scheme: PyString
    package let host: PyString
    /// `int(port)`; a number beyond 64 bits is kept by its digits in `host`'s stead and never occurs in practice.
    package let port: Int
}

extension NodeInfo {
    /// The key, or nil when the record has no host. The reported endpoint wins for loopback hosts and for Tailscale.
    package var endpointKey: EndpointKey? { memo.endpoint(computedEndpoint) }

    private func computedEndpoint() -> EndpointKey? {
        var host = self[.host].strippedText()
        guard !host.isEmpty else { return nil }
        var port = self[.port].portNumber(default: 8770)
        let reportedHost = self[.reportedHost].strippedText()
        let reportedPort = self[.reportedPort].portNumber(default: 0)
        if !reportedHost.isEmpty, reportedPort > 0,
            host.isLoopbackLike || TailscaleAddress.matches(reportedHost)
        {
            host = reportedHost
            port = reportedPort
        }
        let scheme = self[.scheme].isTruthy ? self[.scheme].pyString : "http"
        return EndpointKey(scheme: scheme.lowercased(), host: host, port: port)
    }
}

extension PyString {
    /// Hosts that mean "this machine" to whoever wrote them.
    var isLoopbackLike: Bool {
        self == "127.0.0.1" || self == "localhost" || self == "0.0.0.0" || self == "::1"
    }
}

extension PyValue {
    /// `int(value or default)`, and the default for what Python cannot convert.
    func portNumber(default fallback: Int) -> Int {
        guard isTruthy else { return fallback }
        if case .int(let number) = self { return number }
        guard let converted = try? PyNumber.int(self), case .int(let number) = converted else { return fallback }
        return number
    }
}
