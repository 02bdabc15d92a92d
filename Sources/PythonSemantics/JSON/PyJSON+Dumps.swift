extension PyJSON {
    /// Options of `json.dumps`; the defaults are Python's.
    package struct DumpOptions: Sendable {
        /// Spaces a level; nil writes one line.
        package var indent: Int?
        package var sortKeys = false
        /// False leaves everything from U+0080 on as it is.
        package var ensureASCII = true
        /// Between items; nil is `", "`, or `","` with an indent.
        package var itemSeparator: String?
        package var keySeparator = ": "
        package var nestingLimit = PyJSON.responseNestingLimit

        package init() {}
    }

    /// `json.dumps(value, …)` as UTF-8. With `ensureASCII: false` surrogates keep a three-byte form (Python's `str`
    /// would hold them and fail only when written to a file).
    ///
    /// - Throws: `RecursionError`, `ValueError` (int of over 4300 digits).
    package static func dumps(
        _ value: PyValue, indent: Int? = nil, sortKeys: Bool = false, ensureASCII: Bool = true,
        separators: (item: String, key: String)? = nil, nestingLimit: Int = responseNestingLimit
    ) throws(PyException) -> [UInt8] {
        var options = DumpOptions()
        options.indent = indent
        options.sortKeys = sortKeys
        options.ensureASCII = ensureASCII
        options.nestingLimit = nestingLimit
        if let separators {
            options.itemSeparator = separators.item
            options.keySeparator = separators.key
        }
        return try dumps(value, options: options)
    }

    package static func dumps(_ value: PyValue, options: DumpOptions) throws(PyException) -> [UInt8] {
        var writer = JSONWriter(options: options)
        try writer.write(value)
        return writer.bytes()
    }

    /// Appends `json.dumps(value)` with default options to `buffer`; on error `buffer` is unchanged.
    package static func append(_ value: PyValue, to buffer: inout [UInt8]) throws(PyException) {
        var writer = JSONWriter(options: DumpOptions())
        try writer.write(value)
        writer.append(to: &buffer)
    }

    /// Appends the JSON text of a string, quotes included, to `buffer`.
    package static func appendString(_ text: PyString, to buffer: inout [UInt8]) {
        var writer = JSONWriter(options: DumpOptions())
        writer.writeString(text)
        writer.append(to: &buffer)
    }

    /// `json.dumps(value, …)` as a ``PyString``.
    package static func dumpsText(
        _ value: PyValue, options: DumpOptions = DumpOptions()
    ) throws(PyException) -> PyString {
        PyString(generalizedUTF8: try dumps(value, options: options))
    }
}
