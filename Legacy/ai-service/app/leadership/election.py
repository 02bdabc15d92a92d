"""Being, becoming and finding the leader (contract page 01, sections 4.1, 4.5, 4.9 and 4.10)."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from app.config import settings
from app.http.session import get_client_session
from app.leadership.leases import LeaseMixin
from app.models.node import NodeInfo, NodeRole
from app.observability.monitoring_hooks import MonitoringHooksMixin
from app.resource.self_info import SelfInfoMixin

ANNOUNCE_TIMEOUT = 5


class ElectionMixin(LeaseMixin, SelfInfoMixin, MonitoringHooksMixin):
    """Elections in which the highest node id wins."""

    def _is_leader(self) -> bool:
        """Whether we lead right now. Asking may end our leadership, when it has no ground any more."""
        if self.leader_id != self.node_id:
            if self.role == NodeRole.LEADER:
                self._drop_leader_role()
            return False
        complaint = self._why_leadership_ended()
        if complaint is None:
            return True
        print(f"[P2P] {complaint}")
        self._step_down()
        self._spawn(self._start_election())
        return False

    def _drop_leader_role(self) -> None:
        """Repair a role of leader that goes with another leader, or with none."""
        print("[P2P] Inconsistent leadership state (role=leader but leader_id!=self); stepping down")
        self.role, self.last_lease_renewal = NodeRole.FOLLOWER, 0.0
        leaderless = not self.leader_id
        if leaderless:
            self.leader_lease_id, self.leader_lease_expires = "", 0.0
        self._release_voter_grant_if_self()
        self._save_state()
        if leaderless:
            self._spawn(self._start_election())

    def _why_leadership_ended(self) -> str | None:
        """The reason why we cannot go on leading, if there is one."""
        if self.role != NodeRole.LEADER:
            return "Inconsistent leadership state (leader_id=self but role!=leader); clearing leader_id"
        if self.leader_lease_expires > 0 and time.time() >= self.leader_lease_expires:
            return "Leadership lease expired, stepping down"
        if self.voter_node_ids and not self._has_voter_quorum():
            return "Leadership without voter quorum, stepping down"
        return None

    def _get_leader_peer(self) -> NodeInfo | None:
        """The node requests for the leader should go to."""
        if self._is_leader():
            return self.self_info
        leaders = self._reported_leaders()
        if self.leader_id and self._is_leader_lease_valid():
            for peer in leaders:
                if peer.node_id == self.leader_id:
                    return peer
        return max(leaders, key=lambda peer: peer.node_id, default=None)

    async def _start_election(self) -> None:
        """Run for office unless there is a leader already or we must not."""
        self._update_self_info()
        if self.self_info.nat_blocked or not self._may_run():
            return
        if self.leader_id and self.leader_id != self.node_id:
            if self._known_leader_stands():
                return
            self.leader_id, self.leader_lease_id, self.leader_lease_expires = None, "", 0.0
        if self._maybe_adopt_leader_from_peers() or self.election_in_progress:
            return
        self.election_in_progress = True
        self.role = NodeRole.CANDIDATE
        print(f"[P2P] Starting election, my ID: {self.node_id}")
        try:
            await self._hold_election()
        finally:
            self.election_in_progress = False
            if self.role == NodeRole.CANDIDATE:
                self.role = NodeRole.FOLLOWER

    def _may_run(self) -> bool:
        """Whether the voter rules let us run."""
        return not self.voter_node_ids or (self.node_id in self.voter_node_ids and self._has_voter_quorum())

    def _known_leader_stands(self) -> bool:
        """Whether the leader we follow says so itself and holds a valid lease."""
        return self._is_leader_lease_valid() and any(p.node_id == self.leader_id for p in self._reported_leaders())

    async def _hold_election(self) -> None:
        """Ask everybody above us; silence makes us leader."""
        nodes = self._known_nodes()
        conflicts = self._endpoint_conflict_keys(nodes)
        higher = [p for p in nodes[1:] if p.node_id > self.node_id and self._is_leader_eligible(p, conflicts)]
        answered = False
        async with get_client_session(settings.ELECTION_TIMEOUT) as session:
            for peer in higher:
                try:
                    url = self._url_for_peer(peer, "/election")
                    body = {"candidate_id": self.node_id}
                    async with session.post(url, json=body, headers=self._auth_headers()) as response:
                        reply = await response.json() if response.status == 200 else {}
                except Exception:
                    continue
                if reply.get("response") == "ALIVE":
                    answered = True
                    print(f"[P2P] Higher node {peer.node_id} responded")
        if answered:
            await asyncio.sleep(settings.ELECTION_TIMEOUT * 2)
            self._maybe_adopt_leader_from_peers()
        elif self._self_is_eligible():
            await self._become_leader()

    async def _become_leader(self) -> None:
        """Take office once the voters agree, and tell everybody."""
        self._update_self_info()
        if self.self_info.nat_blocked:
            print(f"[P2P] Refusing leadership while NAT-blocked: {self.node_id}")
            return
        if self.voter_node_ids and not self._has_voter_quorum():
            print(f"[P2P] Refusing leadership without voter quorum: {self.node_id}")
            return
        lease_id = self._new_lease_id()
        expires = await self._acquire_voter_lease_quorum(lease_id, settings.LEADER_LEASE_DURATION)
        if self.voter_node_ids and expires is None:
            print(f"[P2P] Failed to obtain voter lease quorum; refusing leadership: {self.node_id}")
            self._step_down()
            return
        print(f"[P2P] I am now the leader: {self.node_id}")
        self._take_office(lease_id, expires or time.time() + settings.LEADER_LEASE_DURATION)
        with self.peers_lock:
            everybody = [peer for peer in self.peers.values() if peer.node_id != self.node_id]
        await self._announce(everybody, ANNOUNCE_TIMEOUT)
        self._save_state()
        self._start_monitoring_if_leader()

    def _take_office(self, lease_id: str, expires: float) -> None:
        """Note that we lead under this lease."""
        self.role, self.leader_id = NodeRole.LEADER, self.node_id
        self.leader_lease_id, self.leader_lease_expires = lease_id, expires
        self.last_leader_seen = self.last_lease_renewal = time.time()

    def _get_leader_hint(self) -> dict[str, Any]:
        """What we would tell others about leadership and succession."""
        with self.peers_lock:
            alive = [peer.node_id for peer in self.peers.values() if peer.is_alive()]
        ranking = sorted({self.node_id, *alive}, reverse=True)
        heirs = (node for node in ranking
                 if node != self.leader_id and (not self.voter_node_ids or node in self.voter_node_ids))
        return {
            "current_leader": self.leader_id,
            "lease_expires": self.leader_lease_expires,
            "preferred_successor": next(heirs, None),
            "my_priority": len(ranking) - ranking.index(self.node_id),
        }

    def _get_cluster_leader_consensus(self) -> dict[str, Any]:
        """Votes on leader and successor. This double hears no gossip, so its own vote is the only one."""
        hint = self._get_leader_hint()
        leader, successor = hint["current_leader"], hint["preferred_successor"]
        return {
            "consensus_leader": leader or None,
            "leader_agreement": int(bool(leader)),
            "consensus_successor": successor or None,
            "successor_agreement": int(bool(successor)),
            "total_voters": 1,
        }
