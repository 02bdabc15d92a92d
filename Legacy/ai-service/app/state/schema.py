"""Tables of the node's state database (contract page 01, section 6.1)."""

from __future__ import annotations

STATE_SCHEMA: tuple[str, ...] = (
    """CREATE TABLE IF NOT EXISTS peers (
        node_id TEXT PRIMARY KEY, host TEXT, port INTEGER, last_heartbeat REAL, info_json TEXT )""",
    """CREATE TABLE IF NOT EXISTS jobs (
        job_id TEXT PRIMARY KEY, job_type TEXT, node_id TEXT, board_type TEXT, num_players INTEGER,
        engine_mode TEXT, pid INTEGER, started_at REAL, status TEXT )""",
    "CREATE TABLE IF NOT EXISTS state ( key TEXT PRIMARY KEY, value TEXT )",
    """CREATE TABLE IF NOT EXISTS metrics_history (
        id INTEGER PRIMARY KEY AUTOINCREMENT, timestamp REAL NOT NULL, metric_type TEXT NOT NULL, board_type TEXT,
        num_players INTEGER, value REAL NOT NULL, metadata TEXT )""",
    """CREATE INDEX IF NOT EXISTS idx_metrics_type_time
        ON metrics_history(metric_type, timestamp) """,
    """CREATE INDEX IF NOT EXISTS idx_metrics_config
        ON metrics_history(board_type, num_players, timestamp) """,
    """CREATE TABLE IF NOT EXISTS ab_tests (
        test_id TEXT PRIMARY KEY, name TEXT NOT NULL, description TEXT, board_type TEXT NOT NULL,
        num_players INTEGER NOT NULL, model_a TEXT NOT NULL, model_b TEXT NOT NULL, target_games INTEGER DEFAULT 100,
        confidence_threshold REAL DEFAULT 0.95, status TEXT DEFAULT 'running', winner TEXT, created_at REAL NOT NULL,
        completed_at REAL, metadata TEXT )""",
    """CREATE TABLE IF NOT EXISTS ab_test_games (
        id INTEGER PRIMARY KEY AUTOINCREMENT, test_id TEXT NOT NULL, game_id TEXT NOT NULL,
        model_a_result TEXT NOT NULL, model_a_score REAL NOT NULL, model_b_score REAL NOT NULL, game_length INTEGER,
        played_at REAL NOT NULL, metadata TEXT, FOREIGN KEY (test_id) REFERENCES ab_tests(test_id) )""",
    """CREATE INDEX IF NOT EXISTS idx_ab_games_test
        ON ab_test_games(test_id, played_at) """,
)
