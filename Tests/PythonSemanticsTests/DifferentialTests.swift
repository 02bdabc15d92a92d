import Foundation
import PythonSemantics
import Testing

/// Generated documents and values against CPython itself. Set `PYTHON_SEMANTICS_SEED` and `PYTHON_SEMANTICS_CASES` to
/// repeat or widen a run; both are printed.
@Suite(.enabled(if: PythonOracle.isAvailable, "needs /usr/bin/python3 of version 3.11"))
struct DifferentialTests {
    let seed: UInt64
    let cases: Int

    init() {
        let environment = ProcessInfo.processInfo.environment
        seed = environment["PYTHON_SEMANTICS_SEED"].flatMap(UInt64.init) ?? 20_241_122
        cases = environment["PYTHON_SEMANTICS_CASES"].flatMap(Int.init) ?? 1000
        print("PYTHON_SEMANTICS_SEED=\(seed) PYTHON_SEMANTICS_CASES=\(cases)")
    }

    /// What both sides report: `ok` and texts, or `err` and the exception.
    private func outcome(_ body: () throws(PyException) -> [[UInt8]]) -> String {
        do throws(PyException) {
            return "ok " + (try body()).map { hex($0) }.joined(separator: " ")
        } catch {
            return "err " + hex(error.description.utf8)
        }
    }

    private func compare(
        _ name: String, _ script: String, _ questions: [[String]], _ ours: ([String]) -> String
    ) throws {
        let answers = try PythonOracle.ask(script, questions)
        var shown = 0
        for (question, answer) in zip(questions, answers) {
            let own = ours(question)
            guard own != answer, shown < 10 else { continue }
            shown += 1
            let readable = { (line: String) in
                line.split(separator: " ").map { field -> String in
                    guard field.hasPrefix("x") else { return String(field) }
                    let bytes = unhex(field)
                    let text = try? PyCodec.decode(bytes, .utf8, errors: .surrogatePass)
                    return String((text?.pyRepr ?? "\(bytes)").prefix(1500))
                }
                .joined(separator: " | ")
            }
            Issue.record(
                "\(name) seed \(seed): \(readable(question.joined(separator: " ")))\n  python: \(readable(answer))\n  swift:  \(readable(own))"
            )
        }
    }

    static let loadsScript = """
        def answer(f):
            if f[0] == 'str': v = json.loads(text(f[1]))
            elif f[0] == 'body': v = json.loads(bytes.fromhex(f[1][1:]).decode(f[2]))
            else: v = json.loads(bytes.fromhex(f[1][1:]))
            return ' '.join(['ok'] + [hexed(t) for t in (json.dumps(v), repr(v), json.dumps(v, indent=2, sort_keys=True),
                json.dumps(v, ensure_ascii=False, separators=(',', ':')))])
        """

    private func loadsOutcome(_ question: [String]) -> String {
        outcome { () throws(PyException) in
            let bytes = unhex(question[1])
            let value: PyValue
            switch question[0] {
            case "str": value = try PyJSON.loads(PyCodec.decode(bytes, .utf8, errors: .surrogatePass))
            case "body": value = try PyJSON.decodeBody(bytes, charset: question[2])
            default: value = try PyJSON.loads(bytes)
            }
            return [
                try PyJSON.dumps(value), Array(value.pyRepr.utf8),
                try PyJSON.dumps(value, indent: 2, sortKeys: true),
                try PyJSON.dumps(value, ensureASCII: false, separators: (",", ":")),
            ]
        }
    }

    @Test func generatedDocuments() throws {
        var generator = ValueGenerator(seed: seed)
        let questions = (0..<cases).map { _ in ["str", hex(generator.text().utf8)] }
        try compare("loads", Self.loadsScript, questions, loadsOutcome)
    }

    @Test func brokenDocuments() throws {
        var generator = ValueGenerator(seed: seed &+ 1)
        let questions = (0..<cases * 2).map { _ in ["str", hex(generator.brokenText().utf8)] }
        try compare("loads", Self.loadsScript, questions, loadsOutcome)
    }

    @Test func brokenBodies() throws {
        var generator = ValueGenerator(seed: seed &+ 2)
        let charsets = [
            "utf-8", "UTF8", "latin-1", "ascii", "utf-16", "utf-16-be", "utf_32_le", "utf-8-sig", "cp1252", "xyz",
        ]
        let questions = (0..<cases).map { index -> [String] in
            let bytes = hex(generator.brokenBytes())
            return index % 3 == 0
                ? ["bytes", bytes] : ["body", bytes, index % 3 == 1 ? "utf-8" : generator.pick(charsets)]
        }
        try compare("body", Self.loadsScript, questions, loadsOutcome)
    }

