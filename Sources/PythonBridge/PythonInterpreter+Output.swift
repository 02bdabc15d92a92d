package import PythonSemantics
import Synchronization

/// A line or record that Python wrote while its output was captured.
package enum PythonOutput: Sendable, Equatable {
    /// A line of `sys.stdout`, without its newline.
    case standardOutput(PyString)
    /// A line of `sys.stderr`, without its newline.
    case standardError(PyString)
    /// A record that reached the root logger; the text holds the message and a traceback, if any.
    case log(logger: PyString, level: Int, levelName: PyString, text: PyString)
}

extension PythonInterpreter {
    /// Which of Python's outputs go to the sink.
    package struct Captured: OptionSet, Sendable {
        package let rawValue: Int
        package init(rawValue: Int) { self.rawValue = rawValue }

        package static let streams = Captured(rawValue: 1)
        package static let logging = Captured(rawValue: 2)
    }

    /// Sends Python's `sys.stdout` and `sys.stderr` line by line, and log records one by one, to `sink`; what is not
    /// in `captured` goes its usual way. Can be switched at any time; a started line is delivered when capturing ends.
    ///
    /// Only Python's own writers are redirected: C code and children write to the descriptors as before. The sink
    /// runs on the writing Python thread, without the interpreter, lines of one stream in order; it must not wait for
    /// Python.
    package func capture(
        _ captured: Captured, sink: @escaping @Sendable (PythonOutput) -> Void
    ) async throws {
        output.set(sink)
        try await capture(captured)
    }

    /// Ends capturing: output goes to the descriptors again.
    package func stopCapturing() async throws {
        try await capture([])
        output.set(nil)
    }

    private func capture(_ captured: Captured) async throws {
        let bridge = BridgeModule.name
        _ = try await call(
            module: bridge, function: "capture_streams", arguments: [.bool(captured.contains(.streams))])
        _ = try await call(
            module: bridge, function: "capture_logging", arguments: [.bool(captured.contains(.logging))])
    }

    /// Uncaptured output is buffered as `python` buffers it (`PYTHONUNBUFFERED` included): a stdout that is no
    /// terminal in blocks. True makes each line appear at once, which a daemon's log needs.
    package func setLineBuffering(_ wanted: Bool) async throws {
        _ = try await call(module: BridgeModule.name, function: "line_buffering", arguments: [.bool(wanted)])
    }

    /// Flushes `sys.stdout` and `sys.stderr`. Needed before the process ends: the interpreter is never finalised.
    package func flushOutput(deadline: ContinuousClock.Instant? = nil) async throws {
        _ = try await call(module: BridgeModule.name, function: "flush", deadline: deadline)
    }
}

/// Where captured output goes.
final class OutputSink: Sendable {
    private let sink = Mutex<(@Sendable (PythonOutput) -> Void)?>(nil)

    func set(_ sink: (@Sendable (PythonOutput) -> Void)?) { self.sink.withLock { $0 = sink } }

    /// `emit(kind, …)`, called by the writers of the bridge module.
    func receive(_ arguments: [DecodedArgument]) -> PyValue {
        let values = arguments.map { if case .value(let value) = $0 { value } else { PyValue.none } }
        let sink = sink.withLock { $0 }  // called outside the lock: it may take its time
        if let sink, let output = Self.output(values) { sink(output) }
        return .none
    }

    private static func output(_ values: [PyValue]) -> PythonOutput? {
        guard case .string(let kind) = values.first, values.count >= 2, case .string(let text) = values[1] else {
            return nil
        }
        switch (kind.description, values.count) {
        case ("out", 2): return .standardOutput(text)
        case ("err", 2): return .standardError(text)
        case ("log", 5):
            guard case .int(let level) = values[2], case .string(let name) = values[3],
                case .string(let message) = values[4]
            else { return nil }
            return .log(logger: text, level: level, levelName: name, text: message)
        default: return nil
        }
    }
}
