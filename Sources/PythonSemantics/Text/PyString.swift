/// A Python `str`: a sequence of code points in which lone surrogates may occur.
///
/// Equality, hash and order go by code point, never by Unicode canonical equivalence as Swift's `String` does.
/// Text without surrogates is held as a `String` (no conversion at the borders); text with surrogates as generalized
/// UTF-8, where every code point incl. surrogates has its own three-byte form, so that byte order is code-point order.
package struct PyString: Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
    enum Storage: Sendable {
        case native(String)
        /// Holds at least one surrogate, so it never equals a `.native` text.
        case surrogates([UInt8])
    }

    let storage: Storage

    package init() { storage = .native("") }
    package init(_ string: String) { storage = .native(string) }
    package init(_ substring: Substring) { storage = .native(String(substring)) }
    package init(stringLiteral value: String) { storage = .native(value) }

    /// Code points in order; values above `0x10FFFF` are replaced by U+FFFD.
    package init<S: Sequence>(codePoints: S) where S.Element == UInt32 {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(codePoints.underestimatedCount)
        for codePoint in codePoints { GeneralizedUTF8.append(codePoint, to: &bytes) }
        self.init(generalizedUTF8: bytes)
    }

    /// Bytes that are UTF-8 except for surrogates in their three-byte form. Anything else ill-formed is repaired.
    init(generalizedUTF8 bytes: [UInt8]) {
        self = bytes.withUnsafeBufferPointer { PyString(generalizedUTF8: $0) }
    }

    init(generalizedUTF8 bytes: UnsafeBufferPointer<UInt8>) {
        if GeneralizedUTF8.containsSurrogate(bytes) {
            storage = .surrogates(Array(bytes))
        } else {
            storage = .native(String(decoding: bytes, as: UTF8.self))
        }
    }

    /// Bytes already known to be well-formed UTF-8.
    @inline(__always)
    init(validUTF8 bytes: UnsafeBufferPointer<UInt8>) {
        storage = .native(String(decoding: bytes, as: UTF8.self))
    }

    /// The text as a Swift string; each lone surrogate becomes U+FFFD.
    package var description: String {
        switch storage {
        case .native(let string): return string
        case .surrogates: return String(String.UnicodeScalarView(codePoints.map { Unicode.Scalar($0) ?? "\u{FFFD}" }))
        }
    }

    /// The text as a Swift string, nil when it holds a surrogate.
    package var nativeString: String? {
        if case .native(let string) = storage { return string }
        return nil
    }

    /// True when a surrogate occurs; such text has no UTF-8 form and `str.encode()` fails on it.
    package var hasSurrogates: Bool {
        if case .surrogates = storage { return true }
        return false
    }

    package var isEmpty: Bool {
        switch storage {
        case .native(let string): return string.isEmpty
        case .surrogates: return false
        }
    }

    /// Length of ``utf8`` in bytes.
    package var utf8Count: Int {
        switch storage {
        case .native(let string): return string.utf8.count
        case .surrogates(let bytes): return bytes.count
        }
    }

    /// UTF-8 bytes, with each surrogate in its three-byte form (what `errors="surrogatepass"` gives).
    package var utf8: [UInt8] {
        switch storage {
        case .native(let string): return Array(string.utf8)
        case .surrogates(let bytes): return bytes
        }
    }

    /// Calls `body` with ``utf8`` without copying where possible. The pointer is valid inside `body` only.
    @inline(__always)
    package func withUTF8<R, E: Error>(_ body: (UnsafeBufferPointer<UInt8>) throws(E) -> R) throws(E) -> R {
        switch storage {
        case .native(let string):
            let span = string.utf8.span
            return try span.withUnsafeBufferPointer(body)
        case .surrogates(let bytes):
            let span = bytes.span
            return try span.withUnsafeBufferPointer(body)
        }
    }
}

extension PyString: Hashable, Comparable {
    package static func == (left: PyString, right: PyString) -> Bool {
        switch (left.storage, right.storage) {
        case (.native(let a), .native(let b)):
            guard a.utf8.count == b.utf8.count else { return false }
        case (.surrogates(let a), .surrogates(let b)): return a == b
        default: return false
        }
        return left.withUTF8 { a in
            right.withUTF8 { b in GeneralizedUTF8.equal(a, b) }
        }
    }

    package func hash(into hasher: inout Hasher) {
        withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
        hasher.combine(0xFF as UInt8)
    }

    /// Order by code point, as Python's `<` on `str`.
    package static func < (left: PyString, right: PyString) -> Bool {
        left.withUTF8 { a in
            right.withUTF8 { b in GeneralizedUTF8.precedes(a, b) }
        }
    }
}
