"""Heartbeats in both directions, and what a leader's heartbeat means (contract page 03, sections 3.1 and 8)."""

from __future__ import annotations

import time

from aiohttp import web

from app.config import settings
from app.http.session import get_client_session
from app.leadership.election import ElectionMixin
from app.leadership.voters import split_ids
from app.models.node import NodeInfo, NodeRole

FORWARDED_HEADERS = ("X-Forwarded-For", "X-Real-IP", "CF-Connecting-IP")
HEARTBEAT_TIMEOUT = 10


def sender_host(request: web.Request) -> str:
    """Where a request came from: what a proxy says, else the socket."""
    named = next((request.headers[name] for name in FORWARDED_HEADERS if request.headers.get(name)), "")
    return named.split(",")[0].strip() or request.remote or ""


def default_reported(info: NodeInfo) -> None:
    """A node that reports no separate address is taken to listen where it says it does."""
    info.reported_host = info.reported_host or info.host
    info.reported_port = info.reported_port or info.port


def keep_local_knowledge(info: NodeInfo, known: NodeInfo, now: float) -> None:
    """What we found out about a peer outlives what it says of itself."""
    info.consecutive_failures, info.last_failure_time = known.consecutive_failures, known.last_failure_time
    if known.nat_blocked:
        info.nat_blocked = True
        info.nat_blocked_since = known.nat_blocked_since or now
        info.last_nat_probe = known.last_nat_probe
    elif info.nat_blocked:
        info.nat_blocked_since = now
    info.relay_via = info.relay_via or known.relay_via
    if known.retired:
        info.retired, info.retired_at = True, known.retired_at


class HeartbeatMixin(ElectionMixin):
    """One heartbeat, received or sent."""

    async def handle_heartbeat(self, request: web.Request) -> web.Response:
        """POST /heartbeat: take in the sender and answer with ourselves."""
        try:
            body = await request.json()
            voters = split_ids(body.get("voter_node_ids") or body.get("voters"))
            if voters:
                self._maybe_adopt_voter_node_ids(voters, source="learned")
            info = NodeInfo.from_dict(body)
            if info.node_id != self.node_id:
                self._take_in(info, sender_host(request))
            self._update_self_info()
            return web.json_response(self._heartbeat_body())
        except Exception as error:
            return web.json_response({"error": str(error)}, status=400)

    def _take_in(self, info: NodeInfo, host: str) -> None:
        """Store a peer that called us, under the address it called from."""
        now = time.time()
        self.last_inbound_heartbeat = now
        default_reported(info)
        info.last_heartbeat = now
        info.host = host or info.host
        with self.peers_lock:
            known = self.peers.get(info.node_id)
            if known is not None:
                keep_local_knowledge(info, known, now)
            if info.role == NodeRole.LEADER and self.leader_id and self.leader_id != info.node_id:
                info.role = NodeRole.FOLLOWER
            self.peers[info.node_id] = info

    def _heartbeat_body(self) -> dict[str, object]:
        """Our record, with the voters we know."""
        body = self.self_info.to_dict()
        if self.voter_node_ids:
            body["voter_node_ids"] = list(self.voter_node_ids)
            body["voter_quorum_size"] = self.voter_quorum_size
            body["voter_config_source"] = self.voter_config_source
        return body

    async def _send_heartbeat_to_peer(
        self, peer_host: str, peer_port: int, scheme: str = "http", timeout: float = HEARTBEAT_TIMEOUT
    ) -> NodeInfo | None:
        """The record a node answers with, addressed as it was reached; nothing when it does not answer well."""
        self._update_self_info()
        url = f"{scheme}://{peer_host}:{peer_port}/heartbeat"
        try:
            async with get_client_session(timeout) as session:
                async with session.post(url, json=self._heartbeat_body(), headers=self._auth_headers()) as response:
                    if response.status != 200:
                        return None
                    reply = await response.json()
            voters = split_ids(reply.get("voter_node_ids") or reply.get("voters"))
            if voters:
                self._maybe_adopt_voter_node_ids(voters, source="learned")
            info = NodeInfo.from_dict(reply)
        except Exception:
            return None
        default_reported(info)
        info.scheme, info.host, info.port = scheme, peer_host, peer_port
        return info

    def _consider_leader(self, info: NodeInfo, *, configured: bool) -> None:
        """Follow a peer whose answer says it leads, if it outranks what we know."""
        if info.role != NodeRole.LEADER or not self._outranks_known_leader(info, configured=configured):
            return
        changed = self.leader_id != info.node_id
        if configured and (changed or self.role != NodeRole.FOLLOWER):
            print(f"[P2P] Following configured leader from heartbeat: {info.node_id}")
        elif changed and not configured:
            print(f"[P2P] Adopted leader from heartbeat: {info.node_id}")
        self.leader_id = info.node_id
        if changed or not self._is_leader_lease_valid():
            self.leader_lease_id = ""
            self.leader_lease_expires = time.time() + settings.LEADER_LEASE_DURATION
        self.role = NodeRole.FOLLOWER

    def _outranks_known_leader(self, info: NodeInfo, *, configured: bool) -> bool:
        """Whether a leader is eligible and above us, if we lead, and above the one we follow."""
        conflicts = self._endpoint_conflict_keys(self._known_nodes())
        if not self._is_leader_eligible(info, conflicts, require_alive=False):
            return False
        if self.role == NodeRole.LEADER and (not configured or info.node_id <= self.node_id):
            return False
        follows_other = self.leader_id and self.leader_id != info.node_id and self._is_leader_lease_valid()
        return not follows_other or info.node_id > (self.leader_id or "")