    @Test func floatTexts() throws {
        var generator = ValueGenerator(seed: seed &+ 3)
        let script =
            "def answer(f): return repr(float.fromhex(f[0])) + ' ' + repr(float(f[1])) + ' ' + str(json.loads(f[1]))"
        let questions = (0..<cases * 4).map { _ -> [String] in
            let number = generator.double()
            let digits = (0..<1 + generator.below(24)).map { _ in String(generator.below(10)) }.joined()
            let literal =
                "\(1 + generator.below(9))\(digits).\(digits)\(generator.pick(["", "e5", "E-7", "e-320", "e+290", "e-12"]))"
            return [Self.hexText(number), literal]
        }
        try compare("float", script, questions) { question in
            let number = Self.fromHexText(question[0])
            let read = (try? PyNumber.float(PyString(question[1]))) ?? .nan
            let parsed = (try? PyJSON.loads(PyString(question[1]))) ?? .none
            return PyNumber.repr(number) + " " + PyNumber.repr(read) + " " + parsed.pyStr
        }
    }

    /// The bits, in a form Python's `float.fromhex` reads exactly.
    private static func hexText(_ number: Double) -> String {
        if number.isNaN { return "nan" }
        if number.isInfinite { return number < 0 ? "-inf" : "inf" }
        let sign = number.sign == .minus ? "-" : ""
        let significand = String(number.significandBitPattern, radix: 16)
        let padded = String(repeating: "0", count: 13 - significand.count) + significand
        let isNormal = number.isNormal
        let exponent = isNormal ? Int(number.exponentBitPattern) - 1023 : -1022
        return "\(sign)0x\(isNormal ? 1 : 0).\(padded)p\(exponent)"
    }

    private static func fromHexText(_ text: String) -> Double { Double(text) ?? .nan }

    static let operatorScript = """
        import operator as o
        ops = {'+': o.add, '-': o.sub, '*': o.mul, '/': o.truediv, '//': o.floordiv, '<': o.lt, '<=': o.le,
               '>': o.gt, '>=': o.ge, '==': o.eq, '+=': o.iadd, '%': lambda a, b: 'skip' if isinstance(a, str) else o.mod(a, b),
               'in': lambda a, b: a in b, 'min': min, 'max': max, 'round': lambda a, b: round(a, b),
               'int': lambda a, b: int(a), 'float': lambda a, b: float(a), 'round0': lambda a, b: round(a),
               'neg': lambda a, b: -a, 'abs': lambda a, b: abs(a), 'len': lambda a, b: len(a), 'list': lambda a, b: list(a),
               'sum': lambda a, b: sum(a), 'sorted': lambda a, b: sorted(a), 'item': lambda a, b: a[b],
               'bool': lambda a, b: bool(a), 'str': lambda a, b: str(a),
               'get': lambda a, b: a.get(b), 'hash': lambda a, b: {a: 1}.get(b)}
        def answer(f):
            a, b = json.loads(text(f[1])), json.loads(text(f[2]))
            r = ops[f[0]](a, b)
            return 'ok ' + hexed(repr(r))
        """

    @Test func operators() throws {
        var generator = ValueGenerator(seed: seed &+ 4)
        let names = [
            "+", "-", "*", "/", "//", "%", "<", "<=", ">", ">=", "==", "in", "min", "max", "round", "int", "float",
            "round0", "neg", "abs", "len", "list", "sum", "sorted", "item", "bool", "str", "get", "hash",
        ]
        let questions = (0..<cases * 4).map { _ -> [String] in
            let name = generator.pick(names)
            var left = generator.chance(70) ? generator.scalar() : generator.value(depth: 2)
            if name == "sum" || name == "sorted" || generator.chance(10) {
                left = .list(
                    (0..<generator.below(9)).map { _ in generator.chance(95) ? generator.number() : generator.scalar() }
                )
            }
            if name == "int" || name == "float", generator.chance(60) { left = .string(generator.numberText()) }
            var right = generator.chance(70) ? generator.scalar() : generator.value(depth: 2)
            if name == "round" { right = .int(generator.below(40) - 20) }
            if name == "item" {
                right = generator.chance(50) ? .int(generator.below(9) - 4) : .string(generator.string())
            }
            if name == "get" { right = .string(generator.string()) }
            if name == "*" {
                // A product that fits into memory: sequences by small numbers only.
                if left.asList != nil || left.asString != nil {
                    right = generator.chance(50) ? .int(generator.below(4) - 1) : .float(1.5)
                }
                if right.asList != nil || right.asString != nil { left = .int(2) }
            }
            let texts = [left, right].map { hex((try? PyJSON.dumps($0)) ?? []) }
            return [name] + texts
        }
        try compare("operator", Self.operatorScript, questions) { question in
            outcome { () throws(PyException) in
                let left = try PyJSON.loads(unhex(question[1]))
                let right = try PyJSON.loads(unhex(question[2]))
                return [Array(try Self.apply(question[0], left, right).pyRepr.utf8)]
            }
        }
    }

