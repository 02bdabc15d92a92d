import PythonSemantics

/// Where requests to a peer go (contract 01 section 8.2, 03 section 4.3).
///
/// Host and reported host must be strings (or falsy): anything else fails with Python's AttributeError.
package struct PeerURLs: Sendable {
    /// Whether this node is on Tailscale, by its own record.
    package let localHasTailscale: Bool

    package init(selfInfo: NodeInfo) {
        localHasTailscale =
            TailscaleAddress.matches(selfInfo[.host].strippedText())
            || TailscaleAddress.matches(selfInfo[.reportedHost].strippedText())
    }

    /// The one URL for requests that are tried once.
    package func single(_ peer: NodeInfo, _ path: String) throws(PyException) -> String {
        let parts = try Parts(peer)
        var host = parts.host
        var port = peer[.port].portNumber(default: 8770)
        if !parts.reportedHost.isEmpty, parts.reportedPort != 0,
            host.isLoopbackLike || (localHasTailscale && TailscaleAddress.matches(parts.reportedHost))
        {
            host = parts.reportedHost
            port = parts.reportedPort
        }
        return "\(parts.scheme)://\(host):\(port)\(path)"
    }

    /// The URLs to try in order; may be empty.
    package func candidates(_ peer: NodeInfo, _ path: String) throws(PyException) -> [String] {
        let parts = try Parts(peer)
        var urls: [String] = []
        func add(_ host: PyString, _ port: Int) {
            guard !host.isEmpty, port > 0 else { return }
            let url = "\(parts.scheme)://\(host):\(port)\(path)"
            if !urls.contains(url) { urls.append(url) }
        }
        if localHasTailscale, TailscaleAddress.matches(parts.reportedHost) {
            add(parts.reportedHost, parts.reportedPort)
        }
        add(parts.host, peer[.port].portNumber(default: 0))
        add(parts.reportedHost, parts.reportedPort)
        return urls
    }

    /// The URLs to try for a voter: Tailscale addresses first. `registryAddress` is what the dynamic registry knows.
    package func voter(_ peer: NodeInfo, _ path: String, registryAddress: PyString) throws(PyException) -> [String] {
        let parts = try Parts(peer, strict: false)
        var port = peer[.port].portNumber(default: 0)
        if port <= 0 { port = peer[.reportedPort].portNumber(default: 8770) }
        var urls: [String] = []
        func add(_ host: PyString, _ port: Int) {
            let url = "\(parts.scheme)://\(host):\(port)\(path)"
            if !urls.contains(url) { urls.append(url) }
        }
        if !registryAddress.isEmpty { add(registryAddress, port) }
        if parts.reportedPort > 0, TailscaleAddress.matches(parts.reportedHost) {
            add(parts.reportedHost, parts.reportedPort)
        }
        if TailscaleAddress.matches(parts.host) { add(parts.host, port) }
        return urls.isEmpty ? try candidates(peer, path) : urls
    }

    private struct Parts {
        let scheme: PyString
        let host: PyString
        let reportedHost: PyString
        let reportedPort: Int

        init(_ peer: NodeInfo, strict: Bool = true) throws(PyException) {
            switch peer[.scheme] {
            case let value where !value.isTruthy: scheme = "http"
            case .string(let text): scheme = text.lowercased()
            case let other: throw .noAttribute("lower", on: other)
            }
            host = peer[.host].strippedText()
            switch peer[.reportedHost] {
            case let value where !value.isTruthy: reportedHost = ""
            case let value where !strict: reportedHost = value.strippedText()
            case .string(let text): reportedHost = text.strip()
            case let other: throw .noAttribute("strip", on: other)
            }
            reportedPort = peer[.reportedPort].portNumber(default: 0)
        }
    }
}
