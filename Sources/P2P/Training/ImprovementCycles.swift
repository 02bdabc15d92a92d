import Effects
import PythonSemantics

/// What is trained per board and player count, as kept in `{node_id}_improvement.db`; contract 09.
///
/// This is the part a node needs to start, to restart on what the legacy left, and to answer `/status`: the state, its
/// loading and saving. The training decisions of contract 09 section 4 belong to `p2p.training`.
package struct ImprovementCycles: Sendable, Equatable {
    package var lastUpdate: PyValue = .float(0.0)
    package var totalGamesScheduled: PyValue = 0
    package var totalTrainingTriggered: PyValue = 0
    package var totalTournamentsRun: PyValue = 0
    package var lastCMAESWeights: PyDict = [:]
    /// Cycle states by id (`square8_2p`), in the order they were created or loaded.
    package var cycles: PyDict = [:]
    package var agents: PyDict = [:]

    package init() {}

    /// Board, players; the order in which cycles are created. Contract 09 section 2.4.
    package static let configurations: [(board: String, players: Int)] = [
        ("hexagonal", 4), ("hexagonal", 3), ("square19", 4), ("square19", 3), ("square8", 4), ("square8", 3),
        ("hexagonal", 2), ("square19", 2), ("square8", 2),
    ]

    private static let builtInAgents: [(type: String, difficulty: Int)] = [
        ("random", 1), ("heuristic", 2), ("heuristic", 3), ("minimax", 4), ("minimax", 5), ("minimax", 6), ("mcts", 7),
        ("mcts", 8), ("descent", 9), ("neural", 10),
    ]

    /// Fields of a cycle in order with their defaults; contract 09 section 2.1.
    private static let cycleDefaults: PyDict = [
        "board_type": .none, "num_players": .none, "total_games": 0, "games_since_last_training": 0,
        "last_training_time": 0.0, "last_cmaes_time": 0.0, "current_iteration": 0, "best_model_path": .none,
        "prev_best_model_path": .none, "pending_training": false, "pending_evaluation": false,
        "consecutive_failures": 0, "max_consecutive_failures": 5, "pending_ab_test": false,
        "pending_ab_test_id": .none, "pending_ab_test_model": .none, "difficulty_stats": [:],
        "curriculum_weights": [:], "last_ensemble_time": 0.0, "ensemble_model_path": .none,
        "last_hyperparam_experiment_time": 0.0, "pending_hyperparam_experiment": .none,
        "last_elo_improvement_time": 0.0, "best_elo": 1500.0, "last_allocation_time": 0.0,
        "allocated_gpu_hours": 0.0, "last_validated_checkpoint": .none, "checkpoint_validation_passed": true,
        "regression_test_passed": true, "regression_baseline_accuracy": 0.0,
    ]

    private static let agentKeys: [PyString] = [
        "agent_id", "ai_type", "difficulty", "weights", "model_path", "elo_rating", "games_played",
    ]

    /// A cycle with defaults.
    static func cycle(board: PyValue, players: PyValue) -> PyDict {
        var cycle = cycleDefaults
        cycle["board_type"] = board
        cycle["num_players"] = players
        return cycle
    }

    /// Adds the built-in agents and the nine cycles that are missing.
    package mutating func complete() {
        for (type, difficulty) in Self.builtInAgents {
            let id = PyString("\(type)_d\(difficulty)")
            guard agents[id] == nil else { continue }
            agents[id] = .dict([
                "agent_id": .string(id), "ai_type": .string(PyString(type)), "difficulty": .int(difficulty),
                "weights": .none, "model_path": .none, "elo_rating": 1500.0, "games_played": 0,
            ])
        }
        for (board, players) in Self.configurations {
            let id = PyString("\(board)_\(players)p")
            guard cycles[id] == nil else { continue }
            cycles[id] = .dict(Self.cycle(board: .string(PyString(board)), players: .int(players)))
        }
    }

    /// Takes the blob of row `manager_state`.
    /// - Returns: the text of the error that stopped it, nil when all of it was taken.
    mutating func take(blob: PyValue) -> String? {
        guard case .dict(let fields) = blob else { return "'\(blob.typeName)' object has no attribute 'get'" }
        lastUpdate = fields["last_update"] ?? .float(0.0)
        totalGamesScheduled = fields["total_games_scheduled"] ?? 0
        totalTrainingTriggered = fields["total_training_triggered"] ?? 0
        totalTournamentsRun = fields["total_tournaments_run"] ?? 0
        if case .dict(let weights)? = fields["last_cmaes_weights"] { lastCMAESWeights = weights }
        if case .dict(let stored)? = fields["cycles"] {
            for (id, value) in stored {
                guard case .dict(let given) = value else { continue }
                var cycle = Self.cycle(board: .none, players: .none)
                for (key, field) in given {
                    guard cycle[key] != nil else { return Self.unexpected("CycleState", key) }
                    cycle[key] = field
                }
                cycles[id] = .dict(cycle)
            }
        }
        if case .dict(let stored)? = fields["agents"] {
            for (id, value) in stored {
                guard case .dict(let given) = value else { continue }
                var agent: PyDict = [
                    "agent_id": .none, "ai_type": .none, "difficulty": .none, "weights": .none, "model_path": .none,
                    "elo_rating": 1500.0, "games_played": 0,
                ]
                for (key, field) in given {
                    guard Self.agentKeys.contains(key) else { return Self.unexpected("AgentVariation", key) }
                    agent[key] = field
                }
                agents[id] = .dict(agent)
            }
        }
        return nil
    }

    private static func unexpected(_ type: String, _ key: PyString) -> String {
        "\(type).__init__() got an unexpected keyword argument '\(key)'"
    }

    /// The blob of row `manager_state`.
    package var blob: PyValue {
        .dict([
            "last_update": lastUpdate, "total_games_scheduled": totalGamesScheduled,
            "total_training_triggered": totalTrainingTriggered, "total_tournaments_run": totalTournamentsRun,
            "last_cmaes_weights": .dict(lastCMAESWeights), "cycles": .dict(cycles), "agents": .dict(agents),
        ])
    }
}
