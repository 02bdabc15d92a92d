"""The Elo database a node would keep in step with its cluster (contract page 10). The double only knows where it is."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass
class EloSyncManager:
    """Settings of the synchronisation; nothing is opened or created."""

    db_path: Path
    coordinator_host: str = "lambda-h100"
    sync_interval: int = 300