    private static func apply(_ name: String, _ left: PyValue, _ right: PyValue) throws(PyException) -> PyValue {
        switch name {
        case "+": return try PyNumber.add(left, right)
        case "-": return try PyNumber.sub(left, right)
        case "*": return try PyNumber.mul(left, right)
        case "/": return try PyNumber.div(left, right)
        case "//": return try PyNumber.floorDiv(left, right)
        case "%": return left.asString == nil ? try PyNumber.mod(left, right) : "skip"
        case "<", "<=", ">", ">=":
            guard let comparison = PyNumber.Comparison(rawValue: name) else { return .none }
            return .bool(try PyNumber.compare(left, comparison, right))
        case "==": return .bool(left.pyEquals(right))
        case "in": return .bool(try right.contains(left))
        case "min": return try PyNumber.min(left, right)
        case "max": return try PyNumber.max(left, right)
        case "round": return try PyNumber.round(left, right.asInt ?? 0)
        case "round0": return try PyNumber.round(left)
        case "int": return try PyNumber.int(left)
        case "float": return .float(try PyNumber.float(left))
        case "neg": return try PyNumber.neg(left)
        case "abs": return try PyNumber.abs(left)
        case "len": return .int(try left.length())
        case "list": return .list(try left.iterated())
        case "sum": return try PyNumber.sum(left.iterated())
        case "sorted": return .list(try PyNumber.sorted(left.iterated()))
        case "bool": return .bool(left.isTruthy)
        case "str": return .string(left.pyString)
        case "get": return try left.get(right.asString ?? "")
        case "hash": return try PyKey(left) == PyKey(right) ? 1 : .none
        case "item":
            if let index = right.asInt { return try left.item(index) }
            return try left.item(right.asString ?? "")
        default: return .none
        }
    }

    @Test func formatSpecs() throws {
        var generator = ValueGenerator(seed: seed &+ 5)
        // The result is a Swift string, in which surrogates are replaced.
        let script = """
            def answer(f):
                shown = format(json.loads(text(f[0])), text(f[1]))
                return 'ok ' + hexed(''.join('\\ufffd' if 0xd800 <= ord(c) < 0xe000 else c for c in shown))
            """
        let common = [
            ".1f", ".2f", ".0f", ".3f", ".4f", ".1%", ".0%", ",", "d", "", ".2%", "04d", "5.1f", "+.2f", ",.0f", ">10",
            "<8", "02x",
        ]
        let questions = (0..<cases * 2).map { _ -> [String] in
            let value = generator.chance(80) ? generator.number() : generator.scalar()
            let number = generator.chance(50) ? PyValue.float(generator.double()) : value
            let spec = generator.chance(50) ? generator.pick(common) : generator.formatSpec()
            return [hex((try? PyJSON.dumps(number)) ?? []), hex(spec.utf8)]
        }
        try compare("format", script, questions) { question in
            outcome { () throws(PyException) in
                let value = try PyJSON.loads(unhex(question[0]))
                return [Array(try PyNumber.format(value, String(decoding: unhex(question[1]), as: UTF8.self)).utf8)]
            }
        }
    }

    @Test func textMethods() throws {
        var generator = ValueGenerator(seed: seed &+ 6)
        let script = """
            def answer(f):
                s, t = text(f[0]), text(f[1])
                r = [s.lower(), s.upper(), s.strip(), s.lstrip(), s.rstrip(), s.split(), s.split(t) if t else 0, t in s, s < t, s.find(t),
                     s.startswith(t), s.endswith(t), len(s), s[1:3], s[-2:], s.replace(t, '-') if t else 0, t.join([s, s]), s + t, s.capitalize()]
                try: s.encode(); r.append('')
                except UnicodeEncodeError as e: r.append(str(e))
                return hexed(repr(r))
            """
        let questions = (0..<cases).map { _ -> [String] in
            var text = generator.string()
            if generator.chance(40) {
                text =
                    generator.pick([" ", "\t\n", "\u{2003}", "\u{1C}"]) + text + generator.pick(["  ", "\u{A0}", "x"])
            }
            let part =
                generator.chance(50) ? generator.string() : text.slice(generator.below(3), 2 + generator.below(3))
            return [hex(text.utf8), hex(part.utf8)]
        }
        try compare("str", script, questions) { question in
            let texts = question.map { (try? PyCodec.decode(unhex($0), .utf8, errors: .surrogatePass)) ?? "" }
            let (s, t) = (texts[0], texts[1])
            var encodeError = ""
            do throws(PyException) { _ = try s.encodeUTF8() } catch { encodeError = error.message }
            let results: [PyValue] = [
                .string(s.lowercased()), .string(s.uppercased()), .string(s.strip()), .string(s.lstrip()),
                .string(s.rstrip()), .list(s.splitWords().map(PyValue.string)),
                t.isEmpty ? 0 : .list(s.split(t).map(PyValue.string)), .bool(s.contains(t)), .bool(s < t),
                .int(s.find(t) ?? -1), .bool(s.hasPrefix(t)), .bool(s.hasSuffix(t)), .int(s.count),
                .string(s.slice(1, 3)), .string(s.slice(-2)), t.isEmpty ? 0 : .string(s.replacing(t, with: "-")),
                .string(PyString.join([s, s], separator: t)), .string(s + t), .string(s.capitalized()),
                .string(encodeError),
            ]
            return hex(PyValue.list(results).pyRepr.utf8)
        }
    }

