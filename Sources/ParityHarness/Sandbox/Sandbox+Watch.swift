import Foundation
import Glibc

/// Watches over the part inside: passes its progress on, ends it when time is up or the harness is interrupted.
extension Sandbox {
    /// Starts the part inside and returns when nothing of it is left.
    /// - Parameters:
    ///   - job: path of the job file.
    ///   - progress: called with each line it says.
    /// - Throws: ``ParityError`` with the reason, or ``Interruption/Caught``.
    func start(job: String, scenario: Scenario, progress: (String) -> Void) throws {
        let lifeline = try PipeEnds()
        let said = try PipeEnds()
        let errors = try PipeEnds()
        let child = try ChildProcess(
            (isolated ? Self.unshare : []) + [executable, "parity", "__inside", job],
            environment: ProcessInfo.processInfo.environment, input: lifeline.reading, output: said.writing,
            errors: errors.writing)
        said.closeWriting()
        errors.closeWriting()
        let limit = self.limit ?? scenario.limit
        let end = ContinuousClock.now + .seconds(limit)
        var lines = LineReader()
        var wrong: [UInt8] = []
        var last: String?
        var late = false
        var open = (said: true, errors: true)
        while open.said || open.errors {
            var ends = [
                pollfd(fd: open.said ? said.reading : -1, events: Int16(POLLIN), revents: 0),
                pollfd(fd: open.errors ? errors.reading : -1, events: Int16(POLLIN), revents: 0),
                pollfd(fd: Interruption.descriptor, events: Int16(POLLIN), revents: 0),
            ]
            let left = ContinuousClock.now.duration(to: end).components
            late = left.seconds < 0 || (left.seconds == 0 && left.attoseconds <= 0)
            if late || Interruption.caught != nil { break }
            _ = poll(&ends, nfds_t(ends.count), Int32(min(left.seconds, 60) * 1000 + 20))
            if ends[0].revents != 0 {
                if let bytes = said.read() {
                    for line in lines.add(bytes) {
                        last = line
                        progress(line)
                    }
                } else {
                    open.said = false
                }
            }
            if ends[1].revents != 0 {
                if let bytes = errors.read() { wrong += bytes } else { open.errors = false }
            }
        }
        lifeline.closeReading()
        lifeline.closeWriting()
        if child.wait(seconds: 10) == nil {
            kill(child.pid, SIGKILL)
            _ = child.wait()
        }
        try Interruption.check()
        if late {
            throw ParityError("not finished after \(TerminalReport.tenths(limit)) s, \(scenario.place(said: last))")
        }
        if lines.ended { return }
        let text = String(decoding: wrong, as: UTF8.self).split(separator: "\n").last.map(String.init)
        throw ParityError(text ?? "the sandbox ended unexpectedly, \(scenario.place(said: last))")
    }

    /// Lines out of a stream of bytes.
    private struct LineReader {
        private var pending: [UInt8] = []
        /// Whether the part inside said that it is through.
        private(set) var ended = false

        mutating func add(_ bytes: [UInt8]) -> [String] {
            pending += bytes
            var lines: [String] = []
            while let end = pending.firstIndex(of: UInt8(ascii: "\n")) {
                let line = String(decoding: pending[..<end], as: UTF8.self)
                pending.removeSubrange(...end)
                if line == InsideCommand.lastWord { ended = true } else { lines.append(line) }
            }
            return lines
        }
    }
}
