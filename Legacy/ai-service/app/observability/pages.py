"""Pages for operators and for peers that probe: status, health, dashboard (contract pages 03, 06 and 12)."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

from aiohttp import web

from app.config.paths import DASHBOARD_HTML
from app.leadership.election import ElectionMixin
from app.models.node import NodeInfo, NodeRole
from app.network.addressing import EndpointKey
from app.observability.idle import IdleSectionsMixin
from app.resource.optimizer import shared_optimizer

ACTIVE_SECONDS = 120


def guarded(section: Callable[[], Any]) -> Any:
    """A section of a page, or the error it failed with."""
    try:
        return section()
    except Exception as error:
        return {"error": str(error)}


class PagesMixin(ElectionMixin, IdleSectionsMixin):
    """GET /status, /health, / and /dashboard."""

    async def handle_status(self, request: web.Request) -> web.Response:
        """GET /status: everything this node knows. A peer with impossible figures makes it fail."""
        self._update_self_info()
        return web.json_response(self._status())

    def _status(self) -> dict[str, Any]:
        """The status page. Looking for the leader comes first, for it may end our own leadership."""
        nodes = self._known_nodes()
        conflicts = self._endpoint_conflict_keys(nodes)
        leader = self._get_leader_peer()
        reported = [peer for peer in nodes[1:] if peer.role == NodeRole.LEADER and peer.is_alive()]
        eligible = [peer for peer in reported if self._is_leader_eligible(peer, conflicts)]
        manager = self.improvement_cycle_manager
        with self.jobs_lock:
            jobs = {job_id: job.to_dict() for job_id, job in self.local_jobs.items()}
        return {
            "node_id": self.node_id,
            "role": self.role.value,
            "leader_id": self.leader_id,
            "effective_leader_id": leader.node_id if leader else None,
            "leaders_reported": sorted(peer.node_id for peer in reported),
            "leaders_eligible": sorted(peer.node_id for peer in eligible),
            "voter_node_ids": list(self.voter_node_ids),
            "voter_quorum_size": self.voter_quorum_size,
            "voters_alive": self._alive_voters(),
            "voter_quorum_ok": self._has_voter_quorum(),
            "self": self.self_info.to_dict(),
            "peers": {peer.node_id: self._peer_status(peer, conflicts) for peer in nodes[1:]},
            "local_jobs": jobs,
            "alive_peers": sum(peer.is_alive() for peer in nodes[1:]),
            "improvement_cycle_manager": guarded(manager.get_status) if manager else None,
            "diversity_metrics": self._get_diversity_metrics(),
            **self._sections_before_consensus(),
            "leader_consensus": guarded(self._get_cluster_leader_consensus),
            **self._sections_after_consensus(),
        }

    def _peer_status(self, peer: NodeInfo, conflicts: set[EndpointKey]) -> dict[str, Any]:
        """A peer's record with our judgement of it."""
        return {
            **peer.to_dict(),
            "endpoint_conflict": self._endpoint_key(peer) in conflicts,
            "leader_eligible": self._is_leader_eligible(peer, conflicts, require_alive=False),
        }

    async def handle_health(self, request: web.Request) -> web.Response:
        """GET /health: 200 whatever the health is."""
        try:
            self._update_self_info()
            return web.json_response(self._health())
        except Exception as error:
            return web.json_response({"error": str(error), "healthy": False}, status=500)

    def _health(self) -> dict[str, Any]:
        """The health page."""
        now = time.time()
        info = self.self_info
        with self.peers_lock:
            active = sum(now - peer.last_heartbeat < ACTIVE_SECONDS for peer in self.peers.values())
            total = len(self.peers)
        page: dict[str, Any] = {
            "healthy": info.is_healthy(),
            "node_id": self.node_id,
            "role": self.role.value,
            "disk_percent": info.disk_percent,
            "memory_percent": info.memory_percent,
            "cpu_percent": info.cpu_percent,
            "selfplay_jobs": info.selfplay_jobs,
            "training_jobs": info.training_jobs,
            "leader_id": self.leader_id,
            "leader_last_seen_seconds": now - self.last_leader_seen if self.leader_id else None,
            "active_peers": active,
            "total_peers": total,
            "uptime_seconds": now - self.start_time,
            "timestamp": datetime.now(timezone.utc).replace(tzinfo=None).isoformat(),
        }
        try:
            page["cluster_utilization"] = shared_optimizer().utilization()
        except Exception:
            pass  # the page goes without this section when the resource database cannot be read
        return page

    async def handle_root(self, request: web.Request) -> web.Response:
        """GET /: on to the dashboard."""
        raise web.HTTPFound("/dashboard")

    async def handle_dashboard(self, request: web.Request) -> web.Response:
        """GET /dashboard: the page as it is on disk now."""
        headers = {
            "Cache-Control": "no-store, max-age=0",
            "Pragma": "no-cache",
            "Expires": "0",
            "X-RingRift-Node-Id": self.node_id,
            "X-RingRift-Build-Version": self.build_version,
        }
        try:
            html = DASHBOARD_HTML.read_bytes()
        except Exception as error:
            html = (
                "<!doctype html><html><body style='font-family:monospace'><h3>Dashboard asset unavailable</h3>"
                f"<pre>{error}</pre><pre>Expected: {DASHBOARD_HTML}</pre></body></html>"
            ).encode()
        return web.Response(body=html, content_type="text/html", charset="utf-8", headers=headers)
