/// Where a compared leaf sits: `/body/peers/alpha/host`. Segments are separated by `/`; a `/` inside a key is written
/// `~1` and a `~` is written `~0`, as in JSON Pointer (RFC 6901).
package struct ValuePath: Sendable, Hashable, CustomStringConvertible {
    package var segments: [String]

    package init(_ segments: [String]) {
        self.segments = segments
    }

    package func appending(_ segment: String) -> ValuePath {
        ValuePath(segments + [segment])
    }

    package func appending(_ index: Int) -> ValuePath {
        ValuePath(segments + [String(index)])
    }

    package var description: String {
        segments.map { "/" + Self.escape($0) }.joined()
    }

    static func escape(_ segment: String) -> String {
        segment.replacing("~", with: "~0").replacing("/", with: "~1")
    }

    static func unescape(_ segment: String) -> String {
        segment.replacing("~1", with: "/").replacing("~0", with: "~")
    }
}

/// A pattern over ``ValuePath``: `*` in a segment stands for any characters of that segment, a whole segment `**` for
/// any number of segments (none included).
package struct PathPattern: Sendable, Hashable, CustomStringConvertible {
    private enum Segment: Sendable, Hashable {
        case any
        case one(Glob)
    }

    private let segments: [Segment]
    package let description: String
    /// Patterns without `**` match paths of their own length only.
    private let length: Int?

    /// - Parameter text: begins with `/`; nil when it does not.
    package init?(_ text: String) {
        guard text.hasPrefix("/") else { return nil }
        let words = text.dropFirst().split(separator: "/", omittingEmptySubsequences: false).map {
            ValuePath.unescape(String($0))
        }
        segments = words.map { $0 == "**" ? .any : .one(Glob($0)) }
        length = words.contains("**") ? nil : words.count
        description = ValuePath(words).description
    }

    package func matches(_ path: ValuePath) -> Bool {
        if let length, length != path.segments.count { return false }
        return Self.match(segments[...], path.segments[...])
    }

    private static func match(_ pattern: ArraySlice<Segment>, _ path: ArraySlice<String>) -> Bool {
        guard let first = pattern.first else { return path.isEmpty }
        guard case .one(let glob) = first else {
            var rest = path
            while true {
                if match(pattern.dropFirst(), rest) { return true }
                if rest.isEmpty { return false }
                rest = rest.dropFirst()
            }
        }
        guard let segment = path.first, glob.matches(segment) else { return false }
        return match(pattern.dropFirst(), path.dropFirst())
    }
}

/// A shell-like pattern with `*` only.
package struct Glob: Sendable, Hashable {
    /// The text between the stars; one part: no star.
    private let parts: [[UInt8]]

    package init(_ pattern: String) {
        parts = pattern.utf8.split(separator: UInt8(ascii: "*"), omittingEmptySubsequences: false).map(Array.init)
    }

    package static func matches(_ pattern: String, _ text: String) -> Bool {
        Glob(pattern).matches(text)
    }

    package func matches(_ text: String) -> Bool {
        guard let first = parts.first, let last = parts.last else { return text.isEmpty }
        if parts.count == 1 { return text.utf8.elementsEqual(first) }
        guard text.utf8.count >= first.count + last.count, text.utf8.starts(with: first) else { return false }
        let bytes = Array(text.utf8)
        guard bytes.suffix(last.count) == last[...] else { return false }
        var position = first.count
        let end = bytes.count - last.count
        for part in parts.dropFirst().dropLast() where !part.isEmpty {
            guard let found = Self.find(part, in: bytes, from: position, to: end) else { return false }
            position = found + part.count
        }
        return true
    }

    private static func find(_ part: [UInt8], in bytes: [UInt8], from start: Int, to end: Int) -> Int? {
        guard end - start >= part.count else { return nil }
        return (start...(end - part.count)).first { bytes[$0..<($0 + part.count)] == part[...] }
    }
}
