"""Routes of an election: run, grant, ask, announce (contract page 01, sections 3.4 to 3.7)."""

from __future__ import annotations

import time
from typing import Any

from aiohttp import web

from app.config import settings
from app.http.auth import unauthorized
from app.leadership.election import ElectionMixin
from app.leadership.leases import clamp_lease
from app.leadership.voters import split_ids
from app.models.node import NodeRole


def lease_seconds(value: Any) -> int:
    """The lease time a request asks for; what is no number means the usual one."""
    try:
        return clamp_lease(int(value))
    except (TypeError, ValueError, OverflowError):
        return settings.LEADER_LEASE_DURATION


def refuse_lease(status: int, reason: str, **details: Any) -> web.Response:
    """A voter's no."""
    return web.json_response({"granted": False, "reason": reason, **details}, status=status)


def refuse_announcement(status: int, reason: str, **details: Any) -> web.Response:
    """A node's no to a new leader."""
    return web.json_response({"accepted": False, "reason": reason, **details}, status=status)


class LeadershipHandlersMixin(ElectionMixin):
    """What other nodes ask of us in an election."""

    async def handle_election(self, request: web.Request) -> web.Response:
        """POST /election: a lower candidate hears that we are alive, and we run ourselves."""
        try:
            self._update_self_info()
            candidate = (await request.json()).get("candidate_id")
            if not candidate:
                return web.json_response({"error": "missing_candidate_id"}, status=400)
            eligible = self._self_is_eligible() and self._may_run()
            alive = self.node_id > str(candidate) and eligible
            if alive:
                self._spawn(self._start_election())
            reply = {"response": "ALIVE" if alive else "OK", "node_id": self.node_id, "eligible": eligible}
            return web.json_response(reply)
        except Exception as error:
            return web.json_response({"error": str(error)}, status=400)

    async def handle_lease_request(self, request: web.Request) -> web.Response:
        """POST /election/lease: grant the lease unless somebody else holds it."""
        try:
            if not self._is_request_authorized(request):
                return unauthorized()
            body = await request.json()
            leader_id = str(body.get("leader_id") or body.get("candidate_id") or "").strip()
            lease_id = str(body.get("lease_id") or "").strip()
            duration = lease_seconds(body.get("lease_duration", settings.LEADER_LEASE_DURATION))
            return self._lease_refusal(leader_id, lease_id) or self._grant_lease(leader_id, lease_id, duration)
        except Exception as error:
            return web.json_response({"granted": False, "error": str(error)}, status=400)

    def _lease_refusal(self, leader_id: str, lease_id: str) -> web.Response | None:
        """Why a lease cannot be granted, if so."""
        if not leader_id or not lease_id:
            return refuse_lease(400, "missing_fields")
        if self.voter_node_ids and self.node_id not in self.voter_node_ids:
            return refuse_lease(403, "not_a_voter")
        if self.voter_node_ids and leader_id not in self.voter_node_ids:
            return refuse_lease(403, "leader_not_voter")
        holder = self.voter_grant_leader_id
        if holder and holder != leader_id and self.voter_grant_expires > time.time():
            return refuse_lease(
                409, "lease_already_granted", current_leader_id=holder, current_lease_id=self.voter_grant_lease_id,
                lease_expires=self.voter_grant_expires)
        return None

    def _grant_lease(self, leader_id: str, lease_id: str, duration: int) -> web.Response:
        """Note the grant, save it, and say how long it lasts."""
        self.voter_grant_leader_id, self.voter_grant_lease_id = leader_id, lease_id
        self.voter_grant_expires = time.time() + duration
        self._save_state()
        return web.json_response({
            "granted": True,
            "leader_id": leader_id,
            "lease_id": lease_id,
            "lease_expires": self.voter_grant_expires,
            "lease_ttl_seconds": max(0.0, self.voter_grant_expires - time.time()),
            "voter_id": self.node_id,
        })

    async def handle_voter_grant_status(self, request: web.Request) -> web.Response:
        """GET /election/grant: the last grant, run out or not."""
        try:
            if not self._is_request_authorized(request):
                return unauthorized()
            now = time.time()
            expires = float(self.voter_grant_expires or 0.0)
            return web.json_response({
                "voter_id": self.node_id,
                "now": now,
                "leader_id": self.voter_grant_leader_id,
                "lease_id": self.voter_grant_lease_id,
                "lease_expires": expires,
                "lease_ttl_seconds": max(0.0, expires - now),
            })
        except Exception as error:
            return web.json_response({"error": str(error)}, status=400)

    async def handle_coordinator(self, request: web.Request) -> web.Response:
        """POST /coordinator: somebody says who leads. The voters it names are kept even when it is refused."""
        try:
            self._update_self_info()
            body = await request.json()
            if not body.get("leader_id"):
                return refuse_announcement(400, "missing_leader_id")
            leader_id = str(body["leader_id"])
            voters = split_ids(body.get("voter_node_ids") or body.get("voters"))
            if voters:
                self._maybe_adopt_voter_node_ids(voters, source="learned")
            return self._announcement_refusal(leader_id) or self._accept_announcement(leader_id, body)
        except Exception as error:
            return web.json_response({"error": str(error)}, status=400)

    def _announcement_refusal(self, leader_id: str) -> web.Response | None:
        """Why an announced leader is refused, if so."""
        if self.voter_node_ids and leader_id not in self.voter_node_ids:
            return refuse_announcement(403, "leader_not_voter", voters=self.voter_node_ids)
        holder = self.voter_grant_leader_id
        granted_elsewhere = holder and holder != leader_id and self.voter_grant_expires > time.time()
        if self.node_id in self.voter_node_ids and granted_elsewhere:
            return refuse_announcement(
                409, "voter_lease_conflict", granted_to=holder, granted_until=self.voter_grant_expires)
        if not self.voter_node_ids and self.role == NodeRole.LEADER and leader_id < self.node_id:
            if not (self.leader_lease_expires > 0 and time.time() >= self.leader_lease_expires):
                print(f"[P2P] Rejecting leader announcement from lower-priority node: {leader_id} < {self.node_id}")
                return refuse_announcement(200, "lower_priority")
            print(f"[P2P] Our lease expired, accepting leader: {leader_id}")
        with self.peers_lock:
            peer = self.peers.get(leader_id) if leader_id != self.node_id else None
        if peer is not None:
            conflicts = self._endpoint_conflict_keys(self._known_nodes())
            if not self._is_leader_eligible(peer, conflicts, require_alive=False):
                return refuse_announcement(200, "leader_ineligible")
        return None

    def _accept_announcement(self, leader_id: str, body: dict[str, Any]) -> web.Response:
        """Follow the announced leader; lease values are taken as they come."""
        lease_expires = body.get("lease_expires", 0)
        self.leader_lease_id = body.get("lease_id", "")
        if body.get("lease_renewal") and leader_id == self.leader_id:
            self.leader_lease_expires = lease_expires
            return web.json_response({"accepted": True})
        print(f"[P2P] Accepting leader announcement: {leader_id}")
        self.leader_id = leader_id
        self.leader_lease_expires = lease_expires or time.time() + settings.LEADER_LEASE_DURATION
        self.role = NodeRole.LEADER if leader_id == self.node_id else NodeRole.FOLLOWER
        self._save_state()
        return web.json_response({"accepted": True})
