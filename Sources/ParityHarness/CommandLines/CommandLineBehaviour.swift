import PythonSemantics

/// What a replaced program does when it is called. Paths and texts may hold `{--option}`, the word after that option
/// in the call, and `{n}`, the number of the call.
struct CommandLineBehaviour: Sendable {
    /// Searched for in the arguments, joined by blanks; nil: no condition.
    var condition: CommandLinePattern?
    /// Call numbers from 1 for which this is meant; nil: no condition.
    var calls: [Int]?
    /// Signals it does not react to.
    var ignored: [Int32]
    var output: PyString?
    var errors: PyString?
    /// Seconds between the output and the files.
    var before: Double
    /// Path → content, written anew.
    var writes: [(path: PyString, file: Written)]
    var appends: [(path: PyString, text: PyString)]
    /// Seconds after the files.
    var sleep: Double
    /// Signal it ends itself with.
    var kill: Int32?
    var status: Int32

    enum Written: Sendable {
        case text(PyString, repeated: Int)
        /// Not filled in.
        case bytes([UInt8])
        case sqlite(PyString)
    }

    private static let known: Set<PyString> = [
        "if", "n", "ignore", "out", "err", "before", "write", "append", "sleep", "kill", "exit",
    ]

    /// - Parameter value: with presets already merged in.
    init(_ value: PyValue, place: String) throws {
        let fields = try CommandLineFields(value, place: place, known: Self.known)
        condition = try fields.text("if").map { text in
            do { return try CommandLinePattern(text, spanning: true) } catch { throw ParityError("\(place): \(error)") }
        }
        switch fields.dict["n"] {
        case nil: calls = nil
        case .int(let number)?: calls = [number]
        case .list(let items)?: calls = items.compactMap(\.asInt)
        default: throw ParityError("\(place): 'n' is neither a number nor a list of numbers")
        }
        ignored = try fields.texts("ignore").map(fields.signal)
        output = try fields.text("out")
        errors = try fields.text("err")
        before = try fields.number("before") ?? 0
        writes = try fields.object("write").map { ($0.key, try Self.written($0.value, place: "\(place): '\($0.key)'")) }
        appends = try fields.textObject("append").map { ($0.name, $0.text) }
        sleep = try fields.number("sleep") ?? 0
        kill = try fields.text("kill").map(fields.signal)
        status = Int32(truncatingIfNeeded: try fields.count("exit") ?? 0)
    }

    private static func written(_ value: PyValue, place: String) throws -> Written {
        if case .string(let text) = value { return .text(text, repeated: 1) }
        let fields = try CommandLineFields(value, place: place, known: ["text", "json", "sqlite", "hex", "repeat"])
        let repeated = try fields.count("repeat") ?? 1
        if let script = try fields.text("sqlite") { return .sqlite(script) }
        if let hex = try fields.text("hex") {
            guard let bytes = Hex.decode(hex.description) else {
                throw ParityError("\(place): 'hex' is no hexadecimal text")
            }
            return .bytes(Array(repeatElement(bytes, count: repeated).joined()))
        }
        if let value = fields.dict["json"] {
            return .bytes(Array(repeatElement(try PyJSON.dumps(value), count: repeated).joined()))
        }
        return .text(try fields.text("text") ?? "", repeated: repeated)
    }

    /// The behaviour for one call: the n-th for the n-th call, the last for all that follow; when any has a condition,
    /// the first whose conditions hold. nil: nothing but exit 0.
    /// - Parameters:
    ///   - number: of the call, from 1.
    ///   - arguments: joined by blanks.
    static func chosen(
        from behaviours: [CommandLineBehaviour], number: Int, arguments: PyString
    ) -> CommandLineBehaviour? {
        guard behaviours.contains(where: { $0.condition != nil || $0.calls != nil }) else {
            return behaviours.isEmpty ? nil : behaviours[min(number, behaviours.count) - 1]
        }
        return behaviours.first { behaviour in
            behaviour.condition?.found(in: arguments) ?? true && behaviour.calls?.contains(number) ?? true
        }
    }

    /// Resolves presets by name; what a behaviour says itself wins, then the preset named first.
    static func expanded(_ value: PyValue, presets: PyDict, place: String, depth: Int = 0) throws -> PyDict {
        guard depth < 20 else { throw ParityError("\(place): presets that name each other") }
        var own: PyDict
        switch value {
        case .string: own = ["preset": value]
        case .dict(let dict): own = dict
        default: throw ParityError("\(place): a behaviour is a preset's name or an object")
        }
        let names: [PyValue]
        switch own.removeValue(forKey: "preset") {
        case nil: names = []
        case .list(let list)?: names = list
        case let name?: names = [name]
        }
        for name in names {
            guard let key = name.asString, let preset = presets[key] else {
                throw ParityError("\(place): no preset '\(name.pyStr)'")
            }
            own = try expanded(preset, presets: presets, place: place, depth: depth + 1).merging(own)
        }
        return own
    }
}
