/// What went wrong while parsing, with a byte offset; turned into Python's text only when it leaves the parser.
enum JSONParseError: Error {
    /// A `JSONDecodeError` at a byte offset of the text.
    case decode(StaticString, at: Int)
    case recursion(StaticString)
    /// No frame is left to make the exception; `isCalling` selects one of its two texts.
    case interpreterRecursion(isCalling: Bool)
    case tooManyDigits(Int)

    /// As it is raised when `remaining` more containers could still be opened. CPython makes a `JSONDecodeError` by a
    /// Python call, which itself fails in the last three levels; "Expecting value" is raised after unwinding.
    func raised(remaining: Int) -> JSONParseError {
        guard case .decode(let message, _) = self, remaining < 3, "\(message)" != "Expecting value" else { return self }
        return .interpreterRecursion(isCalling: remaining != 1)
    }

    /// The exception `json.loads` raises; line, column and position count code points from the start of `text`.
    func exception(in text: UnsafeBufferPointer<UInt8>) -> PyException {
        switch self {
        case .decode(let message, let offset):
            let before = UnsafeBufferPointer(rebasing: text[..<min(offset, text.count)])
            let position = GeneralizedUTF8.count(before) + max(0, offset - text.count)
            var line = 1
            var column = position + 1
            if let newline = before.lastIndex(of: UInt8(ascii: "\n")) {
                line += before.reduce(0) { $0 + ($1 == UInt8(ascii: "\n") ? 1 : 0) }
                column = GeneralizedUTF8.count(UnsafeBufferPointer(rebasing: before[newline...]))
            }
            return PyException(
                type: "JSONDecodeError", message: "\(message): line \(line) column \(column) (char \(position))",
                module: "json.decoder")
        case .recursion(let container):
            return .recursionError(
                "maximum recursion depth exceeded while decoding a JSON \(container) from a unicode string")
        case .interpreterRecursion(let isCalling):
            return .recursionError(
                "maximum recursion depth exceeded" + (isCalling ? " while calling a Python object" : ""))
        case .tooManyDigits(let digits):
            return PyNumber.tooManyDigits(digits)
        }
    }
}
