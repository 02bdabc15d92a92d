import PythonSemantics

/// A file that the node finds in its tree; the path is relative to `ai-service`.
package struct SeedFile: Sendable {
    package enum Content: Sendable {
        case text(PyString, repeated: Int)
        case bytes([UInt8])
        case sqlite(PyString)
        case symlink(String)
        case directory
    }

    package var path: String
    package var content: Content
    /// Permission bits.
    package var mode: UInt32?
    /// Seconds before now for modification and access time.
    package var age: Double?

    private static let known: Set<PyString> = [
        "text", "repeat", "hex", "sqlite", "symlink", "dir", "mode", "mtime_age",
    ]

    init(path: String, _ value: PyValue) throws {
        self.path = path
        if case .string(let text) = value {
            content = .text(text, repeated: 1)
            return
        }
        guard case .dict(let document) = value else { throw ParityError("file '\(path)': neither text nor object") }
        let fields = try ScenarioFields(document, place: "file '\(path)'", known: Self.known)
        try fields.exclusive(["text", "hex", "sqlite", "symlink", "dir"])
        if document["text"] == nil, document["repeat"] != nil { throw fields.error("repeat", "is for 'text' only") }
        if let target = try fields.text("symlink") {
            content = .symlink(target)
        } else if let directory = document["dir"] {
            guard directory.asBool == true else { throw fields.error("dir", "is not true") }
            content = .directory
        } else if let hex = try fields.text("hex") {
            guard let bytes = Hex.decode(hex) else { throw fields.error("hex", "is no hexadecimal text") }
            content = .bytes(bytes)
        } else if let script = try fields.pyText("sqlite") {
            content = .sqlite(script)
        } else {
            content = .text(try fields.pyText("text") ?? "", repeated: try fields.whole("repeat", in: 0...Int.max) ?? 1)
        }
        if let text = try fields.text("mode") {
            guard (1...4).contains(text.utf8.count), let bits = UInt32(text, radix: 8), !text.hasPrefix("+") else {
                throw fields.error("mode", "is no octal number such as 755")
            }
            mode = bits
        }
        age = try fields.number("mtime_age")
    }
}

/// A program replaced by one that records how it was called.
package struct Stub: Sendable, Equatable {
    package enum Place: Sendable, Equatable {
        /// A name on PATH.
        case program(String)
        /// A path relative to `ai-service`.
        case file(String)
    }

    package var place: Place
    /// Seconds before it exits.
    package var sleep: Int
    package var status: Int

    /// Whether the text names a program or a file.
    static func isWellFormed(_ text: String) -> Bool {
        text.hasPrefix("bin:")
            ? text.wholeMatch(of: #/bin:[^\/=]+(=[0-9]{1,3})?/#) != nil : !text.isEmpty && text != "!"
    }

    /// - Parameter text: `bin:ssh`, `bin:ssh=1`, `scripts/x.py` (sleeps 600 s) or `scripts/x.py!` (exits at once).
    package init(_ text: String) {
        if text.hasPrefix("bin:") {
            let parts = text.dropFirst(4).split(separator: "=", maxSplits: 1)
            place = .program(parts.first.map(String.init) ?? "")
            status = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
            sleep = 0
        } else {
            let quick = text.hasSuffix("!")
            place = .file(quick ? String(text.dropLast()) : text)
            sleep = quick ? 0 : 600
            status = 0
        }
    }
}
