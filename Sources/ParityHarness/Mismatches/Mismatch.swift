import Comparison
import PythonSemantics

/// One mismatch as it is stored: what is needed to see it, and to play it again on another machine.
package struct Mismatch: Sendable {
    package var evidence: Evidence
    package var origin: MismatchOrigin
    /// Which legacy it was: recording, bundled or real, and where from.
    package var legacy: String
    /// When it was seen, ISO 8601.
    package var made: String

    package var id: String { evidence.id }

    package init(evidence: Evidence, origin: MismatchOrigin, legacy: String, made: String) {
        self.evidence = evidence
        self.origin = origin
        self.legacy = legacy
        self.made = made
    }

    /// Version of the file format.
    private static let format = 1

    package func value() -> PyValue {
        var check: PyDict = ["what": .string(evidence.subject.dimension.rawValue)]
        switch evidence.subject {
        case .step(let id, let route):
            check = ["step": .string(id), "route": .string(route)]
        case .end, .state, .log, .spawned:
            check["what"] = .string(evidence.subject.key)
        }
        return [
            "format": .int(Self.format), "id": .string(id), "made": .string(made), "command": .string(origin.command),
            "legacy": .string(legacy), "check": .dict(check),
            "differences": .list(evidence.differences.map(Self.value)),
            "request": evidence.request ?? .none, "candidate": ObservationJSON.value(evidence.candidate),
            "references": .list(evidence.references.map(ObservationJSON.value)),
            "scenario": .dict(evidence.scenario.document), "selection": Self.value(evidence.selection),
            "start": [
                "candidate": Self.value(origin.candidate), "legacy": origin.legacy.map(Self.value) ?? .none,
                "takes": .int(origin.takes), "python": origin.python.map { .string($0) } ?? .none,
                "rules": .string(origin.rules), "divergences": .string(origin.divergences),
                "answers": origin.answers.map { .string($0) } ?? .none,
                "context": .list(origin.context.sorted().map { .string($0) }),
                "seed": origin.seed.map { .string($0) } ?? .none,
            ],
        ]
    }

    /// - Throws: ``ParityError`` when it is no mismatch of this format.
    package init(_ value: PyValue) throws {
        guard value["format"]?.asInt == Self.format, let document = value["scenario"], let start = value["start"],
            let check = value["check"], let candidate = start["candidate"]
        else { throw ParityError("no mismatch of format \(Self.format)") }
        let subject: CheckResult.Subject
        if let step = check["step"]?.asString {
            subject = .step(id: step.description, route: ObservationJSON.text(check["route"]))
        } else if let other = CheckResult.Subject(key: ObservationJSON.text(check["what"])) {
            subject = other
        } else {
            throw ParityError("'check' names neither a step nor a part of a run")
        }
        let scenario = try Scenario(document)
        let request = value["request"]
        evidence = Evidence(
            id: ObservationJSON.text(value["id"]), subject: subject, request: request == PyValue.none ? nil : request,
            scenario: scenario, selection: Self.selection(value["selection"] ?? .none),
            references: (value["references"]?.asList ?? []).map(ObservationJSON.run),
            candidate: ObservationJSON.run(value["candidate"] ?? .none),
            differences: (value["differences"]?.asList ?? []).compactMap {
                Self.difference($0, scenario.name, subject)
            })
        let legacy = start["legacy"] ?? .none
        origin = MismatchOrigin(
            command: ObservationJSON.text(value["command"]), candidate: Self.start(candidate),
            legacy: legacy == PyValue.none ? nil : Self.start(legacy), takes: start["takes"]?.asInt ?? 0,
            python: start["python"]?.asString?.description, rules: ObservationJSON.text(start["rules"]),
            divergences: ObservationJSON.text(start["divergences"]),
            answers: start["answers"]?.asString?.description,
            context: Set(ObservationJSON.words(start["context"])), seed: start["seed"]?.asString?.description)
        self.legacy = ObservationJSON.text(value["legacy"])
        made = ObservationJSON.text(value["made"])
    }
}

extension Mismatch {
    private static func value(_ start: MismatchOrigin.Start) -> PyValue {
        [
            "tree": start.tree.map { .string($0) } ?? .none, "command": .string(start.command),
            "environment": ObservationJSON.pairs(start.environment),
            "withheld": .list(start.withheld.map { .string($0) }),
        ]
    }

    private static func start(_ value: PyValue) -> MismatchOrigin.Start {
        MismatchOrigin.Start(
            tree: value["tree"]?.asString?.description, command: ObservationJSON.text(value["command"]),
            environment: ObservationJSON.texts(value["environment"]),
            withheld: ObservationJSON.words(value["withheld"]))
    }

    static func value(_ difference: Difference) -> PyValue {
        [
            "path": .string(difference.path.description), "kind": .string(difference.kind.rawValue),
            "segments": .list(difference.path.segments.map { .string($0) }),
            "expected": .string(difference.expected), "got": .string(difference.got),
        ]
    }

    private static func difference(_ value: PyValue, _ scenario: String, _ subject: CheckResult.Subject) -> Difference?
    {
        guard let kind = DifferenceKind(rawValue: ObservationJSON.text(value["kind"])) else { return nil }
        var difference = Difference(
            scenario: scenario, path: ValuePath(ObservationJSON.words(value["segments"])), kind: kind,
            expected: ObservationJSON.text(value["expected"]), got: ObservationJSON.text(value["got"]))
        if case .step(let id, let route) = subject {
            difference.step = id
            difference.route = route
        }
        return difference
    }

    private static func value(_ selection: RunSelection) -> PyValue {
        func list(_ words: [String]) -> PyValue { .list(words.map { .string($0) }) }
        return [
            "steps": list((selection.steps ?? []).sorted()),
            "state": selection.state.map {
                ["databases": list($0.databases), "files": list($0.files), "tables": list($0.tables)]
            } ?? .none,
            "log": .string(selection.log.rawValue), "required_log": list(selection.requiredLog),
            "spawned": .bool(selection.spawned),
        ]
    }

    private static func selection(_ value: PyValue) -> RunSelection {
        let state = value["state"] ?? .none
        return RunSelection(
            steps: Set(ObservationJSON.words(value["steps"])),
            state: state == PyValue.none
                ? nil
                : StateSelection(
                    databases: ObservationJSON.words(state["databases"]),
                    files: ObservationJSON.words(state["files"]), tables: ObservationJSON.words(state["tables"])),
            log: LogComparison(rawValue: ObservationJSON.text(value["log"])) ?? .off,
            requiredLog: ObservationJSON.words(value["required_log"]), spawned: value["spawned"]?.asBool ?? false)
    }
}
