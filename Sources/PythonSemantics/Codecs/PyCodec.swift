/// `bytes.decode(…)` for the encodings a request may name, with CPython's error texts.
package enum PyCodec {
    package enum Encoding: Sendable, Equatable {
        case utf8, utf8Signed, ascii, latin1
        case utf16, utf16LittleEndian, utf16BigEndian
        case utf32, utf32LittleEndian, utf32BigEndian
        case windows1252, latin9
    }

    /// What to do with surrogates: `strict` is the default of `decode`, `surrogatePass` what `json.loads(bytes)` uses.
    package enum ErrorMode: Sendable { case strict, surrogatePass }

    /// The codec of a name as Python's registry finds it: case and punctuation do not matter.
    ///
    /// - Throws: `LookupError` for an unknown name (`unknown encoding: xyz`) and for codecs that do not make text.
    package static func lookup(_ name: String) throws(PyException) -> Encoding {
        if name.utf8.contains(0) { throw .valueError("embedded null character") }
        let key = normalized(name)
        if let encoding = encodings[key] { return encoding }
        // With a dot only aliases are found, not the codecs' own names.
        let alias = key.replacingDots
        if let encoding = encodings[alias], !codecNames.contains(alias) { return encoding }
        if binaryCodecs.contains(key) {
            throw .lookupError("'\(name)' is not a text encoding; use codecs.decode() to handle arbitrary codecs")
        }
        throw .lookupError("unknown encoding: \(name)")
    }

    /// `bytes.decode(encoding)`.
    ///
    /// - Throws: `UnicodeDecodeError`.
    package static func decode(
        _ bytes: [UInt8], _ encoding: Encoding, errors: ErrorMode = .strict
    ) throws(PyException) -> PyString {
        switch encoding {
        case .utf8: return try decodeUTF8(bytes[...], errors)
        case .utf8Signed:
            let hasMark = bytes.starts(with: [0xEF, 0xBB, 0xBF])
            return try decodeUTF8(hasMark ? bytes[3...] : bytes[...], errors)
        case .ascii:
            if let index = bytes.firstIndex(where: { $0 >= 0x80 }) {
                throw decodeError("ascii", bytes[...], index..<index + 1, "ordinal not in range(128)")
            }
            return PyString(String(decoding: bytes, as: UTF8.self))
        case .latin1: return PyString(codePoints: bytes.lazy.map(UInt32.init))
        case .utf16, .utf16LittleEndian, .utf16BigEndian: return try decodeUTF16(bytes, encoding, errors)
        case .utf32, .utf32LittleEndian, .utf32BigEndian: return try decodeUTF32(bytes, encoding, errors)
        case .windows1252: return try decodeCharmap(bytes, windows1252)
        case .latin9: return try decodeCharmap(bytes, latin9)
        }
    }

    /// `json.detect_encoding`.
    static func detectJSONEncoding(_ bytes: [UInt8]) -> Encoding {
        if bytes.starts(with: [0, 0, 0xFE, 0xFF]) || bytes.starts(with: [0xFF, 0xFE, 0, 0]) { return .utf32 }
        if bytes.starts(with: [0xFE, 0xFF]) || bytes.starts(with: [0xFF, 0xFE]) { return .utf16 }
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { return .utf8Signed }
        if bytes.count >= 4 {
            if bytes[0] == 0 { return bytes[1] == 0 ? .utf32BigEndian : .utf16BigEndian }
            if bytes[1] == 0 { return bytes[2] == 0 && bytes[3] == 0 ? .utf32LittleEndian : .utf16LittleEndian }
        } else if bytes.count == 2 {
            if bytes[0] == 0 { return .utf16BigEndian }
            if bytes[1] == 0 { return .utf16LittleEndian }
        }
        return .utf8
    }

    /// `str(UnicodeDecodeError)`; `range` is relative to the slice, as Python's positions are.
    static func decodeError(
        _ codec: String, _ bytes: ArraySlice<UInt8>, _ range: Range<Int>, _ reason: String
    ) -> PyException {
        let text: String
        if range.count == 1 {
            let byte = bytes[bytes.startIndex + range.lowerBound]
            let hex = (byte < 16 ? "0" : "") + String(byte, radix: 16)
            text = "byte 0x\(hex) in position \(range.lowerBound)"
        } else {
            text = "bytes in position \(range.lowerBound)-\(range.upperBound - 1)"
        }
        return PyException(type: "UnicodeDecodeError", message: "'\(codec)' codec can't decode \(text): \(reason)")
    }

    /// Lower case, runs of anything but letters, digits and dots as one underscore, none at the ends.
    private static func normalized(_ name: String) -> String {
        var result = ""
        var pending = false
        for scalar in name.unicodeScalars {
            let properties = scalar.properties
            if properties.isAlphabetic || properties.numericType != nil || scalar == "." {
                if pending && !result.isEmpty { result.append("_") }
                if scalar.isASCII { result.append(String(scalar).lowercased()) }
                pending = false
            } else {
                pending = true
            }
        }
        return result
    }

    private static let encodings: [String: Encoding] = {
        let names: [(Encoding, [String])] = [
            (.utf8, ["utf_8", "u8", "utf", "utf8", "utf8_ucs2", "utf8_ucs4", "cp65001"]),
            (.utf8Signed, ["utf_8_sig"]),
            (
                .ascii,
                [
                    "ascii", "646", "ansi_x3_4_1968", "ansi_x3_4_1986", "cp367", "csascii", "ibm367", "iso646_us",
                    "iso_646_irv_1991", "iso_ir_6", "us", "us_ascii",
                ]
            ),
            (
                .latin1,
                [
                    "latin_1", "8859", "cp819", "csisolatin1", "ibm819", "iso8859", "iso8859_1", "iso_8859_1",
                    "iso_8859_1_1987", "iso_ir_100", "l1", "latin", "latin1",
                ]
            ),
            (.utf16, ["utf_16", "u16", "utf16"]),
            (.utf16LittleEndian, ["utf_16_le", "unicodelittleunmarked", "utf_16le"]),
            (.utf16BigEndian, ["utf_16_be", "unicodebigunmarked", "utf_16be"]),
            (.utf32, ["utf_32", "u32", "utf32"]),
            (.utf32LittleEndian, ["utf_32_le", "utf_32le"]),
            (.utf32BigEndian, ["utf_32_be", "utf_32be"]),
            (.windows1252, ["cp1252", "1252", "windows_1252"]),
            (.latin9, ["iso8859_15", "iso_8859_15", "l9", "latin9"]),
        ]
        return Dictionary(uniqueKeysWithValues: names.flatMap { encoding, list in list.map { ($0, encoding) } })
    }()

    private static let codecNames: Set<String> = [
        "utf_8", "utf_8_sig", "ascii", "latin_1", "utf_16", "utf_16_le", "utf_16_be", "utf_32", "utf_32_le",
        "utf_32_be",
        "cp1252", "iso8859_15",
    ]

    private static let binaryCodecs: Set<String> = [
        "hex", "hex_codec", "base64", "base_64", "base64_codec", "bz2", "bz2_codec", "zip", "zlib", "zlib_codec", "uu",
        "uu_codec", "quopri", "quoted_printable", "quotedprintable", "quopri_codec", "rot13", "rot_13",
    ]
}

extension String {
    fileprivate var replacingDots: String { String(map { $0 == "." ? "_" : $0 }) }
}
