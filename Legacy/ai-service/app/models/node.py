"""The record each node keeps of itself and of its peers (contract page 02, sections 2 and 3)."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, fields
from enum import Enum
from typing import Any

from app.config import settings

GPU_POWER: tuple[tuple[str, int], ...] = (
    ("H100", 2000), ("H200", 2500), ("A100", 624), ("A10G", 250), ("A10", 250), ("L40", 362), ("V100", 125),
    ("5090", 419), ("5080", 300), ("5070", 200), ("4090", 330), ("4080", 242), ("4070", 184), ("4060", 120),
    ("3090", 142), ("3080", 119), ("3070", 81), ("3060", 51),
    ("Apple M3", 30), ("Apple M2", 25), ("Apple M1", 20), ("Apple MPS", 15), ("Unknown", 10),
)
UNRANKED_GPU_POWER = 10


class NodeRole(str, Enum):
    """What a node is in its cluster."""

    LEADER = "leader"
    FOLLOWER = "follower"
    CANDIDATE = "candidate"


@dataclass
class NodeInfo:
    """One node as its peers see it. Values keep the type they arrived with; nothing is checked here."""

    node_id: str
    host: str
    port: int
    scheme: str = "http"
    role: NodeRole = NodeRole.FOLLOWER
    last_heartbeat: float = 0.0
    cpu_count: int = 0
    cpu_percent: float = 0.0
    memory_percent: float = 0.0
    disk_percent: float = 0.0
    gpu_percent: float = 0.0
    gpu_memory_percent: float = 0.0
    selfplay_jobs: int = 0
    training_jobs: int = 0
    has_gpu: bool = False
    gpu_name: str = ""
    memory_gb: int = 0
    capabilities: list[str] = field(default_factory=list)
    version: str = "1.0.0"
    reported_host: str = ""
    reported_port: int = 0
    consecutive_failures: int = 0
    last_failure_time: float = 0.0
    disk_cleanup_needed: bool = False
    oom_events: int = 0
    last_oom_time: float = 0.0
    nat_blocked: bool = False
    nat_blocked_since: float = 0.0
    last_nat_probe: float = 0.0
    relay_via: str = ""
    retired: bool = False
    retired_at: float = 0.0

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> NodeInfo:
        """Read a record off the wire; unknown keys are dropped, a bad role or a missing address raises."""
        known = data.copy()
        known["role"] = NodeRole(known.get("role", NodeRole.FOLLOWER.value))
        return cls(**{key: value for key, value in known.items() if key in _FIELD_NAMES})

    def to_dict(self) -> dict[str, Any]:
        """The wire form: every field in order, then five figures derived from them."""
        wire: dict[str, Any] = {name: getattr(self, name) for name in _FIELD_ORDER}
        wire["role"] = self.role.value
        wire["load_score"] = self.get_load_score()
        wire["gpu_power_score"] = self.gpu_power_score()
        wire["cpu_power_score"] = self.cpu_power_score()
        wire["is_cpu_only_node"] = not self.has_gpu
        wire["is_cuda_gpu_node"] = self.is_gpu_node()
        return wire

    def is_alive(self) -> bool:
        """Whether a sign of life came within the peer timeout; a clock ahead of ours counts as alive."""
        return time.time() - self.last_heartbeat < settings.PEER_TIMEOUT

    def is_healthy(self) -> bool:
        """Alive, in service and below the warning marks."""
        return (
            self.is_alive()
            and not self.retired
            and self.disk_percent < settings.DISK_WARNING_THRESHOLD
            and self.memory_percent < settings.MEMORY_WARNING_THRESHOLD
            and self.get_load_score() < settings.LOAD_MAX_FOR_NEW_JOBS
        )

    def should_retry(self) -> bool:
        """Whether it is worth contacting this peer again."""
        since_failure = time.time() - self.last_failure_time
        if self.retired:
            return since_failure > settings.RETRY_RETIRED_NODE_INTERVAL
        if self.consecutive_failures < settings.MAX_CONSECUTIVE_FAILURES:
            return True
        return since_failure > settings.RETRY_DEAD_NODE_INTERVAL

    def get_load_score(self) -> float:
        """Load from 0 to 100: processor, memory and jobs, with the GPU mixed in where one is busy."""
        job_score = min(100.0, (self.selfplay_jobs + 2 * self.training_jobs) * 12.5)
        load = self.cpu_percent * 0.4 + self.memory_percent * 0.3 + job_score * 0.3
        if self.has_gpu and self.gpu_percent > 0:
            load = load * 0.7 + self.gpu_percent * 0.3
        return min(100.0, load)

    def is_gpu_node(self) -> bool:
        """Whether the GPU is a CUDA one."""
        name = self.gpu_name.upper() if self.has_gpu else ""
        return self.has_gpu and "MPS" not in name and "APPLE" not in name

    def gpu_power_score(self) -> int:
        """Rank of the GPU; machines with much memory are taken to hold several."""
        if not self.has_gpu or not self.gpu_name:
            return 0
        name = self.gpu_name.upper()
        for key, score in GPU_POWER:
            if key.upper() in name:
                return score * max(1, self.memory_gb // 80) if self.memory_gb > 100 else score
        return UNRANKED_GPU_POWER

    def cpu_power_score(self) -> int:
        """Core count, weighted by what the name says about the provider."""
        if not self.cpu_count or self.cpu_count < 0:
            return 0
        name = (self.node_id or "").lower()
        if "vast" in name:
            return int(self.cpu_count * 1.5)
        if "lambda" in name:
            return int(self.cpu_count * 0.5)
        if "aws" in name and "cpu" in name:
            return int(self.cpu_count * 1.2)
        return self.cpu_count


_FIELD_ORDER = tuple(f.name for f in fields(NodeInfo))
_FIELD_NAMES = frozenset(_FIELD_ORDER)
