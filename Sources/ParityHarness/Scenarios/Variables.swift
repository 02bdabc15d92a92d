import PythonSemantics

/// Values captured from answers, for `${name}` in later requests.
struct Variables {
    private var values: [String: String] = [:]

    /// Keeps the value at `path` of a JSON answer: keys and list indices separated by dots, `*` is the first value of
    /// an object.
    /// - Throws: ``ParityError`` when the answer has no such place.
    mutating func save(_ name: String, path: String, from answer: PyValue) throws {
        var value = answer
        for part in path.split(separator: ".", omittingEmptySubsequences: false) {
            let next: PyValue?
            switch value {
            case .list: next = Int(part).flatMap { value[$0] }
            case .dict(let dict) where part == "*": next = dict.values.first
            case .dict(let dict): next = dict[PyString(part)]
            default: next = nil
            }
            guard let next else { throw ParityError("no '\(path)' in the answer") }
            value = next
        }
        values[name] = value.pyStr.description
    }

    /// `${name}` replaced where the name is known.
    func substitute(_ text: String) -> String {
        guard text.contains("${") else { return text }
        return text.replacing(#/\$\{(\w+)\}/#) { match in
            values[String(match.1)] ?? String(match.0)
        }
    }
}
