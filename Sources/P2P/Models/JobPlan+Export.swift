import PythonSemantics

/// The command line of a data export (contract 06 section 7.5).
extension JobPlan {
    static func export(
        _ request: JobRequest, _ export: JobRequest.Export, _ jobID: PyString, _ setting: Setting
    ) throws(PyException) -> JobPlan {
        guard case .string(let output) = export.outputPath else {
            throw .typeError("expected str, bytes or os.PathLike object, not \(export.outputPath.typeName)")
        }
        try refuseOptions(
            ("board_type", request.boardType), ("num_players", request.numPlayers), ("input_path", export.inputPath),
            ("output_path", export.outputPath), ("encoder_version", export.encoderVersion),
            ("max_games", export.maxGames))
        let folder = PythonPath.parent(output)
        let board: [PyValue] = [
            "--board-type", request.boardType, "--num-players", .string(request.numPlayers.pyString),
        ]
        let ends: [PyValue] = [
            .string(export.inputPath.pyString), "--output", .string(export.outputPath.pyString),
        ]
        let maximum: PyValue = .string(export.maxGames.pyString)
        var arguments: [PyValue] = [.string(setting.python)]
        if export.isJSONL.isTruthy {
            arguments += [setting.script("jsonl_to_npz.py"), "--input"] + ends + board
            arguments += ["--gpu-selfplay", "--max-games", maximum]
        } else {
            arguments += [setting.script("export_replay_dataset.py"), "--db"] + ends + board
            arguments += ["--max-games", maximum, "--require-completed", "--min-moves", "10"]
        }
        if export.encoderVersion.isTruthy, !export.encoderVersion.equals("default") {
            arguments += ["--encoder-version", export.encoderVersion]
        }
        var plan = JobPlan(
            outputDirectory: folder, arguments: arguments, directory: setting.treeText,
            environment: environment(setting, isOwnJob: false),
            log: PythonPath.join([folder, "export_" + PythonPath.part(jobID) + ".log"]), engineMode: "export")
        plan.appendsToLog = false
        return plan
    }
}

/// Security repair D139: an export reads and writes below the tree (or its RAM disk) only.
package enum ExportBounds {
    package static let ramDisk = "/dev/shm/ringrift/data"

    /// - Parameters:
    ///   - tree: `{ringrift}/ai-service`, from which relative paths begin.
    ///   - resolve: a path without links.
    /// - Throws: `ValueError` for a path outside.
    package static func check(
        _ export: JobRequest.Export, tree: PyString, resolve: (String) -> String
    ) throws(PyException) {
        let roots = [resolve(tree.description), resolve(ramDisk)]
        for (name, value) in [("input_path", export.inputPath), ("output_path", export.outputPath)] {
            let path = resolve(PythonPath.join([tree, value.pyString]).description)
            guard !roots.contains(where: { path.hasPrefix($0 + "/") }) else { continue }
            throw .valueError("\(name) is outside the ai-service directory: \(value.pyRepr)")
        }
    }
}
