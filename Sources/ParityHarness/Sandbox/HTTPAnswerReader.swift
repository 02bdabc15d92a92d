import Comparison

/// Reads one HTTP/1.1 answer from a source of bytes: by length, in chunks, or to the end of the connection.
struct HTTPAnswerReader {
    /// The next bytes; empty at the end.
    let source: () throws -> [UInt8]
    private var buffer: [UInt8] = []
    private var position = 0

    init(source: @escaping () throws -> [UInt8]) {
        self.source = source
    }

    private typealias Failure = HTTPStepClient.Failure

    mutating func read(head: Bool) throws -> AnswerObservation {
        var status = 0
        var headers: [(name: String, value: String)] = []
        repeat {
            status = try statusLine()
            headers = try headerLines()
        } while status == 100
        var answer = AnswerObservation(status: status, headers: Self.lastOfEach(headers))
        var data: [UInt8] = []
        if !head, status != 204, status != 304, !(100..<200).contains(status) {
            if answer.header("Transfer-Encoding")?.lowercased() == "chunked" {
                data = try chunks()
            } else if let length = answer.header("Content-Length").flatMap(Int.init), length >= 0 {
                data = try take(length)
            } else {
                while try fill() {}
                data = Array(buffer[position...])
            }
        }
        if answer.header("Content-Encoding")?.lowercased() == "gzip", !data.isEmpty {
            guard let plain = Inflate.gunzip(data) else { throw Failure(text: "BadGzipFile: Not a gzipped file") }
            data = plain
        }
        if let text = String(validating: data, as: UTF8.self) {
            answer.body = .text(text)
        } else {
            answer.body = .hex(Hex.encode(data.prefix(4000)))
        }
        return answer
    }

    /// Python's recorder keeps headers in a dict: first position, last value.
    private static func lastOfEach(_ headers: [(name: String, value: String)]) -> [(name: String, value: String)] {
        var kept: [(name: String, value: String)] = []
        for header in headers {
            if let index = kept.firstIndex(where: { $0.name == header.name }) {
                kept[index].value = header.value
            } else {
                kept.append(header)
            }
        }
        return kept
    }

    private mutating func statusLine() throws -> Int {
        guard let line = try line() else {
            throw Failure(text: "RemoteDisconnected: Remote end closed connection without response")
        }
        let parts = line.split(separator: " ", maxSplits: 2)
        guard parts.count >= 2, parts[0].hasPrefix("HTTP/"), let status = Int(parts[1]) else {
            throw Failure(text: "BadStatusLine: \(line)")
        }
        return status
    }

    private mutating func headerLines() throws -> [(name: String, value: String)] {
        var headers: [(name: String, value: String)] = []
        while let line = try line(), !line.isEmpty {
            guard let colon = line.firstIndex(of: ":") else { continue }
            let value = line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
            headers.append((String(line[..<colon]), String(value)))
        }
        return headers
    }

    private mutating func chunks() throws -> [UInt8] {
        var data: [UInt8] = []
        while true {
            guard let line = try line(), let size = Int(line.prefix { $0 != ";" }, radix: 16) else {
                throw Failure(text: "IncompleteRead: IncompleteRead(\(data.count) bytes read)")
            }
            if size == 0 { break }
            data += try take(size)
            _ = try line2()
        }
        while let line = try line(), !line.isEmpty {}
        return data
    }

    private mutating func line2() throws -> String? { try line() }

    private mutating func take(_ count: Int) throws -> [UInt8] {
        while buffer.count - position < count {
            guard try fill() else {
                let got = buffer.count - position
                throw Failure(
                    text: "IncompleteRead: IncompleteRead(\(got) bytes read, \(count - got) more expected)")
            }
        }
        defer { position += count }
        return Array(buffer[position..<(position + count)])
    }

    /// The next line without its end, as Latin-1; nil at the end.
    private mutating func line() throws -> String? {
        var search = position
        while true {
            if let end = buffer[search...].firstIndex(of: UInt8(ascii: "\n")) {
                var line = buffer[position..<end]
                if line.last == UInt8(ascii: "\r") { line = line.dropLast() }
                position = end + 1
                return String(String.UnicodeScalarView(line.map { UnicodeScalar($0) }))
            }
            search = buffer.count
            guard try fill() else {
                if position == buffer.count { return nil }
                let rest = buffer[position...]
                position = buffer.count
                return String(String.UnicodeScalarView(rest.map { UnicodeScalar($0) }))
            }
        }
    }

    private mutating func fill() throws -> Bool {
        let more = try source()
        buffer += more
        return !more.isEmpty
    }
}
