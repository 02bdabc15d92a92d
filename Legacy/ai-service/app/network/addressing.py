"""Addresses: reading them, choosing among them, telling when two nodes claim one (contract page 03, section 4)."""

from __future__ import annotations

import ipaddress
from collections import Counter
from urllib.parse import urlparse

from app.config import settings
from app.models.node import NodeInfo
from app.resource import probes
from app.state.runtime import NodeState

LOOPBACK_HOSTS = frozenset({"127.0.0.1", "localhost", "0.0.0.0", "::1"})
TAILSCALE_NETWORK = ipaddress.ip_network("100.64.0.0/10")
EndpointKey = tuple[str, str, int]


def parse_peer_address(address: str) -> tuple[str, str, int]:
    """Scheme, host and port of an address an operator wrote; raises ValueError when it makes no sense."""
    text = address.strip()
    if not text:
        raise ValueError("Empty peer address")
    if "://" in text:
        url = urlparse(text)
        if not url.hostname:
            raise ValueError(f"Invalid peer URL: {text}")
        return url.scheme.lower(), url.hostname, url.port or (443 if url.scheme.lower() == "https" else 8770)
    host, _, port = text.partition(":")
    return "http", host, int(port) if port else settings.DEFAULT_PORT


def is_tailscale_host(host: str) -> bool:
    """Whether an address belongs to a Tailscale network."""
    text = (host or "").strip()
    if text.endswith(".ts.net"):
        return True
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    return address.version == 4 and address in TAILSCALE_NETWORK


def _port_number(port: object) -> int:
    """A port as a number; falsy or unreadable ones are zero."""
    try:
        return int(port or 0)  # type: ignore[call-overload]
    except (TypeError, ValueError):
        return 0


class AddressingMixin(NodeState):
    """How to reach a peer."""

    def _parse_peer_address(self, address: str) -> tuple[str, str, int]:
        """See :func:`parse_peer_address`."""
        return parse_peer_address(address)

    def _get_local_ip(self) -> str:
        """Our address towards the internet."""
        return probes.local_ip()

    def _get_tailscale_ip(self) -> str:
        """Our Tailscale address, or nothing."""
        return probes.tailscale_ip()

    def _local_has_tailscale(self) -> bool:
        """Whether we can reach Tailscale addresses."""
        return is_tailscale_host(self.self_info.host) or is_tailscale_host(self.self_info.reported_host)

    def _url_for_peer(self, peer: NodeInfo, path: str) -> str:
        """The one URL to use where a single try is made."""
        host, port = str(peer.host or "").strip(), _port_number(peer.port) or settings.DEFAULT_PORT
        reported_host, reported_port = str(peer.reported_host or "").strip(), _port_number(peer.reported_port)
        if reported_host and reported_port:
            via_tailscale = self._local_has_tailscale() and is_tailscale_host(reported_host)
            if host in LOOPBACK_HOSTS or via_tailscale:
                host, port = reported_host, reported_port
        return f"{peer.scheme or 'http'}://{host}:{port}{path}"

    def _urls_for_peer(self, peer: NodeInfo, path: str) -> list[str]:
        """All URLs worth trying, best first."""
        reported = (str(peer.reported_host or "").strip(), _port_number(peer.reported_port))
        endpoints = [(str(peer.host or "").strip(), _port_number(peer.port)), reported]
        if self._local_has_tailscale() and is_tailscale_host(reported[0]):
            endpoints.insert(0, reported)
        scheme = peer.scheme or "http"
        return list(dict.fromkeys(f"{scheme}://{host}:{port}{path}" for host, port in endpoints if host and port > 0))

    def _tailscale_urls_for_voter(self, voter: NodeInfo, path: str) -> list[str]:
        """Tailscale URLs of a voter, or all its URLs when it has none."""
        port = _port_number(voter.port) or _port_number(voter.reported_port)
        port = port if port > 0 else settings.DEFAULT_PORT
        endpoints = []
        if is_tailscale_host(voter.reported_host) and _port_number(voter.reported_port) > 0:
            endpoints.append((voter.reported_host, _port_number(voter.reported_port)))
        if is_tailscale_host(voter.host):
            endpoints.append((voter.host, port))
        urls = [f"{voter.scheme or 'http'}://{host}:{number}{path}" for host, number in endpoints]
        return list(dict.fromkeys(urls)) or self._urls_for_peer(voter, path)

    def _endpoint_key(self, info: NodeInfo) -> EndpointKey | None:
        """What identifies the place a node listens at; nothing without a host."""
        host, port = str(info.host or "").strip(), _port_number(info.port)
        reported_host, reported_port = str(info.reported_host or "").strip(), _port_number(info.reported_port)
        if reported_host and reported_port > 0 and (host in LOOPBACK_HOSTS or is_tailscale_host(reported_host)):
            host, port = reported_host, reported_port
        if not host:
            return None
        return str(info.scheme or "http").lower(), host, port or settings.DEFAULT_PORT

    def _endpoint_conflict_keys(self, nodes: list[NodeInfo]) -> set[EndpointKey]:
        """Places claimed by more than one living node."""
        keys = (self._endpoint_key(node) for node in nodes if node.is_alive())
        return {key for key, count in Counter(keys).items() if key is not None and count > 1}

    def _known_nodes(self) -> list[NodeInfo]:
        """Ourselves and every peer, in table order."""
        with self.peers_lock:
            return [self.self_info, *self.peers.values()]
