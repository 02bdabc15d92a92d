import PythonSemantics

/// Which board a node of this kind plays next, by chance; contract 06 section 4.11.
package struct SelfplayChoice: Sendable {
    /// The ten best models that gossip knows; nil: it cannot be read, and nothing is preferred.
    package var models: [PyDict]?

    package init(models: [PyDict]? = []) { self.models = models }

    /// The call site that draws.
    package static let label = "scripts.p2p_orchestrator.P2POrchestrator._pick_weighted_selfplay_config"

    private static let configurations: [(config: SelfplayConfig, priority: Int)] = [
        (.init("hexagonal", 3, "mixed"), 8), (.init("hexagonal", 2, "mixed"), 8),
        (.init("hexagonal", 4, "mixed"), 8), (.init("square19", 3, "mixed"), 8), (.init("square19", 2, "mixed"), 8),
        (.init("square19", 4, "mixed"), 8), (.init("square8", 3, "mixed"), 7), (.init("square8", 4, "mixed"), 7),
        (.init("square8", 2, "heuristic-vs-mcts"), 6), (.init("hexagonal", 3, "heuristic-vs-mcts"), 6),
        (.init("square19", 2, "heuristic-vs-mcts"), 6), (.init("square8", 2, "mixed"), 5),
        (.init("square8", 2, "tournament-varied"), 4), (.init("hexagonal", 2, "tournament-varied"), 4),
        (.init("square8", 2, "mcts-only"), 3), (.init("hexagonal", 2, "descent-only"), 3),
    ]

    /// Every configuration as often as its priority says.
    ///
    /// - Throws: `TypeError` when an Elo that is no int makes a priority that is none.
    package func candidates(for node: NodeInfo) throws(PyException) -> [SelfplayConfig] {
        let memory = try node.integer(.memoryGB)
        let isSmall = memory != 0 && memory < 48
        var candidates: [SelfplayConfig] = []
        for (config, priority) in Self.configurations where !isSmall || config.boardType == "square8" {
            guard case .int(let weight) = try PyNumber.add(.int(priority), boost(config)) else {
                throw .typeError("can't multiply sequence by non-int of type 'float'")
            }
            candidates += Array(repeating: config, count: max(0, weight))
        }
        return candidates
    }

    /// `random.choice`.
    /// - Parameter fraction: the next number of the stream, at least 0 and below 1.
    package static func pick(_ candidates: [SelfplayConfig], _ fraction: () -> Double) -> SelfplayConfig? {
        guard !candidates.isEmpty else { return nil }
        let bits = Int.bitWidth - candidates.count.leadingZeroBitCount
        while true {
            // The highest bits of a draw are what Python's `getrandbits` takes of it.
            let place = Int(fraction() * Double(1 << bits))
            if place < candidates.count { return candidates[place] }
        }
    }

    /// `_get_elo_based_priority_boost`: what a malformed model breaks off counts nothing.
    func boost(_ config: SelfplayConfig) -> PyValue {
        do throws(PyException) {
            guard let models else { return 0 }
            let best = try bestElo(config, models)
            var boost: PyValue = 0
            if try PyNumber.isGreater(best, 1200) {
                boost = try PyNumber.min(3, PyNumber.floorDiv(PyNumber.sub(best, 1200), 100))
            }
            if config.boardType == "hexagonal" || config.boardType == "square19" { boost = try PyNumber.add(boost, 1) }
            if config.numPlayers > 2 { boost = try PyNumber.add(boost, 1) }
            return try PyNumber.min(5, boost)
        } catch {
            return 0
        }
    }

    private func bestElo(_ config: SelfplayConfig, _ models: [PyDict]) throws(PyException) -> PyValue {
        var best: PyValue = 0
        for model in models {
            let name = model["name"] ?? ""
            var isMeant = try name.contains(.string(config.boardType))
            if !isMeant { isMeant = try name.contains(.string(PyString(String(config.numPlayers)))) }
            if isMeant { best = try PyNumber.max(best, model["elo"] ?? 0) }
        }
        return best
    }

    /// The ten best of what gossip says, the best entry of each model.
    /// - Parameter gossip: node_id -> gossip state.
    /// - Returns: nil where the legacy's summary fails, which leaves every priority as it is.
    package static func models(gossip: PyDict, now: Double) -> [PyDict]? {
        var all = PyDict()
        do throws(PyException) {
            for (_, state) in gossip {
                if try PyNumber.isLess(state.get("timestamp", 0), .float(now - 300)) { continue }
                let summary = try state.get("elo_summary", [:])
                for model in try summary.get("top_models", []).iterated() {
                    let name = try model.get("model", "")
                    guard name.isTruthy else { continue }
                    let key = try PyKey(name).jsonKey()
                    let known = try (all[key] ?? [:]).get("elo", 0)
                    if try PyNumber.isGreater(model.get("elo", 0), known) { all[key] = model }
                }
            }
            var sorted: [(elo: PyValue, model: PyDict)] = []
            for (_, value) in all {
                guard case .dict(let model) = value else { continue }
                let elo = model["elo"] ?? 0
                var place = sorted.count
                while place > 0, try PyNumber.isLess(sorted[place - 1].elo, elo) { place -= 1 }
                sorted.insert((elo, model), at: place)
            }
            return sorted.prefix(10).map(\.model)
        } catch {
            return nil
        }
    }

    /// Boards in turn for a leader without improvement cycles: the last engine mode named for each.
    package static func roundRobin(for node: NodeInfo) throws(PyException) -> [SelfplayConfig] {
        let memory = try node.integer(.memoryGB)
        let isSmall = memory != 0 && memory < 48
        return turns.filter { !isSmall || $0.boardType == "square8" }
    }

    private static let turns: [SelfplayConfig] = [
        .init("hexagonal", 3, "descent-only"), .init("hexagonal", 2, "minimax-only"),
        .init("hexagonal", 4, "mcts-only"), .init("square19", 3, "descent-only"),
        .init("square19", 2, "minimax-only"), .init("square19", 4, "mcts-only"),
        .init("square8", 3, "minimax-only"), .init("square8", 4, "mcts-only"), .init("square8", 2, "minimax-only"),
    ]

    /// Boards in turn for peers whose GPU has nothing to do.
    package static let diverse: [(boardType: PyString, numPlayers: Int)] = [
        ("hexagonal", 3), ("hexagonal", 2), ("hexagonal", 4), ("square19", 3), ("square19", 2), ("square19", 4),
        ("square8", 3), ("square8", 4), ("square8", 2),
    ]
}

