import Comparison
import PythonSemantics

/// One scenario of the self-test: references, and a recording more that plays the candidate.
struct SelfTestScenario: Sendable {
    let name: String
    let run: RunObservation
    let candidate: PreparedRun
    let references: PreparedReferences
    /// Steps with a JSON body in Python's form, with the ways to its leaves; steps with lines of text.
    let json: [(step: StepObservation, document: PyValue, leaves: [[DocumentStep]])]
    let text: [(step: StepObservation, lines: [String])]
    let databases: [[DocumentStep]]
    let files: [[DocumentStep]]
    /// Numbers of the log lines that are compared (bodies of tracebacks are not).
    let lines: [LogLine]

    init(_ run: RunObservation, references: [RunObservation], settings: ComparisonSettings) {
        name = run.scenario
        self.run = run
        candidate = PreparedRun(run, selection: RunSelection(), settings: settings)
        self.references = PreparedReferences(references, selection: RunSelection(), settings: settings)
        var json: [(step: StepObservation, document: PyValue, leaves: [[DocumentStep]])] = []
        var text: [(step: StepObservation, lines: [String])] = []
        for step in run.steps {
            guard let answer = candidate.answers[step.id], !answer.isPage, case .text = step.answer.body else {
                continue
            }
            if let document = answer.document {
                if ParityText.json(document) == answer.text {
                    json.append((step, document, DocumentEdits.leaves(document)))
                }
            } else if !answer.text.isEmpty {
                text.append(
                    (step, answer.text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)))
            }
        }
        self.json = json
        self.text = text
        databases = candidate.documents.map { DocumentEdits.leaves(.dict($0.databases)) } ?? []
        files = candidate.documents.map { DocumentEdits.leaves(.dict($0.files)) } ?? []
        lines = run.log.map(LogLine.lines) ?? []
    }

    /// How many leaves a dimension has here: scenarios are picked in proportion.
    func size(_ dimension: EditDimension) -> Int {
        switch dimension {
        case .json: return json.reduce(0) { $0 + $1.leaves.count }
        case .text: return text.reduce(0) { $0 + $1.lines.count }
        case .status: return run.steps.count { $0.answer.status != nil }
        case .header: return run.steps.reduce(0) { $0 + $1.answer.headers.count }
        case .database: return databases.count
        case .file: return files.count
        case .log: return references.units.contains(.log) ? lines.count : 0
        case .spawned: return run.spawned.count
        case .exit: return run.state == nil ? 0 : 1
        case .stop:
            let known = references.stopSeconds.allSatisfy { $0 != nil }
            return known && run.state?.stopSeconds != nil ? 1 : 0
        }
    }

    func unit(_ step: StepObservation) -> PreparedReferences.Unit {
        .step(id: step.id, route: step.route)
    }
}
