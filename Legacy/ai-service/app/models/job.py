"""Jobs a node runs (contract page 02, sections 2 and 4)."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import Enum
from typing import Any


class JobType(str, Enum):
    """Kinds of work, in the order the cluster declares them."""

    SELFPLAY = "selfplay"
    GPU_SELFPLAY = "gpu_selfplay"
    HYBRID_SELFPLAY = "hybrid_selfplay"
    CPU_SELFPLAY = "cpu_selfplay"
    TRAINING = "training"
    CMAES = "cmaes"
    DISTRIBUTED_CMAES_COORDINATOR = "distributed_cmaes_coordinator"
    DISTRIBUTED_CMAES_WORKER = "distributed_cmaes_worker"
    DISTRIBUTED_TOURNAMENT_COORDINATOR = "distributed_tournament_coordinator"
    DISTRIBUTED_TOURNAMENT_WORKER = "distributed_tournament_worker"
    IMPROVEMENT_LOOP = "improvement_loop"
    DATA_EXPORT = "data_export"
    DATA_AGGREGATION = "data_aggregation"


SELFPLAY_TYPES = frozenset({JobType.SELFPLAY, JobType.GPU_SELFPLAY, JobType.HYBRID_SELFPLAY, JobType.CPU_SELFPLAY})


@dataclass
class ClusterJob:
    """One job of one node; only the first nine fields survive a restart."""

    job_id: str
    job_type: JobType
    node_id: str
    board_type: str = "square8"
    num_players: int = 2
    engine_mode: str = "descent-only"
    pid: int = 0
    started_at: float = 0.0
    status: str = "running"
    coordinator_node: str = ""
    worker_port: int = 8766
    config_json: str = ""

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> ClusterJob:
        """Read a job; unlike a node record it refuses keys it does not know."""
        known = data.copy()
        known["job_type"] = JobType(known.get("job_type", JobType.SELFPLAY.value))
        return cls(**known)

    def to_dict(self) -> dict[str, Any]:
        """The JSON form, fields in order."""
        return {**asdict(self), "job_type": self.job_type.value}
