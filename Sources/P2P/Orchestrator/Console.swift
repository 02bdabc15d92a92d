import Foundation
import Synchronization

/// Where a node's lines go: `print` to stdout, logging to stderr, in the legacy's formats (contract 01 section 2.3).
package protocol Console: Sendable {
    /// One line on stdout.
    func print(_ line: String)
    /// One record on stderr: `{YYYY-MM-DD HH:MM:SS,mmm} - {LEVEL} - {message}`, local time.
    func log(_ level: LogLevel, _ message: String)
    /// A line on stderr as it is (usage texts, tracebacks).
    func error(_ line: String)
    /// This line of the start will come, after the worker has begun.
    func foretell(_ line: String)
    /// The node answers: what comes now is no line of its start.
    func startEnded()
}

extension Console {
    package func foretell(_ line: String) {}
    package func startEnded() {}
}

/// Python's level names.
package enum LogLevel: String, Sendable { case info = "INFO", warning = "WARNING", error = "ERROR" }

/// The process's own stdout and stderr, written line by line without a buffer, so that both streams stay in order.
package final class StandardConsole: Console {
    private let now: @Sendable () -> Double
    /// The last second that was formatted: local time is asked for once a second.
    private let cached = Mutex<(second: Int, text: String)>((second: .min, text: ""))
    private let output = Mutex<Void>(())

    /// - Parameter now: unix seconds for log records.
    package init(now: @escaping @Sendable () -> Double) { self.now = now }

    package func print(_ line: String) { write(STDOUT_FILENO, line) }
    package func error(_ line: String) { write(STDERR_FILENO, line) }

    package func log(_ level: LogLevel, _ message: String) {
        let time = now()
        let second = Int(time.rounded(.down))
        let milliseconds = Int((time - Double(second)) * 1000)
        let stamp = cached.withLock { cached in
            if cached.second != second { cached = (second, Self.localTime(second)) }
            return cached.text
        }
        let padded =
            milliseconds < 10 ? "00\(milliseconds)" : milliseconds < 100 ? "0\(milliseconds)" : "\(milliseconds)"
        write(STDERR_FILENO, "\(stamp),\(padded) - \(level.rawValue) - \(message)")
    }

    private static func localTime(_ second: Int) -> String {
        var time = time_t(second)
        var parts = tm()
        localtime_r(&time, &parts)
        var buffer = [CChar](repeating: 0, count: 32)
        let length = strftime(&buffer, buffer.count, "%Y-%m-%d %H:%M:%S", &parts)
        return String(decoding: buffer[..<length].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// A reader that went away (EPIPE) or a full disk loses lines, never the node.
    private func write(_ descriptor: Int32, _ line: String) {
        var text = line
        text.append("\n")
        output.withLock { _ in
            text.withUTF8 { bytes in
                var offset = 0
                while offset < bytes.count {
                    let count = Foundation.write(
                        descriptor, bytes.baseAddress?.advanced(by: offset), bytes.count - offset)
                    if count > 0 { offset += count } else if errno != EINTR { return }
                }
            }
        }
    }
}
