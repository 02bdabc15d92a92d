/// Input that cannot be parsed, with the text aiohttp answers (an `HttpProcessingError`).
struct HTTPParseFailure: Error, Equatable {
    /// Class name in `aiohttp.http_exceptions`.
    let type: String
    /// The body of the 400 answer.
    let message: String

    /// aiohttp does not log the first unparsable request of a connection when the method is at fault.
    var isBadMethod: Bool { type == "BadHttpMethod" }

    /// `str(e)` with class, as the last lines of the traceback.
    var traceback: [String] {
        let indented = message.split(separator: "\n", omittingEmptySubsequences: false)
            .map { $0.allSatisfy(\.isWhitespace) ? String($0) : "  " + $0 }
        return ["Traceback (most recent call last):", "aiohttp.http_exceptions.\(type): 400, message:"] + indented
    }

    static func lineTooLong(_ what: String, size: Int) -> HTTPParseFailure {
        HTTPParseFailure(
            type: "LineTooLong", message: "Got more than 8190 bytes (\(size)) when reading \(what) is too long.")
    }

    static let brotli = HTTPParseFailure(
        type: "ContentEncodingError",
        message: "Can not decode content-encoding: brotli (br). Please install `Brotli`")
    static let truncatedDeflate = HTTPParseFailure(type: "ContentEncodingError", message: "deflate")
    static let oldWebSocket = HTTPParseFailure(
        type: "InvalidHeader", message: "Invalid HTTP header: 'Sec-WebSocket-Key1'")

    /// llhttp's reason, the line it stopped in and a caret below the byte.
    /// - Parameters:
    ///   - data: the piece that was being parsed; `position` is the offending byte in it.
    static func syntax(_ type: String, reason: String, data: UnsafeRawBufferPointer, position: Int) -> HTTPParseFailure
    {
        let before = lastLine(data[..<position])
        let after = firstLine(data[position...].prefix { $0 != 0 })
        let caret = String(repeating: " ", count: repr(before).utf8.count - 1) + "^"
        return HTTPParseFailure(type: type, message: "\(reason):\n\n  \(repr(before + after))\n  \(caret)")
    }

    private static func lastLine(_ bytes: Slice<UnsafeRawBufferPointer>) -> [UInt8] {
        var start = bytes.startIndex
        var index = bytes.startIndex
        while index + 1 < bytes.endIndex {
            if bytes[index] == 13, bytes[index + 1] == 10 {
                start = index + 2
                index += 1
            }
            index += 1
        }
        return Array(bytes[start...])
    }

    private static func firstLine(_ bytes: Slice<UnsafeRawBufferPointer>) -> [UInt8] {
        var index = bytes.startIndex
        while index + 1 < bytes.endIndex {
            if bytes[index] == 13, bytes[index + 1] == 10 { return Array(bytes[..<index]) }
            index += 1
        }
        return Array(bytes)
    }

    /// Python's `repr(bytes)`.
    static func repr(_ bytes: [UInt8]) -> String {
        let double = bytes.contains(UInt8(ascii: "'")) && !bytes.contains(UInt8(ascii: "\""))
        let quote: UInt8 = double ? UInt8(ascii: "\"") : UInt8(ascii: "'")
        var text: [UInt8] = [UInt8(ascii: "b"), quote]
        for byte in bytes {
            switch byte {
            case quote, UInt8(ascii: "\\"): text += [UInt8(ascii: "\\"), byte]
            case 9: text += "\\t".utf8
            case 10: text += "\\n".utf8
            case 13: text += "\\r".utf8
            case 0x20...0x7E: text.append(byte)
            default: text += "\\x".utf8 + [hex(byte >> 4), hex(byte & 15)]
            }
        }
        text.append(quote)
        return String(decoding: text, as: UTF8.self)
    }

    private static func hex(_ nibble: UInt8) -> UInt8 { nibble < 10 ? 0x30 + nibble : 0x57 + nibble }
}
