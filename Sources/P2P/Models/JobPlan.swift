import PythonSemantics

/// A job that is ready to start: everything about its child process (contract 06 section 7.1 to 7.5).
package struct JobPlan: Sendable, Equatable {
    /// The spawn gate of a job, and how its refusal is told.
    package struct Gate: Sendable, Equatable {
        /// `selfplay-square8-2p`; contract 06 section 4.5.
        package var reason: String
        /// `selfplay`, `CPU selfplay`, …
        package var label: String
    }

    /// Created before anything else happens, and left when the job is refused.
    package var outputDirectory: PyString
    package var arguments: [PyValue]
    package var directory: PyString
    /// On top of the node's own.
    package var environment: [String: PyString]
    package var log: PyString
    package var appendsToLog = true
    /// Nil: the job starts whatever the load.
    package var gate: Gate?
    /// As the job's record shows it.
    package var engineMode: PyValue
    /// Whether a GPU is to be chosen when neither the request nor the environment names one.
    package var wantsGPU = false

    /// What a plan needs besides the request.
    package struct Setting: Sendable {
        /// `--ringrift-path` as it was given.
        package var ringriftPath: PyString
        /// The program for jobs: the checkout's own Python, else `python3`.
        package var python: PyString
        /// Unix seconds.
        package var now: Double

        package init(ringriftPath: PyString, python: PyString, now: Double) {
            self.ringriftPath = ringriftPath
            self.python = python
            self.now = now
        }

        func path(_ parts: PyString...) -> PyString { PythonPath.join([ringriftPath] + parts) }
        /// The script's path, which the legacy joins as text.
        func script(_ name: PyString) -> PyValue { .string(ringriftPath + "/ai-service/scripts/" + name) }
        var treeText: PyString { ringriftPath + "/ai-service" }
    }

    /// The plan for a request; nil for a type that no node starts, which is refused without a line.
    ///
    /// - Throws: what ends the start with `[P2P] Failed to start job: …`.
    package init?(_ request: JobRequest, jobID: PyString, setting: Setting) throws(PyException) {
        switch request.type {
        case .selfplay: self = try .selfplay(request, jobID, setting, onCPU: false)
        case .cpuSelfplay: self = try .selfplay(request, jobID, setting, onCPU: true)
        case .gpuSelfplay: self = try .diverse(request, setting)
        case .hybridSelfplay: self = try .hybrid(request, jobID, setting)
        case .dataExport:
            guard let export = request.export else { return nil }
            self = try .export(request, export, jobID, setting)
        default: return nil
        }
    }

    init(
        outputDirectory: PyString, arguments: [PyValue], directory: PyString, environment: [String: PyString],
        log: PyString, engineMode: PyValue
    ) {
        self.outputDirectory = outputDirectory
        self.arguments = arguments
        self.directory = directory
        self.environment = environment
        self.log = log
        self.engineMode = engineMode
    }

    /// Security repair D140: a value that begins with `-` would reach the program as an option.
    static func refuseOptions(_ values: (name: String, value: PyValue)...) throws(PyException) {
        for (name, value) in values {
            guard case .string(let text) = value, text.hasPrefix("-") else { continue }
            throw .valueError("\(name) must not begin with '-': \(value.pyRepr)")
        }
    }

    static func environment(_ setting: Setting, isOwnJob: Bool = true) -> [String: PyString] {
        var environment: [String: PyString] = [
            "PYTHONPATH": setting.treeText, "RINGRIFT_SKIP_SHADOW_CONTRACTS": "true",
        ]
        if isOwnJob { environment["RINGRIFT_JOB_ORIGIN"] = "p2p_orchestrator" }
        return environment
    }
}

extension JobRequest {
    /// `f"{board_type}_{num_players}p"`.
    var configuration: PyString { boardType.pyString + "_" + numPlayers.pyString + "p" }
    /// `f"{prefix}-{board_type}-{num_players}p"`.
    func gateReason(_ prefix: String) -> String { "\(prefix)-\(boardType.pyStr)-\(numPlayers.pyStr)p" }

    /// `engine_mode in {…}`, which wants a value that can be hashed.
    func hasMode(_ modes: Set<PyString>) throws(PyException) -> Bool {
        _ = try PyKey(engineMode)
        guard case .string(let mode) = engineMode else { return false }
        return modes.contains(mode)
    }

    func isBoard(_ names: PyString...) -> Bool { names.contains { boardType.equals($0) } }
}
