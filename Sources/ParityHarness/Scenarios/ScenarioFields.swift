import PythonSemantics

/// One object of a scenario file, read strictly: a key that is not known or a value of another type is an error that
/// names its place, so that a mistyped scenario is never played half.
struct ScenarioFields {
    let values: PyDict
    /// Put before every message: `step 004 x: `; empty at the top.
    let place: String
    /// Put before every key in a message: `node.`.
    let prefix: String

    /// - Throws: ``ParityError`` when a key is not among `known`.
    init(_ values: PyDict, place: String = "", prefix: String = "", known: Set<PyString>) throws {
        self.values = values
        self.place = place.isEmpty ? "" : place + ": "
        self.prefix = prefix
        if let key = values.keys.first(where: { !known.contains($0) }) {
            throw ParityError("\(self.place)unknown key '\(prefix)\(key)'")
        }
    }

    func error(_ key: PyString, _ text: String) -> ParityError {
        ParityError("\(place)'\(prefix)\(key)' \(text)")
    }

    private func read<Value>(_ key: PyString, _ wanted: String, _ body: (PyValue) -> Value?) throws -> Value? {
        guard let value = values[key] else { return nil }
        guard let read = body(value) else { throw error(key, "is \(Self.type(value)), not \(wanted)") }
        return read
    }

    func text(_ key: PyString) throws -> String? {
        try read(key, "a string") { $0.asString?.description }
    }

    func pyText(_ key: PyString) throws -> PyString? {
        try read(key, "a string", \.asString)
    }

    /// - Parameter positive: zero is refused, too.
    func number(_ key: PyString, positive: Bool = false) throws -> Double? {
        guard let number = try read(key, "a number", \.asDouble) else { return nil }
        guard positive ? number > 0 : number >= 0 else {
            throw error(key, positive ? "is not more than 0" : "is less than 0")
        }
        return number
    }

    /// A whole number; `8.0` is one, as in JSON Schema.
    func whole(_ key: PyString, in range: ClosedRange<Int>) throws -> Int? {
        let whole: Int? = try read(key, "a whole number") { value in
            if case .float(let number) = value { return Int(exactly: number) }
            return value.asInt
        }
        guard let whole else { return nil }
        guard range.contains(whole) else {
            let end = range.upperBound == .max ? "at least \(range.lowerBound)" : "\(range.lowerBound)-\(range.upperBound)"
            throw error(key, "is \(whole), not \(end)")
        }
        return whole
    }

    func list(_ key: PyString) throws -> [PyValue]? {
        try read(key, "an array", \.asList)
    }

    func object(_ key: PyString) throws -> PyDict? {
        try read(key, "an object", \.asDict)
    }

    func texts(_ key: PyString) throws -> [String]? {
        try list(key)?.enumerated().map { index, value in
            guard let text = value.asString else {
                throw ParityError("\(place)'\(prefix)\(key)[\(index)]' is \(Self.type(value)), not a string")
            }
            return text.description
        }
    }

    func pairs(_ key: PyString) throws -> [(name: String, value: String)] {
        try (object(key) ?? [:]).map { name, value in
            guard let text = value.asString else {
                throw ParityError("\(place)'\(prefix)\(key).\(name)' is \(Self.type(value)), not a string")
            }
            return (name.description, text.description)
        }
    }

    /// At most one of these keys.
    func exclusive(_ keys: [PyString]) throws {
        let there = keys.filter { values[$0] != nil }
        if there.count > 1 { throw ParityError("\(place)'\(there[0])' and '\(there[1])' exclude each other") }
    }

    /// The type of a value in the words of JSON, with its article.
    static func type(_ value: PyValue) -> String {
        switch value {
        case .none: "null"
        case .bool: "a boolean"
        case .int, .bigInt, .float: "a number"
        case .string: "a string"
        case .list: "an array"
        case .dict: "an object"
        }
    }
}
