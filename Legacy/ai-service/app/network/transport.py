"""Which way to reach a node: the statistics of a transport nobody has used yet (contract page 03, section 3.9)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass
class HybridTransport:
    """Statistics by node. Entries appear with a diagnosis, a route the double lacks, so there are none."""

    nodes: dict[str, dict[str, Any]] = field(default_factory=dict)
