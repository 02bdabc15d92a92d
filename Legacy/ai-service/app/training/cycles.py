"""Improvement cycles: one for each board and player count, with a small database of their own (contract page 09)."""

from __future__ import annotations

import json
import os
import sqlite3
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import yaml

from app.config.paths import AI_SERVICE_DIR
from app.config.settings import env_int
from app.state.sqlite import connection, create_schema

CYCLE_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS state ( key TEXT PRIMARY KEY, value TEXT )",
    """CREATE TABLE IF NOT EXISTS game_counts (
        board_type TEXT, num_players INTEGER, engine_mode TEXT, difficulty INTEGER, game_count INTEGER,
        last_updated REAL, PRIMARY KEY (board_type, num_players, engine_mode, difficulty) )""",
    """CREATE TABLE IF NOT EXISTS training_history (
        id INTEGER PRIMARY KEY AUTOINCREMENT, board_type TEXT, num_players INTEGER, iteration INTEGER,
        started_at REAL, completed_at REAL, games_used INTEGER, model_path TEXT, promoted INTEGER DEFAULT 0 )""",
    """CREATE TABLE IF NOT EXISTS tournament_results (
        id INTEGER PRIMARY KEY AUTOINCREMENT, agent_a TEXT, agent_b TEXT, board_type TEXT, num_players INTEGER,
        wins_a INTEGER, wins_b INTEGER, draws INTEGER, played_at REAL )""",
    """CREATE TABLE IF NOT EXISTS cycle_states (
        cycle_id TEXT PRIMARY KEY, board_type TEXT NOT NULL, num_players INTEGER NOT NULL,
        total_games INTEGER DEFAULT 0, games_since_last_training INTEGER DEFAULT 0,
        last_training_time REAL DEFAULT 0, last_cmaes_time REAL DEFAULT 0, current_iteration INTEGER DEFAULT 0,
        best_model_path TEXT, best_winrate REAL DEFAULT 0, pending_training INTEGER DEFAULT 0,
        pending_evaluation INTEGER DEFAULT 0, training_job_id TEXT, last_update REAL DEFAULT 0 )""",
)
BOARD_CONFIGS = (
    ("hexagonal", 4), ("hexagonal", 3), ("square19", 4), ("square19", 3), ("square8", 4), ("square8", 3),
    ("hexagonal", 2), ("square19", 2), ("square8", 2),
)
BUILT_IN_AGENTS = (
    ("random", 1), ("heuristic", 2), ("heuristic", 3), ("minimax", 4), ("minimax", 5), ("minimax", 6),
    ("mcts", 7), ("mcts", 8), ("descent", 9), ("neural", 10),
)
CMAES_INTERVAL = 21600
CMAES_GAMES = 10000
_ROW_COLUMNS = (
    "total_games", "games_since_last_training", "last_training_time", "last_cmaes_time", "current_iteration",
)


@dataclass
class CycleState:
    """Progress of one configuration."""

    board_type: str
    num_players: int
    total_games: int = 0
    games_since_last_training: int = 0
    last_training_time: float = 0.0
    last_cmaes_time: float = 0.0
    current_iteration: int = 0
    best_model_path: str | None = None
    prev_best_model_path: str | None = None
    pending_training: bool = False
    pending_evaluation: bool = False
    consecutive_failures: int = 0
    max_consecutive_failures: int = 5
    pending_ab_test: bool = False
    pending_ab_test_id: str | None = None
    pending_ab_test_model: str | None = None
    difficulty_stats: dict[str, Any] = field(default_factory=dict)
    curriculum_weights: dict[str, Any] = field(default_factory=dict)
    last_ensemble_time: float = 0.0
    ensemble_model_path: str | None = None
    last_hyperparam_experiment_time: float = 0.0
    pending_hyperparam_experiment: str | None = None
    last_elo_improvement_time: float = 0.0
    best_elo: float = 1500.0
    last_allocation_time: float = 0.0
    allocated_gpu_hours: float = 0.0
    last_validated_checkpoint: str | None = None
    checkpoint_validation_passed: bool = True
    regression_test_passed: bool = True
    regression_baseline_accuracy: float = 0.0

    def summary(self) -> dict[str, Any]:
        """What the status page shows."""
        return {
            "board_type": self.board_type,
            "num_players": self.num_players,
            "total_games": self.total_games,
            "games_since_training": self.games_since_last_training,
            "iteration": self.current_iteration,
            "best_model": self.best_model_path,
            "pending_training": self.pending_training,
            "pending_evaluation": self.pending_evaluation,
        }


@dataclass
class AgentVariation:
    """A player known to the cycles."""

    agent_id: str
    ai_type: str
    difficulty: int
    weights: dict[str, float] | None = None
    model_path: str | None = None
    elo_rating: float = 1500.0
    games_played: int = 0


@dataclass
class ManagerState:
    """Everything the manager keeps in its one JSON text."""

    last_update: float = 0.0
    total_games_scheduled: int = 0
    total_training_triggered: int = 0
    total_tournaments_run: int = 0
    last_cmaes_weights: dict[str, Any] = field(default_factory=dict)
    cycles: dict[str, CycleState] = field(default_factory=dict)
    agents: dict[str, AgentVariation] = field(default_factory=dict)


