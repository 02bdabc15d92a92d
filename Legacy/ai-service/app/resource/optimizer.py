"""The record of how busy nodes were and what that means for the cluster (contract page 07, section 4)."""

from __future__ import annotations

import logging
import os
import socket
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from app.config.paths import RESOURCE_STATE_DB, UNIFIED_LOOP_YAML
from app.models.node import NodeInfo
from app.resource.targets import load_targets
from app.state.sqlite import connection, create_schema

logger = logging.getLogger(__name__)

DATABASE_TIMEOUT = 30.0
FRESH_SECONDS = 300
CACHE_SECONDS = 60
DEFAULT_SELFPLAY_RATE = 1000
GPU_MEMORY_CRITICAL, GPU_MEMORY_WARNING = 90, 80

RESOURCE_SCHEMA = (
    """CREATE TABLE IF NOT EXISTS node_resources (
        node_id TEXT PRIMARY KEY, cpu_percent REAL DEFAULT 0, gpu_percent REAL DEFAULT 0,
        memory_percent REAL DEFAULT 0, disk_percent REAL DEFAULT 0, gpu_memory_percent REAL DEFAULT 0,
        cpu_count INTEGER DEFAULT 0, gpu_count INTEGER DEFAULT 0, memory_gb REAL DEFAULT 0,
        has_gpu INTEGER DEFAULT 0, gpu_name TEXT DEFAULT '', active_jobs INTEGER DEFAULT 0,
        selfplay_jobs INTEGER DEFAULT 0, training_jobs INTEGER DEFAULT 0, orchestrator TEXT DEFAULT '',
        updated_at REAL DEFAULT 0 )""",
    """CREATE TABLE IF NOT EXISTS optimization_history (
        id INTEGER PRIMARY KEY AUTOINCREMENT, timestamp REAL NOT NULL, action TEXT NOT NULL,
        resource_type TEXT NOT NULL, current_util REAL NOT NULL, target_util REAL NOT NULL,
        adjustment INTEGER NOT NULL, nodes_affected TEXT NOT NULL, reason TEXT NOT NULL )""",
    """CREATE TABLE IF NOT EXISTS utilization_metrics (
        id INTEGER PRIMARY KEY AUTOINCREMENT, timestamp REAL NOT NULL, node_id TEXT NOT NULL,
        cpu_percent REAL NOT NULL, gpu_percent REAL, memory_percent REAL )""",
    "CREATE INDEX IF NOT EXISTS idx_util_timestamp ON utilization_metrics(timestamp)",
    "CREATE INDEX IF NOT EXISTS idx_util_node ON utilization_metrics(node_id, timestamp)",
    """CREATE TABLE IF NOT EXISTS selfplay_rate (
        id INTEGER PRIMARY KEY CHECK (id = 1), current_rate INTEGER NOT NULL DEFAULT 1000,
        min_rate INTEGER NOT NULL DEFAULT 100, max_rate INTEGER NOT NULL DEFAULT 5000,
        updated_at REAL NOT NULL, updated_by TEXT )""",
    """CREATE TABLE IF NOT EXISTS rate_negotiations (
        id INTEGER PRIMARY KEY AUTOINCREMENT, timestamp REAL NOT NULL, requestor TEXT NOT NULL,
        requested_rate INTEGER NOT NULL, reason TEXT, approved_rate INTEGER NOT NULL,
        current_utilization REAL, response TEXT )""",
    """CREATE TABLE IF NOT EXISTS config_weights (
        config_key TEXT PRIMARY KEY, weight REAL NOT NULL DEFAULT 1.0, game_count INTEGER DEFAULT 0,
        games_per_hour REAL DEFAULT 0.0, reason TEXT, updated_at REAL NOT NULL )""",
    "INSERT OR IGNORE INTO selfplay_rate VALUES (1, 1000, 100, 5000, 0, 'init')",
)


@dataclass(frozen=True)
class ClusterUse:
    """Averages over the nodes that reported lately; idle ones do not count."""

    cpu: float = 0.0
    gpu: float = 0.0
    gpu_nodes: int = 0
    gpu_memory_peak: float = 0.0


def _mean_of_busy(values: Iterable[float]) -> float:
    """Mean of the values above zero, or zero."""
    busy = [value for value in values if value > 0]
    return sum(busy) / len(busy) if busy else 0.0


