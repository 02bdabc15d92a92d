"""The voter set: where it comes from, when it is visible, how it changes (contract page 01, section 4.4)."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import yaml

from app.config import settings
from app.models.node import NodeInfo
from app.state.runtime import NodeState

QUORUM_CAP = 3
_TRUE_WORDS = frozenset({"1", "true", "yes", "y"})
_VOTER_GPUS = ("GH200", "H100", "A10")


def split_ids(value: Any) -> list[str]:
    """Node ids from a list or a comma-separated text; other types hold none. Blanks are dropped."""
    parts = value.split(",") if isinstance(value, str) else value if isinstance(value, list) else []
    return [name for name in (str(part).strip() for part in parts) if name]


def named_voters(document: dict[str, Any]) -> list[str]:
    """Hosts a hosts file marks as voters. A document of another shape raises."""
    entries = (document.get("hosts") or {}).items()
    return sorted({str(name) for name, entry in entries if isinstance(entry, dict) and _is_yes(entry.get("p2p_voter"))})


def _is_yes(flag: Any) -> bool:
    """Whether a hand-written flag means yes."""
    if isinstance(flag, bool):
        return flag
    if isinstance(flag, (int, float)):
        return int(flag) == 1
    return isinstance(flag, str) and flag.strip().lower() in _TRUE_WORDS


class VoterMixin(NodeState):
    """Who may decide about leadership."""

    def _load_voter_node_ids(self) -> list[str]:
        """Voters from the environment or else the hosts file; the source is kept beside them."""
        self.voter_config_source = "none"
        listed = split_ids(os.environ.get(settings.VOTERS_ENV, ""))
        if listed:
            self.voter_config_source = "env"
            return sorted(set(listed))
        path = Path(self.ringrift_path) / "ai-service" / "config" / "distributed_hosts.yaml"
        try:
            document = yaml.safe_load(path.read_text()) or {}
        except (OSError, ValueError, yaml.YAMLError):
            return []
        voters = named_voters(document)
        if voters:
            self.voter_config_source = "config"
        return voters

    def _voters_fixed_by_env(self) -> bool:
        """Whether the environment names voters, which nothing learned may replace."""
        return bool(os.environ.get(settings.VOTERS_ENV, "").strip())

    def _set_voters(self, voter_node_ids: list[str], source: str) -> None:
        """Take a voter set and the quorum that goes with it."""
        self.voter_node_ids = voter_node_ids
        self.voter_quorum_size = min(settings.VOTER_MIN_QUORUM, len(voter_node_ids))
        self.voter_config_source = source

    def _maybe_adopt_voter_node_ids(self, voter_node_ids: Any, *, source: str) -> bool:
        """Take a voter set heard from elsewhere, unless it is empty, known already or fixed by the environment."""
        if self._voters_fixed_by_env():
            return False
        voters = sorted(set(split_ids(voter_node_ids)))
        if not voters or voters == sorted(set(self.voter_node_ids)):
            return False
        self._set_voters(voters, source)
        print(f"[P2P] Updated voter set ({source}): voters={len(voters)}, quorum={self.voter_quorum_size}"
              f" ({', '.join(voters)})")
        return True

    def _alive_voters(self) -> int:
        """Voters with a recent sign of life, ourselves included."""
        with self.peers_lock:
            alive = {node_id for node_id, peer in self.peers.items() if peer.is_alive()}
        return sum(voter == self.node_id or voter in alive for voter in self.voter_node_ids)

    def _has_voter_quorum(self) -> bool:
        """Whether enough voters are visible; without voters always."""
        voters = self.voter_node_ids
        return not voters or self._alive_voters() >= min(settings.VOTER_MIN_QUORUM, len(voters))

    def _release_voter_grant_if_self(self) -> None:
        """Forget a grant we gave to ourselves."""
        if self.voter_grant_leader_id == self.node_id:
            self.voter_grant_leader_id, self.voter_grant_lease_id, self.voter_grant_expires = "", "", 0.0

    def _enable_partition_local_election(self) -> bool:
        """In a partition, let the nodes we can reach be the voters; the old set is remembered."""
        if self._voters_fixed_by_env():
            return False
        with self.peers_lock:
            alive = [node_id for node_id, peer in self.peers.items() if peer.is_alive() and node_id != self.node_id]
        reachable = [self.node_id, *alive]
        known = sum(voter in reachable for voter in self.voter_node_ids)
        if known >= (self.voter_quorum_size or 1) or len(reachable) < 2:
            return False
        if not hasattr(self, "_original_voters"):
            self._original_voters = list(self.voter_node_ids)
            self._partition_election_started = time.time()
        self._set_voters(sorted(reachable), "partition-local")
        print(f"[P2P] PARTITION: Enabling local election with {len(reachable)} nodes: {', '.join(reachable)}"
              f" (quorum={self.voter_quorum_size})")
        return True

    def _restore_original_voters(self) -> bool:
        """Go back to the voters from before the partition once one of them answers again."""
        original = getattr(self, "_original_voters", None)
        if not original:
            return False
        with self.peers_lock:
            back = any(v != self.node_id and v in self.peers and self.peers[v].is_alive() for v in original)
        if not back:
            return False
        self._set_voters(original, "restored")
        del self._original_voters
        self.__dict__.pop("_partition_election_started", None)
        print(f"[P2P] Partition healed: restored original voters {', '.join(original)}")
        return True

    def _get_eligible_voters(self) -> list[str]:
        """Nodes fit to vote: GPU or cloud machines that were first seen long enough ago."""
        now = time.time()
        with self.peers_lock:
            eligible = [node_id for node_id, peer in self.peers.items() if self._may_vote(node_id, peer, now)]
        if self.node_id not in eligible and any(word in self.node_id.lower() for word in ("aws", "lambda")):
            eligible.append(self.node_id)
        return eligible

    @staticmethod
    def _may_vote(node_id: str, peer: NodeInfo, now: float) -> bool:
        """Whether a peer is fit to vote."""
        suited = peer.has_gpu or any(gpu in (peer.gpu_name or "") for gpu in _VOTER_GPUS) or "aws" in node_id.lower()
        seen_for = now - (getattr(peer, "first_seen", 0) or peer.last_heartbeat)
        return bool(
            not peer.retired and peer.is_alive() and suited and seen_for >= settings.VOTER_PROMOTION_UPTIME
            and peer.consecutive_failures < settings.VOTER_DEMOTION_FAILURES)

    def _voter_is_healthy(self, voter: str) -> bool:
        """Whether a voter may keep its vote."""
        peer = self.peers.get(voter)
        if voter == self.node_id:
            return True
        return bool(peer and peer.is_alive() and peer.consecutive_failures < settings.VOTER_DEMOTION_FAILURES)

    def _manage_dynamic_voters(self) -> bool:
        """As leader, drop voters that are gone and fill the set up with fit ones."""
        if not settings.DYNAMIC_VOTER_ENABLED or self._voters_fixed_by_env():
            return False
        with self.peers_lock:
            healthy = [voter for voter in self.voter_node_ids if self._voter_is_healthy(voter)]
        demoted = [voter for voter in self.voter_node_ids if voter not in healthy]
        if demoted:
            print(f"[P2P] Dynamic voters: demoting unhealthy voters: {demoted}")
        promoted = self._voters_to_promote(healthy)
        for voter in promoted:
            print(f"[P2P] Dynamic voters: promoting {voter} to voter")
        voters = sorted({*healthy, *promoted})
        if not voters or not (demoted or promoted):
            return False
        self._set_voters(voters, "dynamic")
        print(f"[P2P] Dynamic voter set updated: {len(voters)} voters, quorum={self.voter_quorum_size}"
              f" ({', '.join(voters)})")
        return True

    def _voters_to_promote(self, healthy: list[str]) -> list[str]:
        """New voters up to the target, the most reliable first."""
        missing = settings.DYNAMIC_VOTER_TARGET - len(healthy)
        if missing <= 0:
            return []
        candidates = [node_id for node_id in self._get_eligible_voters() if node_id not in healthy]
        failures = {node_id: peer.consecutive_failures for node_id, peer in self.peers.items()}
        return sorted(candidates, key=lambda node_id: failures.get(node_id, 999))[:missing]
