import PythonSemantics

/// Reads the fields of a JSON object in a case file: each has a type, what is not known is refused, and an error says
/// where it was found.
struct CommandLineFields {
    let dict: PyDict
    /// `case 'x': run 1`, in front of every error.
    let place: String

    init(_ value: PyValue?, place: String, known: Set<PyString>) throws {
        guard case .dict(let dict)? = value else { throw ParityError("\(place): not a JSON object") }
        if let key = dict.keys.first(where: { !known.contains($0) }) {
            throw ParityError("\(place): unknown key '\(key)'")
        }
        self.dict = dict
        self.place = place
    }

    func has(_ key: PyString) -> Bool { dict.contains(key: key) }

    private func wrong(_ key: PyString, _ wanted: String) -> ParityError {
        ParityError("\(place): '\(key)' is no \(wanted)")
    }

    func text(_ key: PyString) throws -> PyString? {
        guard let value = dict[key] else { return nil }
        guard case .string(let text) = value else { throw wrong(key, "text") }
        return text
    }

    func required(_ key: PyString) throws -> PyString {
        guard let text = try text(key), !text.isEmpty else { throw ParityError("\(place): '\(key)' is missing") }
        return text
    }

    func number(_ key: PyString) throws -> Double? {
        guard let value = dict[key] else { return nil }
        guard let number = value.asDouble, number.isFinite else { throw wrong(key, "number") }
        return number
    }

    func count(_ key: PyString) throws -> Int? {
        guard let value = dict[key] else { return nil }
        guard case .int(let number) = value, number >= 0 else { throw wrong(key, "count") }
        return number
    }

    func flag(_ key: PyString) throws -> Bool {
        guard let value = dict[key] else { return false }
        guard case .bool(let flag) = value else { throw wrong(key, "true or false") }
        return flag
    }

    func list(_ key: PyString) throws -> [PyValue] {
        guard let value = dict[key] else { return [] }
        guard case .list(let items) = value else { throw wrong(key, "list") }
        return items
    }

    func texts(_ key: PyString) throws -> [PyString] {
        try list(key).map { item in
            guard case .string(let text) = item else { throw wrong(key, "list of texts") }
            return text
        }
    }

    func object(_ key: PyString) throws -> PyDict {
        guard let value = dict[key] else { return [:] }
        guard case .dict(let dict) = value else { throw wrong(key, "object") }
        return dict
    }

    func textObject(_ key: PyString) throws -> [(name: PyString, text: PyString)] {
        try object(key).map { name, value in
            guard case .string(let text) = value else { throw wrong(key, "object of texts") }
            return (name, text)
        }
    }

    /// A signal by its name without `SIG`.
    func signal(_ name: PyString) throws -> Int32 {
        guard let number = CommandLineSignals.number(name.description) else {
            throw ParityError("\(place): no signal '\(name)'")
        }
        return number
    }
}
