import Comparison
import Foundation
import PythonSemantics

/// Reads what the recorder wrote of one run: `NAME.jsonl`, `.state.json`, `.log`, `.spawned.jsonl`.
package enum RecordingReader {
    /// - Parameters:
    ///   - prefix: directory and scenario name.
    /// - Throws: ``ParityError`` when the steps cannot be read; the other files may be missing.
    package static func read(prefix: String) throws -> RunObservation {
        let lines = try jsonLines(prefix + ".jsonl", required: true)
        guard let meta = lines.first, let name = meta["scenario"]?.asString else {
            throw ParityError("\(prefix).jsonl: the first line is no meta line")
        }
        var run = RunObservation(scenario: name.description)
        for line in lines.dropFirst() {
            if let exit = line["node_exited"] {
                run.exitedEarly = exit
            } else if let request = line["request"], let response = line["response"] {
                run.steps.append(
                    StepObservation(
                        id: line["id"]?.pyStr.description ?? "", method: request["method"]?.pyStr.description ?? "",
                        path: request["path"]?.pyStr.description ?? "", answer: answer(response)))
            } else {
                throw ParityError("\(prefix).jsonl: a line with neither request nor 'node_exited'")
            }
        }
        run.spawned = try jsonLines(prefix + ".spawned.jsonl", required: false).map(spawned)
        if let log = FileManager.default.contents(atPath: prefix + ".log") {
            run.log = String(decoding: log, as: UTF8.self)
        }
        if let data = FileManager.default.contents(atPath: prefix + ".state.json") {
            do {
                run.state = state(try PyJSON.loads(Array(data)))
            } catch {
                throw ParityError("\(prefix).state.json: \(error)")
            }
        }
        return run
    }

    private static func jsonLines(_ path: String, required: Bool) throws -> [PyValue] {
        guard let data = FileManager.default.contents(atPath: path) else {
            if required { throw ParityError("\(path): cannot be read") }
            return []
        }
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

    private static func answer(_ value: PyValue) -> AnswerObservation {
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

    private static func spawned(_ value: PyValue) -> SpawnedObservation {
        SpawnedObservation(
            argv: (value["argv"]?.asList ?? []).map(\.pyStr.description), cwd: value["cwd"]?.pyStr.description ?? "",
            environment: Dictionary(
                (value["env"]?.asDict ?? [:]).map { ($0.key.description, $0.value.pyStr.description) },
                uniquingKeysWith: { $1 }))
    }

    private static func state(_ value: PyValue) -> StateObservation {
        StateObservation(
            exit: value["exit"] ?? .none, stopSeconds: value["stop_s"]?.asDouble,
            startupSeconds: value["startup_s"]?.asDouble ?? 0, databases: value["dbs"]?.asDict ?? [:],
            files: value["files"]?.asDict ?? [:])
    }
}

/// The recordings of one scenario under a directory such as `parity/recordings`: one in each sub-directory that has it.
package struct RecordingSet: Sendable {
    package var directory: String

    package init(directory: String) {
        self.directory = directory
    }

    /// - Throws: ``ParityError`` when a recording exists but cannot be read.
    package func references(of scenario: String) throws -> [RunObservation] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        var runs: [RunObservation] = []
        for name in names.sorted() {
            let prefix = "\(directory)/\(name)/\(scenario)"
            if FileManager.default.fileExists(atPath: prefix + ".jsonl") {
                runs.append(try RecordingReader.read(prefix: prefix))
            }
        }
        return runs
    }
}
