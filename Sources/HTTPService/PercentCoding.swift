/// yarl's decoding of paths and queries.
enum PercentCoding {
    /// Decodes `%XX` that form valid UTF-8; other escapes stay as they are.
    /// - Parameter keepingSlashAndPercent: `%2F` and `%25` stay encoded, in capitals.
    static func decodePath(_ bytes: [UInt8], keepingSlashAndPercent keeping: Bool = false) -> String {
        guard bytes.contains(UInt8(ascii: "%")) else { return String(decoding: bytes, as: UTF8.self) }
        var out: [UInt8] = []
        out.reserveCapacity(bytes.count)
        var index = 0
        while index < bytes.count {
            guard bytes[index] == UInt8(ascii: "%") else {
                out.append(bytes[index])
                index += 1
                continue
            }
            let run = escapes(bytes, from: index)
            guard !run.isEmpty else {
                out.append(bytes[index])
                index += 1
                continue
            }
            appendDecoded(run, source: bytes[index..<(index + 3 * run.count)], keeping: keeping, to: &out)
            index += 3 * run.count
        }
        return String(decoding: out, as: UTF8.self)
    }

    /// The values of consecutive `%XX` escapes.
    private static func escapes(_ bytes: [UInt8], from start: Int) -> [UInt8] {
        var values: [UInt8] = []
        var index = start
        while index + 2 < bytes.count, bytes[index] == UInt8(ascii: "%"), let high = hex(bytes[index + 1]),
            let low = hex(bytes[index + 2])
        {
            values.append(high << 4 | low)
            index += 3
        }
        return values
    }

    private static func appendDecoded(
        _ run: [UInt8], source: ArraySlice<UInt8>, keeping: Bool, to out: inout [UInt8]
    ) {
        var index = 0
        while index < run.count {
            let length = validSequenceLength(run, index)
            if length == 0 {
                out += source[(source.startIndex + 3 * index)..<(source.startIndex + 3 * index + 3)]
                index += 1
                continue
            }
            let byte = run[index]
            if keeping, byte == UInt8(ascii: "/") || byte == UInt8(ascii: "%") {
                out += byte == UInt8(ascii: "/") ? Array("%2F".utf8) : Array("%25".utf8)
            } else {
                out += run[index..<(index + length)]
            }
            index += length
        }
    }

    /// Length of the well-formed UTF-8 sequence at `index`, 0 if there is none.
    private static func validSequenceLength(_ bytes: [UInt8], _ index: Int) -> Int {
        let length: Int
        switch bytes[index] {
        case 0x00...0x7F: return 1
        case 0xC2...0xDF: length = 2
        case 0xE0...0xEF: length = 3
        case 0xF0...0xF4: length = 4
        default: return 0
        }
        guard index + length <= bytes.count else { return 0 }
        return String(validating: bytes[index..<(index + length)], as: UTF8.self) == nil ? 0 : length
    }

    /// `parse_qsl(query, keep_blank_values=True)` with UTF-8 and U+FFFD for invalid sequences.
    static func queryPairs(_ query: ArraySlice<UInt8>) -> [(name: String, value: String)] {
        query.split(separator: UInt8(ascii: "&")).map { pair in
            let equals = pair.firstIndex(of: UInt8(ascii: "=")) ?? pair.endIndex
            return (decodeQuery(pair[..<equals]), decodeQuery(pair[equals...].dropFirst()))
        }
    }

    private static func decodeQuery(_ bytes: ArraySlice<UInt8>) -> String {
        var out: [UInt8] = []
        out.reserveCapacity(bytes.count)
        var index = bytes.startIndex
        while index < bytes.endIndex {
            let byte = bytes[index]
            if byte == UInt8(ascii: "%"), index + 2 < bytes.endIndex, let high = hex(bytes[index + 1]),
                let low = hex(bytes[index + 2])
            {
                out.append(high << 4 | low)
                index += 3
            } else {
                out.append(byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
                index += 1
            }
        }
        return String(decoding: out, as: UTF8.self)
    }

    private static func hex(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: return byte - 0x30
        case 0x41...0x46: return byte - 0x37
        case 0x61...0x66: return byte - 0x57
        default: return nil
        }
    }
}
