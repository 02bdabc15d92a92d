"""Leases: asking voters for one and keeping it (contract page 01, sections 4.11, 4.13 and 4.14)."""

from __future__ import annotations

import time
import uuid
from typing import Any

from app.config import settings
from app.http.auth import AuthMixin
from app.http.session import get_client_session
from app.leadership.standing import StandingMixin
from app.models.node import NodeInfo, NodeRole

VOTER_TIMEOUT = 5
RENEWAL_TIMEOUT = 3
PROVISIONAL_LEASE_SECONDS = 90


def clamp_lease(seconds: int) -> int:
    """A lease time within what voters accept."""
    return max(settings.LEASE_SECONDS_MIN, min(settings.LEASE_SECONDS_MAX, seconds))


def reply_ttl(reply: dict[str, Any]) -> float | None:
    """Seconds a voter says a lease has left, or nothing when it does not say."""
    for key in ("lease_ttl_seconds", "ttl_seconds"):
        value = reply.get(key)
        if value is not None:
            try:
                return float(value)
            except (TypeError, ValueError):
                return None
    return None


class LeaseMixin(StandingMixin, AuthMixin):
    """The leader's side of a lease."""

    def _new_lease_id(self) -> str:
        """An id nobody has used."""
        return f"{self.node_id}_{int(time.time())}_{uuid.uuid4().hex[:8]}"

    def _other_alive_voters(self) -> list[NodeInfo]:
        """Voters we may ask, in voter order."""
        with self.peers_lock:
            peers = [self.peers.get(voter) for voter in self.voter_node_ids if voter != self.node_id]
        return [peer for peer in peers if peer is not None and peer.is_alive()]

    async def _acquire_voter_lease_quorum(self, lease_id: str, duration: int) -> float | None:
        """Ask voters until enough agree; the time the lease ends, or nothing. Without voters we grant it ourselves."""
        now = time.time()
        voters = self.voter_node_ids
        if not voters:
            return now + duration
        quorum = self.voter_quorum_size or min(settings.VOTER_MIN_QUORUM, len(voters))
        duration = clamp_lease(duration)
        ttls: list[float] = []
        if self.node_id in voters:
            self.voter_grant_leader_id, self.voter_grant_lease_id = self.node_id, lease_id
            self.voter_grant_expires = now + duration
            ttls.append(float(duration))
        request = {"leader_id": self.node_id, "lease_id": lease_id, "lease_duration": duration}
        for voter in self._other_alive_voters():
            if len(ttls) >= quorum:
                break
            ttl = await self._ask_voter_for_lease(voter, request)
            if ttl is not None:
                ttls.append(ttl)
        if len(ttls) < quorum:
            return None
        return now + max(float(settings.LEASE_SECONDS_MIN), min(float(duration), min(ttls)))

    async def _ask_voter_for_lease(self, voter: NodeInfo, request: dict[str, Any]) -> float | None:
        """The seconds one voter grants, or nothing."""
        async with get_client_session(VOTER_TIMEOUT) as session:
            for url in self._tailscale_urls_for_voter(voter, "/election/lease"):
                try:
                    async with session.post(url, json=request, headers=self._auth_headers()) as response:
                        if response.status != 200:
                            continue
                        reply = await response.json()
                except Exception:
                    continue
                if not reply.get("granted"):
                    return None
                ttl = reply_ttl(reply)
                return ttl if ttl is not None and ttl > 0 else float(request["lease_duration"])
        return None

    async def _query_arbiter_for_leader(self) -> str | None:
        """Ask the arbiter, then the configured peers, who leads. Whether that lease has expired is not asked."""
        if not settings.ARBITER_URL:
            return None
        async with get_client_session(VOTER_TIMEOUT) as session:
            for base in dict.fromkeys([settings.ARBITER_URL, *self.known_peers]):
                try:
                    url = f"{base.rstrip('/')}/election/grant"
                    async with session.get(url, headers=self._auth_headers()) as response:
                        leader = (await response.json()).get("leader_id") if response.status == 200 else None
                except Exception:
                    continue
                if leader:
                    print(f"[P2P] Arbiter {base} reports leader: {leader}")
                    return str(leader)
        return None

    async def _renew_leader_lease(self) -> None:
        """As leader: renew in time and tell the others, or step down."""
        if self.role != NodeRole.LEADER:
            return
        if self.voter_node_ids and not self._has_voter_quorum():
            print(f"[P2P] Lost voter quorum; stepping down: {self.node_id}")
            self._step_down()
            return
        now = time.time()
        if now - self.last_lease_renewal < settings.LEADER_LEASE_RENEW_INTERVAL:
            return
        lease_id = self.leader_lease_id or self._new_lease_id()
        expires = await self._acquire_voter_lease_quorum(lease_id, settings.LEADER_LEASE_DURATION)
        if self.voter_node_ids and expires is None:
            expires = await self._lease_after_failed_quorum(now)
            if expires is None:
                return
        self.leader_lease_id, self.last_lease_renewal = lease_id, now
        self.leader_lease_expires = expires or now + settings.LEADER_LEASE_DURATION
        try:
            with self.peers_lock:
                alive = [p for p in self.peers.values() if p.node_id != self.node_id and p.is_alive()]
            await self._announce(alive, RENEWAL_TIMEOUT, lease_renewal=True)
        except Exception as error:
            print(f"[P2P] Lease renewal error: {error}")

    async def _lease_after_failed_quorum(self, now: float) -> float | None:
        """Let the arbiter decide: a short lease for us, or nothing after stepping down."""
        print("[P2P] Voter lease quorum failed; checking arbiter...")
        leader = await self._query_arbiter_for_leader()
        if leader == self.node_id:
            print("[P2P] Arbiter confirms us as leader despite quorum failure; continuing with provisional lease")
            return now + PROVISIONAL_LEASE_SECONDS
        if leader:
            print(f"[P2P] Arbiter reports different leader ({leader}); stepping down")
            self.last_lease_renewal = 0.0
            self._step_down_for(leader)
        else:
            print("[P2P] Failed to renew voter lease quorum and arbiter unreachable;"
                  f" stepping down: {self.node_id}")
            self._step_down()
        return None

    async def _announce(self, peers: list[NodeInfo], timeout: float, *, lease_renewal: bool = False) -> None:
        """Tell peers, one after the other, that we lead. What they answer is not looked at."""
        news: dict[str, Any] = {"leader_id": self.node_id, "lease_id": self.leader_lease_id,
                                "lease_expires": self.leader_lease_expires}
        if lease_renewal:
            news["lease_renewal"] = True
        news["voter_node_ids"] = list(self.voter_node_ids)
        async with get_client_session(timeout) as session:
            for peer in peers:
                try:
                    url = self._url_for_peer(peer, "/coordinator")
                    async with session.post(url, json=news, headers=self._auth_headers()) as response:
                        await response.read()
                except Exception:
                    continue
