"""The node itself: construction in the order its log lines tell (contract page 01, sections 2.6 and 2.7)."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from aiohttp import web

from app.config import settings
from app.config.identity import IdentityMixin
from app.config.paths import STATE_DIR
from app.http.routes import build_application
from app.leadership.handlers import LeadershipHandlersMixin
from app.models.node import NodeRole
from app.network.loops import VoterLoopMixin
from app.network.nat import NatMixin
from app.network.transport import HybridTransport
from app.observability.monitoring import MonitoringManager
from app.observability.pages import PagesMixin
from app.observability.systemd import systemd_notify_ready
from app.scheduling.handlers import JobHandlersMixin
from app.training.cycles import ImprovementCycleManager
from app.training.elo_sync import EloSyncManager

BACKLOG = 1024
SETTLE_SECONDS = 5


class P2POrchestrator(
    VoterLoopMixin, NatMixin, LeadershipHandlersMixin, JobHandlersMixin, PagesMixin, IdentityMixin
):
    """One node of a cluster: constructed with the options of the command line, run until a signal ends it."""

    def __init__(
        self,
        node_id: str,
        host: str = "0.0.0.0",
        port: int = settings.DEFAULT_PORT,
        known_peers: list[str] | None = None,
        ringrift_path: str | None = None,
        advertise_host: str | None = None,
        advertise_port: int | None = None,
        auth_token: str | None = None,
        require_auth: bool = False,
        storage_type: str = "disk",
        relay_peers: list[str] | None = None,
    ) -> None:
        self.node_id, self.host, self.port = node_id, host, port
        self.known_peers, self.relay_peers = list(known_peers or []), set(relay_peers or [])
        self.storage_type, self.ramdrive_path = storage_type, settings.RAMDRIVE_PATH
        self.ringrift_path = ringrift_path or self._detect_ringrift_path()
        self._git_safe_directory = os.path.abspath(self.ringrift_path)
        self.build_version = self._detect_build_version()
        self.start_time = time.time()
        self.verbose = bool(os.environ.get("RINGRIFT_P2P_VERBOSE", "").strip())
        self._resolve_advertised(advertise_host, advertise_port)
        self._require_token(auth_token, require_auth)
        self._init_voters()
        self._init_runtime_state()
        self._init_managers()
        self.db_path = STATE_DIR / f"{node_id}_state.db"
        self._init_database()
        print(f"[P2P] Safeguards: rate_limit={settings.SPAWN_RATE_LIMIT_PER_MINUTE}/min,"
              f" load_max={settings.LOAD_AVERAGE_MAX_MULTIPLIER}x, agent_mode={self.agent_mode}")
        self._load_state()
        if self.leader_id == self.node_id:
            self.role = NodeRole.LEADER
        self.self_info = self._create_self_info()
        self._introduce()
        self.hybrid_transport = HybridTransport()
        print("[P2P] HybridTransport: enabled (HTTP with SSH fallback for Vast)")

    def _resolve_advertised(self, host: str | None, port: int | None) -> None:
        """The address peers are told."""
        named = (host or os.environ.get("RINGRIFT_ADVERTISE_HOST", "")).strip()
        self.advertise_host = named or self._get_tailscale_ip() or self._get_local_ip()
        self.advertise_port = port if port is not None else self._infer_advertise_port()

    def _require_token(self, option: str | None, required: bool) -> None:
        """Find the token; its absence is an error where one is required."""
        self.auth_token, self.require_auth = self._resolve_auth_token(option), required
        if required and not self.auth_token:
            sources = f"{settings.AUTH_TOKEN_ENV}/{settings.AUTH_TOKEN_FILE_ENV}/--auth-token"
            raise ValueError(f"--require-auth set but {sources} is empty")

    def _init_voters(self) -> None:
        """Voters named in the environment or the hosts file."""
        self.voter_node_ids = self._load_voter_node_ids()
        self.voter_quorum_size = min(settings.VOTER_MIN_QUORUM, len(self.voter_node_ids))
        if self.voter_node_ids:
            print(f"[P2P] Voter quorum enabled: voters={len(self.voter_node_ids)},"
                  f" quorum={self.voter_quorum_size} ({', '.join(self.voter_node_ids)})")

    def _init_managers(self) -> None:
        """Helpers with files or processes of their own; a node goes on without one that fails."""
        root = Path(self.ringrift_path)
        self.improvement_cycle_manager = self._try_manager(
            "ImprovementCycleManager", lambda: ImprovementCycleManager(STATE_DIR / f"{self.node_id}_improvement.db"))
        self.monitoring_manager = self._try_manager(
            "MonitoringManager", lambda: MonitoringManager(self.node_id, root / "monitoring"))
        elo_db = root / "ai-service" / "data" / "unified_elo.db"
        self.elo_sync_manager = self._try_manager("EloSyncManager", lambda: EloSyncManager(elo_db), f" (db: {elo_db})")

    @staticmethod
    def _try_manager(name: str, make: Callable[[], Any], detail: str = "") -> Any:
        """A manager, or nothing when it cannot be made; either is told."""
        try:
            manager = make()
        except Exception as error:
            print(f"[P2P] Failed to initialize {name}: {error}")
            return None
        print(f"[P2P] {name} initialized{detail}")
        return manager

    def _introduce(self) -> None:
        """Say who we are."""
        print(f"[P2P] Initialized node {self.node_id} on {self.host}:{self.port}"
              f" (advertise {self.advertise_host}:{self.advertise_port})")
        print(f"[P2P] RingRift path: {self.ringrift_path}")
        print(f"[P2P] Version: {self.build_version}")
        print(f"[P2P] Known peers: {self.known_peers}")
        if self.relay_peers:
            print(f"[P2P] Relay peers (forced relay mode): {list(self.relay_peers)}")
        if self.auth_token:
            print(f"[P2P] Auth: enabled via {settings.AUTH_TOKEN_ENV}")
        else:
            print(f"[P2P] Auth: disabled (set {settings.AUTH_TOKEN_ENV} to enable)")

    async def run(self) -> None:
        """Serve and keep the loops going until cancelled; the server is closed on the way out."""
        runner = web.AppRunner(build_application(self))
        await runner.setup()
        try:
            site = web.TCPSite(runner, self.host, self.port, reuse_address=True, backlog=BACKLOG)
            await site.start()
            print(f"[P2P] HTTP server started on {self.host}:{self.port} (backlog={BACKLOG})")
            systemd_notify_ready()
            await self._run_loops()
        finally:
            await runner.cleanup()

    async def _run_loops(self) -> None:
        """Start the loops, join the cluster, then wait for the loops."""
        loops = (self._heartbeat_loop, self._voter_heartbeat_loop, self._nat_management_loop)
        tasks = [asyncio.create_task(loop()) for loop in loops]
        try:
            await self._join_cluster()
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()

    async def _join_cluster(self) -> None:
        """Give the first heartbeats time, then see to it that somebody leads."""
        await asyncio.sleep(SETTLE_SECONDS)
        if not self.leader_id and not self._maybe_adopt_leader_from_peers():
            await self._start_election()
