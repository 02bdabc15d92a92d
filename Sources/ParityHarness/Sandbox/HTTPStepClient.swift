import Comparison
import Foundation
import Glibc
import PythonSemantics

/// A blocking HTTP/1.1 client that sends and reads what Python's `http.client` does: one connection a request,
/// `Accept-Encoding: identity`, Latin-1 header values, errors under Python's names. Not for general use.
struct HTTPStepClient {
    var host = "127.0.0.1"
    var port: Int
    /// Seconds for connecting and for each read.
    var timeout: Double

    struct Failure: Error {
        var text: String
    }

    /// The answer, or an answer with `error` set.
    func request(method: String, path: String, headers: [(name: String, value: String)], body: [UInt8]?)
        -> AnswerObservation
    {
        let start = ContinuousClock.now
        var answer: AnswerObservation
        do {
            let message = try encode(method: method, path: path, headers: headers, body: body)
            answer = try exchange(message, body: body ?? [], head: method == "HEAD")
        } catch let failure as Failure {
            answer = AnswerObservation(error: failure.text)
        } catch {
            answer = AnswerObservation(error: "\(error)")
        }
        let elapsed = ContinuousClock.now - start
        answer.milliseconds =
            Double(elapsed.components.seconds) * 1000 + Double(elapsed.components.attoseconds) / 1e15
        return answer
    }

    private func encode(
        method: String, path: String, headers: [(name: String, value: String)], body: [UInt8]?
    ) throws -> [UInt8] {
        if let bad = path.unicodeScalars.first(where: { $0.value <= 0x20 || $0.value == 0x7F }) {
            _ = bad
            throw Failure(
                text: "InvalidURL: URL can't contain control characters. \(PyValue.string(path).pyRepr) "
                    + "(found at least \(PyValue.string(String(bad)).pyRepr))")
        }
        let names = Set(headers.map { $0.name.lowercased() })
        var lines = ["\(method) \(path) HTTP/1.1"]
        if !names.contains("host") { lines.append("Host: \(host):\(port)") }
        if !names.contains("accept-encoding") { lines.append("Accept-Encoding: identity") }
        if !names.contains("content-length"), !names.contains("transfer-encoding") {
            if let body {
                lines.append("Content-Length: \(body.count)")
            } else if ["POST", "PUT", "PATCH"].contains(method) {
                lines.append("Content-Length: 0")
            }
        }
        lines += headers.map { "\($0.name): \($0.value)" }
        var bytes: [UInt8] = []
        for scalar in (lines.joined(separator: "\r\n") + "\r\n\r\n").unicodeScalars {
            guard scalar.value < 256 else {
                throw Failure(text: "UnicodeEncodeError: a header is not Latin-1")
            }
            bytes.append(UInt8(scalar.value))
        }
        return bytes
    }

    private func exchange(_ message: [UInt8], body: [UInt8], head: Bool) throws -> AnswerObservation {
        let socket = try Self.connect(host: host, port: port, timeout: timeout)
        defer { close(socket) }
        try send(socket, message)
        if !body.isEmpty { try send(socket, body) }
        var reader = HTTPAnswerReader { try receive(socket) }
        return try reader.read(head: head)
    }

    private func send(_ socket: Int32, _ bytes: [UInt8]) throws {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.send(socket, $0.baseAddress?.advanced(by: sent), bytes.count - sent, Int32(MSG_NOSIGNAL))
            }
            if count < 0 {
                if errno == EINTR { continue }
                throw Self.failure(errno)
            }
            sent += count
        }
    }

    private func receive(_ socket: Int32) throws -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = recv(socket, &buffer, buffer.count, 0)
            if count < 0 {
                if errno == EINTR { continue }
                throw Self.failure(errno)
            }
            return Array(buffer.prefix(count))
        }
    }

    private static func failure(_ code: Int32) -> Failure {
        let text = String(cString: strerror(code))
        switch code {
        case EAGAIN: return Failure(text: "TimeoutError: timed out")
        case ECONNREFUSED: return Failure(text: "ConnectionRefusedError: [Errno \(code)] \(text)")
        case ECONNRESET: return Failure(text: "ConnectionResetError: [Errno \(code)] \(text)")
        case EPIPE: return Failure(text: "BrokenPipeError: [Errno \(code)] \(text)")
        default: return Failure(text: "OSError: [Errno \(code)] \(text)")
        }
    }

    /// A connected TCP socket.
    static func connect(host: String, port: Int, timeout: Double) throws -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw failure(errno) }
        var limit = timeval(tv_sec: Int(timeout), tv_usec: Int((timeout - timeout.rounded(.down)) * 1_000_000))
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var yes: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(truncatingIfNeeded: port).bigEndian)
        inet_pton(AF_INET, host, &address.sin_addr)
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        if result != 0 {
            let code = errno
            close(descriptor)
            throw failure(code == EINPROGRESS ? EAGAIN : code)
        }
        return descriptor
    }
}
