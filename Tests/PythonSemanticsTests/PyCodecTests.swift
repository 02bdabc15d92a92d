import PythonSemantics
import Testing

struct PyCodecTests {
    /// Texts of `bytes.decode(charset)` in CPython 3.11.2.
    @Test(
        arguments: [
            ([0xFF], "utf-8", "'utf-8' codec can't decode byte 0xff in position 0: invalid start byte"),
            ([0x61, 0x80], "UTF8", "'utf-8' codec can't decode byte 0x80 in position 1: invalid start byte"),
            ([0xE2, 0x82], "utf-8", "'utf-8' codec can't decode bytes in position 0-1: unexpected end of data"),
            ([0xE2], "u8", "'utf-8' codec can't decode byte 0xe2 in position 0: unexpected end of data"),
            (
                [0xED, 0xA0, 0x80], "utf-8",
                "'utf-8' codec can't decode byte 0xed in position 0: invalid continuation byte"
            ),
            (
                [0xEF, 0xBB, 0xFF], "utf-8",
                "'utf-8' codec can't decode bytes in position 0-1: invalid continuation byte"
            ),
            (
                [0xF0, 0x9F, 0x98, 0x41], "utf-8",
                "'utf-8' codec can't decode bytes in position 0-2: invalid continuation byte"
            ),
            (
                [0xEF, 0xBB, 0xBF, 0x61, 0xFF], "utf-8-sig",
                "'utf-8' codec can't decode byte 0xff in position 1: invalid start byte"
            ),
            ([0x61, 0xC3], "ascii", "'ascii' codec can't decode byte 0xc3 in position 1: ordinal not in range(128)"),
            ([0x61], "utf-16", "'utf-16-le' codec can't decode byte 0x61 in position 0: truncated data"),
            ([0x00, 0xD8], "utf-16", "'utf-16-le' codec can't decode bytes in position 0-1: unexpected end of data"),
            (
                [0x00, 0xD8, 0x61, 0], "utf-16-le",
                "'utf-16-le' codec can't decode bytes in position 0-1: illegal UTF-16 surrogate"
            ),
            (
                [0xDC, 0, 0, 0x61], "utf-16-be",
                "'utf-16-be' codec can't decode bytes in position 0-1: illegal encoding"
            ),
            ([0x61, 0, 0], "utf-32", "'utf-32-le' codec can't decode bytes in position 0-2: truncated data"),
            ([0x81], "cp1252", "'charmap' codec can't decode byte 0x81 in position 0: character maps to <undefined>"),
        ] as [([UInt8], String, String)])
    func errors(bytes: [UInt8], charset: String, message: String) {
        #expect(throws: PyException(type: "UnicodeDecodeError", message: message)) {
            try PyJSON.decodeBody(bytes, charset: charset)
        }
    }

    @Test func names() throws {
        for name in ["utf-8", "UTF8", "utf 8", "Utf_8", "U8", "utf-8 ", "utf--8", "\"utf-8\"", "cp65001"] {
            #expect(try PyCodec.lookup(name) == .utf8)
        }
        for name in ["latin1", "ISO-8859-1", "l1", "IBM819"] { #expect(try PyCodec.lookup(name) == .latin1) }
        #expect(try PyCodec.lookup("us-ascii") == .ascii)
        #expect(throws: PyException.lookupError("unknown encoding: X-Foo")) { try PyCodec.lookup("X-Foo") }
        #expect(throws: PyException.lookupError("unknown encoding: utf.8")) { try PyCodec.lookup("utf.8") }
        let binary = "'hex' is not a text encoding; use codecs.decode() to handle arbitrary codecs"
        #expect(throws: PyException.lookupError(binary)) { try PyCodec.lookup("hex") }
    }

    @Test func bodies() throws {
        let text: [UInt8] = Array(#"["é"]"#.utf8)
        #expect(try PyJSON.decodeBody(text, charset: nil) == ["é"])
        #expect(try PyJSON.decodeBody(text, charset: "") == ["é"])
        #expect(try PyJSON.decodeBody(text, charset: "latin-1") == ["Ã©"])
        #expect(throws: PyException.lookupError("unknown encoding: xyz")) {
            try PyJSON.decodeBody(text, charset: "xyz")
        }
        // No bytes are decoded without a look at the name.
        #expect(
            throws: PyException(
                type: "JSONDecodeError", message: "Expecting value: line 1 column 1 (char 0)", module: "json.decoder")
        ) {
            try PyJSON.decodeBody([], charset: "xyz")
        }
        #expect(try PyJSON.decodeBody([0xFE, 0xFF, 0, 0x31], charset: "utf-16") == 1)
        #expect(try PyJSON.decodeBody([0xEF, 0xBB, 0xBF, 0x31], charset: "utf-8-sig") == 1)
        #expect(try PyJSON.decodeBody([0x22, 0x80, 0x22], charset: "windows-1252") == "€")
        #expect(try PyJSON.loads([0xEF, 0xBB, 0xBF, 0x31] as [UInt8]) == 1)
        #expect(try PyJSON.loads([0x31, 0, 0, 0] as [UInt8]) == 1)
        // Only the first mark is one, and `loads(bytes)` has no own text for a second.
        let error = #expect(throws: PyException.self) {
            try PyJSON.loads([0xEF, 0xBB, 0xBF, 0xEF, 0xBB, 0xBF] as [UInt8])
        }
        #expect(error?.message == "Expecting value: line 1 column 1 (char 0)")
    }
}
