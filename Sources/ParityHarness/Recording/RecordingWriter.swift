import Comparison
import Foundation
import PythonSemantics

/// Writes a run in the recorder's format, a line at a time, so that what was seen is there when the node dies.
final class RecordingWriter {
    private let file: PlainFile

    init(path: String) throws {
        file = try PlainFile(path: path)
    }

    func write(_ value: PyValue) throws {
        var line = try PyJSON.dumps(value)
        line.append(UInt8(ascii: "\n"))
        try file.write(line)
    }

    func close() {
        file.close()
    }

    /// The first line.
    static func meta(scenario: String, arguments: [String], environment: PyDict, startup: Double) -> PyValue {
        [
            "scenario": .string(scenario), "args": .list(arguments.map { .string($0) }), "env": .dict(environment),
            "startup_s": .float(rounded(startup)),
        ]
    }

    /// The line of a step.
    static func step(id: String, request: PyDict, answer: AnswerObservation) -> PyValue {
        ["id": .string(id), "request": .dict(request), "response": response(answer)]
    }

    /// The last line when the node ended early.
    static func exited(_ status: PyValue) -> PyValue {
        ["node_exited": status]
    }

    static func response(_ answer: AnswerObservation) -> PyValue {
        var fields = PyDict()
        if let error = answer.error {
            fields["error"] = .string(error)
        } else {
            fields["status"] = answer.status.map { .int($0) } ?? PyValue.none
            var headers = PyDict()
            for (name, value) in answer.headers where name != "Date" && name != "Server" {
                headers[PyString(name)] = .string(value)
            }
            fields["headers"] = .dict(headers)
            switch answer.body {
            case .text(let text): fields["text"] = .string(text)
            case .hex(let text): fields["hex"] = .string(text)
            case .none: fields["text"] = ""
            }
        }
        fields["ms"] = .float((answer.milliseconds * 10).rounded() / 10)
        return .dict(fields)
    }

    /// The text of `NAME.state.json`.
    static func state(_ state: Recording.State) throws -> [UInt8] {
        let seen = state.observation
        var fields: PyDict = ["exit": seen.exit, "startup_s": .float(rounded(seen.startupSeconds))]
        if let stop = seen.stopSeconds { fields["stop_s"] = .float(rounded(stop)) }
        fields["proc"] = .dict(state.process)
        fields["dbs"] = .dict(seen.databases)
        fields["files"] = .dict(seen.files)
        return try PyJSON.dumps(.dict(fields), indent: 1)
    }

    /// A line of `NAME.spawned.jsonl`.
    static func spawned(_ program: Recording.Spawned) -> PyValue {
        var environment = PyDict()
        for (name, value) in program.environment { environment[PyString(name)] = .string(value) }
        return [
            "argv": .list(program.argv.map { .string($0) }), "cwd": .string(program.cwd), "env": .dict(environment),
        ]
    }

    /// Milliseconds are what a recording keeps of seconds.
    static func rounded(_ seconds: Double) -> Double {
        (seconds * 1000).rounded() / 1000
    }
}

extension Recording {
    /// Writes the files of the run.
    /// - Parameter prefix: directory and scenario name.
    package func write(prefix: String) throws {
        if let state { try PlainFile.write(RecordingWriter.state(state), to: prefix + ".state.json") }
        if let log { try PlainFile.write(Array(log), to: prefix + ".log") }
        if let spawned {
            let writer = try RecordingWriter(path: prefix + ".spawned.jsonl")
            defer { writer.close() }
            for program in spawned { try writer.write(RecordingWriter.spawned(program)) }
        }
        let writer = try RecordingWriter(path: prefix + ".jsonl")
        defer { writer.close() }
        try writer.write(
            RecordingWriter.meta(
                scenario: scenario, arguments: arguments, environment: environment, startup: startupSeconds))
        for step in steps {
            try writer.write(RecordingWriter.step(id: step.id, request: step.request, answer: step.answer))
        }
        if let exitedEarly { try writer.write(RecordingWriter.exited(exitedEarly)) }
    }
}
