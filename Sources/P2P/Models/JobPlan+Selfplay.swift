import PythonSemantics

/// The command lines of the self-play jobs (contract 06 sections 7.1 to 7.4).
extension JobPlan {
    private static let soakModes: Set<PyString> = [
        "descent-only", "mixed", "random-only", "heuristic-only", "minimax-only", "mcts-only", "nn-only",
        "best-vs-pool", "nn-vs-mcts", "nn-vs-minimax", "nn-vs-descent", "tournament-varied", "heuristic-vs-nn",
        "heuristic-vs-mcts", "random-vs-mcts",
    ]

    /// `selfplay` and, with `onCPU`, `cpu_selfplay`: the same script with twice the games.
    static func selfplay(
        _ request: JobRequest, _ jobID: PyString, _ setting: Setting, onCPU: Bool
    ) throws(PyException) -> JobPlan {
        let mode = try request.hasMode(soakModes) ? request.engineMode : "nn-only"
        try refuseOptions(("board_type", request.boardType), ("num_players", request.numPlayers))
        let isLarge = request.isBoard("square19", "hexagonal")
        let games = (request.isBoard("square19") ? 200 : isLarge ? 100 : 1000) * (onCPU ? 2 : 1)
        let folder = setting.path(
            "ai-service", "data", "selfplay", "p2p",
            PythonPath.part(request.configuration + (onCPU ? "_cpu" : "")), PythonPath.part(jobID))
        func file(_ name: PyString) -> PyValue { .string(PythonPath.join([folder, name])) }
        var arguments: [PyValue] = [
            .string(setting.python), setting.script("run_self_play_soak.py"), "--num-games", text(games),
            "--board-type", request.boardType, "--num-players", .string(request.numPlayers.pyString),
            "--engine-mode", mode, "--max-moves", "10000", "--log-jsonl", file("games.jsonl"),
            "--summary-json", file("summary.json"), "--record-db", file("games.db"), "--lean-db", "--verbose", "0",
        ]
        if isLarge { arguments.append("--memory-constrained") }
        var plan = JobPlan(
            outputDirectory: folder, arguments: arguments, directory: setting.ringriftPath,
            environment: environment(setting), log: PythonPath.join([folder, "run.log"]), engineMode: mode)
        if onCPU { plan.environment["CUDA_VISIBLE_DEVICES"] = "" }
        plan.gate =
            onCPU
            ? Gate(reason: request.gateReason("cpu-selfplay"), label: "CPU selfplay")
            : Gate(reason: request.gateReason("selfplay"), label: "selfplay")
        return plan
    }

    /// `gpu_selfplay`. Its record is never made: the legacy fails after the start.
    static func diverse(_ request: JobRequest, _ setting: Setting) throws(PyException) -> JobPlan {
        _ = try PyKey(request.boardType)
        try refuseOptions(("num_players", request.numPlayers))
        let board: PyValue =
            request.isBoard("square19") ? "square19" : request.isBoard("hexagonal", "hex") ? "hexagonal" : "square8"
        let folder = setting.path("ai-service", "data", "games")
        var plan = JobPlan(
            outputDirectory: folder,
            arguments: [
                .string(setting.python), setting.script("run_diverse_selfplay.py"), "--board", board,
                "--players", .string(request.numPlayers.pyString),
                "--games-per-matchup", request.isBoard("square19") ? "50" : "100", "--output-dir", .string(folder),
            ],
            directory: setting.ringriftPath, environment: environment(setting),
            log: PythonPath.join([folder, "gpu_run.log"]), engineMode: .none)
        plan.pin(request.cudaVisibleDevices)
        plan.gate = Gate(reason: request.gateReason("gpu-selfplay"), label: "GPU selfplay")
        return plan
    }

    /// `hybrid_selfplay`.
    static func hybrid(
        _ request: JobRequest, _ jobID: PyString, _ setting: Setting
    ) throws(PyException) -> JobPlan {
        let mode = try hybridMode(request)
        try refuseOptions(("board_type", request.boardType), ("num_players", request.numPlayers))
        let games = request.isBoard("square19") ? 500 : request.isBoard("hex", "hexagonal") ? 300 : 1000
        let folder = setting.path(
            "ai-service", "data", "selfplay", "p2p_hybrid", PythonPath.part(request.configuration),
            PythonPath.part(jobID))
        let seed = Int(setting.now * 1000) % (1 << 31)
        var plan = JobPlan(
            outputDirectory: folder,
            arguments: [
                .string(setting.python), setting.script("run_hybrid_selfplay.py"),
                "--board-type", request.isBoard("hexagonal") ? "hex" : request.boardType,
                "--num-players", .string(request.numPlayers.pyString), "--num-games", text(games),
                "--output-dir", .string(folder), "--record-db", .string(PythonPath.join([folder, "games.db"])),
                "--lean-db", "--engine-mode", mode, "--seed", text(seed),
            ],
            directory: setting.ringriftPath, environment: environment(setting),
            log: PythonPath.join([folder, "hybrid_run.log"]), engineMode: mode)
        plan.pin(request.cudaVisibleDevices)
        plan.gate = Gate(reason: request.gateReason("hybrid-selfplay"), label: "hybrid selfplay")
        return plan
    }

    private static func hybridMode(_ request: JobRequest) throws(PyException) -> PyValue {
        if try request.hasMode(["random-only", "heuristic-only", "mixed", "nnue-guided", "mcts"]) {
            return request.engineMode
        }
        let neural: Set<PyString> = [
            "nn-only", "best-vs-pool", "nn-vs-mcts", "nn-vs-minimax", "nn-vs-descent", "tournament-varied",
        ]
        if try request.hasMode(neural) { return "nnue-guided" }
        if try request.hasMode(["mcts-only", "descent-only"]) { return "mcts" }
        return try request.hasMode(["minimax-only"]) ? "mixed" : "heuristic-only"
    }

    /// A GPU that the request names; otherwise one is to be chosen.
    private mutating func pin(_ devices: PyValue) {
        let named = devices.isNone ? "" : devices.pyString.strip()
        if named.isEmpty { wantsGPU = true } else { environment["CUDA_VISIBLE_DEVICES"] = named }
    }

    private static func text(_ number: Int) -> PyValue { .string(PyString(String(number))) }
}

/// Which GPU a job gets that names none.
package enum GPUChoice {
    /// - Parameters:
    ///   - names: the output of `nvidia-smi --query-gpu=name --format=csv,noheader`; nil when it failed.
    ///   - running: how many jobs of this type run.
    package static func device(names: String?, running: Int) -> PyString {
        let lines = (names ?? "").split(whereSeparator: \.isNewline)
        let count = lines.count { !ArgText.strip(String($0)).isEmpty }
        return PyString(count > 0 ? String(running % count) : "0")
    }
}
