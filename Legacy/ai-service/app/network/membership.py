"""Who is dead, retired or cut off (contract pages 01, section 4.8, and 03, section 4.10)."""

from __future__ import annotations

import time

from app.config import settings
from app.models.node import NodeInfo
from app.network.heartbeats import HeartbeatMixin

PARTITION_SHARE = 0.5
FEWEST_PEERS_FOR_PARTITION = 2


class MembershipMixin(HeartbeatMixin):
    """Steps of the heartbeat loop that look at the whole table."""

    async def _check_dead_peers_async(self) -> None:
        """Retire and purge peers, drop a leader that is gone, start an election where one is due."""
        now = time.time()
        for node_id in self._retire_and_list_dead(now):
            print(f"[P2P] Peer {node_id} is dead (no heartbeat for {settings.PEER_TIMEOUT}s)")
        self._purge_long_retired(now)
        self._drop_lost_leader()
        wait = max(15, settings.ELECTION_TIMEOUT * 3)
        if not self.leader_id and not self.election_in_progress and now - self.last_election_attempt >= wait:
            self.last_election_attempt = now
            self._spawn(self._start_election())

    def _retire_and_list_dead(self, now: float) -> list[str]:
        """Mark what has been silent for long as retired; the dead that still count are returned."""
        with self.peers_lock:
            for peer in self.peers.values():
                if peer.is_alive():
                    if peer.retired:
                        peer.retired, peer.retired_at = False, 0.0
                elif peer.node_id != self.node_id:
                    self._retire_if_due(peer, now)
            return [
                node_id for node_id, peer in self.peers.items()
                if not peer.is_alive() and not peer.retired and node_id != self.node_id
            ]

    @staticmethod
    def _retire_if_due(peer: NodeInfo, now: float) -> None:
        """Retire a dead peer once it has been silent long enough."""
        silent = now - (peer.last_heartbeat or 0.0)
        if not peer.retired and silent >= settings.PEER_RETIRE_AFTER_SECONDS:
            peer.retired, peer.retired_at = True, now
            print(f"[P2P] Retiring peer {peer.node_id} (offline for {int(silent)}s)")

    def _purge_long_retired(self, now: float) -> None:
        """Forget peers retired long ago; their database rows stay."""
        with self.peers_lock:
            gone = [
                node_id for node_id, peer in self.peers.items()
                if peer.retired and peer.retired_at > 0 and now - peer.retired_at >= settings.PEER_PURGE_AFTER_SECONDS
            ]
            for node_id in gone:
                del self.peers[node_id]
        for node_id in gone:
            print(f"[P2P] Auto-purged stale peer: {node_id} (retired for >{settings.PEER_PURGE_AFTER_SECONDS}s)")

    def _drop_lost_leader(self) -> None:
        """Clear a leader whose lease ran out or who cannot lead any more."""
        if self.leader_id and not self._is_leader_lease_valid():
            print(f"[P2P] Clearing stale/expired leader lease: leader_id={self.leader_id}")
            self._forget_leader()
            self._spawn(self._start_election())
            return
        if not self.leader_id or self.leader_id == self.node_id:
            return
        with self.peers_lock:
            leader = self.peers.get(self.leader_id)
        conflicts = self._endpoint_conflict_keys(self._known_nodes())
        if leader is not None and not self._is_leader_eligible(leader, conflicts):
            state = "ineligible" if leader.is_alive() else "dead"
            print(f"[P2P] Leader {self.leader_id} is {state}, starting election")
            self._forget_leader()
            self._spawn(self._start_election())

    def _detect_network_partition(self) -> bool:
        """Whether more than half of the peers cannot be reached."""
        with self.peers_lock:
            peers = [peer for peer in self.peers.values() if peer.node_id != self.node_id]
        if len(peers) < FEWEST_PEERS_FOR_PARTITION:
            return False
        now = time.time()
        lost = sum(
            peer.consecutive_failures >= settings.MAX_CONSECUTIVE_FAILURES
            or now - peer.last_heartbeat > settings.PEER_TIMEOUT for peer in peers)
        share = lost / len(peers)
        if share <= PARTITION_SHARE:
            return False
        print(f"[P2P] Network partition detected: {lost}/{len(peers)} peers unreachable ({share:.0%})")
        return True

    def _handle_partition(self) -> None:
        """React to a partition, or to its end."""
        if self._detect_network_partition():
            self._enable_tailscale_priority()
            if not self._has_voter_quorum():
                self._enable_partition_local_election()
        elif getattr(self, "_tailscale_priority", False) and time.time() > self._tailscale_priority_until:
            with self.peers_lock:
                connected = any(p.is_alive() for p in self.peers.values() if p.node_id != self.node_id)
            if connected:
                self._disable_tailscale_priority()

    def _enable_tailscale_priority(self) -> None:
        """Note that Tailscale paths should come first for a while."""
        if not getattr(self, "_tailscale_priority", False):
            print("[P2P] Enabling Tailscale-priority mode for partition recovery")
        self._tailscale_priority = True
        self._tailscale_priority_until = time.time() + settings.TAILSCALE_PRIORITY_SECONDS

    def _disable_tailscale_priority(self) -> None:
        """Note that all paths are equal again."""
        print("[P2P] Disabling Tailscale-priority mode (connectivity recovered)")
        self._tailscale_priority = False
