"""Where the double lives and where it writes."""

from __future__ import annotations

import os
from pathlib import Path

AI_SERVICE_DIR = Path(os.path.abspath(__file__)).parents[2]
STATE_DIR = AI_SERVICE_DIR / "logs" / "p2p_orchestrator"
COORDINATION_DB = AI_SERVICE_DIR / "data" / "coordination.db"
RESOURCE_STATE_DB = AI_SERVICE_DIR / "data" / "coordination" / "resource_state.db"
UNIFIED_LOOP_YAML = AI_SERVICE_DIR / "config" / "unified_loop.yaml"
DASHBOARD_HTML = AI_SERVICE_DIR / "scripts" / "dashboard_assets" / "dashboard.html"

_USUAL_CHECKOUTS = ("~/Development/RingRift", "~/ringrift", "/home/ubuntu/ringrift", "/root/ringrift")


def find_ringrift_path() -> str:
    """The first usual checkout that holds an ``ai-service`` folder, else the checkout this file belongs to."""
    for candidate in map(Path, map(os.path.expanduser, _USUAL_CHECKOUTS)):
        if (candidate / "ai-service").exists():
            return str(candidate)
    return str(AI_SERVICE_DIR.parent)
