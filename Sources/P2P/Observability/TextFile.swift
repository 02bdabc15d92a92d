import PythonSemantics

/// Bytes of a file as Python's text mode reads them: UTF-8, `\r\n` and `\r` are line ends like `\n`.
package enum TextFile {
    /// Python decodes in pieces of this size; lines that end before the piece with the first bad byte are still read.
    private static let piece = 8192

    /// The lines without their ends, until the file ends or cannot be decoded.
    package struct Lines: Sendable {
        package var lines: [PyString]
        /// The `UnicodeDecodeError` that comes after them.
        package var failure: PyException?
    }

    /// `for line in open(path)`.
    package static func lines(_ bytes: [UInt8]) -> Lines {
        var end = bytes.count
        var failure: PyException?
        do throws(PyException) { try PyCodec.validateUTF8(bytes) } catch {
            failure = error
            let position = firstBadByte(bytes)
            // A character that the end cuts off is found out after all lines are read.
            if position < bytes.count { end = position / piece * piece }
        }
        var lines: [PyString] = []
        var start = 0
        var position = 0
        while position < end {
            let byte = bytes[position]
            guard byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") else {
                position += 1
                continue
            }
            lines.append(text(bytes[start..<position]))
            let isPair =
                byte == UInt8(ascii: "\r") && position + 1 < bytes.count
                && bytes[position + 1] == UInt8(ascii: "\n")
            position += isPair ? 2 : 1
            start = position
        }
        if failure == nil, start < end { lines.append(text(bytes[start..<end])) }
        return Lines(lines: lines, failure: failure)
    }

    /// `path.read_text()`.
    ///
    /// - Throws: `UnicodeDecodeError`.
    package static func text(_ bytes: [UInt8]) throws(PyException) -> String {
        try PyCodec.validateUTF8(bytes)
        return withUniformLineEnds(bytes)
    }

    /// `path.read_text(errors="ignore")`.
    package static func textIgnoringErrors(_ bytes: [UInt8]) -> String {
        if let text = try? text(bytes) { return text }
        var good: [UInt8] = []
        good.reserveCapacity(bytes.count)
        var decoder = UTF8()
        var iterator = bytes.makeIterator()
        decoding: while true {
            switch decoder.decode(&iterator) {
            case .scalarValue(let scalar): good.append(contentsOf: String(scalar).utf8)
            case .error: continue
            case .emptyInput: break decoding
            }
        }
        return withUniformLineEnds(good)
    }

    private static func withUniformLineEnds(_ bytes: [UInt8]) -> String {
        guard bytes.contains(UInt8(ascii: "\r")) else { return String(decoding: bytes, as: UTF8.self) }
        var uniform: [UInt8] = []
        uniform.reserveCapacity(bytes.count)
        for (index, byte) in bytes.enumerated() {
            if byte == UInt8(ascii: "\n"), index > 0, bytes[index - 1] == UInt8(ascii: "\r") { continue }
            uniform.append(byte == UInt8(ascii: "\r") ? UInt8(ascii: "\n") : byte)
        }
        return String(decoding: uniform, as: UTF8.self)
    }

    private static func text(_ bytes: ArraySlice<UInt8>) -> PyString {
        PyString(String(decoding: bytes, as: UTF8.self))
    }

    /// Where the decoder gives up: the byte that cannot follow, or the end for a sequence that was cut off.
    private static func firstBadByte(_ bytes: [UInt8]) -> Int {
        var start = 0
        while start < bytes.count {
            guard let shape = Sequence(first: bytes[start]) else { return start }
            for offset in 1..<max(1, shape.length) {
                guard start + offset < bytes.count else { return bytes.count }
                let allowed = offset == 1 ? shape.second : 0x80...0xBF
                if !allowed.contains(bytes[start + offset]) { return start + offset }
            }
            start += shape.length
        }
        return bytes.count
    }

    /// What may follow the first byte of a character; Unicode's table of well-formed sequences.
    private struct Sequence {
        let length: Int
        let second: ClosedRange<UInt8>

        init?(first: UInt8) {
            second =
                switch first {
                case 0xE0: 0xA0...0xBF
                case 0xED: 0x80...0x9F
                case 0xF0: 0x90...0xBF
                case 0xF4: 0x80...0x8F
                default: 0x80...0xBF
                }
            switch first {
            case 0..<0x80: length = 1
            case 0xC2...0xDF: length = 2
            case 0xE0...0xEF: length = 3
            case 0xF0...0xF4: length = 4
            default: return nil
            }
        }
    }
}
