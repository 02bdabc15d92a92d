import Foundation

/// The connection of this process to the harness's clock: a thread that hears the time and answers for the clock.
package enum VirtualClockLink {
    /// Why there is no clock to follow, in one line.
    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }

    /// Connects to `clock.sock` and returns a clock that follows it until the process ends.
    /// - Parameter name: who we are, for the harness's messages.
    package static func connect(path: String, name: String) throws(Failure) -> VirtualClock {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0, connect(descriptor, to: path), let stream = fdopen(descriptor, "r+") else {
            throw Failure(description: "\(path): \(String(cString: strerror(errno)))")
        }
        let link = Stream(file: stream)
        link.write("hello 1 \(getpid()) \(name)")
        guard let now = link.readTime() else { throw Failure(description: "\(path): the clock did not say the time") }
        let clock = VirtualClock(now: now)
        let thread = Thread {
            while let now = link.readTime() { link.write(clock.follow(now).line) }
        }
        thread.name = "virtual-clock"
        thread.start()
        return clock
    }

    private static func connect(_ descriptor: Int32, to path: String) -> Bool {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else {
            errno = ENAMETOOLONG
            return false
        }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
            }
        }
    }

    /// Lines over the socket. `@unchecked`: used by the thread that connects, then by the thread that follows only.
    private final class Stream: @unchecked Sendable {
        private let file: UnsafeMutablePointer<FILE>

        init(file: UnsafeMutablePointer<FILE>) { self.file = file }

        func write(_ line: String) {
            fputs(line + "\n", file)
            fflush(file)
        }

        /// The number of the next `now SECONDS`; nil when the harness is gone.
        func readTime() -> Double? {
            var buffer = [CChar](repeating: 0, count: 128)
            guard fgets(&buffer, Int32(buffer.count), file) != nil else { return nil }
            let text = String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            let words = text.split(whereSeparator: \.isWhitespace)
            return words.count == 2 && words[0] == "now" ? Double(words[1]) : nil
        }
    }
}
