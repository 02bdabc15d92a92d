import PythonSemantics
import Testing

/// Every row was taken from CPython 3.11.2: the `repr` of the result, or class and text of the exception.
struct PyNumberTests {
    private func outcome(_ body: () throws(PyException) -> PyValue) -> String {
        do throws(PyException) { return try body().pyRepr } catch { return error.description }
    }

    @Test(
        arguments: [
            (1, "+", 2.5, "3.5"),
            (.none, "+", 1, "TypeError: unsupported operand type(s) for +: 'NoneType' and 'int'"),
            ("a", "+", 1, "TypeError: can only concatenate str (not \"int\") to str"),
            (1, "+", "a", "TypeError: unsupported operand type(s) for +: 'int' and 'str'"),
            ([], "+", 1, "TypeError: can only concatenate list (not \"int\") to list"),
            ([1], "+", [2], "[1, 2]"),
            ("a", "+", "b", "'ab'"),
            (9223372036854775807, "+", 1, "9223372036854775808"),
            (true, "+", true, "2"),
            ([:], "+", 1, "TypeError: unsupported operand type(s) for +: 'dict' and 'int'"),
            ("a", "-", 1, "TypeError: unsupported operand type(s) for -: 'str' and 'int'"),
            (-9223372036854775808, "-", 1, "-9223372036854775809"),
            ("ab", "*", 2, "'abab'"),
            (2, "*", [0], "[0, 0]"),
            ("a", "*", 1.5, "TypeError: can't multiply sequence by non-int of type 'float'"),
            (1.5, "*", "a", "TypeError: can't multiply sequence by non-int of type 'float'"),
            ([:], "*", 2, "TypeError: unsupported operand type(s) for *: 'dict' and 'int'"),
            (9223372036854775807, "*", 9223372036854775807, "85070591730234615847396907784232501249"),
            (7, "/", 2, "3.5"),
            (1, "/", 0, "ZeroDivisionError: division by zero"),
            (1.0, "/", 0, "ZeroDivisionError: float division by zero"),
            (9007199254740993, "/", 3, "3002399751580331.0"),
            (7, "//", -2, "-4"),
            (7.5, "//", -2, "-4.0"),
            (1, "//", 0, "ZeroDivisionError: integer division or modulo by zero"),
            (1.0, "//", 0, "ZeroDivisionError: float floor division by zero"),
            (-7, "%", 3, "2"),
            (7, "%", -3, "-2"),
            (-7.5, "%", 3, "1.5"),
            (1, "%", 0, "ZeroDivisionError: integer modulo by zero"),
            (1.0, "%", 0, "ZeroDivisionError: float modulo"),
            (1, "<", 2.5, "True"),
            ("a", "<", 1, "TypeError: '<' not supported between instances of 'str' and 'int'"),
            (.none, "<", 1, "TypeError: '<' not supported between instances of 'NoneType' and 'int'"),
            ([1, "a"], "<", [1, 2], "TypeError: '<' not supported between instances of 'str' and 'int'"),
            ([1], "<", [1, 0], "True"),
            ([:], "<", [:], "TypeError: '<' not supported between instances of 'dict' and 'dict'"),
            (9007199254740993, ">", 9007199254740992.0, "True"),
            ("b", ">", "a", "True"),
        ] as [(PyValue, String, PyValue, String)])
    func operators(left: PyValue, op: String, right: PyValue, expected: String) {
        let result = outcome { () throws(PyException) in
            switch op {
            case "+": return try PyNumber.add(left, right)
            case "-": return try PyNumber.sub(left, right)
            case "*": return try PyNumber.mul(left, right)
            case "/": return try PyNumber.div(left, right)
            case "//": return try PyNumber.floorDiv(left, right)
            case "%": return try PyNumber.mod(left, right)
            default:
                guard let comparison = PyNumber.Comparison(rawValue: op) else { return .none }
                return .bool(try PyNumber.compare(left, comparison, right))
            }
        }
        #expect(result == expected)
    }

