/// One line per finished request, in the format of behaviour/01 section 2.3.
enum AccessLog {
    /// - Parameters:
    ///   - start: Unix seconds when the request's head was taken up.
    ///   - bytes: what was sent for it: status line, headers, body, chunk framing.
    static func line(
        _ head: RequestHead, target: RequestTarget, remote: String, start: String, status: Int, bytes: Int
    ) -> String {
        let path = PythonText.escaped(target.logBytes[...])
        let referer = head.headers.rawValue("Referer").map(PythonText.escaped) ?? "-"
        let agent = head.headers.rawValue("User-Agent").map(PythonText.escaped) ?? "-"
        return "\(remote) \(start) \"\(head.method) \(path) HTTP/\(head.version.major).\(head.version.minor)\" "
            + "\(status) \(bytes) \"\(referer)\" \"\(agent)\""
    }
}

enum PythonText {
    /// Bytes as Python prints them to stderr after decoding with surrogateescape: what is not UTF-8 shows as `\udcXX`.
    static func escaped(_ bytes: ArraySlice<UInt8>) -> String {
        if let text = String(validating: bytes, as: UTF8.self) { return text }
        var out = ""
        var rest = bytes[...]
        while let first = rest.first {
            var taken = 0
            for length in 1...min(4, rest.count) {
                if let text = String(validating: rest.prefix(length), as: UTF8.self) {
                    out += text
                    taken = length
                    break
                }
            }
            if taken == 0 {
                out += "\\udc" + String(first, radix: 16)
                taken = 1
            }
            rest = rest.dropFirst(taken)
        }
        return out
    }
}
