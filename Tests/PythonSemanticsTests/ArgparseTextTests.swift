import Foundation
import PythonSemantics
import Testing

/// Numbers and characters as CPython 3.11 reads and shows them.
@Suite struct ArgparseTextTests {
    @Test(arguments: [
        ("0", "0"), (" +42\n", "42"), ("-1_000", "-1000"), ("٣", "3"), ("\u{a0}７", "7"), ("007", "7"),
        ("99999999999999999999", "99999999999999999999"),
    ])
    func integers(_ text: String, _ value: String) throws {
        #expect(String(try PyTextNumber.int(text).get()) == value)
    }

    @Test(arguments: [
        ("abc", "'abc'"), ("", "''"), (" ", "' '"), ("1__0", "'1__0'"), ("_1", "'_1'"), ("1_", "'1_'"),
        ("- 5", "'- 5'"),
        ("70.5", "'70.5'"), ("0x10", "'0x10'"), ("it's", "\"it's\""), ("\u{1c}5", "'\\x1c5'"), ("5\u{0}", "'5\\x00'"),
    ])
    func badIntegers(_ text: String, _ shown: String) {
        let failure = PyTextNumber.Failure(message: "invalid literal for int() with base 10: \(shown)")
        #expect(PyTextNumber.int(text) == .failure(failure))
    }

    @Test func longIntegers() {
        let limit =
            "Exceeds the limit (4300 digits) for integer string conversion: value has 5000 digits; "
            + "use sys.set_int_max_str_digits() to increase the limit"
        let digits = String(repeating: "9", count: 5000)
        #expect(PyTextNumber.int(digits) == .failure(.init(message: limit)))
        #expect(PyTextNumber.int(digits + "x") == .failure(.init(message: limit)))
        let shown = "invalid literal for int() with base 10: '" + String(repeating: "x", count: 199)
        #expect(PyTextNumber.int(String(repeating: "x", count: 300)) == .failure(.init(message: shown)))
    }

    @Test(arguments: [
        ("1", 1), ("-.5", -0.5), ("5.", 5), (" 1e3 ", 1000), ("1_0.0_1", 10.01), ("iNfinity", .infinity),
        ("-INF", -.infinity),
        ("1e400", .infinity), ("-1e99999999999999999999", -.infinity), ("1e-99999999999999999999", 0),
        ("4.9e-324", .leastNonzeroMagnitude),
    ])
    func floats(_ text: String, _ value: Double) throws {
        #expect(try PyTextNumber.float(text).get() == value)
    }

    @Test(arguments: ["", " ", ".", "e5", "1_e5", "1._5", "in_f", "0x1", "nan()", "1 2", "--1", "1e", "1e+", "infinit"])
    func badFloats(_ text: String) {
        let failure = PyTextNumber.Failure(message: "could not convert string to float: '\(text)'")
        #expect(PyTextNumber.float(text) == .failure(failure))
    }

    @Test(
        arguments: [
            (nil, nil, 80), (nil, 120, 120), (nil, 0, 80), ("100", 120, 100), ("abc", nil, 80), ("", 90, 90),
            ("0", nil, 80), ("-5", 70, 70),
            (" 90 ", nil, 90), ("9_0", nil, 90),
        ] as [(String?, Int?, Int)])
    func terminalColumns(_ environment: String?, _ terminal: Int?, _ columns: Int) {
        #expect(TerminalColumns.resolve(environment: environment, terminal: terminal) == columns)
    }
}

/// The same against a running CPython, on drawn texts.
@Suite(.enabled(if: ArgparseOracle.isAvailable, ArgparseOracle.whySkipped))
struct ArgparseTextDifferentialTests {
    @Test func numbers() throws {
        let seed: UInt64 = 7
        var draw = ArgparseGenerator(seed: seed)
        let pieces = [
            "0", "1", "9", "12345", "_", "__", ".", "e", "E", "+", "-", " ", "\t", "\n", "\u{1c}", "\u{a0}", "٣", "०",
            "inf", "nan",
            "Infinity", "x", "é", "'", "\"", "\u{0}", "\u{7f}", "00000000000000000000", "324", "308",
        ]
        let texts = (0..<4000).map { _ in (0..<draw.below(7)).map { _ in draw.pick(pieces) }.joined() }
        for (text, expected) in zip(texts, try ArgparseOracle.numbers(texts)) {
            let int = PyTextNumber.int(text).map { String($0) }
            let float = PyTextNumber.float(text).map { PyTextNumber.repr($0) }
            #expect([Self.shown(int), Self.shown(float)] == expected, "seed \(seed): \(text.debugDescription)")
        }
    }

    private static func shown(_ result: Result<String, PyTextNumber.Failure>) -> String {
        switch result {
        case .success(let text): text
        case .failure(let failure): "ValueError: \(failure.message)"
        }
    }

    @Test func floatReprs() throws {
        var draw = ArgparseGenerator(seed: 8)
        var bits = (0..<4000).map { _ in draw.next() }
        for exponent in -330...330 { bits.append((Double("1e\(exponent)") ?? 0).bitPattern) }
        for value in [
            0.1, 1e16, 9007199254740992, 9999999999999998, 123456789012345680, 1e-4, 0.00012345, .leastNonzeroMagnitude,
        ] {
            bits += [value.bitPattern, (-value).bitPattern]
        }
        for (pattern, expected) in zip(bits, try ArgparseOracle.floatReprs(bits)) {
            #expect(PyTextNumber.repr(Double(bitPattern: pattern)) == expected)
        }
    }

    /// Printable, blank, word character, decimal digit: the first planes' start, then every 97th code point.
    /// `ARGPARSE_ALL_CHARACTERS=1` takes all of them.
    @Test func characterClasses() throws {
        let all = ProcessInfo.processInfo.environment["ARGPARSE_ALL_CHARACTERS"] == "1"
        let codePoints = (0...0x10FFFF as ClosedRange<UInt32>).filter { all || $0 < 0x3400 || $0 % 97 == 0 }
        let scalars = codePoints.compactMap(Unicode.Scalar.init)
        let expected = try ArgparseOracle.characterClasses(scalars.map(\.value))
        try #require(expected.count == scalars.count)
        var wrong: [String] = []
        for (scalar, want) in zip(scalars, expected) {
            let got = ArgText.classes(scalar)
            if got != want { wrong.append("U+\(String(scalar.value, radix: 16)): \(got), Python \(want)") }
        }
        #expect(wrong.isEmpty, "\(wrong.count): \(wrong.prefix(20))")
    }
}