    @Test(
        arguments: [
            ("12", "12"),
            (" -12\n", "-12"),
            ("1_000", "1000"),
            ("1__0", "ValueError: invalid literal for int() with base 10: '1__0'"),
            ("", "ValueError: invalid literal for int() with base 10: ''"),
            ("x", "ValueError: invalid literal for int() with base 10: 'x'"),
            ("1.5", "ValueError: invalid literal for int() with base 10: '1.5'"),
            (.none, "TypeError: int() argument must be a string, a bytes-like object or a real number, not 'NoneType'"),
            ([], "TypeError: int() argument must be a string, a bytes-like object or a real number, not 'list'"),
            (1.9, "1"),
            (-1.9, "-1"),
            (true, "1"),
            (.float(.nan), "ValueError: cannot convert float NaN to integer"),
            (.float(.infinity), "OverflowError: cannot convert float infinity to integer"),
            ("bar", "ValueError: invalid literal for int() with base 10: 'bar'"),
            ("0x10", "ValueError: invalid literal for int() with base 10: '0x10'"),
            (1e+20, "100000000000000000000"),
            ("+5", "5"),
            ("99999999999999999999", "99999999999999999999"),
        ] as [(PyValue, String)])
    func intOf(value: PyValue, expected: String) {
        #expect(outcome { () throws(PyException) in try PyNumber.int(value) } == expected)
    }

    @Test(
        arguments: [
            ("1.5", "1.5"),
            (" 1e5 ", "100000.0"),
            ("abc", "ValueError: could not convert string to float: 'abc'"),
            ("", "ValueError: could not convert string to float: ''"),
            (.none, "TypeError: float() argument must be a string or a real number, not 'NoneType'"),
            ([:], "TypeError: float() argument must be a string or a real number, not 'dict'"),
            (true, "1.0"),
            (3, "3.0"),
            ("nan", "nan"),
            ("-Infinity", "-inf"),
            ("1_0.5", "10.5"),
            ("1e400", "inf"),
            (".5", "0.5"),
            ("5.", "5.0"),
            ("0x10", "ValueError: could not convert string to float: '0x10'"),
        ] as [(PyValue, String)])
    func floatOf(value: PyValue, expected: String) {
        #expect(outcome { () throws(PyException) in .float(try PyNumber.float(value)) } == expected)
    }

    @Test(
        arguments: [
            (2.675, 2, "2.67"),
            (0.5, 0, "0.0"),
            (1.5, 0, "2.0"),
            (2.5, 0, "2.0"),
            (1.005, 2, "1.0"),
            (0.125, 2, "0.12"),
            (0.375, 2, "0.38"),
            (-2.5, 0, "-2.0"),
            (1234.5, -2, "1200.0"),
            (1250.0, -2, "1200.0"),
            (1350.0, -2, "1400.0"),
            (1e+300, 2, "1e+300"),
            (15, -1, "20"),
            (25, -1, "20"),
            (-15, -1, "-20"),
            (7, 2, "7"),
            (99.95, 1, "100.0"),
            (0.045, 2, "0.04"),
            (1.7e+308, -308, "OverflowError: rounded value too large to represent"),
            (33.3333333, 1, "33.3"),
            (.float(.leastNonzeroMagnitude), 300, "0.0"),
            (true, 1, "1"),
            (.none, 1, "TypeError: type NoneType doesn't define __round__ method"),
            ("a", 1, "TypeError: type str doesn't define __round__ method"),
        ] as [(PyValue, Int, String)])
    func rounding(value: PyValue, digits: Int, expected: String) {
        #expect(outcome { () throws(PyException) in try PyNumber.round(value, digits) } == expected)
        if case .float(let number) = value, digits >= 0 {
            #expect(PyNumber.repr(PyNumber.rounded(number, UInt(digits))) == expected)
        }
    }

