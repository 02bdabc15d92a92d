import Foundation
import PythonSemantics
import Testing

/// CPython's own argparse, int, float and repr: one subprocess answers a whole batch.
enum ArgparseOracle {
    private static let python = "/usr/bin/python3"

    /// Whether there is a Python 3.11, the version whose behaviour is the contract.
    static let isAvailable: Bool = {
        guard FileManager.default.isExecutableFile(atPath: python) else { return false }
        let version = try? run(["-c", "import sys; print('%d.%d' % sys.version_info[:2])"], input: Data())
        return version.map { String(decoding: $0, as: UTF8.self) } == "3.11\n"
    }()

    static let whySkipped: Comment = "needs /usr/bin/python3 of version 3.11, whose argparse is what is compared with"

    struct Outcome: Decodable, Equatable {
        var status: Int32?
        var stdout = ""
        var stderr = ""
        /// `repr` of each value of the namespace.
        var values: [String: String]?
        /// An exception of Python that argparse does not handle: the specification was no good.
        var crash: String?
    }

    struct Case {
        let parser: Int
        let args: [String]
        let columns: Int
    }

    static func outcomes(_ parsers: [ArgumentParserSpec], _ cases: [Case]) throws -> [Outcome] {
        let request: [String: Any] = [
            "parsers": parsers.map(json),
            "cases": cases.map { ["parser": $0.parser, "args": $0.args, "columns": $0.columns] as [String: Any] },
        ]
        return try ask(request)
    }

    /// `int(text)` or `float(text)` as repr, or `ValueError: text`.
    static func numbers(_ texts: [String]) throws -> [[String]] {
        try ask(["numbers": texts])
    }

    /// `repr(float)` for bit patterns.
    static func floatReprs(_ bits: [UInt64]) throws -> [String] {
        try ask(["floats": bits.map { String($0) }])
    }

    /// Which of printable, blank, `\w`, decimal digit each code point is (bits 1, 2, 4, 8).
    static func characterClasses(_ codePoints: [UInt32]) throws -> [Int] {
        try ask(["classes": codePoints])
    }

    private static func ask<T: Decodable>(_ request: [String: Any]) throws -> T {
        let input = try JSONSerialization.data(withJSONObject: request)
        return try JSONDecoder().decode(T.self, from: run(["-c", script], input: input))
    }

    private static func run(_ arguments: [String], input: Data) throws -> Data {
        let file = FileManager.default.temporaryDirectory.appending(path: "argparse-oracle-\(UUID().uuidString)")
        try input.write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(filePath: python)
        process.arguments = arguments
        process.standardInput = try FileHandle(forReadingFrom: file)
        process.standardOutput = output
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0, "python3 ended with \(process.terminationStatus)")
        return data
    }

    // MARK: Specifications as JSON

    private static func json(_ spec: ArgumentParserSpec) -> [String: Any] {
        [
            "prog": spec.prog,
            "description": spec.description as Any? ?? NSNull(),
            "epilog": spec.epilog as Any? ?? NSNull(),
            "raw": spec.style == .rawDescription,
            "groups": spec.groups.map { [$0.title, $0.description as Any? ?? NSNull()] },
            "arguments": spec.arguments.dropFirst().map(json),
        ]
    }

    private static func json(_ argument: ArgumentSpec) -> [String: Any] {
        var out: [String: Any] = ["names": argument.names, "help": argument.help as Any? ?? NSNull()]
        let hasType: Bool
        switch argument.action {
        case .store: (out["action"], hasType) = ("store", true)
        case .append: (out["action"], hasType) = ("append", true)
        case .storeConst(let value):
            (out["action"], hasType) = ("store_const", false)
            out["const"] = json(value)
        case .storeTrue: (out["action"], hasType) = ("store_true", false)
        case .storeFalse: (out["action"], hasType) = ("store_false", false)
        case .count: (out["action"], hasType) = ("count", false)
        case .booleanOptional: (out["action"], hasType) = ("boolean", false)
        case .help: (out["action"], hasType) = ("help", false)
        }
        if hasType {
            out["type"] = argument.type.name
            switch argument.count {
            case .single: break
            case .optional: out["nargs"] = "?"
            case .zeroOrMore: out["nargs"] = "*"
            case .oneOrMore: out["nargs"] = "+"
            case .exactly(let count): out["nargs"] = count
            }
            if let choices = argument.choices { out["choices"] = choices.map(json) }
            if let metavar = argument.metavar { out["metavar"] = metavar }
            if !argument.const.isNone { out["const"] = json(argument.const) }
        }
        if let value = argument.givenDefault { out["default"] = json(value) }
        if argument.isOption {
            out["required"] = argument.isRequired
            out["dest"] = argument.dest
        }
        if let group = argument.group { out["group"] = group }
        return out
    }

    private static func json(_ value: ArgValue) -> Any {
        switch value {
        case .none: NSNull()
        case .bool(let flag): ["bool", flag ? 1 : 0]
        case .int(let number): ["int", String(number)]
        case .bigInt(let number): ["int", String(number)]
        case .float(let number): ["float", number.description]
        case .string(let text): ["str", text]
        case .list(let items): ["list", items.map(json)]
        }
    }
}

