"""The loops that keep membership and leadership up to date (contract pages 01, section 5, and 03, section 4)."""

from __future__ import annotations

import asyncio
import time

from app.config import settings
from app.models.node import NodeInfo, NodeRole
from app.network.membership import MembershipMixin
from app.observability.systemd import systemd_notify_watchdog


class HeartbeatLoopMixin(MembershipMixin):
    """Every 30 seconds: contact everybody, then look after membership and leadership."""

    async def _heartbeat_loop(self) -> None:
        """Rounds until the node stops. An error ends its round only; a step-down for health starts the next at once."""
        while self.running:
            try:
                if await self._heartbeat_round():
                    continue
            except Exception as error:
                print(f"[P2P] Heartbeat error: {error}")
            systemd_notify_watchdog()
            await asyncio.sleep(settings.HEARTBEAT_INTERVAL)

    async def _heartbeat_round(self) -> bool:
        """One round; true when it ended early because our leadership was unhealthy."""
        await self._contact_configured_peers()
        await self._contact_discovered_peers()
        await self._check_dead_peers_async()
        self._handle_partition()
        if hasattr(self, "_original_voters"):
            self._restore_original_voters()
        if self.role == NodeRole.LEADER:
            self._manage_dynamic_voters()
            if not self._check_leader_health():
                print("[P2P] Stepping down due to degraded health")
                self._step_down_for(None)
                return True
            await self._renew_leader_lease()
        self._stop_monitoring_if_not_leader()
        if self.role == NodeRole.LEADER:
            self._start_monitoring_if_leader()
        self._update_self_info()
        self._save_state()
        return False

    async def _contact_configured_peers(self) -> None:
        """A heartbeat to each address of the command line; whoever answers replaces its entry."""
        for address in list(self.known_peers):
            try:
                scheme, host, port = self._parse_peer_address(address)
            except ValueError:
                continue
            info = await self._send_heartbeat_to_peer(host, port, scheme=scheme)
            if info is None or info.node_id == self.node_id:
                continue
            info.last_heartbeat = time.time()
            with self.peers_lock:
                self.peers[info.node_id] = info
            self._consider_leader(info, configured=True)

    async def _contact_discovered_peers(self) -> None:
        """A heartbeat to each peer of the table worth one; failures are counted."""
        nodes = self._known_nodes()
        conflicts = self._endpoint_conflict_keys(nodes)
        for peer in nodes[1:]:
            if peer.nat_blocked or self._endpoint_key(peer) in conflicts:
                continue
            if peer.node_id == self.node_id or not peer.should_retry():
                continue
            info = await self._reach(peer)
            if info is None:
                self._count_failure(peer.node_id)
                continue
            info.consecutive_failures, info.last_failure_time = 0, 0.0
            info.last_heartbeat = time.time()
            with self.peers_lock:
                self.peers[info.node_id] = info
            self._consider_leader(info, configured=False)

    async def _reach(self, peer: NodeInfo) -> NodeInfo | None:
        """A peer's answer at its address, or else at the one it reports."""
        scheme = peer.scheme or "http"
        info = await self._send_heartbeat_to_peer(peer.host, peer.port, scheme=scheme)
        reported = (peer.reported_host, peer.reported_port)
        if info is None and all(reported) and reported != (peer.host, peer.port):
            info = await self._send_heartbeat_to_peer(*reported, scheme=scheme)
        return info

    def _count_failure(self, node_id: str) -> None:
        """Note that a peer did not answer."""
        with self.peers_lock:
            peer = self.peers.get(node_id)
            if peer is not None:
                peer.consecutive_failures = int(peer.consecutive_failures or 0) + 1
                peer.last_failure_time = time.time()


class VoterLoopMixin(HeartbeatLoopMixin):
    """Every 10 seconds among voters."""

    async def _voter_heartbeat_loop(self) -> None:
        """Contact the other voters; over at once on a node that is no voter when it starts."""
        if self.node_id not in self.voter_node_ids:
            return
        print(f"[P2P] Starting voter heartbeat loop (interval={settings.VOTER_HEARTBEAT_INTERVAL}s)")
        last_mesh_check = 0.0
        while self.running:
            try:
                for voter in [v for v in self.voter_node_ids if v != self.node_id]:
                    await self._contact_voter(voter)
                if time.time() - last_mesh_check > settings.VOTER_MESH_REFRESH_INTERVAL:
                    last_mesh_check = time.time()
                    self._refresh_voter_mesh()
            except Exception as error:
                print(f"[P2P] Voter heartbeat error: {error}")
            await asyncio.sleep(settings.VOTER_HEARTBEAT_INTERVAL)

    async def _contact_voter(self, voter: str) -> None:
        """One voter: its address, then the one it reports; a failure is counted."""
        with self.peers_lock:
            peer = self.peers.get(voter)
        if peer is None:
            return
        was_blocked = peer.nat_blocked
        reached = await self._send_voter_heartbeat(peer, peer.host, peer.port)
        reported = (peer.reported_host, peer.reported_port)
        if not reached and all(reported) and reported != (peer.host, peer.port):
            reached = await self._send_voter_heartbeat(peer, *reported)
            if reached:
                print(f"[P2P] Reached voter {voter} via reported endpoint ({reported[0]}:{reported[1]})")
        with self.peers_lock:
            current = self.peers.get(voter)
            if current is None:
                return
            if not reached:
                current.consecutive_failures = int(current.consecutive_failures or 0) + 1
            elif was_blocked:
                print(f"[P2P] Voter {voter} NAT-blocked status cleared (heartbeat succeeded)")
                current.nat_blocked, current.nat_blocked_since, current.consecutive_failures = False, 0.0, 0

    async def _send_voter_heartbeat(self, voter: NodeInfo, host: str, port: int) -> bool:
        """Whether a voter answered; its answer is stored, and followed where it says it leads."""
        info = await self._send_heartbeat_to_peer(
            host, port, scheme=voter.scheme or "http", timeout=settings.VOTER_HEARTBEAT_TIMEOUT)
        if info is None:
            return False
        info.consecutive_failures, info.last_heartbeat = 0, time.time()
        with self.peers_lock:
            self.peers[info.node_id] = info
        if info.role == NodeRole.LEADER and self.leader_id != info.node_id:
            print(f"[P2P] Discovered leader from voter heartbeat: {info.node_id}")
            self.leader_id, self.role = info.node_id, NodeRole.FOLLOWER
            self.leader_lease_expires = time.time() + settings.LEADER_LEASE_DURATION
        return True

    def _refresh_voter_mesh(self) -> None:
        """Say which voters we do not know."""
        with self.peers_lock:
            missing = [v for v in self.voter_node_ids if v != self.node_id and v not in self.peers]
        if missing:
            print(f"[P2P] Voter mesh incomplete, missing: {missing}")
