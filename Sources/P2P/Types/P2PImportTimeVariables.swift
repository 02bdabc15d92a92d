/// Variables that modules imported by the legacy node read as numbers at start, before its own. The node does not use their
/// values, but a text that is no number, the empty one included, ends it, even for `--help` (seen in runs of the legacy;
/// contract 01 lists only the node's own).
enum P2PImportTimeVariables {
    private enum Kind {
        case int
        case float
    }

    /// In the order in which they are read.
    private static let variables: [(name: String, kind: Kind)] = [
        ("RINGRIFT_MAX_LOAD_FACTOR", .float),
        ("RINGRIFT_MAX_LOAD_ABSOLUTE", .float),
        ("RINGRIFT_LOAD_BACKOFF_SECONDS", .float),
        ("RINGRIFT_PID_KP", .float),
        ("RINGRIFT_PID_KI", .float),
        ("RINGRIFT_PID_KD", .float),
        ("RINGRIFT_MAX_DISK_PERCENT", .float),
        ("RINGRIFT_P2P_PORT", .int),
        ("RINGRIFT_TRAINING_THRESHOLD", .int),
        ("RINGRIFT_MIN_GAMES_FOR_TRAINING", .int),
        ("RINGRIFT_AB_TEST_GAMES", .int),
        ("RINGRIFT_AB_TEST_CONFIDENCE", .float),
        ("RINGRIFT_MAX_SHORT_GAME_RATE", .float),
        ("RINGRIFT_MAX_DATA_ISSUES", .int),
        ("RINGRIFT_MIN_OPENING_DIVERSITY", .int),
        ("RINGRIFT_CURRICULUM_TARGET_WINRATE", .float),
        ("RINGRIFT_CURRICULUM_MIN_GAMES", .int),
        ("RINGRIFT_CURRICULUM_BOOST", .float),
        ("RINGRIFT_ENSEMBLE_TOP_N", .int),
        ("RINGRIFT_ENSEMBLE_MIN_MODELS", .int),
        ("RINGRIFT_ENSEMBLE_INTERVAL", .float),
        ("RINGRIFT_HYPERPARAM_INTERVAL", .float),
        ("RINGRIFT_ELO_PLATEAU_HOURS", .float),
        ("RINGRIFT_REBALANCE_HOURS", .float),
        ("RINGRIFT_MAX_LOSS_SPIKE", .float),
        ("RINGRIFT_MIN_CHECKPOINT_ACCURACY", .float),
        ("RINGRIFT_REGRESSION_POSITIONS", .int),
        ("RINGRIFT_MAX_REGRESSION", .float),
    ]

    static func check(_ environment: P2PEnvironment) throws(P2PStartupFailure) {
        for (name, kind) in variables {
            switch kind {
            case .int: _ = try environment.int(name, default: 0, empty: .isText)
            case .float: _ = try environment.float(name, default: 0, empty: .isText)
            }
        }
    }
}
