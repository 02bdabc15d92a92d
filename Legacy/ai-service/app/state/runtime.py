"""The attributes of a node, named as the cutover toolkit knows them (contract data/slices.json).

The subsystem mixins share this state. Lazily created attributes (``_original_voters`` and its like) are absent until
first use, because their absence carries meaning; they are declared here without a value.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from app.config import settings
from app.models.job import ClusterJob
from app.models.node import NodeInfo, NodeRole


class NodeState:
    """Configuration, membership, leadership and jobs of one node, in memory."""

    node_id: str
    host: str
    port: int
    ringrift_path: str
    storage_type: str
    ramdrive_path: str
    build_version: str
    start_time: float
    auth_token: str
    require_auth: bool
    verbose: bool
    db_path: Path
    _git_safe_directory: str

    advertise_host: str
    advertise_port: int
    known_peers: list[str]
    relay_peers: set[str]
    self_info: NodeInfo

    voter_node_ids: list[str]
    voter_quorum_size: int
    voter_config_source: str
    leader_lease_expires: Any  # an announcement may set anything JSON can hold
    leader_lease_id: Any

    _original_voters: list[str]
    _partition_election_started: float
    _leader_degraded_since: float
    _tailscale_priority: bool
    _tailscale_priority_until: float

    improvement_cycle_manager: Any
    monitoring_manager: Any
    elo_sync_manager: Any
    hybrid_transport: Any

    def _init_runtime_state(self) -> None:
        """Everything a fresh node starts empty or at zero."""
        self.running = True
        self._background: set[asyncio.Task[Any]] = set()
        self._init_network_state()
        self._init_leadership_state()
        self._init_work_state()

    def _init_network_state(self) -> None:
        """Peers and the stamps of their heartbeats."""
        self.peers: dict[str, NodeInfo] = {}
        self.peers_lock = threading.RLock()
        self.relay_lock = threading.RLock()
        self.relay_command_queue: dict[str, list[dict[str, Any]]] = {}
        self.pending_relay_acks: set[str] = set()
        self.pending_relay_results: list[dict[str, Any]] = []
        self.relay_command_attempts: dict[str, int] = {}
        self.last_peer_bootstrap = 0.0
        self.last_inbound_heartbeat = 0.0
        self.last_relay_heartbeat = 0.0

    def _init_leadership_state(self) -> None:
        """A follower without a leader, holding and granting nothing."""
        self.role = NodeRole.FOLLOWER
        self.leader_id: str | None = None
        self.leader_lease_id = ""
        self.leader_lease_expires = 0.0
        self.last_lease_renewal = 0.0
        self.voter_grant_leader_id = ""
        self.voter_grant_lease_id = ""
        self.voter_grant_expires = 0.0
        self.election_in_progress = False
        self.last_election_attempt = 0.0
        self.last_leader_seen = time.time()

    def _init_work_state(self) -> None:
        """Jobs, and the counters the status page shows."""
        self.local_jobs: dict[str, ClusterJob] = {}
        self.jobs_lock = threading.RLock()
        self.spawn_timestamps: list[float] = []
        self.agent_mode = settings.AGENT_MODE_ENABLED
        self.coordinator_url = settings.COORDINATOR_URL
        self.coordinator_available = False
        self.last_coordinator_check = 0.0
        self._monitoring_was_leader = False
        self.diversity_metrics: dict[str, Any] = {
            "games_by_engine_mode": {}, "games_by_board_config": {}, "games_by_difficulty": {},
            "asymmetric_games": 0, "symmetric_games": 0, "training_triggers": 0, "cmaes_triggers": 0,
            "promotions": 0, "rollbacks": 0, "last_reset": time.time(),
        }

    def _spawn(self, work: Coroutine[Any, Any, Any]) -> None:
        """Run something beside the current request; without a running loop it is dropped."""
        try:
            task = asyncio.get_running_loop().create_task(work)
        except RuntimeError:
            work.close()
            return
        self._background.add(task)
        task.add_done_callback(self._background.discard)
