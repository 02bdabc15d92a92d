import PythonSemantics

/// Tailscale addresses: names under `.ts.net` and IPv4 in 100.64.0.0/10 (contract 03 section 4.3).
package enum TailscaleAddress {
    /// Whether a host is one. Falsy values are not.
    ///
    /// - Throws: `AttributeError` `'int' object has no attribute 'strip'` for a truthy non-string.
    package static func matches(_ host: PyValue) throws(PyException) -> Bool {
        guard host.isTruthy else { return false }
        guard case .string(let text) = host else { throw .noAttribute("strip", on: host) }
        return matches(text)
    }

    /// The same for text; case matters, a trailing dot is not allowed.
    package static func matches(_ host: PyString) -> Bool {
        let trimmed = host.strip()
        if trimmed.hasSuffix(".ts.net") { return true }
        guard let octets = ipv4(Array(trimmed.codePoints)) else { return false }
        return octets[0] == 100 && octets[1] & 0xC0 == 0x40
    }

    /// Four decimal octets without leading zeros, as Python's `ipaddress` reads them.
    static func ipv4(_ points: [UInt32]) -> [UInt32]? {
        let parts = points.split(separator: 0x2E, omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var octets: [UInt32] = []
        for part in parts {
            guard (1...3).contains(part.count), part.allSatisfy({ (0x30...0x39).contains($0) }),
                part.count == 1 || part.first != 0x30
            else { return nil }
            let octet = part.reduce(0) { $0 * 10 + ($1 - 0x30) }
            guard octet <= 255 else { return nil }
            octets.append(octet)
        }
        return octets
    }
}
