import PythonSemantics

/// What the improvement cycles want a node to play next, by chance; contract 06 section 4.12.
package struct CycleChoice: Sendable {
    /// Games so far by `square8_2p`; what is missing counts as 0.
    package let games: [PyString: PyValue]

    package init(games: [PyString: PyValue]) { self.games = games }

    /// The call site that draws, three times a choice.
    package static let label =
        "scripts.archive.improvement_cycle_manager.ImprovementCycleManager.get_next_selfplay_config_for_node"

    private struct Board: Sendable {
        let type: PyString
        let players: Int
        let priority: Double
        let enoughGames: Int
        var isLarge: Bool { type != "square8" }
        var key: PyString { PyString("\(type)_\(players)p") }
    }

    private static let boards = [
        Board(type: "hexagonal", players: 4, priority: 3.0, enoughGames: 5000),
        Board(type: "hexagonal", players: 3, priority: 3.0, enoughGames: 5000),
        Board(type: "square19", players: 4, priority: 3.0, enoughGames: 5000),
        Board(type: "square19", players: 3, priority: 3.0, enoughGames: 5000),
        Board(type: "square8", players: 4, priority: 2.0, enoughGames: 3000),
        Board(type: "square8", players: 3, priority: 2.0, enoughGames: 3000),
        Board(type: "hexagonal", players: 2, priority: 1.5, enoughGames: 10000),
        Board(type: "square19", players: 2, priority: 1.5, enoughGames: 8000),
        Board(type: "square8", players: 2, priority: 1.0, enoughGames: 15000),
    ]

    private static let engines: [(mode: PyString, weight: Double)] = [
        ("random-only", 0.05), ("heuristic-only", 0.10), ("heuristic-only", 0.10), ("minimax-only", 0.10),
        ("minimax-only", 0.10), ("minimax-only", 0.10), ("mcts-only", 0.15), ("mcts-only", 0.10),
        ("descent-only", 0.10), ("nn-only", 0.10),
    ]

    private typealias Strength = SelfplayConfig.Strength
    private static let unevenGames: [(strong: Strength, weak: Strength, weight: Double)] = [
        (Strength(engineMode: "mcts-only", difficulty: 8), Strength(engineMode: "heuristic-only", difficulty: 2), 0.15),
        (
            Strength(engineMode: "descent-only", difficulty: 9), Strength(engineMode: "minimax-only", difficulty: 4),
            0.15
        ),
        (Strength(engineMode: "nn-only", difficulty: 10), Strength(engineMode: "mcts-only", difficulty: 6), 0.10),
        (Strength(engineMode: "minimax-only", difficulty: 5), Strength(engineMode: "random-only", difficulty: 1), 0.10),
    ]

    /// - Parameter fraction: the next number of the stream, at least 0 and below 1; drawn three times.
    package func next(for node: NodeInfo, _ fraction: () -> Double) throws(PyException) -> SelfplayConfig {
        let power = try node.gpuPowerScore()
        let memory = try node.integer(.memoryGB)
        var weighted: [(board: Board, weight: Double)] = []
        for board in Self.boards {
            guard let weight = try Self.weight(board, power: power, memory: memory) else { continue }
            let done = try PyNumber.div(games[board.key] ?? 0, .int(board.enoughGames))
            let missing = try PyNumber.max(0, PyNumber.sub(1, done))
            let factor = try PyNumber.float(PyNumber.add(1, PyNumber.mul(missing, 2)))
            weighted.append((board, weight * factor))
        }
        let total = weighted.reduce(0.0) { $0 + $1.weight }
        let shares = weighted.map { total > 0 ? $0.weight / total : $0.weight }
        let board = weighted[Self.place(shares, fraction())].board
        if fraction() < 0.3 {
            let game = Self.unevenGames[Self.place(Self.normalized(Self.unevenGames.map(\.weight)), fraction())]
            return SelfplayConfig(board.type, board.players, "mixed", uneven: (game.strong, game.weak))
        }
        let engine = Self.engines[Self.place(Self.normalized(Self.engines.map(\.weight)), fraction())]
        return SelfplayConfig(board.type, board.players, engine.mode, difficultyBand: "canonical")
    }

    /// Nil: not for this node.
    private static func weight(_ board: Board, power: PyValue, memory: Int) throws(PyException) -> Double? {
        let isHeavy = try PyNumber.isGreaterOrEqual(power, 80)
        if isHeavy || memory >= 128 {
            let weight = board.isLarge ? board.priority * 3 : board.priority
            return board.players >= 3 ? weight * 2 : weight
        }
        let isMedium = try PyNumber.isGreaterOrEqual(power, 30)
        if isMedium || memory >= 64 { return board.priority }
        if !board.isLarge { return board.players == 2 ? board.priority * 3 * 2 : board.priority * 3 }
        return board.players == 2 && memory >= 32 ? board.priority * 0.5 : nil
    }

    private static func normalized(_ weights: [Double]) -> [Double] {
        let total = weights.reduce(0, +)
        return weights.map { $0 / total }
    }

    /// The first place whose cumulated share reaches the number; 0 where rounding leaves none.
    private static func place(_ shares: [Double], _ number: Double) -> Int {
        var sum = 0.0
        for (place, share) in shares.enumerated() {
            sum += share
            if number <= sum { return place }
        }
        return 0
    }
}