    @Test(
        arguments: [
            (1.25, ".1f", "'1.2'"),
            (1.35, ".1f", "'1.4'"),
            (0.5, ".0f", "'0'"),
            (1.5, ".0f", "'2'"),
            (2.5, ".0f", "'2'"),
            (-0.04, ".1f", "'-0.0'"),
            (0.12345, ".1%", "'12.3%'"),
            (0.125, ".0%", "'12%'"),
            (1234567, ",", "'1,234,567'"),
            (1234567.891, ",.2f", "'1,234,567.89'"),
            (5, "d", "'5'"),
            (5, ".1f", "'5.0'"),
            (true, ".1f", "'1.0'"),
            (true, "d", "'1'"),
            (true, "", "'True'"),
            ("a", ".1f", "ValueError: Unknown format code 'f' for object of type 'str'"),
            (.none, ".1f", "TypeError: unsupported format string passed to NoneType.__format__"),
            ([], "d", "TypeError: unsupported format string passed to list.__format__"),
            (1.5, "d", "ValueError: Unknown format code 'd' for object of type 'float'"),
            (5, "05d", "'00005'"),
            (-5, "05d", "'-0005'"),
            (1234, "09,", "'0,001,234'"),
            (255, "x", "'ff'"),
            (255, "#06X", "'0X00FF'"),
            ("abc", ">6", "'   abc'"),
            ("abc", "^6", "' abc  '"),
            ("abc", ".2", "'ab'"),
            (1.0, ".3", "'1.0'"),
            (12345.678, ".3", "'1.23e+04'"),
            (10000000000.0, "", "'10000000000.0'"),
            (.float(.nan), ".1f", "'nan'"),
            (.float(.infinity), "06.1f", "'000inf'"),
            (3.0, "g", "'3'"),
            (1e-07, "g", "'1e-07'"),
            (5, "q", "ValueError: Unknown format code 'q' for object of type 'int'"),
            (5, ".2", "ValueError: Precision not allowed in integer format specifier"),
            ("a", "+", "ValueError: Sign not allowed in string format specifier"),
            (5, "+d", "'+5'"),
            (1.5, " .2f", "' 1.50'"),
            (10, "*^7", "'**10***'"),
            (1e+16, ".0f", "'10000000000000000'"),
            (0.1, ".20f", "'0.10000000000000000555'"),
            (1.5, "5.1f,", "ValueError: Invalid format specifier '5.1f,' for object of type 'float'"),
        ] as [(PyValue, String, String)])
    func formats(value: PyValue, spec: String, expected: String) {
        // A result is shown with quotes, so that it cannot be taken for an error.
        #expect(outcome { () throws(PyException) in .string(try PyNumber.format(value, spec)) } == expected)
    }

    @Test func shortForms() {
        #expect(PyNumber.fixed(2.345, 1) == "2.3" && PyNumber.fixed(-0.04, 1) == "-0.0")
        #expect(PyNumber.percent(0.5, 1) == "50.0%" && PyNumber.grouped(-1_234_567) == "-1,234,567")
    }

    @Test func selection() throws {
        #expect(try PyNumber.min([3, 1.0, 1]).isIdentical(to: 1.0))
        #expect(try PyNumber.max(1, true).isIdentical(to: 1))
        #expect(try PyNumber.sorted([3, 1, 2.5, true]).map(\.pyRepr) == ["1", "True", "2.5", "3"])
        #expect(throws: PyException.valueError("max() arg is an empty sequence")) { try PyNumber.max([]) }
        #expect(throws: PyException.typeError("'>' not supported between instances of 'str' and 'int'")) {
            try PyNumber.max([1, "a"])
        }
        #expect(try PyNumber.sum([1, 2.5, true]) == 4.5)
    }

    @Test func inPlaceTexts() throws {
        #expect(throws: PyException.typeError("unsupported operand type(s) for +=: 'int' and 'str'")) {
            try PyNumber.add(1, "a", op: "+=")
        }
        #expect(try PyNumber.add([1], "ab", op: "+=") == [1, "a", "b"])
    }
}
