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
        guard case .dict(let fields) = value else { throw ParityError("file '\(path)': neither text nor object") }
        if let key = fields.keys.first(where: { !Self.known.contains($0) }) {
            throw ParityError("file '\(path)': unknown key '\(key)'")
        }
        if let target = fields["symlink"]?.asString {
            content = .symlink(target.description)
        } else if fields["dir"] != nil {
            content = .directory
        } else if let hex = fields["hex"]?.asString {
            guard let bytes = Hex.decode(hex.description) else {
                throw ParityError("file '\(path)': 'hex' is no hexadecimal text")
            }
            content = .bytes(bytes)
        } else if let script = fields["sqlite"]?.asString {
            content = .sqlite(script)
        } else {
            content = .text(fields["text"]?.asString ?? "", repeated: fields["repeat"]?.asInt ?? 1)
        }
        if let text = fields["mode"]?.asString?.description {
            guard let bits = UInt32(text, radix: 8) else { throw ParityError("file '\(path)': mode '\(text)'") }
            mode = bits
        }
        age = fields["mtime_age"]?.asDouble
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
