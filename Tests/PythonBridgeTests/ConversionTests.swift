import BigInt
import PythonSemantics
import Testing

@testable import PythonBridge

extension BridgeSuites {
    @Suite struct ConversionTests {
        static let helpers = """
            import struct
            def F(bits): return struct.unpack("<d", struct.pack("<Q", bits))[0]
            def S(*points): return "".join(map(chr, points))
            def identity(value): return value
            def same(value, literal): return [repr(value), repr(eval(literal))]
            """

        /// Value and Python source for it; -0.0, NaN, bounds of int64, both sides of it, empty and odd texts.
        static let table: [(PyValue, String)] = [
            (nil, "None"), (true, "True"), (false, "False"), (0, "0"), (-1, "-1"),
            (.int(.max), "2**63-1"), (.int(.min), "-2**63"),
            (.integer(BigInt(1) << 63), "2**63"), (.integer(-(BigInt(1) << 63) - 1), "-2**63-1"),
            (.integer(BigInt(7).power(20_000)), "7**20000"), (.integer(-BigInt(10).power(400)), "-10**400"),
            (1.0, "1.0"), (.float(-0.0), "-0.0"), (.float(.nan), "float('nan')"), (.float(.infinity), "float('inf')"),
            (.float(-.infinity), "-float('inf')"), (5e-324, "5e-324"), (1e16, "1e16"),
            ("", "''"), ("plain", "'plain'"), ("é", "'\\xe9'"), ("e\u{301}", "'e\\u0301'"), ("😀\0", "'\\U0001f600\\0'"),
            (.string(PyString(codePoints: [0xD800])), "'\\ud800'"),
            (.string(PyString(codePoints: [0x61, 0xDFFF, 0x1F600])), "'a\\udfff\\U0001f600'"),
            (.string(PyString(codePoints: [0xD83D, 0xDE00])), "'\\ud83d\\ude00'"),
            ([], "[]"), ([1, 1.0, true, nil], "[1, 1.0, True, None]"), ([[[]], [:]], "[[[]], {}]"),
            (["b": 1, "a": [2], "": ["k": nil]], "{'b': 1, 'a': [2], '': {'k': None}}"),
            (["é": 1, "e\u{301}": 2], "{'\\xe9': 1, 'e\\u0301': 2}"),
        ]

        @Test func table() async throws {
            let python = try TestPython.shared
            try await python.evaluate(Self.helpers)
            for (value, literal) in Self.table {
                let back = try await python.call(
                    module: "ringrift_scratch", function: "identity", arguments: [value])
                #expect(back.isIdentical(to: value), "\(literal)")
                #expect(try await python.evaluate(literal).isIdentical(to: value), "\(literal)")
                try await expectSame(python, value, literal)
            }
        }

        @Test func subclassesCountAsTheirBase() async throws {
            let python = try TestPython.shared
            let seen = try await python.evaluate(
                """
                import collections, enum
                class Colour(str, enum.Enum):
                    RED = "red"
                class Level(enum.IntEnum):
                    HIGH = 3
                ordered = collections.OrderedDict(a=1, b=2)
                ordered.move_to_end("a")
                Point = collections.namedtuple("Point", "x y")
                class Float(float): pass
                [Colour.RED, Level.HIGH, ordered, Point(1, 2), (1, (2,)), Float(2.5),
                 collections.defaultdict(list, k=[])]
                """)
            let expected: PyValue = ["red", 3, ["b": 2, "a": 1], [1, 2], [1, [2]], 2.5, ["k": []]]
            #expect(seen.isIdentical(to: expected))
        }

        @Test(arguments: [
            ("b'x'", "bytes"), ("{1}", "set"), ("object()", "object"), ("1j", "complex"), ("[1, [len]]", "builtin"),
        ])
        func objectsAreRefused(code: String, typeName: String) async throws {
            let error = await #expect(throws: PythonError.self) { try await TestPython.shared.evaluate(code) }
            #expect(error?.type == "TypeError")
            #expect(error?.message.hasPrefix("object of type \(typeName)") == true)
            #expect(error?.message.contains("cannot be handed to Swift") == true)
        }

