"""Utilization marks and their (always empty) database (contract page 07, section 3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import yaml

from app.config.paths import COORDINATION_DB, UNIFIED_LOOP_YAML
from app.state.sqlite import create_schema

COORDINATION_SCHEMA = (
    """CREATE TABLE IF NOT EXISTS resource_targets (
        id INTEGER PRIMARY KEY, targets_json TEXT NOT NULL, updated_at REAL NOT NULL )""",
    """CREATE TABLE IF NOT EXISTS utilization_history (
        id INTEGER PRIMARY KEY AUTOINCREMENT, host TEXT NOT NULL, cpu_percent REAL NOT NULL,
        gpu_percent REAL NOT NULL, memory_percent REAL NOT NULL, job_count INTEGER NOT NULL,
        recorded_at REAL NOT NULL )""",
    """CREATE INDEX IF NOT EXISTS idx_util_host_time
        ON utilization_history(host, recorded_at) """,
)


@dataclass(frozen=True)
class UtilizationTargets:
    """Bounds of healthy load in percent; integers in the file stay integers and show as such."""

    cpu_min: float = 60.0
    cpu_max: float = 80.0

    @property
    def label(self) -> str:
        """The range as shown to people."""
        return f"{self.cpu_min}-{self.cpu_max}%"


def load_targets() -> UtilizationTargets:
    """Marks of the settings file; what is missing or unreadable keeps its default."""
    try:
        section: dict[str, Any] = {}
        if UNIFIED_LOOP_YAML.exists():
            section = (yaml.safe_load(UNIFIED_LOOP_YAML.read_text()) or {}).get("resource_targets") or {}
        return UtilizationTargets(section.get("cpu_min", 60.0), section.get("cpu_max", 80.0))
    except Exception as error:
        print(f"[ResourceTargets] Config load error: {error}")
        return UtilizationTargets()


def prepare_database() -> None:
    """Create the coordination database, which other programs expect to find."""
    create_schema(COORDINATION_DB, COORDINATION_SCHEMA)