class ResourceOptimizer:
    """Keeps reports in a database that other programs on this machine read too."""

    def __init__(self) -> None:
        self.orchestrator = os.environ.get("RINGRIFT_ORCHESTRATOR") or "unknown"
        self.targets = load_targets()
        self._cached = ClusterUse()
        self._cached_at = 0.0
        _announce_pid_gains()
        create_schema(RESOURCE_STATE_DB, RESOURCE_SCHEMA, DATABASE_TIMEOUT)
        name = os.environ.get("RINGRIFT_NODE_ID") or socket.gethostname()
        logger.info("ResourceOptimizer initialized: node=%s, target=%s", name, self.targets.label)

    def report(self, info: NodeInfo) -> None:
        """Replace the node's row and add one to the history."""
        now = time.time()
        row = (info.node_id, info.cpu_percent, info.gpu_percent, info.memory_percent, info.disk_percent,
               info.gpu_memory_percent, info.cpu_count, 0, info.memory_gb, int(info.has_gpu), info.gpu_name,
               info.selfplay_jobs + info.training_jobs, info.selfplay_jobs, info.training_jobs, self.orchestrator, now)
        gpu = info.gpu_percent if info.has_gpu else None
        with connection(RESOURCE_STATE_DB, DATABASE_TIMEOUT) as database:
            database.execute(f"INSERT OR REPLACE INTO node_resources VALUES ({', '.join('?' * len(row))})", row)
            database.execute(
                "INSERT INTO utilization_metrics (timestamp, node_id, cpu_percent, gpu_percent, memory_percent)"
                " VALUES (?, ?, ?, ?, ?)", (now, info.node_id, info.cpu_percent, gpu, info.memory_percent))
        self._cached_at = 0.0

    def cluster_use(self) -> ClusterUse:
        """Averages of the last five minutes, at most a minute old."""
        now = time.time()
        if now - self._cached_at >= CACHE_SECONDS:
            with connection(RESOURCE_STATE_DB, DATABASE_TIMEOUT) as database:
                rows = database.execute(
                    "SELECT cpu_percent, gpu_percent, gpu_memory_percent, has_gpu FROM node_resources"
                    " WHERE updated_at > ?", (now - FRESH_SECONDS,)).fetchall()
            gpus = [row for row in rows if row[3]]
            peak = max((row[2] for row in gpus), default=0.0)
            self._cached = ClusterUse(
                _mean_of_busy(row[0] for row in rows), _mean_of_busy(row[1] for row in gpus), len(gpus), peak)
            self._cached_at = now
        return self._cached

    def selfplay_rate(self) -> int:
        """Games an hour the cluster agreed on."""
        try:
            with connection(RESOURCE_STATE_DB, DATABASE_TIMEOUT) as database:
                row = database.execute("SELECT current_rate FROM selfplay_rate WHERE id = 1").fetchone()
        except Exception:
            return DEFAULT_SELFPLAY_RATE
        return int(row[0]) if row else DEFAULT_SELFPLAY_RATE

    def utilization(self) -> dict[str, Any]:
        """What the health page shows of the cluster."""
        use = self.cluster_use()
        return {
            "cpu_util": use.cpu,
            "gpu_util": use.gpu,
            "selfplay_rate": self.selfplay_rate(),
            "target_range": self.targets.label,
            "status": self._verdict(use),
        }

    def _verdict(self, use: ClusterUse) -> str:
        """One word for the cluster's load."""
        loads = [use.cpu, use.gpu] if use.gpu_nodes else [use.cpu]
        if use.gpu_memory_peak > GPU_MEMORY_CRITICAL:
            return "gpu_memory_critical"
        if any(load < self.targets.cpu_min for load in loads):
            return "below"
        if any(load > self.targets.cpu_max for load in loads):
            return "above"
        return "gpu_memory_warning" if use.gpu_memory_peak > GPU_MEMORY_WARNING else "optimal"


def _announce_pid_gains() -> None:
    """Log the controller gains of the first settings file that has them."""
    for path in (UNIFIED_LOOP_YAML, Path("config/unified_loop.yaml"), Path("/etc/ringrift/unified_loop.yaml")):
        if not path.exists():
            continue
        try:
            document = yaml.safe_load(path.read_text()) or {}
            gains = (document.get("resource_targets") or {}).get("pid")
        except Exception as error:
            logger.warning("Failed to load PID config: %s", error)
            return
        if gains:
            kp, ki, kd = (gains.get(key, default) for key, default in (("kp", 0.3), ("ki", 0.05), ("kd", 0.1)))
            logger.info("Loaded PID config from %s: kp=%s, ki=%s, kd=%s", path, kp, ki, kd)
            return


_shared: ResourceOptimizer | None = None


def shared_optimizer() -> ResourceOptimizer:
    """The one optimizer of this process, made at first use."""
    global _shared
    if _shared is None:
        _shared = ResourceOptimizer()
    return _shared
