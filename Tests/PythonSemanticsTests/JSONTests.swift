import PythonSemantics
import Testing

/// Texts and errors as CPython 3.11.2 gives them; the first rows are the bodies of `recordings/legacy/a/02-bad-bodies`.
struct JSONTests {
    @Test(
        arguments: [
            ("", "Expecting value: line 1 column 1 (char 0)"),
            ("{bad", "Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"),
            ("  ", "Expecting value: line 1 column 3 (char 2)"),
            ("\n\n{\"a\"", "Expecting ':' delimiter: line 3 column 5 (char 6)"),
            ("{\"a\": 01}", "Expecting ',' delimiter: line 1 column 8 (char 7)"),
            ("{\"a\": +1}", "Expecting value: line 1 column 7 (char 6)"),
            ("{\"a\": .5}", "Expecting value: line 1 column 7 (char 6)"),
            ("{\"a\": 1.}", "Expecting ',' delimiter: line 1 column 8 (char 7)"),
            ("{'a': 1}", "Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"),
            ("{\"a\": 1,}", "Expecting property name enclosed in double quotes: line 1 column 9 (char 8)"),
            ("{\"a\" 1}", "Expecting ':' delimiter: line 1 column 6 (char 5)"),
            ("{\"a\": \"x\ny\"}", "Invalid control character at: line 1 column 9 (char 8)"),
            ("{\"a\": \"\\x\"}", "Invalid \\escape: line 1 column 8 (char 7)"),
            ("{\"a\": \"\\u12\"}", "Invalid \\uXXXX escape: line 1 column 9 (char 8)"),
            ("{\"a\": \"unterminated", "Unterminated string starting at: line 1 column 7 (char 6)"),
            ("{\"a\": tru}", "Expecting value: line 1 column 7 (char 6)"),
            ("{\"a\": nan}", "Expecting value: line 1 column 7 (char 6)"),
            ("{\"a\": 1} trailing", "Extra data: line 1 column 10 (char 9)"),
            ("{\"a\": 1}{}", "Extra data: line 1 column 9 (char 8)"),
            ("-", "Expecting value: line 1 column 1 (char 0)"),
            ("/* c */ {}", "Expecting value: line 1 column 1 (char 0)"),
            ("\u{E9}", "Expecting value: line 1 column 1 (char 0)"),
            ("\u{FEFF}{}", "Unexpected UTF-8 BOM (decode using utf-8-sig): line 1 column 1 (char 0)"),
            ("[1,]", "Expecting value: line 1 column 4 (char 3)"),
            ("[1 2]", "Expecting ',' delimiter: line 1 column 4 (char 3)"),
            ("[", "Expecting value: line 1 column 2 (char 1)"),
            ("[1", "Expecting ',' delimiter: line 1 column 3 (char 2)"),
            ("{", "Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"),
            ("{\"a\"", "Expecting ':' delimiter: line 1 column 5 (char 4)"),
            ("{\"a\":", "Expecting value: line 1 column 6 (char 5)"),
            ("{\"a\":1", "Expecting ',' delimiter: line 1 column 7 (char 6)"),
            ("\"", "Unterminated string starting at: line 1 column 1 (char 0)"),
            ("\"\\", "Unterminated string starting at: line 1 column 1 (char 0)"),
            ("\"\\u", "Invalid \\uXXXX escape: line 1 column 3 (char 2)"),
            ("\"\\ud800\\u12", "Invalid \\uXXXX escape: line 1 column 9 (char 8)"),
            ("\"abc\\", "Unterminated string starting at: line 1 column 1 (char 0)"),
            ("\"\\ud800\\uZZZZ\"", "Invalid \\uXXXX escape: line 1 column 9 (char 8)"),
            ("Infinit", "Expecting value: line 1 column 1 (char 0)"),
            ("-Infinit", "Expecting value: line 1 column 1 (char 0)"),
            ("[NaN, nul]", "Expecting value: line 1 column 7 (char 6)"),
            ("\"\u{E9}\n\"", "Invalid control character at: line 1 column 3 (char 2)"),
            ("\u{E9}{", "Expecting value: line 1 column 1 (char 0)"),
            ("{\"\u{E9}\": \"\u{1F600}\" 1}", "Expecting ',' delimiter: line 1 column 11 (char 10)"),
            ("[\"\u{1F600}\",\n \"\u{E9}\", x]", "Expecting value: line 2 column 7 (char 12)"),
            ("1 2", "Extra data: line 1 column 3 (char 2)"),
            ("\r\n\t1 x", "Extra data: line 2 column 4 (char 5)"),
            ("{\"a\":1 \"b\":2}", "Expecting ',' delimiter: line 1 column 8 (char 7)"),
            ("{1:2}", "Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"),
            ("[1,,2]", "Expecting value: line 1 column 4 (char 3)"),
            ("\"\t\"", "Invalid control character at: line 1 column 2 (char 1)"),
            ("\"\\u00e\"", "Invalid \\uXXXX escape: line 1 column 3 (char 2)"),
            ("\"a\" \"b\"", "Extra data: line 1 column 5 (char 4)"),
            ("nulll", "Extra data: line 1 column 5 (char 4)"),
            ("01", "Extra data: line 1 column 2 (char 1)"),
            ("-01", "Extra data: line 1 column 3 (char 2)"),
            ("1e5x", "Extra data: line 1 column 4 (char 3)"),
            ("\u{0}", "Expecting value: line 1 column 1 (char 0)"),
            ("\"\u{7F}\" ,", "Extra data: line 1 column 5 (char 4)"),
            ("{\"a\":1}\u{0}", "Extra data: line 1 column 8 (char 7)"),
        ] as [(String, String)])
    func decodeErrors(text: String, message: String) {
        let expected = PyException(type: "JSONDecodeError", message: message, module: "json.decoder")
        #expect(throws: expected) { try PyJSON.loads(PyString(text)) }
        #expect(throws: expected) { try PyJSON.decodeBody(Array(text.utf8), charset: nil) }
    }