    /// Every code point: what `repr` shows, what `strip()` takes, what `int()` reads.
    @Test func characterClasses() throws {
        let script = """
            def answer(f):
                a, b = int(f[0]), int(f[1])
                return ''.join('%d%d%s' % (chr(c).isprintable(), chr(c).isspace(), int(chr(c)) if chr(c).isdecimal() else '-') for c in range(a, b))
            """
        let questions = stride(from: 0, to: 0x110000, by: 0x1000).map { ["\($0)", "\($0 + 0x1000)"] }
        try compare("class", script, questions) { question in
            let range = UInt32(question[0]).flatMap { low in UInt32(question[1]).map { low..<$0 } } ?? 0..<0
            return range.map { code in
                let digit = PyUnicode.decimalValue(code).map(String.init) ?? "-"
                return "\(PyUnicode.isPrintable(code) ? 1 : 0)\(PyUnicode.isSpace(code) ? 1 : 0)\(digit)"
            }.joined()
        }
    }

    /// Every code point's lower and upper case.
    @Test func caseMappings() throws {
        let script = """
            def answer(f):
                a, b = int(f[0]), int(f[1])
                return hexed(''.join(chr(c).lower() + '.' + chr(c).upper() + '.' for c in range(a, b)))
            """
        let questions = stride(from: 0, to: 0x20000, by: 0x100).map { ["\($0)", "\($0 + 0x100)"] }
        try compare("case", script, questions) { question in
            let range = UInt32(question[0]).flatMap { low in UInt32(question[1]).map { low..<$0 } } ?? 0..<0
            let parts = range.flatMap { code -> [PyString] in
                let text = PyString(codePoints: [code])
                return [text.lowercased(), ".", text.uppercased(), "."]
            }
            return hex(PyString.join(parts, separator: "").utf8)
        }
    }
}

extension ValueGenerator {
    /// What clients send where a number is expected.
    mutating func numberText() -> PyString {
        let text = pick([
            "1", "-1", "+7", " 12 ", "1_000", "1__0", "_1", "1_", "", " ", "abc", "1.5", "1e5", "0x10", "inf",
            "-Infinity",
            "nan", "+nan", "1.5.5", ".5", "5.", ".", "e5", "1e", "1e+", "1_0.0_1", "1._5", "1e1_0", "0b1", "\u{663}",
            "\u{FF11}\u{FF12}", "12\u{0}", "1 2", "--1", "True", "None", "1e400", "infinit", "٣.٥", "1\u{2003}", "²",
            "½",
            "0000000000000000000000000000012", "'", "\"", "it's", "1,000", "-0", "-0.0", "99999999999999999999999",
        ])
        if chance(10) { return PyString(text) + string() }
        if chance(3) { return PyString("x").repeated(below(500)) }
        if chance(3) { return PyString("1").repeated(4290 + below(20)) }
        return PyString(text)
    }

    mutating func formatSpec() -> String {
        var spec = ""
        if chance(20) {
            spec += pick(["*", "0", "é", " "]) + pick(["<", ">", "=", "^"])
        } else if chance(20) {
            spec += pick(["<", ">", "=", "^"])
        }
        if chance(20) { spec += pick(["+", "-", " "]) }
        if chance(8) { spec += "z" }
        if chance(10) { spec += "#" }
        if chance(15) { spec += "0" }
        if chance(40) { spec += String(below(25)) }
        if chance(20) { spec += pick([",", "_", ",", ",_"]) }
        if chance(50) { spec += pick([".", ".0", ".1", ".2", ".3", ".6", ".10", ".20"]) }
        if chance(80) {
            spec += pick(["d", "f", "e", "g", "%", "s", "x", "X", "b", "o", "c", "F", "E", "G", "n", "q", "é", "dd"])
        }
        return spec
    }
}
