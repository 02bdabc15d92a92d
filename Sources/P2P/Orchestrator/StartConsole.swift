import PythonSemantics
import Synchronization

/// A console that remembers the lines of the start, so that a worker, which builds the same node, leaves them out.
package final class StartConsole: Console {
    private let base: any Console
    private let spoken = Mutex<(lines: [String], isOver: Bool)>(([], false))

    package init(_ base: any Console) { self.base = base }

    /// The lines of the start so far.
    package var lines: [String] { spoken.withLock { $0.lines } }

    package func print(_ line: String) {
        remember(line)
        base.print(line)
    }

    package func log(_ level: LogLevel, _ message: String) {
        remember(message)
        base.log(level, message)
    }

    package func error(_ line: String) { base.error(line) }

    /// A line of the start that is still to come.
    package func foretell(_ line: String) { remember(line) }

    package func startEnded() { spoken.withLock { $0.isOver = true } }

    private func remember(_ line: String) {
        spoken.withLock { spoken in if !spoken.isOver { spoken.lines.append(line) } }
    }
}