    @Test(
        arguments: [
            ("1", "1"),
            ("-0", "0"),
            ("1.0", "1.0"),
            ("1e5", "100000.0"),
            ("1E-7", "1e-07"),
            ("1e16", "1e+16"),
            ("1e15", "1000000000000000.0"),
            ("123456789012345678901234567890", "123456789012345678901234567890"),
            ("-9223372036854775808", "-9223372036854775808"),
            ("9223372036854775807", "9223372036854775807"),
            ("9223372036854775808", "9223372036854775808"),
            ("-0.0", "-0.0"),
            ("1e400", "Infinity"),
            ("-1e400", "-Infinity"),
            ("1e-400", "0.0"),
            ("NaN", "NaN"),
            ("Infinity", "Infinity"),
            ("-Infinity", "-Infinity"),
            ("0.1", "0.1"),
            ("1.5e300", "1.5e+300"),
            ("5e-324", "5e-324"),
            ("2.2250738585072014e-308", "2.2250738585072014e-308"),
            ("1.7976931348623157e308", "1.7976931348623157e+308"),
            ("9007199254740993", "9007199254740993"),
            ("9007199254740993.0", "9007199254740992.0"),
            ("0.30000000000000004", "0.30000000000000004"),
            ("100000000000000000000.0", "1e+20"),
            ("1234567890123456.7", "1234567890123456.8"),
            ("12345678901234567.8", "1.2345678901234568e+16"),
            ("1e22", "1e+22"),
            ("1e23", "1e+23"),
            ("0.0001", "0.0001"),
            ("0.00001", "1e-05"),
            (
                "\" \\u00e9\\ud83d\\ude00 \\ud800 \\udc00\\ud800 \\/ \\b\\f\\n\\r\\t \\u007f \\u0000\"",
                "\" \\u00e9\\ud83d\\ude00 \\ud800 \\udc00\\ud800 / \\b\\f\\n\\r\\t \\u007f \\u0000\""
            ),
            ("\"\u{E9}\u{1F600}\u{7F}\u{2028}\"", "\"\\u00e9\\ud83d\\ude00\\u007f\\u2028\""),
            ("{\"a\":1,\"b\":2,\"a\":3}", "{\"a\": 3, \"b\": 2}"),
            ("{\"a\":{},\"b\":[]}", "{\"a\": {}, \"b\": []}"),
            ("[[],[[]],{}]", "[[], [[]], {}]"),
            (" [ 1 , 2 ] ", "[1, 2]"),
            ("{\"\":0}", "{\"\": 0}"),
            ("\"\\ud83d\\ud83d\\ude00\"", "\"\\ud83d\\ud83d\\ude00\""),
            ("[true,false,null]", "[true, false, null]"),
            ("1.0e+2", "100.0"),
            ("0e5", "0.0"),
            ("-1.50", "-1.5"),
        ] as [(String, String)])
    func roundTrips(text: String, dumped: String) throws {
        #expect(try PyJSON.dumps(PyJSON.loads(PyString(text))) == Array(dumped.utf8))
    }

    @Test func numbersKeepTheirType() throws {
        #expect(try PyJSON.loads("1") == .int(1))
        #expect(try PyJSON.loads("1.0") == .float(1))
        #expect(try PyJSON.loads("true") == .bool(true))
        #expect(try PyJSON.loads("18446744073709551616").typeName == "int")
        #expect(try PyJSON.loads("[NaN]") == [.float(.nan)])
    }

    @Test func repeatedKeyKeepsItsFirstPlace() throws {
        // More than eight keys, so that the hash index is used, and a sibling with the same keys.
        let text = #"[{"a":1,"b":2,"c":3,"d":4,"e":5,"f":6,"g":7,"h":8,"i":9,"b":0},{"a":1,"b":2,"a":3,"c":4}]"#
        let expected =
            #"[{"a": 1, "b": 0, "c": 3, "d": 4, "e": 5, "f": 6, "g": 7, "h": 8, "i": 9}, {"a": 3, "b": 2, "c": 4}]"#
        #expect(try PyJSON.dumps(PyJSON.loads(PyString(text))) == Array(expected.utf8))
    }

