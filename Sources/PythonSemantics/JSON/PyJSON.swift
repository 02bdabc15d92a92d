/// CPython 3.11's `json` module with its default options, byte for byte.
package enum PyJSON {
    /// Containers that `json.loads` may nest before `RecursionError`, for `await request.json()` in a handler of the
    /// legacy node (measured, see `JSONLimits`).
    package static let requestNestingLimit = JSONLimits.decodeInHandler

    /// Containers that `json.dumps` may nest before `RecursionError`, for `web.json_response(…)` in such a handler.
    package static let responseNestingLimit = JSONLimits.encodeInHandler

    /// `json.loads(text)`.
    ///
    /// - Throws: `JSONDecodeError` (module `json.decoder`), `RecursionError`, `ValueError` (int of over 4300 digits).
    package static func loads(
        _ text: PyString, nestingLimit: Int = requestNestingLimit
    ) throws(PyException) -> PyValue {
        try loads(text, refusingMark: true, nestingLimit)
    }

    private static func loads(
        _ text: PyString, refusingMark: Bool, _ nestingLimit: Int
    ) throws(PyException) -> PyValue {
        let mayHoldSurrogates = text.hasSurrogates
        return try text.withUTF8 { bytes throws(PyException) in
            try parse(
                bytes, refusingMark: refusingMark, mayHoldSurrogates: mayHoldSurrogates, nestingLimit: nestingLimit)
        }
    }

    /// `json.loads(bytes)`: the encoding (UTF-8, -16 or -32, with or without a mark) is guessed from the zero bytes.
    ///
    /// - Throws: as for text, and `UnicodeDecodeError`.
    package static func loads(
        _ bytes: [UInt8], nestingLimit: Int = requestNestingLimit
    ) throws(PyException) -> PyValue {
        let encoding = PyCodec.detectJSONEncoding(bytes)
        if encoding == .utf8, bytes.withUnsafeBufferPointer({ GeneralizedUTF8.isASCII($0) }) {
            return try parseUTF8(bytes, nestingLimit)
        }
        let text = try PyCodec.decode(bytes, encoding, errors: .surrogatePass)
        return try loads(text, refusingMark: false, nestingLimit)
    }

    /// aiohttp's `await request.json()`: `body.decode(charset or "utf-8")`, then `json.loads`.
    ///
    /// - Parameter charset: the `charset` parameter of the Content-Type header, nil or empty without one.
    /// - Throws: as `loads`, and `UnicodeDecodeError`, `LookupError` (`unknown encoding: xyz`).
    package static func decodeBody(
        _ bytes: [UInt8], charset: String?, nestingLimit: Int = requestNestingLimit
    ) throws(PyException) -> PyValue {
        // Python decodes no bytes without looking the encoding up.
        var encoding = PyCodec.Encoding.utf8
        if let charset, !charset.isEmpty, !bytes.isEmpty { encoding = try PyCodec.lookup(charset) }
        if encoding == .utf8 {
            try PyCodec.validateUTF8(bytes)
            return try parseUTF8(bytes, nestingLimit)
        }
        return try loads(PyCodec.decode(bytes, encoding), nestingLimit: nestingLimit)
    }

    /// Parses a text given as well-formed UTF-8.
    private static func parseUTF8(_ bytes: [UInt8], _ nestingLimit: Int) throws(PyException) -> PyValue {
        let span = bytes.span
        return try span.withUnsafeBufferPointer { buffer throws(PyException) in
            try parse(buffer, refusingMark: true, mayHoldSurrogates: false, nestingLimit: nestingLimit)
        }
    }

    private static func parse(
        _ bytes: UnsafeBufferPointer<UInt8>, refusingMark: Bool, mayHoldSurrogates: Bool, nestingLimit: Int
    ) throws(PyException) -> PyValue {
        var parser = JSONParser(bytes, mayHoldSurrogates: mayHoldSurrogates, nestingLimit: nestingLimit)
        do {
            return try parser.parseDocument(refusingMark: refusingMark)
        } catch {
            throw error.raised(remaining: nestingLimit - parser.depth).exception(in: bytes)
        }
    }
}