def training_settings() -> tuple[int, float]:
    """New games that make a training due, and the least seconds between two."""
    path = Path(os.environ.get("RINGRIFT_CONFIG_PATH", "config/unified_loop.yaml"))
    try:
        section = (yaml.safe_load((AI_SERVICE_DIR / path).read_text()) or {}).get("training") or {}
    except (OSError, yaml.YAMLError):
        section = {}
    games = env_int("RINGRIFT_TRAINING_THRESHOLD", section.get("trigger_threshold_games", 500))
    return env_int("RINGRIFT_MIN_GAMES_FOR_TRAINING", games), section.get("min_interval_seconds", 1200)


TRAINING_GAMES, TRAINING_COOLDOWN = training_settings()


class ImprovementCycleManager:
    """Loads, completes and saves the cycles. The double never trains, so they change by hand only."""

    def __init__(self, db_path: Path) -> None:
        self.db_path = db_path
        self.state = ManagerState()
        create_schema(db_path, CYCLE_SCHEMA)
        self._load()
        self._add_missing()
        self._save()

    def _load(self) -> None:
        """The JSON text first, then the rows, which replace what the text says of their cycle."""
        with connection(self.db_path) as database:
            database.row_factory = sqlite3.Row
            row = database.execute("SELECT value FROM state WHERE key = 'manager_state'").fetchone()
            if row is not None:
                self._load_text(row["value"])
            rows = database.execute("SELECT * FROM cycle_states").fetchall()
        for row in rows:
            numbers = {name: row[name] or 0 for name in _ROW_COLUMNS}
            self.state.cycles[row["cycle_id"]] = CycleState(
                row["board_type"], row["num_players"], best_model_path=row["best_model_path"],
                pending_training=bool(row["pending_training"]), pending_evaluation=bool(row["pending_evaluation"]),
                **numbers)
        if rows:
            print(f"[ImprovementManager] Loaded {len(rows)} cycles from DB table")

    def _load_text(self, text: str) -> None:
        """Take over the saved manager state; what cannot be read ends it there."""
        try:
            saved = json.loads(text)
            for name in ("last_update", "total_games_scheduled", "total_training_triggered", "total_tournaments_run",
                         "last_cmaes_weights"):
                setattr(self.state, name, saved.get(name, getattr(self.state, name)))
            for cycle_id, cycle in saved.get("cycles", {}).items():
                self.state.cycles[cycle_id] = CycleState(**cycle)
            for agent_id, agent in saved.get("agents", {}).items():
                self.state.agents[agent_id] = AgentVariation(**agent)
        except Exception as error:
            print(f"[ImprovementManager] Error loading state: {error}")

    def _add_missing(self) -> None:
        """Built-in agents and the nine configurations."""
        for ai_type, difficulty in BUILT_IN_AGENTS:
            agent_id = f"{ai_type}_d{difficulty}"
            self.state.agents.setdefault(agent_id, AgentVariation(agent_id, ai_type, difficulty))
        for board_type, num_players in BOARD_CONFIGS:
            self.state.cycles.setdefault(f"{board_type}_{num_players}p", CycleState(board_type, num_players))

    def _save(self) -> None:
        """Write the JSON text and a row for each cycle in one transaction."""
        self.state.last_update = time.time()
        with connection(self.db_path) as database:
            text = json.dumps(asdict(self.state))
            database.execute("INSERT OR REPLACE INTO state (key, value) VALUES ('manager_state', ?)", (text,))
            for cycle_id, cycle in self.state.cycles.items():
                row = (cycle_id, cycle.board_type, cycle.num_players, *(getattr(cycle, name) for name in _ROW_COLUMNS),
                       cycle.best_model_path, 0.0, int(cycle.pending_training), int(cycle.pending_evaluation), None,
                       time.time())
                database.execute(f"INSERT OR REPLACE INTO cycle_states VALUES ({', '.join('?' * len(row))})", row)

    def _is_training_due(self, cycle: CycleState, now: float) -> bool:
        """Whether a cycle has enough new games and nothing pending."""
        return (
            not cycle.pending_training and not cycle.pending_evaluation
            and now - cycle.last_training_time >= TRAINING_COOLDOWN
            and cycle.games_since_last_training >= TRAINING_GAMES)

    def get_status(self) -> dict[str, Any]:
        """The cycles as shown on status pages."""
        now = time.time()
        state, cycles = self.state, self.state.cycles.values()
        cmaes = (c for c in cycles if now - c.last_cmaes_time >= CMAES_INTERVAL and c.total_games >= CMAES_GAMES)
        return {
            "last_update": state.last_update,
            "total_games_scheduled": state.total_games_scheduled,
            "total_training_triggered": state.total_training_triggered,
            "total_tournaments_run": state.total_tournaments_run,
            "cycles": {cycle_id: cycle.summary() for cycle_id, cycle in state.cycles.items()},
            "agents_count": len(state.agents),
            "training_ready": [[c.board_type, c.num_players] for c in cycles if self._is_training_due(c, now)],
            "cmaes_ready": [[c.board_type, c.num_players] for c in cmaes],
        }
