"""Monitoring follows leadership (contract page 01, section 4.16)."""

from __future__ import annotations

from app.models.node import NodeRole
from app.observability.monitoring import MonitoredPeer
from app.state.runtime import NodeState


class MonitoringHooksMixin(NodeState):
    """Starts the monitoring services with our leadership and stops them after it."""

    def _start_monitoring_if_leader(self) -> None:
        """Start them once; a failure is tried again in every heartbeat round."""
        manager = self.monitoring_manager
        if manager is None or self.role != NodeRole.LEADER or self._monitoring_was_leader:
            return
        try:
            with self.peers_lock:
                healthy = [p for p in self.peers.values() if p.is_healthy() and p.node_id != self.node_id]
            manager.update_peers([MonitoredPeer(peer.node_id, peer.host) for peer in healthy])
            if manager.start_as_leader():
                self._monitoring_was_leader = True
                print("[P2P] Monitoring services started on leader node")
            else:
                print("[P2P] Failed to start monitoring services")
        except Exception as error:
            print(f"[P2P] Error starting monitoring services: {error}")

    def _stop_monitoring_if_not_leader(self) -> None:
        """Stop them when another node leads."""
        if self.monitoring_manager is None or self.role == NodeRole.LEADER or not self._monitoring_was_leader:
            return
        try:
            self.monitoring_manager.stop()
            self._monitoring_was_leader = False
            print("[P2P] Monitoring services stopped (no longer leader)")
        except Exception as error:
            print(f"[P2P] Error stopping monitoring services: {error}")
