import Comparison
import PythonSemantics

/// Observations as one JSON value, in the words of recordings.
enum ObservationJSON {
    static func value(_ run: RunObservation) -> PyValue {
        var fields: PyDict = ["scenario": .string(run.scenario)]
        if !run.steps.isEmpty {
            fields["steps"] = .list(
                run.steps.map {
                    [
                        "id": .string($0.id), "method": .string($0.method), "path": .string($0.path),
                        "response": RecordingWriter.response($0.answer),
                    ]
                })
        }
        if let exit = run.exitedEarly { fields["node_exited"] = exit }
        if let state = run.state {
            fields["state"] = [
                "exit": state.exit, "startup_s": .float(state.startupSeconds),
                "stop_s": state.stopSeconds.map(PyValue.float) ?? .none, "dbs": .dict(state.databases),
                "files": .dict(state.files),
            ]
        }
        if let log = run.log { fields["log"] = .string(log) }
        if !run.spawned.isEmpty { fields["spawned"] = .list(run.spawned.map(spawned)) }
        return .dict(fields)
    }

    static func run(_ value: PyValue) -> RunObservation {
        var run = RunObservation(scenario: text(value["scenario"]))
        run.steps = (value["steps"]?.asList ?? []).map {
            StepObservation(
                id: text($0["id"]), method: text($0["method"]), path: text($0["path"]),
                answer: RecordingReader.answer($0["response"] ?? .none))
        }
        run.exitedEarly = value["node_exited"]
        if let state = value["state"] {
            run.state = StateObservation(
                exit: state["exit"] ?? .none, stopSeconds: state["stop_s"]?.asDouble,
                startupSeconds: state["startup_s"]?.asDouble ?? 0, databases: state["dbs"]?.asDict ?? [:],
                files: state["files"]?.asDict ?? [:])
        }
        run.log = value["log"]?.asString?.description
        run.spawned = (value["spawned"]?.asList ?? []).map {
            SpawnedObservation(
                argv: ($0["argv"]?.asList ?? []).map(\.pyStr.description), cwd: text($0["cwd"]),
                environment: texts($0["env"]))
        }
        return run
    }

    static func spawned(_ spawned: SpawnedObservation) -> PyValue {
        [
            "argv": .list(spawned.argv.map { .string($0) }), "cwd": .string(spawned.cwd),
            "env": pairs(spawned.environment),
        ]
    }

    static func pairs(_ pairs: [String: String]) -> PyValue {
        .dict(PyDict(pairs.sorted { $0.key < $1.key }.map { (PyString($0.key), .string($0.value)) }))
    }

    static func texts(_ value: PyValue?) -> [String: String] {
        Dictionary(
            (value?.asDict ?? [:]).map { ($0.key.description, $0.value.pyStr.description) }, uniquingKeysWith: { $1 })
    }

    static func text(_ value: PyValue?) -> String { value?.asString?.description ?? "" }

    static func words(_ value: PyValue?) -> [String] {
        (value?.asList ?? []).compactMap { $0.asString?.description }
    }
}
