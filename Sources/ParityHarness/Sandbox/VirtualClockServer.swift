import Foundation
import Glibc

/// The clock of a deterministic run: says the time to whoever connected to `clock.sock`, and hears what each waits for.
/// The protocol is described in `Legacy/shim/ringrift_shim/deterministic/channel.py`.
///
/// `@unchecked Sendable`: `participants` is guarded by `lock`; `now` is changed by the thread that plays the scenario
/// only, and read by the accepting thread under `lock`.
final class VirtualClockServer: @unchecked Sendable {
    private struct Participant {
        var descriptor: Int32
        var pid: pid_t
        var name: String
    }

    /// What saying the time came to.
    enum Turn: Equatable {
        /// Somebody who was due is awake.
        case woke
        /// Nobody was due. `busy`: somebody waits for something real; the earliest moment anybody waits for.
        case idle(busy: Bool, next: Double?)
    }

    /// Real milliseconds in which a participant must answer.
    private static let patience: Int32 = 30_000

    private let lock = NSLock()
    private var participants: [Participant] = []
    private let listener: Int32
    private var time: Double

    var now: Double {
        get { lock.withLock { time } }
        set { lock.withLock { time = newValue } }
    }

    /// Process ids of those who follow the clock.
    var followers: Set<pid_t> { lock.withLock { Set(participants.map(\.pid)) } }

    init(path: String, start: Double) throws {
        time = start
        listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix($0.count - 1)) }
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
            }
        }
        guard bound, listen(listener, 64) == 0 else {
            throw ParityError("\(path): \(String(cString: strerror(errno)))")
        }
        Thread.detachNewThread { self.accept() }
    }

    private func accept() {
        while true {
            let descriptor = Glibc.accept(listener, nil, nil)
            if descriptor < 0 { continue }
            _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
            let words = (Self.line(from: descriptor) ?? "").split(separator: " ")
            guard words.count >= 3, words[0] == "hello", words[1] == "1", let pid = pid_t(words[2]) else {
                close(descriptor)
                continue
            }
            lock.withLock {
                Self.send("now \(time)", to: descriptor)
                participants.append(
                    Participant(descriptor: descriptor, pid: pid, name: words.dropFirst(3).joined(separator: " ")))
            }
        }
    }

    /// Says the time to each in the order in which they came, until one wakes somebody.
    func turn() throws -> Turn {
        var busy = false
        var next: Double?
        for participant in lock.withLock({ participants }) {
            Self.send("now \(now)", to: participant.descriptor)
            guard let answer = Self.line(from: participant.descriptor) else {
                if errno == ETIMEDOUT { throw ParityError("\(participant.name) does not answer the virtual clock") }
                forget(participant)
                continue
            }
            if answer == "woke" { return .woke }
            let words = answer.split(separator: " ")
            guard words.count == 2, words[0] == "next" || words[0] == "busy" else {
                throw ParityError("\(participant.name) answered the virtual clock with '\(answer)'")
            }
            if words[0] == "busy" { busy = true }
            if let moment = Double(words[1]) { next = min(next ?? moment, moment) }
        }
        return .idle(busy: busy, next: next)
    }

    private func forget(_ gone: Participant) {
        lock.withLock { participants.removeAll { $0.descriptor == gone.descriptor } }
        close(gone.descriptor)
    }

    private static func send(_ line: String, to descriptor: Int32) {
        let bytes = Array((line + "\n").utf8)
        _ = Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }

    /// One line; nil at the end of the connection, or with `errno` ETIMEDOUT when none came in time.
    private static func line(from descriptor: Int32) -> String? {
        var bytes: [UInt8] = []
        while true {
            var watched = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            let ready = poll(&watched, 1, patience)
            if ready < 0, errno == EINTR { continue }
            if ready == 0 { errno = ETIMEDOUT }
            if ready <= 0 { return nil }
            var byte: UInt8 = 0
            if recv(descriptor, &byte, 1, 0) != 1 {
                errno = ECONNRESET
                return nil
            }
            if byte == UInt8(ascii: "\n") { return String(decoding: bytes, as: UTF8.self) }
            bytes.append(byte)
        }
    }
}
