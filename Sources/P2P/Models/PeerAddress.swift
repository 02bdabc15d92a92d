import Glibc
import PythonSemantics

/// A peer as the command line or a seed list writes it: `host`, `host:port` or a URL (contract 03 section 4.2).
package struct PeerAddress: Sendable, Equatable {
    package let scheme: PyString
    package let host: PyString
    package let port: Int

    package init(scheme: PyString, host: PyString, port: Int) {
        self.scheme = scheme
        self.host = host
        self.port = port
    }

    /// - Throws: `ValueError` with the texts of the contract and of Python's `int` and `urlparse`.
    package init(parsing address: PyString) throws(PyException) {
        let trimmed = address.strip()
        guard !trimmed.isEmpty else { throw Self.error("Empty peer address") }
        if trimmed.contains("://") {
            try self.init(url: Array(trimmed.codePoints))
            return
        }
        let parts = trimmed.split(":", maxSplits: 1)
        let rest = parts.count == 2 ? parts[1] : ""
        self.init(
            scheme: "http", host: parts[0], port: rest.isEmpty ? 8770 : try Self.machineInt(.string(rest)))
    }

    /// The part of `urllib.parse.urlparse` that matters: scheme, userinfo, brackets, port.
    private init(url points: [UInt32]) throws(PyException) {
        let original = PyString(codePoints: points)
        let cleaned = Array(points.filter { $0 != 0x09 && $0 != 0x0A && $0 != 0x0D }.drop { $0 <= 0x20 })
        var rest = cleaned[...]
        var parsedScheme: PyString = ""
        if let colon = cleaned.firstIndex(of: 0x3A), colon > 0, isASCIILetter(cleaned[0]),
            cleaned[..<colon].allSatisfy({
                isASCIILetter($0) || (0x30...0x39).contains($0) || [0x2B, 0x2D, 0x2E].contains($0)
            })
        {
            parsedScheme = PyString(codePoints: cleaned[..<colon]).lowercased()
            rest = cleaned[(colon + 1)...]
        }
        guard rest.starts(with: [0x2F, 0x2F]) else { throw Self.error("Invalid peer URL: \(original)") }
        let netloc = rest.dropFirst(2).prefix { ![0x2F, 0x3F, 0x23].contains($0) }
        let opened = netloc.contains(0x5B)
        guard opened == netloc.contains(0x5D) else { throw Self.error("Invalid IPv6 URL") }
        let hostInfo = netloc.lastIndex(of: 0x40).map { netloc[($0 + 1)...] } ?? netloc
        if opened { try Self.checkBrackets(hostInfo) }
        let hostname: ArraySlice<UInt32>
        let portText: ArraySlice<UInt32>
        if let open = hostInfo.firstIndex(of: 0x5B) {
            let inside = hostInfo[(open + 1)...]
            let close = inside.firstIndex(of: 0x5D) ?? inside.endIndex
            hostname = inside[..<close]
            let after = inside[close...].dropFirst()
            portText = (after.firstIndex(of: 0x3A).map { after[$0...] } ?? []).dropFirst()
        } else {
            let colon = hostInfo.firstIndex(of: 0x3A) ?? hostInfo.endIndex
            hostname = hostInfo[..<colon]
            portText = hostInfo[colon...].dropFirst()
        }
        guard !hostname.isEmpty else { throw Self.error("Invalid peer URL: \(original)") }
        let zone = hostname.firstIndex(of: 0x25) ?? hostname.endIndex
        host = PyString(
            codePoints: Array(PyString(codePoints: hostname[..<zone]).lowercased().codePoints) + hostname[zone...])
        scheme = parsedScheme.isEmpty ? "http" : parsedScheme
        port = try Self.urlPort(portText) ?? (scheme == "https" ? 443 : 8770)
    }

    private static func urlPort(_ text: ArraySlice<UInt32>) throws(PyException) -> Int? {
        guard !text.isEmpty else { return nil }
        let value = PyValue.string(PyString(codePoints: text))
        guard text.allSatisfy({ (0x30...0x39).contains($0) }) else {
            throw error("Port could not be cast to integer value as \(value.pyRepr)")
        }
        guard let number = try? PyNumber.int(value), case .int(let port) = number, port <= 65535 else {
            throw error("Port out of range 0-65535")
        }
        return port
    }

    /// What stands in brackets must be an IPv6 address (or `vX.`, the reserved form), with nothing before and only a
    /// port behind.
    private static func checkBrackets(_ hostInfo: ArraySlice<UInt32>) throws(PyException) {
        let inside: ArraySlice<UInt32>
        if let open = hostInfo.firstIndex(of: 0x5B) {
            let bracketed = hostInfo[(open + 1)...]
            inside = bracketed.prefix { $0 != 0x5D }
            let after = bracketed.dropFirst(inside.count + 1)
            guard open == hostInfo.startIndex, after.isEmpty || after.first == 0x3A else {
                throw error("Invalid IPv6 URL")
            }
        } else {
            inside = hostInfo.prefix { $0 != 0x3A }
        }
        let text = String(describing: PyString(codePoints: inside))
        if text.hasPrefix("v") {
            let version = text.dropFirst().prefix { $0 != "." }
            guard !version.isEmpty, version.allSatisfy(\.isHexDigit), text.dropFirst(version.count + 2).count > 0 else {
                throw error("IPvFuture address is invalid")
            }
            return
        }
        if TailscaleAddress.ipv4(Array(inside)) != nil { throw error("An IPv4 address cannot be in brackets") }
        let parts = text.split(separator: "%", maxSplits: 1, omittingEmptySubsequences: false)
        var address = in6_addr()
        let valid = inet_pton(AF_INET6, String(parts[0]), &address) == 1
        guard valid, parts.count == 1 || !(parts[1].isEmpty || parts[1].contains("%")) else {
            throw error("\(PyValue.string(PyString(text)).pyRepr) does not appear to be an IPv4 or IPv6 address")
        }
    }

    private static func machineInt(_ value: PyValue) throws(PyException) -> Int {
        guard case .int(let number) = try PyNumber.int(value) else { throw error("Port out of range 0-65535") }
        return number
    }

    private static func error(_ text: String) -> PyException { PyException(type: "ValueError", message: text) }
}

private func isASCIILetter(_ point: UInt32) -> Bool {
    (0x41...0x5A).contains(point) || (0x61...0x7A).contains(point)
}
