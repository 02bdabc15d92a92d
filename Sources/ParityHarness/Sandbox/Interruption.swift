import Foundation
import Glibc
import Synchronization

/// Ctrl-C and its kin while sandboxes are up: everything is taken down in order, then the command ends with 128 plus
/// the signal's number. A second one ends the harness at once; what runs inside sees the end of its pipe and goes too.
enum Interruption {
    struct Caught: Error, CustomStringConvertible {
        var signal: Int32
        var description: String { "interrupted" }
        /// What a shell expects of a command that a signal ended.
        var exitCode: Int32 { 128 + signal }
    }

    private static let number = Atomic<Int32>(0)
    /// Becomes readable with the signal and stays so, for everyone who polls.
    private static let bell: PipeEnds? = try? PipeEnds()

    /// Descriptor to poll; -1 (which `poll` skips) when there is none.
    static var descriptor: Int32 { bell?.reading ?? -1 }

    static var caught: Caught? {
        let signal = number.load(ordering: .sequentiallyConsistent)
        return signal == 0 ? nil : Caught(signal: signal)
    }

    static func check() throws {
        if let caught { throw caught }
    }

    /// Takes over INT, TERM and HUP; a closed pipe is an error to be told and no death.
    static func listen() {
        _ = bell
        for signal in [SIGINT, SIGTERM, SIGHUP] {
            var action = sigaction()
            action.__sigaction_handler.sa_handler = { signal in
                Interruption.number.store(signal, ordering: .sequentiallyConsistent)
                var byte: UInt8 = 1
                if let bell = Interruption.bell { _ = Glibc.write(bell.writing, &byte, 1) }
            }
            action.sa_flags = Int32(bitPattern: 0x8000_0000)  // SA_RESETHAND
            sigaction(signal, &action, nil)
        }
        signal(SIGPIPE, SIG_IGN)
    }

    /// Descriptors 0 to 2 that the caller closed become `/dev/null`, so that no file of ours is taken for them.
    static func openStandardDescriptors() {
        for descriptor in 0...2 as ClosedRange<Int32> where fcntl(descriptor, F_GETFD) < 0 {
            _ = open("/dev/null", descriptor == 0 ? O_RDONLY : O_WRONLY)
        }
    }
}

/// The two ends of a pipe that no child inherits by accident.
final class PipeEnds: Sendable {
    let reading: Int32
    let writing: Int32
    private let open = Atomic<UInt8>(3)

    init() throws {
        var ends: [Int32] = [-1, -1]
        // A pair of sockets: the only way here to have both ends closed in children from the beginning.
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else {
            throw ParityError("socketpair: \(String(cString: strerror(errno)))")
        }
        reading = ends[0]
        writing = ends[1]
    }

    deinit {
        closeReading()
        closeWriting()
    }

    func closeReading() {
        if open.bitwiseAnd(2, ordering: .relaxed).oldValue & 1 != 0 { close(reading) }
    }

    func closeWriting() {
        if open.bitwiseAnd(1, ordering: .relaxed).oldValue & 2 != 0 { close(writing) }
    }

    /// What is there to read, at most 64 KiB; nil at the end.
    func read() -> [UInt8]? {
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = Glibc.read(reading, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            return count > 0 ? Array(buffer.prefix(count)) : nil
        }
    }

    func readToEnd() -> String {
        var bytes: [UInt8] = []
        while let more = read() { bytes += more }
        return String(decoding: bytes, as: UTF8.self)
    }
}