    @Test func escapedKeyEqualsPlainOne() throws {
        #expect(
            try PyJSON.loads(#"[{"a": 1}, {"\u0061": 2}, {"a": 3, "\u0061": 4}]"#) == [["a": 1], ["a": 2], ["a": 4]])
    }

    /// Measured on the real node, `POST /job/kill` (see `JSONLimits`): what stands behind n opening brackets decides.
    @Test(
        arguments: [
            (980, "", "Expecting value: line 1 column 981 (char 980)"),
            (981, "", "maximum recursion depth exceeded while decoding a JSON array from a unicode string"),
            (977, "\"", "Unterminated string starting at: line 1 column 978 (char 977)"),
            (978, "\"", "maximum recursion depth exceeded while calling a Python object"),
            (979, "1 ", "maximum recursion depth exceeded"),
            (980, "1.5", "maximum recursion depth exceeded while calling a Python object"),
            (981, "\"", "maximum recursion depth exceeded while decoding a JSON array from a unicode string"),
            (976, "{1", "Expecting property name enclosed in double quotes: line 1 column 978 (char 977)"),
            (977, "{1", "maximum recursion depth exceeded while calling a Python object"),
            (978, "{1", "maximum recursion depth exceeded"),
            (980, "{1", "maximum recursion depth exceeded while decoding a JSON object from a unicode string"),
        ] as [(Int, String, String)])
    func nestingInAHandler(brackets: Int, rest: String, message: String) {
        let body = Array((String(repeating: "[", count: brackets) + rest).utf8)
        let error = #expect(throws: PyException.self) { try PyJSON.decodeBody(body, charset: nil) }
        #expect(error?.message == message)
    }

    @Test func nestingLimitOfTheEncoder() throws {
        var value = PyValue.int(1)
        for _ in 0..<PyJSON.responseNestingLimit { value = [value] }
        #expect(try PyJSON.dumps(value).count == PyJSON.responseNestingLimit * 2 + 1)
        #expect(throws: PyException.recursionError("maximum recursion depth exceeded while encoding a JSON object")) {
            try PyJSON.dumps(["a": value])
        }
        // An empty container counts as a level too.
        var empty = PyValue.list([])
        for _ in 1..<PyJSON.responseNestingLimit { empty = [empty] }
        #expect(throws: Never.self) { try PyJSON.dumps(empty) }
        #expect(throws: PyException.self) { try PyJSON.dumps([empty]) }
        var buffer: [UInt8] = [1, 2]
        #expect(throws: PyException.self) { try PyJSON.append([empty], to: &buffer) }
        #expect(buffer == [1, 2])
    }

    @Test func longIntegers() throws {
        let longest = PyString(String(repeating: "7", count: 4300))
        #expect(try PyJSON.dumpsText(PyJSON.loads(longest)) == longest)
        let message =
            "Exceeds the limit (4300 digits) for integer string conversion: value has 4301 digits; "
            + "use sys.set_int_max_str_digits() to increase the limit"
        #expect(throws: PyException.valueError(message)) { try PyJSON.loads("-" + longest + "7") }
        let tooLong = try PyNumber.mul(PyJSON.loads(longest), 100)
        let dumpMessage =
            "Exceeds the limit (4300 digits) for integer string conversion; "
            + "use sys.set_int_max_str_digits() to increase the limit"
        #expect(throws: PyException.valueError(dumpMessage)) { try PyJSON.dumps(tooLong) }
    }

    @Test func layouts() throws {
        let value: PyValue = ["b": [1, [], ["x": nil]], "a": "\u{E9}\u{7F}", "c": [:]]
        func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
        #expect(text(try PyJSON.dumps(value)) == #"{"b": [1, [], {"x": null}], "a": "\u00e9\u007f", "c": {}}"#)
        #expect(
            text(try PyJSON.dumps(value, indent: 2, sortKeys: true))
                == "{\n  \"a\": \"\\u00e9\\u007f\",\n  \"b\": [\n    1,\n    [],\n    {\n      \"x\": null\n    }\n  ],"
                + "\n  \"c\": {}\n}")
        #expect(
            text(try PyJSON.dumps(value, ensureASCII: false, separators: (",", ":")))
                == "{\"b\":[1,[],{\"x\":null}],\"a\":\"\u{E9}\u{7F}\",\"c\":{}}")
        #expect(text(try PyJSON.dumps([1], indent: 0)) == "[\n1\n]")
        var buffer = Array("x".utf8)
        try PyJSON.append(value, to: &buffer)
        PyJSON.appendString("\u{1F600}", to: &buffer)
        #expect(text(buffer) == #"x{"b": [1, [], {"x": null}], "a": "\u00e9\u007f", "c": {}}"\ud83d\ude00""#)
    }
}
