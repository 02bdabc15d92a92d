import PythonSemantics
import Testing

struct PyStringTests {
    @Test(
        arguments: [
            ("a", "'a'"),
            ("it's", "\"it's\""),
            ("say \"hi\"", "'say \"hi\"'"),
            ("both ' and \"", "'both \\' and \"'"),
            ("\n\t\r\u{0}\u{1F}\u{7F}\u{80}\u{A0}\u{AD}", "'\\n\\t\\r\\x00\\x1f\\x7f\\x80\\xa0\\xad'"),
            ("\u{E9}", "'\u{E9}'"),
            ("\u{2028}", "'\\u2028'"),
            ("\u{E000}", "'\\ue000'"),
            ("\u{1F600}", "'\u{1F600}'"),
            ("\u{10FFFF}", "'\\U0010ffff'"),
            ("\u{378}", "'\\u0378'"),
            ("\\", "'\\\\'"),
            ("\u{4E2D}", "'\u{4E2D}'"),
            ("\u{FEFF}", "'\\ufeff'"),
            ("\u{200B}", "'\\u200b'"),
        ] as [(String, String)])
    func repr(text: String, expected: String) {
        #expect(PyString(text).pyRepr == expected)
        #expect(PyValue.string(text).pyRepr == expected)
        #expect(PyValue.string(text).pyStr == text)
    }

    @Test func surrogates() {
        let high = PyString(codePoints: [0xD83D])
        let low = PyString(codePoints: [0xDE00])
        let pair = high + low
        #expect(pair != "\u{1F600}" && pair.count == 2 && Array(pair.codePoints) == [0xD83D, 0xDE00])
        #expect(pair.pyRepr == #"'\ud83d\ude00'"#)
        #expect(pair.description == "\u{FFFD}\u{FFFD}" && pair.nativeString == nil && pair.hasSurrogates)
        // By code point: a surrogate is below U+E000 and above U+D7FF.
        #expect(high < "\u{E000}" && "\u{D7FF}" < high && high < low)
        #expect((pair + "x").slice(2) == "x" && (pair + "x").slice(2).nativeString == "x")
        #expect(pair.hasPrefix(high) && pair.hasSuffix(low) && pair.contains(low) && pair.find(low) == 1)
        let message = #"'utf-8' codec can't encode character '\ud83d' in position 1: surrogates not allowed"#
        #expect(throws: PyException(type: "UnicodeEncodeError", message: message)) { try ("a" + high).encodeUTF8() }
        let range = "'utf-8' codec can't encode characters in position 0-1: surrogates not allowed"
        #expect(throws: PyException(type: "UnicodeEncodeError", message: range)) { try pair.encodeUTF8() }
    }

    @Test func noCanonicalEquivalence() {
        let composed = PyString("\u{E9}")
        let decomposed = PyString("e\u{301}")
        #expect(composed != decomposed && decomposed < composed)
        #expect(Set([composed, decomposed]).count == 2)
        // Same length in UTF-8, equal for Swift: reordered marks.
        #expect(PyString("a\u{323}\u{302}") != PyString("a\u{302}\u{323}"))
        var dict: PyDict = [composed: 1, decomposed: 2]
        #expect(dict.count == 2 && dict[composed] == 1)
        dict[decomposed] = nil
        #expect(dict.keys == [composed])
    }

    @Test func methods() {
        #expect(PyString("a,b,,c").split(",") == ["a", "b", "", "c"])
        #expect(PyString("").split(",") == [""])
        #expect(PyString("a_b_c").split("_", maxSplits: 1) == ["a", "b_c"])
        #expect(PyString("a_b_c").splitLast("_")?.before == "a_b")
        #expect(PyString("\u{A0} x\u{1F}\u{3000}").strip() == "x")
        #expect(PyString("xxaxx").strip("x") == "a" && PyString("a//").rstrip("/") == "a")
        #expect(PyString("\u{1C}a\u{2028}b ").splitWords() == ["a", "b"])
        #expect(PyString("ΑΣ ΑΣΑ").lowercased() == "ας ασα")
        #expect(PyString("straße").uppercased() == "STRASSE")
        #expect(PyString("abc").repeated(2) == "abcabc" && PyString("abc").repeated(-1) == "")
        #expect(PyString.join(["a", "b"], separator: ", ") == "a, b")
        #expect(PyString("aXbX").replacing("X", with: "-") == "a-b-")
        #expect(PyString("héllo").slice(1, -1) == "éll" && PyString("abc").slice(5) == "")
    }
}
