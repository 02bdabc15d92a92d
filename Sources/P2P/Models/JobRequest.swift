import PythonSemantics

/// What `_start_local_job` is called with; values as they were received (contract 06 section 3.1).
package struct JobRequest: Sendable, Equatable {
    package var type: JobType
    package var boardType: PyValue
    package var numPlayers: PyValue
    package var engineMode: PyValue
    /// A falsy one is replaced by a fresh id.
    package var jobID: PyValue
    package var cudaVisibleDevices: PyValue
    /// Only for data_export.
    package var export: Export?

    /// Parameters of a data export.
    package struct Export: Sendable, Equatable {
        package var inputPath: PyValue
        package var outputPath: PyValue
        package var encoderVersion: PyValue
        package var maxGames: PyValue
        package var isJSONL: PyValue

        package init(
            inputPath: PyValue, outputPath: PyValue, encoderVersion: PyValue = "v3", maxGames: PyValue = 5000,
            isJSONL: PyValue = false
        ) {
            self.inputPath = inputPath
            self.outputPath = outputPath
            self.encoderVersion = encoderVersion
            self.maxGames = maxGames
            self.isJSONL = isJSONL
        }
    }

    package init(
        type: JobType, boardType: PyValue = "square8", numPlayers: PyValue = 2, engineMode: PyValue = "descent-only",
        jobID: PyValue = .none, cudaVisibleDevices: PyValue = .none, export: Export? = nil
    ) {
        self.type = type
        self.boardType = boardType
        self.numPlayers = numPlayers
        self.engineMode = engineMode
        self.jobID = jobID
        self.cudaVisibleDevices = cudaVisibleDevices
        self.export = export
    }

    /// The body of POST /start_job.
    ///
    /// - Throws: `AttributeError` for a body that is no object, `ValueError` for an unknown job type.
    package init(body: PyValue) throws(PyException) {
        guard case .dict(let data) = body else { throw .noAttribute("get", on: body) }
        self.init(
            type: try JobType(python: data["job_type"] ?? "selfplay"), boardType: data["board_type"] ?? "square8",
            numPlayers: data["num_players"] ?? 2, engineMode: data["engine_mode"] ?? "descent-only",
            jobID: data["job_id"] ?? .none, cudaVisibleDevices: data["cuda_visible_devices"] ?? .none)
        if type == .dataExport {
            export = Export(
                inputPath: data["input_path"] ?? .none, outputPath: data["output_path"] ?? .none,
                encoderVersion: data["encoder_version"] ?? "v3", maxGames: data["max_games"] ?? 5000,
                isJSONL: data["is_jsonl"] ?? false)
        }
    }
}