extension ArgparseOracle {
    static let script = #"""
        import argparse, contextlib, io, json, os, pathlib, re, struct, sys

        def value(x):
            if x is None: return None
            kind, v = x
            return [value(i) for i in v] if kind == "list" else {"bool": bool, "int": int, "float": float, "str": str}[kind](v)

        def build(spec):
            raw = argparse.RawDescriptionHelpFormatter
            parser = argparse.ArgumentParser(prog=spec["prog"], description=spec["description"], epilog=spec["epilog"],
                                             formatter_class=raw if spec["raw"] else argparse.HelpFormatter)
            groups = [parser.add_argument_group(title, text) for title, text in spec["groups"]]
            for a in spec["arguments"]:
                named = {k: a[k] for k in ("action", "nargs", "metavar", "required", "dest", "help") if k in a}
                named.update({k: value(a[k]) for k in ("const", "default") if k in a})
                if named["action"] == "boolean": named["action"] = argparse.BooleanOptionalAction
                if "type" in a: named["type"] = {"str": str, "int": int, "float": float, "Path": pathlib.Path}[a["type"]]
                if "choices" in a: named["choices"] = [value(c) for c in a["choices"]]
                (groups[a["group"]] if "group" in a else parser).add_argument(*a["names"], **named)
            return parser

        def shown(v):
            if isinstance(v, pathlib.Path): return repr(str(v))
            return "[" + ", ".join(map(shown, v)) + "]" if isinstance(v, list) else repr(v)

        def outcome(parser, args, columns):
            os.environ["COLUMNS"] = str(columns)
            out, err = io.StringIO(), io.StringIO()
            try:
                with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
                    values = {k: shown(v) for k, v in vars(parser.parse_args(args)).items()}
                return {"stdout": "", "stderr": "", "values": values}
            except SystemExit as e:
                return {"status": e.code, "stdout": out.getvalue(), "stderr": err.getvalue()}
            except Exception as e:
                return {"stdout": "", "stderr": "", "crash": f"{type(e).__name__}: {e}"}

        def number(kind, text):
            try: return repr(kind(text))
            except ValueError as e: return f"ValueError: {e}"

        def classes(c):
            return c.isprintable() | c.isspace() << 1 | bool(re.match(r"\w", c)) << 2 | c.isdecimal() << 3

        request = json.load(sys.stdin)
        if "numbers" in request: answer = [[number(int, t), number(float, t)] for t in request["numbers"]]
        elif "floats" in request: answer = [repr(struct.unpack("<d", struct.pack("<Q", int(b)))[0]) for b in request["floats"]]
        elif "classes" in request: answer = [classes(chr(i)) for i in request["classes"]]
        else:
            parsers = [build(p) for p in request["parsers"]]
            answer = [outcome(parsers[c["parser"]], c["args"], c["columns"]) for c in request["cases"]]
        json.dump(answer, sys.stdout)
        """#
}
