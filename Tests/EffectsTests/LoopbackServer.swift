import Foundation
import Synchronization

/// A TCP port of the loopback that answers one connection with fixed bytes, on a thread of its own.
final class LoopbackServer: @unchecked Sendable {  // guard: `received` by its mutex; the rest is constant
    let port: Int
    private let listener: Int32
    private let received = Mutex("")
    private let done = DispatchSemaphore(value: 0)

    /// - Parameter answer: sent after the head of the request, then the connection is closed; nil: never answers.
    init(answer: String?) throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
            }
        }
        guard bound, listen(descriptor, 4) == 0 else { throw POSIXError(.EADDRNOTAVAIL) }
        listener = descriptor
        port = Int(UInt16(bigEndian: address.sin_port))
        Thread { [self] in serve(answer) }.start()
    }

    deinit { Foundation.close(listener) }

    /// Nobody can connect any more.
    func close() { shutdown(listener, Int32(SHUT_RDWR)) }

    /// The request, once the connection is over.
    func request() -> String {
        done.wait()
        return received.withLock { $0 }
    }

    private func serve(_ answer: String?) {
        let connection = accept(listener, nil, nil)
        guard connection >= 0 else { return }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = read(connection, &buffer, buffer.count)
            if count <= 0 { break }
            bytes.append(contentsOf: buffer[..<count])
            // Without an answer the client's own closing ends this.
            if let answer, String(decoding: bytes, as: UTF8.self).contains("\r\n\r\n") {
                _ = send(connection, answer, answer.utf8.count, Int32(MSG_NOSIGNAL))
                break
            }
        }
        shutdown(connection, Int32(SHUT_WR))
        while read(connection, &buffer, buffer.count) > 0 {}
        Foundation.close(connection)
        received.withLock { $0 = String(decoding: bytes, as: UTF8.self) }
        done.signal()
    }
}
