"""Whether a node can lead, whether a lease holds, and leaving office (contract page 01, sections 4.1, 4.6 and 4.7)."""

from __future__ import annotations

import time

from app.config import settings
from app.models.node import NodeInfo, NodeRole
from app.network.addressing import AddressingMixin, EndpointKey
from app.state.store import StoreMixin


class StandingMixin(AddressingMixin, StoreMixin):
    """Judgements about leaders, ourselves included."""

    def _is_leader_eligible(
        self, peer: NodeInfo, conflict_keys: set[EndpointKey], *, require_alive: bool = True
    ) -> bool:
        """Whether a node may lead."""
        if require_alive and not peer.is_alive():
            return False
        if self.voter_node_ids and peer.node_id not in self.voter_node_ids:
            return False
        if peer.consecutive_failures >= settings.MAX_CONSECUTIVE_FAILURES or peer.nat_blocked:
            return False
        return self._endpoint_key(peer) not in conflict_keys

    def _self_is_eligible(self) -> bool:
        """Whether we may lead, judged now."""
        conflicts = self._endpoint_conflict_keys(self._known_nodes())
        return self._is_leader_eligible(self.self_info, conflicts, require_alive=False)

    def _is_leader_lease_valid(self) -> bool:
        """Whether the lease of the known leader still counts; others get one lease time of grace."""
        if not self.leader_id:
            return False
        grace = 0 if self.leader_id == self.node_id else settings.LEADER_LEASE_DURATION
        return time.time() < self.leader_lease_expires + grace

    def _forget_leader(self) -> None:
        """Become a follower without a leader. Nothing is saved and a grant stays."""
        self.role, self.leader_id = NodeRole.FOLLOWER, None
        self.leader_lease_id, self.leader_lease_expires, self.last_lease_renewal = "", 0.0, 0.0

    def _step_down(self) -> None:
        """Leave office for good: forget the leader, release our own grant, save."""
        self._forget_leader()
        self._release_voter_grant_if_self()
        self._save_state()

    def _step_down_for(self, leader_id: str | None) -> None:
        """Yield to another node; the time of the last renewal stays."""
        self.role, self.leader_id = NodeRole.FOLLOWER, leader_id
        self.leader_lease_id, self.leader_lease_expires = "", 0.0
        self._release_voter_grant_if_self()
        self._save_state()

    def _reported_leaders(self) -> list[NodeInfo]:
        """Eligible peers that say they lead."""
        nodes = self._known_nodes()
        conflicts = self._endpoint_conflict_keys(nodes)
        return [
            peer for peer in nodes[1:]
            if peer.role == NodeRole.LEADER and peer.node_id != self.node_id
            and self._is_leader_eligible(peer, conflicts)
        ]

    def _maybe_adopt_leader_from_peers(self) -> bool:
        """Follow the highest eligible peer that says it leads. The lease is left alone."""
        if self.role == NodeRole.LEADER:
            return False
        leaders = self._reported_leaders()
        if not leaders:
            return False
        leader = max(leaders, key=lambda peer: peer.node_id)
        if leader.node_id != self.leader_id:
            print(f"[P2P] Adopted existing leader from peers: {leader.node_id}")
        self.leader_id, self.role = leader.node_id, NodeRole.FOLLOWER
        self.last_leader_seen = time.time()
        self._save_state()
        return True

    def _check_leader_health(self) -> bool:
        """As leader: false when too few peers have answered for too long."""
        with self.peers_lock:
            serving = [p for p in self.peers.values() if not p.retired and p.node_id != self.node_id]
        if not serving:
            return True
        rate = sum(peer.is_alive() for peer in serving) / len(serving)
        now = time.time()
        since = getattr(self, "_leader_degraded_since", 0.0)
        if rate >= settings.LEADER_MIN_RESPONSE_RATE:
            if since:
                print(f"[P2P] Leader health recovered: {rate:.1%} response rate")
                self._leader_degraded_since = 0.0
            return True
        if not since:
            self._leader_degraded_since = now
            print(f"[P2P] Leader health degraded: {rate:.1%} response rate"
                  f" (min: {settings.LEADER_MIN_RESPONSE_RATE:.0%})")
            return True
        if now - since <= settings.LEADER_DEGRADED_STEPDOWN_DELAY:
            return True
        print(f"[P2P] Leader health critically degraded for {settings.LEADER_DEGRADED_STEPDOWN_DELAY}s, stepping down")
        self._leader_degraded_since = 0.0
        return False
