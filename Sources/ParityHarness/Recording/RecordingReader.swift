import Comparison
import Foundation
import PythonSemantics

/// Reads the files of one run.
package enum RecordingReader {
    /// - Parameters:
    ///   - prefix: directory and scenario name.
    /// - Throws: ``ParityError`` when the steps cannot be read; the other files may be missing.
    package static func read(prefix: String) throws -> RunObservation {
        try recording(prefix: prefix).observation
    }

    /// - Throws: ``ParityError`` when the steps cannot be read; the other files may be missing.
    package static func recording(prefix: String) throws -> Recording {
        guard let lines = try jsonLines(prefix + ".jsonl") else {
            throw ParityError("\(prefix).jsonl: cannot be read")
        }
        guard let meta = lines.first, let name = meta["scenario"]?.asString else {
            throw ParityError("\(prefix).jsonl: the first line is no meta line")
        }
        var recording = Recording(
            scenario: name.description, arguments: (meta["args"]?.asList ?? []).map(\.pyStr.description),
            environment: meta["env"]?.asDict ?? [:], startupSeconds: meta["startup_s"]?.asDouble ?? 0)
        for line in lines.dropFirst() {
            if let exit = line["node_exited"] {
                recording.exitedEarly = exit
            } else if let request = line["request"]?.asDict, let response = line["response"] {
                recording.steps.append(
                    Recording.Step(
                        id: line["id"]?.pyStr.description ?? "", request: request, answer: answer(response)))
            } else {
                throw ParityError("\(prefix).jsonl: a line with neither request nor 'node_exited'")
            }
        }
        recording.spawned = try jsonLines(prefix + ".spawned.jsonl")?.map(spawned)
        recording.log = FileManager.default.contents(atPath: prefix + ".log")
        if let data = FileManager.default.contents(atPath: prefix + ".state.json") {
            do {
                recording.state = state(try PyJSON.loads(Array(data)))
            } catch {
                throw ParityError("\(prefix).state.json: \(error)")
            }
        }
        return recording
    }

    private static func jsonLines(_ path: String) throws -> [PyValue]? {
        guard let data = FileManager.default.contents(atPath: path) else { return nil }
        var values: [PyValue] = []
        for (index, line) in data.split(separator: UInt8(ascii: "\n")).enumerated() {
            do {
                values.append(try PyJSON.loads(Array(line)))
            } catch {
                throw ParityError("\(path): line \(index + 1): \(error)")
            }
        }
        return values
    }

    /// The `response` of a step.
    static func answer(_ value: PyValue) -> AnswerObservation {
        var answer = AnswerObservation()
        answer.status = value["status"]?.asInt
        answer.headers = (value["headers"]?.asDict ?? [:]).map { ($0.key.description, $0.value.pyStr.description) }
        if let text = value["text"]?.asString {
            answer.body = .text(text.description)
        } else if let hex = value["hex"]?.asString {
            answer.body = .hex(hex.description)
        }
        answer.error = value["error"]?.asString?.description
        answer.milliseconds = value["ms"]?.asDouble ?? 0
        return answer
    }

    private static func spawned(_ value: PyValue) -> Recording.Spawned {
        Recording.Spawned(
            argv: (value["argv"]?.asList ?? []).map(\.pyStr.description), cwd: value["cwd"]?.pyStr.description ?? "",
            environment: (value["env"]?.asDict ?? [:]).map { ($0.key.description, $0.value.pyStr.description) })
    }

    private static func state(_ value: PyValue) -> Recording.State {
        Recording.State(
            observation: StateObservation(
                exit: value["exit"] ?? .none, stopSeconds: value["stop_s"]?.asDouble,
                startupSeconds: value["startup_s"]?.asDouble ?? 0, databases: value["dbs"]?.asDict ?? [:],
                files: value["files"]?.asDict ?? [:]),
            process: value["proc"]?.asDict ?? [:])
    }
}

/// The recordings of one scenario under a directory such as `parity/recordings`: one in each sub-directory that has it,
/// and one in the directory itself.
package struct RecordingSet: Sendable {
    package var directory: String

    package init(directory: String) {
        self.directory = directory
    }

    /// The folders that may hold a recording of each scenario.
    var takes: [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        return [directory] + names.sorted().filter { !$0.hasPrefix(".") }.map { directory + "/" + $0 }
    }

    /// - Throws: ``ParityError`` when a recording exists but cannot be read.
    package func references(of scenario: String) throws -> [RunObservation] {
        return try takes.map { "\($0)/\(scenario)" }
            .filter { FileManager.default.fileExists(atPath: $0 + ".jsonl") }
            .map(RecordingReader.read)
    }
}