        @Test(arguments: [("{1: 2}", "int"), ("{None: 2}", "NoneType"), ("{'a': {(1,): 2}}", "tuple")])
        func otherKeysAreRefused(code: String, typeName: String) async throws {
            let error = await #expect(throws: PythonError.self) { try await TestPython.shared.evaluate(code) }
            #expect(error?.type == "TypeError")
            #expect(error?.message == "dict key of type \(typeName) cannot be handed to Swift, keys must be str")
        }

        @Test func endlessStructuresAreRefused() async throws {
            let python = try TestPython.shared
            let error = await #expect(throws: PythonError.self) {
                try await python.evaluate("loop = []; loop.append({'a': loop}); loop")
            }
            #expect(error?.type == "RecursionError")
            #expect(try await python.evaluate("'still there'") == "still there")
        }

        @Test func depth() async throws {
            let python = try TestPython.shared
            try await python.evaluate(Self.helpers)
            func nested(_ depth: Int) -> PyValue { (0..<depth).reduce(PyValue.list([])) { inner, _ in .list([inner]) } }
            let deep = nested(900)
            let back = try await python.call(module: "ringrift_scratch", function: "identity", arguments: [deep])
            #expect(back == deep)
            let error = await #expect(throws: PythonError.self) {
                try await python.call(module: "ringrift_scratch", function: "identity", arguments: [nested(5_000)])
            }
            #expect(error?.type == "RecursionError")
        }

        /// Swift makes values and, independently, Python source for them; both arrive the same, and come back.
        @Test func generatedValues() async throws {
            let python = try TestPython.shared
            try await python.evaluate(Self.helpers)
            var generator = ValueGenerator(seed: 20_260_722)
            for _ in 0..<(TestPython.soak ? 20_000 : 400) {
                let (value, literal) = generator.next(depth: 4)
                let back = try await python.call(
                    module: "ringrift_scratch", function: "identity", arguments: [value])
                #expect(back.isIdentical(to: value), "seed 20260722: \(literal)")
                try await expectSame(python, value, literal)
            }
        }

        private func expectSame(_ python: PythonInterpreter, _ value: PyValue, _ literal: String) async throws {
            // Decimal digits of large numbers are limited in Python itself (4300), base 16 is not.
            guard literal != "7**20000" else { return }
            let reprs = try await python.call(
                module: "ringrift_scratch", function: "same", arguments: [value, .string(literal)])
            #expect(reprs[0] == reprs[1], "\(literal)")
        }
    }
}

/// Random values with Python source that denotes them, without use of the code under test.
struct ValueGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    /// splitmix64
    private mutating func word() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }

    private mutating func below(_ bound: UInt64) -> UInt64 { word() % bound }

    mutating func next(depth: Int) -> (PyValue, String) {
        switch below(depth > 0 ? 9 : 6) {
        case 0: return [(.none, "None"), (.bool(true), "True"), (.bool(false), "False")][Int(below(3))]
        case 1:
            let number = Int(bitPattern: UInt(word() >> below(64)))
            return (.int(number), "\(number)")
        case 2:
            let number = (0..<below(6) + 1).reduce(BigInt(Int64(bitPattern: word()))) { total, _ in
                total << 64 + BigInt(word())
            }
            return (.integer(number), "\(number)")
        case 3:
            let bits = below(2) == 0 ? word() : (Double(Int64(bitPattern: word()) >> 40) / 8).bitPattern
            return (.float(Double(bitPattern: bits)), "F(\(bits))")
        case 4, 5:
            let (text, literal) = text()
            return (.string(text), literal)
        case 6, 7:
            let items = (0..<below(5)).map { _ in next(depth: depth - 1) }
            return (.list(items.map(\.0)), "[" + items.map(\.1).joined(separator: ", ") + "]")
        default:
            var dict = PyDict()
            var pairs: [String] = []
            for _ in 0..<below(5) {
                let (key, keyLiteral) = text()
                let (value, literal) = next(depth: depth - 1)
                dict[key] = value  // as in a dict display, the first place and the last value of a key count
                pairs.append("\(keyLiteral): \(literal)")
            }
            return (.dict(dict), "{" + pairs.joined(separator: ", ") + "}")
        }
    }

    private mutating func text() -> (PyString, String) {
        let bounds: [UInt64] = [0x80, 0x100, 0x800, 0x1_0000, 0x11_0000]
        let points = (0..<below(8)).map { _ in UInt32(below(bounds[Int(below(5))])) }
        return (PyString(codePoints: points), "S(" + points.map(String.init).joined(separator: ", ") + ")")
    }
}
