import NIOCore

/// The start line and headers of one request, as received: bytes are kept, text is made when asked for.
package final class RequestHead: Sendable {
    /// Method name in capitals, one of those llhttp knows.
    package let method: String
    /// HTTP version as sent; HTTP/0.9 is a request line without a version.
    package let version: (major: UInt8, minor: UInt8)
    /// The request target exactly as sent.
    let target: [UInt8]
    package let headers: RequestHeaders
    /// The connection ends after the answer (`Connection: close`, or HTTP/1.0 without keep-alive).
    package let shouldClose: Bool
    /// Lower-case content coding that the server undoes before the handler reads: `gzip` or `deflate`.
    package let contentCoding: String?

    init(
        method: String, version: (major: UInt8, minor: UInt8), target: [UInt8], headers: RequestHeaders,
        shouldClose: Bool, contentCoding: String?
    ) {
        self.method = method
        self.version = version
        self.target = target
        self.headers = headers
        self.shouldClose = shouldClose
        self.contentCoding = contentCoding
    }

    var isHTTP11: Bool { version.major == 1 && version.minor == 1 }
    var isHTTP10: Bool { version.major == 1 && version.minor == 0 }

    /// What aiohttp answers unparsable input with: an imaginary HTTP/1.0 request that closes.
    static let unparsable = RequestHead(
        method: "UNKNOWN", version: (1, 0), target: [UInt8(ascii: "/")], headers: RequestHeaders(), shouldClose: true,
        contentCoding: nil)
}

/// Request headers in the order received. Lookup ignores ASCII case and gives the first value, like
/// `CIMultiDictProxy.get`.
package struct RequestHeaders: Sendable {
    struct Field: Sendable {
        var name: Range<Int32>
        var value: Range<Int32>
    }
    private(set) var bytes: [UInt8] = []
    private(set) var fields: [Field] = []

    package init() {}

    /// For tests and synthetic requests.
    package init(_ pairs: [(String, String)]) {
        for (name, value) in pairs { append(name: Array(name.utf8), value: Array(value.utf8)) }
    }

    init(bytes: [UInt8], fields: [Field]) {
        self.bytes = bytes
        self.fields = fields
    }

    mutating func append(name: [UInt8], value: [UInt8]) {
        let start = Int32(bytes.count)
        bytes += name
        let middle = Int32(bytes.count)
        bytes += value
        fields.append(Field(name: start..<middle, value: middle..<Int32(bytes.count)))
    }

    package var count: Int { fields.count }

    /// First value of `name` as text; bytes that are not UTF-8 become U+FFFD (use ``rawValue(_:)`` where they matter).
    package subscript(name: String) -> String? {
        rawValue(name).map { String(decoding: $0, as: UTF8.self) }
    }

    /// First value of `name` as received (Python sees it decoded as UTF-8 with surrogateescape).
    package func rawValue(_ name: String) -> ArraySlice<UInt8>? {
        for field in fields where matches(field.name, name) {
            return bytes[Int(field.value.lowerBound)..<Int(field.value.upperBound)]
        }
        return nil
    }

    /// All values of `name`, in order.
    package func all(_ name: String) -> [String] {
        fields.filter { matches($0.name, name) }.map { text($0.value) }
    }

    /// Every header as received, names with their original case, for a proxy.
    package var pairs: [(name: String, value: String)] {
        fields.map { (text($0.name), text($0.value)) }
    }

    private func text(_ range: Range<Int32>) -> String {
        String(decoding: bytes[Int(range.lowerBound)..<Int(range.upperBound)], as: UTF8.self)
    }

    private func matches(_ range: Range<Int32>, _ name: String) -> Bool {
        var name = name
        return name.withUTF8 { wanted in
            guard wanted.count == range.count else { return false }
            return bytes.withUnsafeBufferPointer { all in
                for index in 0..<wanted.count
                where lowered(all[Int(range.lowerBound) + index]) != lowered(wanted[index]) {
                    return false
                }
                return true
            }
        }
    }
}

@inline(__always) func lowered(_ byte: UInt8) -> UInt8 { byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte }
