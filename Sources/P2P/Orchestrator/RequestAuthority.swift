import HTTPService
import PythonSemantics

/// Who may change a node; contract 01 section 3.2.
package struct RequestAuthority: Sendable {
    private let token: String

    package init(token: String) { self.token = token }

    /// Reading is free.
    package func isRequired(for method: String) -> Bool { !["GET", "HEAD", "OPTIONS"].contains(method) }

    /// - Throws: `TypeError` when either token has characters outside ASCII (Python's comparison refuses them).
    package func allows(_ request: ServiceRequest) throws(PyException) -> Bool {
        if token.isEmpty { return true }
        var given = ""
        if let header = request.header("Authorization"), header.utf8.count >= 7,
            header.prefix(7).lowercased() == "bearer "
        {
            given = header.dropFirst(7).trimmedBlanks
        }
        if given.isEmpty { given = (request.header("X-RingRift-Auth") ?? "")[...].trimmedBlanks }
        if given.isEmpty { return false }
        guard given.utf8.allSatisfy({ $0 < 128 }), token.utf8.allSatisfy({ $0 < 128 }) else {
            throw PyException(
                type: "TypeError", message: "comparing strings with non-ASCII characters is not supported")
        }
        return Self.equalInConstantTime(Array(given.utf8), Array(token.utf8))
    }

    private static func equalInConstantTime(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        var difference = UInt8(left.count == right.count ? 0 : 1)
        for index in right.indices { difference |= right[index] ^ (index < left.count ? left[index] : 0) }
        return difference == 0
    }
}

extension Substring {
    fileprivate var trimmedBlanks: String {
        var view = self
        while let first = view.first, first.isWhitespace { view.removeFirst() }
        while let last = view.last, last.isWhitespace { view.removeLast() }
        return String(view)
    }
}
