import Crypto
import Foundation
import Glibc
import PythonSemantics

/// What a file holds, in the form that can be compared best: link, SQLite, JSON, JSON lines, text lines, or size and
/// digest.
enum CommandLineContent {
    private static let opaque = [".pth", ".pt", ".npz", ".pkl", ".bin"]
    private static let largest = 200_000

    /// - Parameter path: relative to the tree, or absolute.
    static func read(_ path: String, text: CommandLineText) throws -> PyValue {
        let full = CommandLineFile.absolute(path)
        if let target = try? FileManager.default.destinationOfSymbolicLink(atPath: full) {
            return ["symlink": PyValue(target)]
        }
        var info = stat()
        guard stat(full, &info) == 0, let bytes = CommandLinePaths.read(full) else {
            throw ParityError("\(full) cannot be read")
        }
        var fields = try content(bytes, path: full, text: text)
        let mode = info.st_mode & 0o7777
        if mode != 0o644 {
            // Before the excerpt of a file that is neither text nor a database.
            let excerpt = fields.removeValue(forKey: "hex")
            fields["mode"] = PyValue("0o" + String(mode, radix: 8))
            if let excerpt { fields["hex"] = excerpt }
        }
        return .dict(fields)
    }

    private static func content(_ bytes: [UInt8], path: String, text: CommandLineText) throws -> PyDict {
        if bytes.starts(with: Array("SQLite format 3\0".utf8)) {
            return ["sqlite": try CommandLineDatabase.dump(path)]
        }
        let digest: PyDict = ["size": .int(bytes.count), "sha256": PyValue(SHA256.hexadecimal(bytes))]
        if opaque.contains(where: path.hasSuffix) || bytes.count > largest { return digest }
        guard let raw = String(validating: bytes, as: UTF8.self), !raw.utf8.contains(0) else {
            var fields = digest
            fields["hex"] = PyValue(Hex.encode(bytes.prefix(200)))
            return fields
        }
        let shown = PyString(text.normalized(raw))
        if path.hasSuffix(".jsonl"), let lines = jsonLines(shown) { return lines }
        if let document = json(shown) { return document }
        return ["text": .list(shown.split("\n").map(PyValue.string))]
    }

    private static func jsonLines(_ text: PyString) -> PyDict? {
        guard !text.isEmpty else { return nil }
        var values: [PyValue] = []
        for line in text.lines {
            guard let value = try? PyJSON.loads(line) else { return nil }
            values.append(value)
        }
        return ["jsonl": .list(values), "ends": .string(text.slice(-1))]
    }

    /// A JSON object or list and the way it was written.
    private static func json(_ text: PyString) -> PyDict? {
        guard let value = try? PyJSON.loads(text) else { return nil }
        switch value {
        case .dict, .list: break
        default: return nil
        }
        let written = text.rstrip("\n")
        let forms: [(name: String, indent: Int?, sorted: Bool, ascii: Bool)] = [
            ("indent=2", 2, false, true), ("indent=2 sorted", 2, true, true), ("compact", nil, false, true),
            ("sorted", nil, true, true), ("indent=2 utf-8", 2, false, false),
        ]
        let form = forms.first { form in
            let bytes = try? PyJSON.dumps(
                value, indent: form.indent, sortKeys: form.sorted, ensureASCII: form.ascii)
            return bytes == written.utf8
        }
        let end = text.hasSuffix("\n") ? " newline" : ""
        return ["json": value, "form": PyValue((form?.name ?? "other") + end)]
    }
}

extension PyString {
    /// `str.splitlines()`.
    var lines: [PyString] {
        var found: [PyString] = []
        var line: [UInt32] = []
        var open = false
        var previous: UInt32 = 0
        for point in codePoints {
            defer { previous = point }
            switch point {
            case 0x0A where previous == 0x0D && !open: continue
            case 0x0A...0x0D, 0x1C...0x1E, 0x85, 0x2028, 0x2029:
                found.append(PyString(codePoints: line))
                line = []
                open = false
            default:
                line.append(point)
                open = true
            }
        }
        if open { found.append(PyString(codePoints: line)) }
        return found
    }
}

/// Schema and rows of an SQLite file, read from a copy so that the file stays as it was left.
enum CommandLineDatabase {
    static func dump(_ path: String) throws -> PyValue {
        let directory = CommandLineMounts.work + "/copy"
        try? FileManager.default.removeItem(atPath: directory)
        try SandboxMounts.makeDirectory(directory)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        for suffix in ["", "-wal"] {
            guard let bytes = CommandLinePaths.read(path + suffix) else { continue }
            guard CommandLinePaths.write(bytes, to: directory + "/db" + suffix) else {
                throw ParityError("\(path): no room for a copy")
            }
        }
        do {
            let file = try SQLiteFile(path: directory + "/db")
            file.blobsAsHex = true
            guard case .dict(var fields) = try file.dump() else { return .none }
            fields["schema"] = .dict((fields["schema"]?.asDict ?? [:]).mapValues { .string(squeezed($0.pyString)) })
            let tables = fields["rows"]?.asDict ?? [:]
            fields["rows"] = .dict(PyDict(tables.keys.sorted().map { ($0, tables[$0] ?? .list([])) }))
            return .dict(fields)
        } catch let failure as SQLiteFile.Failure {
            let kind = failure.pyRepr.prefix { $0 != "(" }
            return PyValue("\(kind): \(failure.message)")
        }
    }

    /// Runs of white space as one blank.
    private static func squeezed(_ text: PyString) -> PyString {
        var points: [UInt32] = []
        var blank = false
        for point in text.codePoints {
            let space = PyUnicode.isSpace(point)
            if !space { points.append(point) } else if !blank { points.append(0x20) }
            blank = space
        }
        return PyString(codePoints: points)
    }
}
