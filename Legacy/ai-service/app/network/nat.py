"""Peers that cannot be reached directly (contract page 03, section 4.14)."""

from __future__ import annotations

import asyncio
import time

from app.config import settings
from app.state.runtime import NodeState

RELAY_MAX_FAILURES = 2


class NatMixin(NodeState):
    """Marks peers that fail again and again as NAT-blocked."""

    async def _nat_management_loop(self) -> None:
        """Once a minute until the node stops."""
        print("[P2P] Starting advanced NAT management loop")
        while self.running:
            try:
                self._update_relay_preferences()
            except Exception as error:
                print(f"[P2P] NAT management error: {error}")
            await asyncio.sleep(settings.NAT_BLOCKED_PROBE_INTERVAL)

    def _update_relay_preferences(self) -> None:
        """A peer that failed three times is taken for NAT-blocked and gets a relay."""
        with self.peers_lock:
            for node_id, peer in self.peers.items():
                failing = peer.consecutive_failures >= settings.NAT_RELAY_PREFERENCE_THRESHOLD
                if node_id == self.node_id or peer.nat_blocked or not failing:
                    continue
                print(f"[P2P] Peer {node_id} has {peer.consecutive_failures} consecutive failures,"
                      " marking as NAT-blocked")
                peer.nat_blocked, peer.nat_blocked_since = True, time.time()
                relay = self._select_best_relay()
                if relay:
                    peer.relay_via = relay

    def _select_best_relay(self) -> str:
        """The leader if it is reachable, else a voter, else anybody reachable."""
        with self.peers_lock:
            fit = [
                peer.node_id for peer in self.peers.values()
                if peer.is_alive() and not peer.nat_blocked and peer.node_id != self.node_id
                and peer.consecutive_failures < RELAY_MAX_FAILURES
            ]
        if self.leader_id in fit:
            return str(self.leader_id)
        return next((node for node in fit if node in self.voter_node_ids), fit[0] if fit else "")
