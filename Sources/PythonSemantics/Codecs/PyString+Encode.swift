extension PyString {
    /// `s.encode()`: UTF-8.
    ///
    /// - Throws: `UnicodeEncodeError` when the text holds a surrogate (`… can't encode character '\ud800' in position
    ///   0: surrogates not allowed`).
    package func encodeUTF8() throws(PyException) -> [UInt8] {
        guard hasSurrogates else { return utf8 }
        let all = Array(codePoints)
        func isSurrogate(_ codePoint: UInt32) -> Bool { 0xD800..<0xE000 ~= codePoint }
        guard let start = all.firstIndex(where: isSurrogate) else { return utf8 }
        let end = all[start...].firstIndex { !isSurrogate($0) } ?? all.count
        let place =
            end - start == 1
            ? "character '\\u\(String(all[start], radix: 16))' in position \(start)"
            : "characters in position \(start)-\(end - 1)"
        throw PyException(
            type: "UnicodeEncodeError", message: "'utf-8' codec can't encode \(place): surrogates not allowed")
    }
}
