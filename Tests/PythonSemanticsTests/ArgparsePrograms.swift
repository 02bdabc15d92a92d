import PythonSemantics

/// The command lines of the two loops, from `cli.json` of the contract and their help texts: material for the engine's
/// tests until the loops own them.
enum ArgparsePrograms {
    static let unifiedLoop = ArgumentParserSpec(
        prog: "unified_ai_loop.py", description: "Unified AI Self-Improvement Loop", unifiedLoopOptions)

    static let improvementLoop = ArgumentParserSpec(
        prog: "run_improvement_loop.py", description: "AlphaZero-style continuous improvement loop for RingRift AI",
        improvementLoopOptions)

    private static let unifiedLoopOptions: [ArgumentSpec] = [
        ArgumentSpec("--start", action: .storeTrue, help: "Start the daemon in background"),
        ArgumentSpec("--foreground", "-f", action: .storeTrue, help: "Run in foreground"),
        ArgumentSpec("--stop", action: .storeTrue, help: "Stop the daemon"),
        ArgumentSpec("--status", action: .storeTrue, help: "Show daemon status"),
        ArgumentSpec("--config", default: "config/unified_loop.yaml", type: .string, help: "Config file path"),
        ArgumentSpec("--verbose", "-v", action: .storeTrue, help: "Verbose output"),
        ArgumentSpec("--dry-run", action: .storeTrue, help: "Dry run mode - simulate without executing"),
        ArgumentSpec("--metrics-port", default: 9090, type: .int, help: "Prometheus metrics port"),
        ArgumentSpec("--no-metrics", action: .storeTrue, help: "Disable Prometheus metrics"),
        ArgumentSpec("--halt", action: .storeTrue, help: "Set emergency halt flag to stop all loops"),
        ArgumentSpec("--resume", action: .storeTrue, help: "Clear emergency halt flag to allow restart"),
    ]

