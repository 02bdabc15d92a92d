/// A request target taken apart the way aiohttp's C parser and yarl do it (behaviour/01 section 3.1).
package struct RequestTarget: Sendable {
    /// Percent-encoded path; "" for an authority without a path (`GET http://host`, CONNECT).
    let rawPath: [UInt8]
    private let rawQuery: ArraySlice<UInt8>
    private let rawFragment: ArraySlice<UInt8>

    package init(_ text: String) { self.init(bytes: Array(text.utf8)) }

    init(bytes: [UInt8], isAuthority: Bool = false) {
        guard !isAuthority else {
            self.init(rest: [])
            return
        }
        if bytes.count > 1, bytes[0] == UInt8(ascii: "/") {
            self.init(originForm: bytes)
        } else {
            self.init(rest: Self.withoutOrigin(bytes))
        }
    }

    /// A `#` directly behind the first `?` does not start a fragment: aiohttp searches one byte further on.
    private init(originForm bytes: [UInt8]) {
        let hash = UInt8(ascii: "#")
        if let question = bytes.firstIndex(of: UInt8(ascii: "?")) {
            let after = bytes[(question + 1)...]
            let fragment = after.dropFirst().firstIndex(of: hash) ?? bytes.endIndex
            rawPath = Array(bytes[..<question])
            rawQuery = bytes[(question + 1)..<fragment]
            rawFragment = bytes[fragment...].dropFirst()
        } else if let fragment = bytes.firstIndex(of: hash) {
            rawPath = Array(bytes[..<fragment])
            rawQuery = []
            rawFragment = bytes[(fragment + 1)...]
        } else {
            rawPath = bytes
            rawQuery = []
            rawFragment = []
        }
    }

    private init(rest: ArraySlice<UInt8>) {
        let fragment = rest.firstIndex(of: UInt8(ascii: "#")) ?? rest.endIndex
        let question = rest[..<fragment].firstIndex(of: UInt8(ascii: "?")) ?? fragment
        rawPath = Array(rest[..<question])
        rawQuery = rest[question..<fragment].dropFirst()
        rawFragment = rest[fragment...].dropFirst()
    }

    /// `http://host:1/path?x` -> `/path?x`; other forms (`*`, `/`) stay.
    private static func withoutOrigin(_ bytes: [UInt8]) -> ArraySlice<UInt8> {
        guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")), bytes[..<colon].allSatisfy(isSchemeByte),
            bytes[(colon + 1)...].starts(with: [0x2F, 0x2F])
        else { return bytes[...] }
        let authority = bytes[(colon + 3)...]
        let end = authority.firstIndex { $0 == 0x2F || $0 == 0x3F || $0 == 0x23 } ?? bytes.endIndex
        return bytes[end...]
    }

    private static func isSchemeByte(_ byte: UInt8) -> Bool {
        (byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7A) || (byte >= 0x30 && byte <= 0x39) || byte == 0x2B || byte == 0x2D
            || byte == 0x2E
    }

    /// `request.path`.
    package var path: String { PercentCoding.decodePath(rawPath) }
    /// yarl's `path_safe`, what routes are matched with: `%2F` and `%25` stay encoded.
    var routingPath: String { PercentCoding.decodePath(rawPath, keepingSlashAndPercent: true) }
    /// Decoded pairs in order.
    package var query: [(name: String, value: String)] { rawQuery.isEmpty ? [] : PercentCoding.queryPairs(rawQuery) }
    package var hasQuery: Bool { !rawQuery.isEmpty }

    /// `request.path_qs`, what the access log shows: an empty query or fragment disappears, a leading `//` doubles.
    var logBytes: [UInt8] {
        var bytes: [UInt8] = rawPath.starts(with: [0x2F, 0x2F]) ? [0x2F, 0x2F] : []
        bytes += rawPath
        if !rawQuery.isEmpty {
            bytes.append(UInt8(ascii: "?"))
            bytes += rawQuery
        }
        if !rawFragment.isEmpty {
            bytes.append(UInt8(ascii: "#"))
            bytes += rawFragment
        }
        return bytes
    }
}
