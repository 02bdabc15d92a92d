import Testing

@testable import ParityHarness

/// Python's `repr` of bytes, as `python3 -c 'print(repr(bytes([…])))'` prints it.
struct BytesReprTests {
    @Test(
        arguments: [
            ([], "b''"), ([0x71], "b'q'"), ([0, 9, 10, 13, 31, 127, 200], #"b'\x00\t\n\r\x1f\x7f\xc8'"#),
            ([0x5C], #"b'\\'"#), ([0x27], #"b"'""#), ([0x27, 0x22], #"b'\'"'"#), ([0x22], #"b'"'"#),
        ] as [([UInt8], String)])
    func isPythons(_ bytes: [UInt8], _ text: String) {
        #expect(SQLiteFile.bytesRepr(bytes) == text)
    }
}
