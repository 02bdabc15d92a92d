import Foundation
import PythonSemantics

/// The candidate's end of the socket: one connection at a time, a request a line, answered one after the other
/// (`WorkerControl` is the other end). It ends with its parent.
package final class CandidateServer: Sendable {
    private let path: String
    private let parent: Int32
    private let environment: [String: String]
    private let queue = BlockingQueue("ringrift.candidate")

    /// - Parameters:
    ///   - path: of the unix socket.
    ///   - parent: the process without which this one ends.
    package init(path: String, parent: Int32, environment: [String: String]) {
        self.path = path
        self.parent = parent
        self.environment = environment
    }

    /// - Returns: the exit status: 0 when the parent is gone, 2 when the socket cannot be made.
    package func run() async -> Int32 {
        guard let listener = UnixListener(path: path) else { return 2 }
        var node: CandidateNode?
        while let connection = await queue.run({ [self] in accept(listener) }) {
            while let line = await queue.run({ [self] in connection.line { isOrphan } }) {
                guard case .dict(let message)? = try? PyJSON.loads(line) else { break }
                let result = await perform(message, &node)
                guard await queue.run({ connection.send(result) }) else { break }
            }
            connection.close()
        }
        return 0
    }

    private var isOrphan: Bool { getppid() != parent }

    private func accept(_ listener: UnixListener) -> UnixConnection? {
        while !isOrphan { if let connection = listener.accept(milliseconds: 500) { return connection } }
        return nil
    }

    private func perform(_ message: PyDict, _ node: inout CandidateNode?) async -> PyDict {
        let number = message["id"] ?? .none
        let arguments = message["args"]?.asDict ?? [:]
        do {
            switch message["cmd"]?.asString {
            case "hello":
                node = try await CandidateNode(settings: arguments, environment: environment)
                return ["id": number, "result": ["pid": .int(Int(getpid()))]]
            case "sample":
                guard let node else { throw PyException(type: "RuntimeError", message: "no hello came first") }
                return ["id": number, "result": .dict(await node.answer(arguments))]
            default: throw PyException(type: "ValueError", message: "unknown command")
            }
        } catch {
            return [
                "id": number,
                "error": ["type": "RuntimeError", "message": .string(PyString(String(describing: error)))],
            ]
        }
    }
}

/// A listening unix socket.
final class UnixListener: Sendable {
    private let descriptor: Int32

    init?(path: String) {
        unlink(path)
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else { return nil }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard bound == 0, listen(descriptor, 8) == 0 else { return nil }
    }

    deinit { close(descriptor) }

    /// Nil when nobody came in time.
    func accept(milliseconds: Int32) -> UnixConnection? {
        var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&waiting, 1, milliseconds) > 0 else { return nil }
        let accepted = Glibc.accept(descriptor, nil, nil)
        return accepted < 0 ? nil : UnixConnection(accepted)
    }
}

/// One connection, used by one caller at a time.
// `@unchecked`: `CandidateServer` uses it from the jobs of one serial queue, each begun after the last has ended.
final class UnixConnection: @unchecked Sendable {
    private let descriptor: Int32
    private var partial: [UInt8] = []
    private var searched = 0
    /// No state is longer than this.
    private static let limit = 256 * 1024 * 1024

    init(_ descriptor: Int32) { self.descriptor = descriptor }

    func close() { _ = Glibc.close(descriptor) }

    /// The next line; nil at the end of the connection, and when `isOver`.
    func line(_ isOver: () -> Bool) -> [UInt8]? {
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            if let end = partial[searched...].firstIndex(of: UInt8(ascii: "\n")) {
                let line = Array(partial[..<end])
                partial.removeSubrange(...end)
                searched = 0
                return line
            }
            searched = partial.count
            var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            let ready = poll(&waiting, 1, 500)
            if isOver() { return nil }
            if ready <= 0 { continue }
            let count = read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            if count <= 0 || partial.count > Self.limit { return nil }
            partial.append(contentsOf: buffer[..<count])
        }
    }

    /// - Returns: false when the other end is gone.
    func send(_ message: PyDict) -> Bool {
        guard var bytes = try? PyJSON.dumps(.dict(message), separators: (",", ":")) else { return false }
        bytes.append(UInt8(ascii: "\n"))
        var offset = 0
        while offset < bytes.count {
            let count = bytes[offset...].withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            if count <= 0 { return false }
            offset += count
        }
        return true
    }
}
