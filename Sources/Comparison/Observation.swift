import PythonSemantics

/// What one step of a scenario got as an answer.
package struct AnswerObservation: Sendable, Equatable {
    package enum Body: Sendable, Equatable {
        case text(String)
        /// The first 4,000 bytes in hexadecimal, of a body that is not UTF-8.
        case hex(String)
        case none
    }

    package var status: Int?
    /// In the order they came; of a name sent twice the last.
    package var headers: [(name: String, value: String)]
    package var body: Body
    /// `RemoteDisconnected: …`, the way Python's http.client names it; nil when there was an answer.
    package var error: String?
    package var milliseconds: Double

    package init(
        status: Int? = nil, headers: [(name: String, value: String)] = [], body: Body = .none, error: String? = nil,
        milliseconds: Double = 0
    ) {
        self.status = status
        self.headers = headers
        self.body = body
        self.error = error
        self.milliseconds = milliseconds
    }

    package func header(_ name: String) -> String? {
        headers.last { $0.name.lowercased() == name.lowercased() }?.value
    }

    package static func == (left: AnswerObservation, right: AnswerObservation) -> Bool {
        left.status == right.status && left.body == right.body && left.error == right.error
            && left.headers.map(\.name) == right.headers.map(\.name)
            && left.headers.map(\.value) == right.headers.map(\.value)
    }
}

/// A step and its answer.
package struct StepObservation: Sendable, Equatable {
    package var id: String
    package var method: String
    /// With query.
    package var path: String
    package var answer: AnswerObservation

    package init(id: String, method: String, path: String, answer: AnswerObservation) {
        self.id = id
        self.method = method
        self.path = path
        self.answer = answer
    }

    /// `GET /status`.
    package var route: String {
        "\(method) \(path.prefix { $0 != "?" })"
    }
}

/// What a node left behind after it was stopped.
package struct StateObservation: Sendable, Equatable {
    /// Exit status as an int, or a sentence (`killed after 20 s`).
    package var exit: PyValue
    /// Seconds from SIGTERM to the end; nil in recordings that do not say it.
    package var stopSeconds: Double?
    package var startupSeconds: Double
    /// Relative path → `{user_version, journal_mode, schema, rows}`, or a text that says why it could not be read.
    package var databases: PyDict
    /// Relative path → text, or `{size}`.
    package var files: PyDict

    package init(
        exit: PyValue, stopSeconds: Double? = nil, startupSeconds: Double = 0, databases: PyDict = [:],
        files: PyDict = [:]
    ) {
        self.exit = exit
        self.stopSeconds = stopSeconds
        self.startupSeconds = startupSeconds
        self.databases = databases
        self.files = files
    }
}

/// A stubbed program that was started.
package struct SpawnedObservation: Sendable, Equatable {
    package var argv: [String]
    package var cwd: String
    package var environment: [String: String]

    package init(argv: [String], cwd: String, environment: [String: String]) {
        self.argv = argv
        self.cwd = cwd
        self.environment = environment
    }
}

/// Everything observed of one run of one scenario.
package struct RunObservation: Sendable, Equatable {
    package var scenario: String
    package var steps: [StepObservation]
    /// Exit status when the node ended before the last step.
    package var exitedEarly: PyValue?
    package var state: StateObservation?
    package var log: String?
    package var spawned: [SpawnedObservation]

    package init(
        scenario: String, steps: [StepObservation] = [], exitedEarly: PyValue? = nil, state: StateObservation? = nil,
        log: String? = nil, spawned: [SpawnedObservation] = []
    ) {
        self.scenario = scenario
        self.steps = steps
        self.exitedEarly = exitedEarly
        self.state = state
        self.log = log
        self.spawned = spawned
    }

    /// Ids and routes of the steps: recordings of one version of a scenario have the same.
    package var outline: [String] { steps.map { "\($0.id) \($0.route)" } }
}