extension SelfplayConfig {
    /// `_track_selfplay_diversity`: counts in `metrics`, the legacy's attribute of that name.
    /// - Returns: the line about an uneven game.
    package func track(in metrics: inout PyDict) throws(PyException) -> String? {
        func count(_ map: PyString, _ key: PyString) throws(PyException) {
            guard case .dict(var counts) = metrics[map] ?? .none else { throw .keyError(.string(map)) }
            counts[key] = try PyNumber.add(counts[key] ?? 0, 1)
            metrics[map] = .dict(counts)
        }
        func count(_ name: PyString) throws(PyException) {
            guard let number = metrics[name] else { throw .keyError(.string(name)) }
            metrics[name] = try PyNumber.add(number, 1)
        }
        try count("games_by_engine_mode", engineMode)
        try count("games_by_board_config", key)
        var line: String?
        if let uneven {
            try count("asymmetric_games")
            line =
                "[P2P] DIVERSE: Asymmetric game scheduled - "
                + "Strong(\(uneven.strong.engineMode)@D\(uneven.strong.difficulty)) vs "
                + "Weak(\(uneven.weak.engineMode)@D\(uneven.weak.difficulty)) on \(key)"
        } else {
            try count("symmetric_games")
        }
        if let difficultyBand { try count("games_by_difficulty", difficultyBand) }
        return line
    }
}