    private static let improvementLoopOptions: [ArgumentSpec] = [
        ArgumentSpec(
            "--board", default: "square8", type: .string, choices: ["square8", "square19", "hexagonal"],
            help: "Board type to train on"),
        ArgumentSpec("--players", default: 2, type: .int, choices: [2, 3, 4], help: "Number of players"),
        ArgumentSpec("--iterations", default: 100, type: .int, help: "Number of improvement iterations"),
        ArgumentSpec("--games-per-iter", default: 100, type: .int, help: "Selfplay games per iteration"),
        ArgumentSpec(
            "--replay-db", type: .string,
            help: """
                Path to the canonical training-pool GameReplayDB used for dataset export/training. In canonical
                mode, self-play games are recorded into per-iteration staging DBs and then ingested into this DB
                (per-game parity + canonical-history gates). Default: data/games/canonical_<board>[_<players>p].db
                (canonical mode) or data/games/selfplay.db (--allow-legacy).
                """),
        ArgumentSpec(
            "--staging-db-dir", default: "data/games/staging/improvement_loop", type: .string,
            help: """
                Directory for per-iteration staging GameReplayDBs (canonical mode only). These DBs are gated and
                ingested into --replay-db.
                """),
        ArgumentSpec(
            "--ingest-scan-dir", action: .append, default: [],
            help: """
                Additional directories to scan for staging GameReplayDBs to ingest each iteration (repeatable). Use
                this to include CMA-ES, hybrid, soak, and other sources as long as they pass per-game parity +
                canonical-history gates.
                """),
        ArgumentSpec(
            "--holdout-db", type: .string,
            help: """
                Optional path to write holdout (tournament/eval) games into a separate DB. Default:
                data/games/holdouts/holdout_<board>_<players>p.db
                """),
        ArgumentSpec(
            "--quarantine-db", type: .string,
            help: """
                Optional path to write games that fail gates into a quarantine DB. Default:
                data/games/quarantine/quarantine_<board>_<players>p.db
                """),
        ArgumentSpec(
            "--registry", default: "TRAINING_DATA_REGISTRY.md", type: .string,
            help: """
                Path to TRAINING_DATA_REGISTRY.md for canonical-source validation (default:
                TRAINING_DATA_REGISTRY.md).
                """),
        ArgumentSpec(
            "--allow-pending-gate", action: .storeTrue,
            help: """
                Allow registry Status=pending_gate as long as the referenced gate summary JSON reports
                canonical_ok=true and a passing parity gate.
                """),
        ArgumentSpec(
            "--allow-legacy", action: .storeTrue,
            help: """
                Allow training from non-canonical replay DBs. This bypasses canonical gating and uses the legacy
                selfplay soak; use only for ablations/debugging.
                """),
        ArgumentSpec(
            "--promotion-threshold", default: 0.55, type: .float,
            help: "Win rate threshold for model promotion"),
        ArgumentSpec(
            "--promotion-confidence", default: 0.95, type: .float,
            help: "Wilson CI confidence level for promotion gate (default: 0.95)."),
        ArgumentSpec(
            "--promotion-pool-size", default: 5, type: .int,
            help: """
                Number of additional pool opponents to evaluate against before promoting. Set to 0 to disable the
                pool gate (default: 5).
                """),
        ArgumentSpec(
            "--promotion-pool-games-per-opponent", default: 20, type: .int,
            help: "Games per pool opponent when --promotion-pool-size > 0 (default: 20)."),
        ArgumentSpec(
            "--promotion-pool-threshold", default: 0.5, type: .float,
            help: """
                Win-rate threshold (Wilson CI lower bound) for the aggregated pool gate. Default: 0.5
                (non-regression).
                """),
        ArgumentSpec(
            "--publish-ringrift-best-alias", action: .storeTrue,
            help: """
                After promoting a new best model, also publish ringrift_best_* aliases under ai-service/models/ so
                the canonical difficulty ladder can pick up the new checkpoint.
                """),
        ArgumentSpec(
            "--sync-staging", action: .storeTrue,
            help: """
                After publishing ringrift_best_* aliases, sync promoted artifacts to staging via
                scripts/sync_staging_ai_artifacts.py (requires RINGRIFT_STAGING_* env vars).
                """),
        ArgumentSpec(
            "--sync-staging-no-restart", action: .storeTrue,
            help: "When used with --sync-staging, do not restart docker compose services after syncing."),
        ArgumentSpec(
            "--sync-staging-validate-health", action: .storeTrue,
            help: "When used with --sync-staging, validate /internal/ladder/health on staging after sync."),
        ArgumentSpec(
            "--sync-staging-fail-on-missing", action: .storeTrue,
            help: "When used with --sync-staging-validate-health, exit non-zero if staging reports missing artifacts."),
        ArgumentSpec(
            "--eval-games", default: 100, type: .int,
            help: "Number of evaluation games per iteration (default: 100)."),
        ArgumentSpec(
            "--max-moves", default: 10000, type: .int,
            help: "Maximum moves per game before applying evaluation tie-breaks (default: 10000)."),
        ArgumentSpec(
            "--selfplay-difficulty-band", default: "canonical", type: .string, choices: ["canonical", "light"],
            help: """
                Difficulty band for canonical self-play. 'canonical' samples across the full ladder (includes
                MCTS/Descent+NN); 'light' restricts to Random/Heuristic/Minimax for speed. (default: canonical)
                """),
        ArgumentSpec(
            "--selfplay-engine-mode", default: "mixed", type: .string,
            choices: [
                "descent-only", "mixed", "random-only", "heuristic-only", "minimax-only",
                "mcts-only", "nn-only", "best-vs-pool",
            ],
            help: """
                Self-play engine selection strategy forwarded to scripts/run_self_play_soak.py (default: mixed). Use
                'best-vs-pool' for best-vs-recent-checkpoint self-play (with seat rotation for 3–4p).
                """),
        ArgumentSpec(
            "--selfplay-nn-pool-size", default: 0, type: .int,
            help: """
                When set, diversify neural tiers by sampling from up to N recent NN checkpoints (excluding the best
                alias). (default: 0)
                """),
        ArgumentSpec(
            "--selfplay-nn-pool-dir", type: .string,
            help: """
                Optional directory to scan for NN checkpoints to populate the pool (defaults to ai-service/models/
                when unset).
                """),
        ArgumentSpec(
            "--dataset-policy-target", default: "mcts_visits", type: .string,
            choices: [
                "played", "mcts_visits", "descent_softmax",
            ],
            help: """
                Policy target source for exported datasets. 'played' exports 1-hot played moves (fast).
                'mcts_visits' or 'descent_softmax' runs search-based reanalysis to produce soft policy targets
                (stronger). (default: mcts_visits)
                """),
        ArgumentSpec(
            "--dataset-max-games", type: .int,
            help: """
                Optional cap on number of most-recent games to include when exporting/reanalyzing datasets. When
                unset, uses up to 10k games from the DB.
                """),
        ArgumentSpec(
            "--legacy-maxn-encoding", action: .storeTrue,
            help: """
                Export/reanalyze datasets using the legacy MAX_N policy encoding (larger action space). Default is
                board-aware encoding for square boards to support v3 training.
                """),
        ArgumentSpec(
            "--policy-search-think-time-ms", default: 50, type: .int,
            help: "Search think time (ms) for reanalysis policy targets (default: 50)."),
        ArgumentSpec(
            "--policy-temperature", default: 1.0, type: .float,
            help: "Softmax temperature for descent_softmax reanalysis (default: 1.0)."),
        ArgumentSpec(
            "--policy-nn-model-id", type: .string,
            help: """
                Optional NeuralNetAI nn_model_id prefix for reanalysis search. When unset, uses the current best
                model file stem if available.
                """),
        ArgumentSpec(
            "--max-consecutive-failures", default: 5, type: .int,
            help: "Rollback after this many consecutive non-improvements"),
        ArgumentSpec(
            "--parallel-validation-workers", default: 1, type: .int,
            help: """
                Number of parallel workers for config/history validation during ingest. Set to 8+ to reduce
                validation time from ~30min to ~5min. (default: 1 = sequential)
                """),
        ArgumentSpec(
            "--parallel-pool-eval", action: .storeTrue,
            help: """
                Run pool opponent evaluations in parallel using concurrent.futures. Reduces pool eval time from
                30-60min to ~15min.
                """),
        ArgumentSpec(
            "--overlapped-selfplay", action: .storeTrue, default: true,
            help: """
                Enable overlapped pipeline: start selfplay for iteration N+1 while training/eval for N is running.
                Reduces total iteration time by ~30%%. (default: enabled)
                """),
        ArgumentSpec(
            "--no-overlapped-selfplay", action: .storeFalse,
            help: "Disable overlapped pipeline (run stages sequentially).",
            dest: "overlapped_selfplay"),
        ArgumentSpec(
            "--adaptive", action: .storeTrue,
            help: """
                Enable adaptive controller for dynamic loop behavior. Includes plateau detection, dynamic game
                counts, and early stopping.
                """),
        ArgumentSpec(
            "--plateau-threshold", default: 5, type: .int,
            help: """
                Number of iterations without improvement before plateau detection (default: 5). Only used with
                --adaptive.
                """),
        ArgumentSpec(
            "--adaptive-state-file", type: .string,
            help: """
                Path to adaptive controller state file for persistence across runs. Default:
                logs/improvement/<board>_<players>p_adaptive.json
                """),
        ArgumentSpec(
            "--tournament-every-n-iterations", default: 0, type: .int,
            help: """
                Run diverse tournaments every N iterations (0 = disabled). Tournaments generate games across all
                board/player configs for Elo calibration.
                """),
        ArgumentSpec(
            "--tournament-on-promotion", action: .storeTrue,
            help: "Run diverse tournaments after each model promotion."),
        ArgumentSpec(
            "--tournament-board-types", default: "square8", type: .string,
            help: """
                Comma-separated board types for tournaments (default: square8). Use 'all' for
                square8,square19,hexagonal.
                """),
        ArgumentSpec(
            "--tournament-player-counts", default: "2", type: .string,
            help: "Comma-separated player counts for tournaments (default: 2). Use 'all' for 2,3,4."),
        ArgumentSpec(
            "--tournament-games-per-config", default: 10, type: .int,
            help: "Games per board/player configuration in tournaments (default: 10)."),
        ArgumentSpec(
            "--tournament-cluster-config", type: .string,
            help: "Path to cluster config for distributed tournaments (default: config/distributed_hosts.yaml)."),
        ArgumentSpec(
            "--tournament-local-only", action: .storeTrue,
            help: "Run tournaments locally only, without distributed execution."),
        ArgumentSpec("--resume", action: .storeTrue, help: "Resume from checkpoint"),
        ArgumentSpec("--dry-run", action: .storeTrue, help: "Print commands without executing"),
        ArgumentSpec("--state-file", type: .path, help: "Path to state checkpoint file"),
    ]
}
